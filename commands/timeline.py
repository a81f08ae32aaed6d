"""The time line of a failover: which marks to show, in which lanes, between which times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from verdict.verdict import Mark

ORDER = ("job", "step", "task", "stun", "tolerance", "silence", "removal", "rival", "sign")
"""Lanes from top to bottom: from what the backup did to what the cluster made of it."""

CORE = ("stun", "tolerance", "silence", "removal")
"""What the window is laid around; everything else may be cut at its edges."""

MOST_LANES = 14
"""More than this no longer reads at a glance."""

FEW = 3
"""So many marks of one kind and label have a lane each, with their lengths; more share one."""

NARROWEST = timedelta(seconds=24)
"""Two default tolerances of 10 s and some: what came before and after should be seen too."""

NEAR = timedelta(minutes=5)
"""A core mark further away than this is pointed at, not shown to scale."""

WIDENING = ((("rival", "sign"), 1.4), (("task", "step", "rival"), 3))
"""How many times the core's width the window may grow to show what is near."""

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
"""Seconds between ticks that people can read off."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Marks of one kind with one label, on one line."""

    kind: str
    label: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What to draw between `start` and `end` (UTC); `at` is the removal, `hidden` what had no room.

    Marks may reach over both edges: a job of two hours around a stun of 12 s.
    """

    start: datetime
    end: datetime
    at: datetime
    lanes: tuple[Lane, ...]
    hidden: int = 0

    def part(self, moment: datetime) -> float:
        """Say where a moment lies: 0 at the left edge, 1 at the right, beyond them outside."""
        return (moment - self.start) / (self.end - self.start)

    def ticks(self, most: int) -> list[datetime]:
        """Give round moments inside the window, at most this many."""
        length = (self.end - self.start).total_seconds()
        step = next((s for s in STEPS if length / s <= most), STEPS[-1])
        midnight = self.start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        passed = (self.start - midnight).total_seconds()
        moment = midnight + timedelta(seconds=step * -(-passed // step))
        found = []
        while moment <= self.end:
            found.append(moment)
            moment += timedelta(seconds=step)
        return found


def lay_out(marks: Sequence[Mark], at: datetime, tolerance: timedelta) -> Timeline:
    """Choose lanes and window for the marks of one failover at `at` (UTC)."""
    shown = _with_removal(marks, at)
    shown = (*shown, *_tolerated(shown, tolerance))
    start, end = _window(shown, at)
    lanes = _lanes(shown)
    kept = _most_telling(lanes, at)
    return Timeline(start, end, at, kept, hidden=len(lanes) - len(kept))


def _with_removal(marks: Sequence[Mark], at: datetime) -> tuple[Mark, ...]:
    if any(mark.kind == "removal" for mark in marks):
        return tuple(marks)
    return (*marks, Mark("removal", "lost", at))


def _tolerated(marks: Sequence[Mark], tolerance: timedelta) -> tuple[Mark, ...]:
    """Measure the tolerance from where the node fell silent: its longest stun, or the silence."""
    for kind in ("stun", "silence"):
        of_kind = [m for m in marks if m.kind == kind and m.end is not None]
        if of_kind and tolerance:
            first = max(of_kind, key=lambda m: (m.end or m.start) - m.start).start
            return (Mark("tolerance", "tolerated", first, first + tolerance),)
    return ()


def _window(marks: Sequence[Mark], at: datetime) -> tuple[datetime, datetime]:
    start, end = _around(
        (at, at), [m for m in marks if m.kind in CORE and abs(m.start - at) <= NEAR], None
    )
    missing = max(NARROWEST - (end - start), timedelta())
    start, end = start - missing / 2, end + missing / 2
    core = end - start
    for kinds, times in WIDENING:
        near = [mark for mark in marks if mark.kind in kinds]
        start, end = _around((start, end), near, core * times)
    air = (end - start) * 0.06
    return start - air, end + air


def _around(
    window: tuple[datetime, datetime], marks: Sequence[Mark], most: timedelta | None
) -> tuple[datetime, datetime]:
    """Stretch a window over each edge of the marks that keeps it within `most`."""
    start, end = window
    edges = [edge for mark in marks for edge in (mark.start, mark.end) if edge is not None]
    for edge in sorted(edges, key=lambda e: max(start - e, e - end)):
        wider = min(start, edge), max(end, edge)
        if most is None or wider[1] - wider[0] <= most:
            start, end = wider
    return start, end


def _lanes(marks: Sequence[Mark]) -> list[Lane]:
    lanes: dict[tuple[str, str], list[Mark]] = {}
    for mark in sorted(marks, key=lambda m: m.start):
        lanes.setdefault((mark.kind, mark.label), []).append(mark)
    found = [
        Lane(kind, label, tuple(together))
        for (kind, label), marks_of in lanes.items()
        for together in ([marks_of] if len(marks_of) > FEW else [[mark] for mark in marks_of])
    ]
    return sorted(found, key=lambda lane: _rank(lane.kind))


def _rank(kind: str) -> int:
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _most_telling(lanes: Sequence[Lane], at: datetime) -> tuple[Lane, ...]:
    """Keep the core whole, then what lies nearest to the removal."""

    def weight(place: int) -> tuple[bool, timedelta]:
        lane = lanes[place]
        return lane.kind not in CORE, min(_distance(mark, at) for mark in lane.marks)

    kept = sorted(range(len(lanes)), key=weight)[:MOST_LANES]
    return tuple(lanes[place] for place in sorted(kept))


def _distance(mark: Mark, at: datetime) -> timedelta:
    """Say how far a mark is from a moment; zero while it lasts."""
    return max(mark.start - at, at - (mark.end or mark.start), timedelta())
