"""`history [CLUSTER]`: the last verdict on each of the last failovers, newest first."""

from collections.abc import Sequence

from commands.context import Context
from commands.known import known_cluster
from commands.limit_words import count
from commands.reply import Column, Payload, Reply, Room, Table, Toned
from commands.wording import CAUSES, TONES, date_time, iso
from storage.verdicts import Judgement
from storage.verdicts import history as stored
from verdict.verdict import Blame, Cause

MOST = 20
"""Verdicts that are told at once."""

COLUMNS = (
    Column("Failover, UTC"),
    Column("Cluster", room=Room.FOLDED),
    Column("Lost", room=Room.FOLDED),
    Column("Backup"),
    Column("Cause", room=Room.FOLDED),
)

NONE = "No failover was judged yet{of}; `stuncheck failover CLUSTER` judges one."


def history(context: Context, cluster: str | None = None, *, most: int = MOST) -> Reply:
    """Tell the last verdicts, of one cluster or of all. Raises UserError for a stranger."""
    name = _spelt(context, cluster) if cluster is not None else None
    found = stored(context.store, name, most)
    said = _closing(found) if found else NONE.format(of=f" for {name}" if name else "")
    return Reply(
        payload={"verdicts": [_entry(one) for one in found]},
        tables=(verdict_table("Verdicts", found),) if found else (),
        closing=(said,),
    )


def _spelt(context: Context, cluster: str) -> str:
    """Spell a cluster as its verdicts do; they may be older than the last that was read of it."""
    if stored(context.store, cluster, 1):
        return cluster
    return known_cluster(context, cluster).name


def verdict_table(title: str, found: Sequence[Judgement]) -> Table:
    """Give a line for each verdict."""
    return Table(title, COLUMNS, tuple(_cells(one) for one in found))


def _cells(one: Judgement) -> tuple[str | Toned, ...]:
    when = date_time(one.at).removesuffix(" UTC")
    cause = CAUSES[one.cause]
    if one.cause is not Cause.UNKNOWN:
        cause = f"{cause}, {one.confidence}"
    return when, one.cluster, one.lost_node or "", Toned(one.backup, TONES[one.backup]), cause


def _closing(found: Sequence[Judgement]) -> str:
    """Count the verdicts."""
    counts = {blame: sum(one.backup is blame for one in found) for blame in Blame}
    said = ", ".join(f"{number} {blame}" for blame, number in counts.items() if number)
    return f"{count(len(found), 'failover')}: {said}."


def _entry(one: Judgement) -> Payload:
    """Give a verdict to machines: as `failover --json`, and when and by what it was judged."""
    return {
        **one.entry,
        "incident": one.incident,
        "revision": one.revision,
        "judged": iso(one.judged),
        "program": one.program,
    }
