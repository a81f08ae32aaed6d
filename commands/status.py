"""`status`: when each source was last read, whose clock is off, what waits, what fits nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from commands.context import Context
from commands.limit_words import count
from commands.reply import Column, Payload, Reply, Room, Table
from commands.wording import date_time, iso
from storage.checks import checks_waiting
from storage.clocks import last_offsets
from storage.coverage import read_until
from storage.posts import backlog
from storage.unmatched import last_unmatched, unmatched_since
from verdict.words import seconds

SOURCES = (("vcenter", "tasks", "vCenter"), ("veeam", "sessions", "Veeam"))
"""Sources whose reading is told, by cluster."""

DAY = timedelta(days=1)
SHOWN = 5
"""Messages that fitted no pattern which are shown; the rest is counted."""

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
    offsets = last_offsets(context.store).items()
    clocks = tuple((name, _ahead(ahead)) for name, ahead in offsets)
    columns = (Column("Clock"), Column("Ahead of UTC", right=True))
    yield Table("Clocks", columns, clocks)
    rows = tuple(
        (date_time(one.at), one.why, one.said) for one in last_unmatched(context.store, SHOWN)
    )
    columns = (Column("Told"), Column("Why not"), Column("Words", room=Room.FOLDED))
    yield Table("Looked like alerts", columns, rows)


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
        "checks_waiting": waiting,
        "posts_waiting": unsent,
        "posts_failed": failed,
        "unmatched_last_day": unmatched,
    }
