"""Which of a cluster.log's lines stand for themselves: the others are echoes of something told."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sources.windows.sighting import Sighting
from verdict.sign import Kind

Seen = tuple[datetime, Sighting]

SAME = timedelta(seconds=5)
"""A new view and its event 1135 are milliseconds apart; this allows for the event log's delay."""
LEAVING = timedelta(minutes=2)
"""A node that leaves in good order says so this long before it is gone, at most."""
FALLING = timedelta(minutes=1)
"""A cluster service that lost quorum ends within this; what it says of stopping is no request."""


def sensible(seen: Iterable[Seen], owner: str) -> list[Seen]:
    """Leave out echoes.

    A view without a node counts where no event 1135 tells of it by name, the node's name is
    known, and it did not leave in good order. A stop after a lost quorum was not asked for, and
    the end of a service that was asked to stop is no halt. The sentence that a group is not
    healthy adds nothing to the finding before it.
    """
    told = sorted(seen, key=lambda row: row[0])
    removed = _moments(told, lambda s: s.kind is Kind.NODE_REMOVED and s.number is None)
    fallen = _moments(told, lambda s: s.kind is Kind.QUORUM_LOST or _halted_by_event(s))
    found = _moments(told, lambda s: s.kind in FINDINGS or _component(s))
    told = [
        (at, s)
        for at, s in told
        if not (s.kind is Kind.SERVICE_STOPPED and s.subject == owner)
        or not _near(at, fallen, FALLING, timedelta())
    ]
    stops: dict[str | None, list[datetime]] = {}
    for at, s in told:
        if s.kind is Kind.SERVICE_STOPPED:
            stops.setdefault(s.subject, []).append(at)

    def echo(at: datetime, s: Sighting) -> bool:
        left = stops.get(s.subject, [])
        if s.kind is Kind.NODE_REMOVED and s.number is not None:
            unknown = s.subject is None or s.subject == owner
            return unknown or _near(at, removed, SAME, SAME) or _near(at, left, LEAVING, SAME)
        if s.kind is Kind.NODE_HALTED and not _halted_by_event(s):
            return _near(at, left, LEAVING, SAME)
        if s.kind is Kind.HEALTH_FAILED and not _component(s):
            return _near(at, found, SAME, timedelta())
        return False

    return [(at, s) for at, s in told if not echo(at, s)]


FINDINGS = frozenset({Kind.HEALTH_LOST, Kind.SERVICE_CRASHED, Kind.LEASE_EXPIRED})
"""Why a group is not healthy."""


def _halted_by_event(sighting: Sighting) -> bool:
    return sighting.kind is Kind.NODE_HALTED and sighting.phrase.startswith("event ")


def _component(sighting: Sighting) -> bool:
    return sighting.kind is Kind.HEALTH_FAILED and sighting.detail is not None


def _moments(told: Iterable[Seen], which: Callable[[Sighting], bool]) -> list[datetime]:
    return [at for at, sighting in told if which(sighting)]


def _near(at: datetime, moments: list[datetime], before: timedelta, after: timedelta) -> bool:
    """Tell whether one of the moments lies at most `before` before `at` or `after` behind it."""
    place = bisect_left(moments, at - before)
    return place < len(moments) and moments[place] <= at + after
