"""Event logs by wevtutil: which channels, which ids, and the XPath that asks for them.

wevtutil starts in a tenth of the time of PowerShell and prints what the parser reads. The ids are
those of the parser's own tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from sources.windows import cluster_events, exchange_events, sql_events, system_events

Line = tuple[str, list[str]]
"""A command and its arguments."""

MOST_RANGES = 8
"""Ranges of ids in one query: Windows refuses an XPath of more than some 22 comparisons, and a
range takes two of them, the times another two."""

CLUSTERING = "Microsoft-Windows-FailoverClustering"

NOT_THERE = 15007
"""Exit code of wevtutil for a channel that does not exist (ERROR_EVT_CHANNEL_NOT_FOUND)."""
DENIED = 5
"""The same for one that the account may not read (ERROR_ACCESS_DENIED)."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One event log and what is asked of it: a provider's events, and those of some ids.

    `needed` tells whether a node of a cluster always has it; `file` is its name in a bundle.
    """

    name: str
    file: str
    ids: frozenset[int]
    provider: str = ""
    needed: bool = True


def _system_ids() -> frozenset[int]:
    rules = (event_id for _, event_id in system_events.RULES)
    disks = (n for ids in system_events.DISK_IDS_BY_PROVIDER.values() for n in ids)
    single = (
        system_events.TIME_SET,
        system_events.UNCLEAN,
        system_events.BUGCHECK,
        system_events.ASKED,
        system_events.ENDED,
        system_events.STATE,
        system_events.LINK_LOST,
    )
    return frozenset({*rules, *disks, *single, *system_events.CRASHED})


SYSTEM = Channel("System", "System.xml", _system_ids(), CLUSTERING)
CHANNELS = (
    SYSTEM,
    Channel(
        f"{CLUSTERING}/Operational",
        "FailoverClustering-Operational.xml",
        frozenset({*cluster_events.RULES, *cluster_events.READERS}),
    ),
    Channel("Application", "Application.xml", sql_events.IDS),
    Channel(
        "Microsoft-Exchange-HighAvailability/Operational",
        "Exchange-HighAvailability.xml",
        exchange_events.MOVES,
        needed=False,
    ),
    Channel(
        f"{CLUSTERING}-NetFt/Operational",
        "FailoverClustering-NetFt.xml",
        frozenset(cluster_events.WATCHDOG),
        needed=False,
    ),
)


def within(channel: Channel, start: datetime, end: datetime) -> Line:
    """Ask for what happened between two moments, by the node's clock, in UTC."""
    times = f"@SystemTime>='{_iso(start)}' and @SystemTime<='{_iso(end)}'"
    return _line(channel, f"TimeCreated[{times}] and ({_wanted(channel)})")


def after(channel: Channel, record: int) -> Line:
    """Ask for what was logged after a record, for somebody who watches."""
    return _line(channel, f"EventRecordID>{record:d} and ({_wanted(channel)})")


def onward(channel: Channel, record: int, since: datetime | None, most: int) -> Line:
    """Ask for what is new, for somebody who watches: at most so many events, the oldest first.

    That is a record itself, as proof that the log is still the same one, what was logged after
    it, and again what was logged since a moment by the node's clock. Record 0 is before all.
    """
    new = [f"EventRecordID>{record:d}"] if record else []
    new += [f"TimeCreated[@SystemTime>='{_iso(since)}']"] if since else []
    condition = f"({' or '.join(new) or 'EventRecordID>0'}) and ({_wanted(channel)})"
    proof = f"EventRecordID={record:d} or " if record else ""
    return _line(channel, f"{proof}({condition})", f"/c:{most:d}")


def latest(channel: Channel, before: datetime | None = None) -> Line:
    """Ask for the newest event of any kind, or the newest at or before a moment."""
    times = f"TimeCreated[@SystemTime<='{_iso(before)}']" if before else "EventRecordID>0"
    return _line(channel, times, "/c:1", "/rd:true")


def ranges(ids: Iterable[int], most: int = MOST_RANGES) -> list[tuple[int, int]]:
    """Cover ids with at most so many ranges, closing the narrowest gaps between them first.

    What a range takes in beside the ids is passed over by the parser.
    """
    covered = [(n, n) for n in sorted(set(ids))]
    while len(covered) > most:
        gaps = [above[0] - below[1] for below, above in pairwise(covered)]
        at = gaps.index(min(gaps))
        covered[at : at + 2] = [(covered[at][0], covered[at + 1][1])]
    return covered


def _wanted(channel: Channel) -> str:
    terms = [f"Provider[@Name='{channel.provider}']"] if channel.provider else []
    for low, high in ranges(channel.ids):
        single = f"EventID={low}"
        terms.append(single if low == high else f"(EventID>={low} and EventID<={high})")
    return " or ".join(terms)


def _line(channel: Channel, condition: str, *switches: str) -> Line:
    """The query stands in double quotes, where cmd.exe leaves < and > alone."""
    return "wevtutil", ["qe", channel.name, "/f:xml", *switches, f'"/q:*[System[{condition}]]"']


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
