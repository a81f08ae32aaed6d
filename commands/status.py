"""`status`: what was read when and what could not be, whose clock is off, what waits."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from commands.context import Context
from commands.limit_words import count
from commands.reply import Column, Payload, Reply, Room, Table
from commands.wording import date_time, iso
from storage.checks import checks_waiting
from storage.clocks import last_offsets
from storage.coverage import read_until
from storage.gaps import known_gaps
from storage.posts import backlog
from storage.unmatched import last_unmatched, unmatched_since
from verdict.words import seconds

SOURCES = (("vcenter", "tasks", "vCenter"), ("veeam", "sessions", "Veeam"))
"""Sources whose reading is told, by cluster."""

DAY = timedelta(days=1)
MOST = 20
"""Gaps that are shown; `doctor` finds all of them."""

SHOWN = 5
"""Messages that fitted no pattern which are shown; the rest is counted."""

UNREAD = (
    Column("Cluster"),
    Column("Source"),
    Column("Of", room=Room.CUT),
    Column("Why", room=Room.FOLDED),
)

NEVER = "never"


def status(context: Context) -> Reply:
    """Tell how far everything was read and what waits. Raises UserError."""
    now = context.now()
    waiting, since = checks_waiting(context.store)
    unsent, failed = backlog(context.store)
    unmatched = unmatched_since(context.store, now - DAY)
    said = [
        f"{count(waiting, 'failover')} to be checked{_since(since, now)}.",
        f"{count(unsent, 'message')} to be sent to Slack; {failed} could not be sent.",
        f"{count(unmatched, 'message')} of the last day looked like alerts and fitted no pattern.",
    ]
    return Reply(
        payload=_payload(context, waiting, unsent, failed, unmatched),
        tables=tuple(table for table in _tables(context) if table.rows),
        closing=tuple(said),
    )


def _tables(context: Context) -> Iterator[Table]:
    parts = tuple(context.running().items())
    yield Table("The bot", (Column("Part"), Column("State", room=Room.FOLDED)), parts)
    columns: tuple[Column, ...]
    columns = (Column("Cluster", room=Room.FOLDED), *(Column(name) for _, _, name in SOURCES))
    rows = tuple(
        (name, *(_read(moment) for moment in moments)) for name, moments in _reads(context)
    )
    yield Table("Last read, UTC", columns, rows)
    columns = (
        *(Column(name) for name in ("Cluster", "Source", "Of")),
        Column("Why", room=Room.FOLDED),
    )
    yield Table("Not read by the last survey", columns, tuple(_gaps(context)))
    offsets = last_offsets(context.store).items()
    clocks = tuple((name, _ahead(ahead)) for name, ahead in offsets)
    columns = (Column("Clock"), Column("Ahead of UTC", right=True))
    yield Table("Clocks", columns, clocks)
    rows = tuple(
        (date_time(one.at), one.why, one.said) for one in last_unmatched(context.store, SHOWN)
    )
    columns = (Column("Told"), Column("Why not"), Column("Words", room=Room.FOLDED))
    yield Table("Looked like alerts", columns, rows)


def _gaps(context: Context) -> Iterator[tuple[str, ...]]:
    """Name what could not be read, and the way out: a server down, a right that is missing."""
    for one in known_gaps(context.store, MOST):
        why = f"{one.gap.why}. {one.gap.remedy or ''}".strip()
        yield one.cluster, one.gap.source, one.gap.subject, why


def _reads(context: Context) -> Iterator[tuple[str, list[datetime | None]]]:
    for access in context.site.clusters:
        found = [read_until(context.store, access.name, *source[:2]) for source in SOURCES]
        yield access.name, found


def _read(moment: datetime | None) -> str:
    return date_time(moment) if moment else NEVER


def _ahead(ahead: timedelta) -> str:
    return seconds(ahead) if ahead >= timedelta(0) else f"-{seconds(-ahead)}"


def _since(since: datetime | None, now: datetime) -> str:
    return f", the oldest since {seconds(now - since)}" if since else ""


def _payload(context: Context, waiting: int, unsent: int, failed: int, unmatched: int) -> Payload:
    return {
        "clusters": [
            {"cluster": name}
            | {source[0]: iso(m) if m else None for source, m in zip(SOURCES, found, strict=True)}
            for name, found in _reads(context)
        ],
        "bot": dict(context.running()),
        "gaps": [
            {
                "cluster": one.cluster,
                "source": one.gap.source,
                "subject": one.gap.subject,
                "why": one.gap.why,
                "remedy": one.gap.remedy,
                "at": iso(one.at),
            }
            for one in known_gaps(context.store, MOST)
        ],
        "checks_waiting": waiting,
        "posts_waiting": unsent,
        "posts_failed": failed,
        "unmatched_last_day": unmatched,
    }
