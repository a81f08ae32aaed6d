"""Retention: what is older than it is to be kept goes, and nobody claims to know it any more."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from storage.coverage import forget_before
from storage.times import micros

if TYPE_CHECKING:
    from storage.store import Store


class Keeping(StrEnum):
    """What is let go after a time of its own. Anything not named here is kept for good."""

    STUNS = "stuns"
    SNAPSHOT_TASKS = "snapshot_tasks"
    BACKUPS = "backups"
    """With their steps."""
    FAILOVERS = "failovers"
    INCIDENTS = "incidents"
    """With their verdicts and evidence."""
    EVIDENCE = "evidence"
    """The raw material only: it is large, and holds the logs of other people's machines."""
    CLOCKS = "clocks"
    POSTS = "posts"
    """What stood in Slack; the messages themselves stay there. Those of proposals are kept: a
    change may be put back at any time, and its card then says so instead of a second one."""
    SEEN = "seen"
    """Keys of what was delivered."""


EVIDENCE_AT_MOST = timedelta(days=90)
"""Long enough to judge again what somebody doubts, short enough for other people's logs."""

SEEN_AT_MOST = timedelta(days=7)
"""Slack gives up delivering after some minutes; a click on an old card has a key of its own."""

FED_BY: Mapping[Keeping, tuple[str, ...]] = MappingProxyType(
    {
        Keeping.STUNS: ("vmware.log",),
        Keeping.SNAPSHOT_TASKS: ("vcenter",),
        Keeping.BACKUPS: ("veeam",),
        Keeping.FAILOVERS: ("events", "cluster.log", "ERRORLOG"),
    }
)
"""The sources whose coverage says that these facts are complete."""

VMS_AT_ONCE = 50
ROWS_AT_ONCE = 1000
"""What one transaction deletes at most, so that a writer that waits gets its turn soon."""

_BY_VM: Mapping[Keeping, str] = MappingProxyType(
    {
        Keeping.STUNS: "DELETE FROM stuns WHERE vm BETWEEN ? AND ? AND start + us < ?",
        Keeping.SNAPSHOT_TASKS: """
            DELETE FROM snapshot_tasks
            WHERE vm BETWEEN ? AND ? AND coalesce("end", start) < ?""",
        Keeping.BACKUPS: """
            DELETE FROM backups WHERE vm BETWEEN ? AND ? AND coalesce("end", start) < ?""",
    }
)
"""These lie by VM; looked up by time alone, each transaction would read the whole table."""

_BY_TIME: Mapping[Keeping, str] = MappingProxyType(
    {
        Keeping.FAILOVERS: """
            DELETE FROM failovers WHERE id IN
                (SELECT id FROM failovers WHERE at < ? LIMIT ?)""",
        Keeping.INCIDENTS: """
            DELETE FROM incidents WHERE id IN
                (SELECT id FROM incidents WHERE at < ? LIMIT ?)""",
        Keeping.EVIDENCE: """
            DELETE FROM evidence WHERE id IN
                (SELECT id FROM evidence WHERE gathered < ? LIMIT ?)""",
        Keeping.CLOCKS: """
            DELETE FROM clocks WHERE (name, measured) IN
                (SELECT name, measured FROM clocks WHERE measured < ? LIMIT ?)""",
        Keeping.POSTS: """
            DELETE FROM posts WHERE id IN
                (SELECT id FROM posts WHERE since < ? AND proposal IS NULL LIMIT ?)""",
        Keeping.SEEN: """
            DELETE FROM seen WHERE "key" IN
                (SELECT "key" FROM seen WHERE at < ? LIMIT ?)""",
    }
)


def keeping(keep: timedelta) -> dict[Keeping, timedelta]:
    """Give the time for which each is kept where one time is configured for all."""
    shorter = {
        Keeping.EVIDENCE: min(keep, EVIDENCE_AT_MOST),
        Keeping.SEEN: min(keep, SEEN_AT_MOST),
    }
    return dict.fromkeys(Keeping, keep) | shorter


def prune(store: "Store", keep: Mapping[Keeping, timedelta], now: datetime) -> dict[Keeping, int]:
    """Let go of what is older than `keep` says; give how many rows of each went.

    What `keep` does not name stays. Raises UserError.
    """
    return {what: _prune(store, what, micros(now - age)) for what, age in keep.items()}


def _prune(store: "Store", what: Keeping, cutoff: int) -> int:
    with store.writing() as db:  # first, so that a crash leaves facts nobody claims, not a claim
        forget_before(db, FED_BY.get(what, ()), cutoff)
    return sum(_by_vm(store, what, cutoff) if what in _BY_VM else _by_time(store, what, cutoff))


def _by_vm(store: "Store", what: Keeping, cutoff: int) -> Iterator[int]:
    with store.reading() as db:
        last = db.execute("SELECT coalesce(max(id), 0) FROM vms").fetchone()[0]
    for first in range(1, last + 1, VMS_AT_ONCE):
        with store.writing() as db:
            bounds = [first, first + VMS_AT_ONCE - 1, cutoff]
            deleted = db.execute(_BY_VM[what], bounds).rowcount
        yield deleted


def _by_time(store: "Store", what: Keeping, cutoff: int) -> Iterator[int]:
    deleted = ROWS_AT_ONCE
    while deleted == ROWS_AT_ONCE:
        with store.writing() as db:
            deleted = db.execute(_BY_TIME[what], [cutoff, ROWS_AT_ONCE]).rowcount
        yield deleted
