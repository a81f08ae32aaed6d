"""The times of a log's lines in their order, and the holes between them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

STAMP = rb"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?"
"""A time stamp of vmware.log, as a pattern."""

CANONICAL = len("2025-10-28T13:33:06.256Z")
"""Stamps of this length that end in Z compare as bytes."""

MOST_HOLES = 200

DISORDER = timedelta(seconds=5)
"""Threads of one VM may stamp a little out of order; more means that the clock was set back."""

AHEAD = timedelta(days=1)
"""A host's clock may run ahead of the reader's; a line stamped later still is not believed."""

EARLIEST, LATEST = 2000, 9000
"""Years outside these are damage, and near the ends of the calendar sums fail."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A time that a log cannot vouch for, host clock, and why, for people.

    `start` None: from before its first line; `end` None: to its end and beyond. `unfinished`
    where the VM was being stunned when the log ended: its length stands elsewhere, if anywhere.
    """

    start: datetime | None
    end: datetime | None
    why: str
    unfinished: bool = False


def read_time(stamp: bytes) -> datetime | None:
    """Read a time stamp; without an offset it is UTC, as ESXi has written since 5.0."""
    try:
        when = datetime.fromisoformat(stamp.decode("ascii"))
    except ValueError:  # the 31st of February
        return None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    return when.astimezone(UTC) if EARLIEST <= when.year <= LATEST else None


class Timeline:
    """The times of a log's lines in their order, and the holes between them."""

    def __init__(self, read_at: datetime) -> None:
        self.first: datetime | None = None
        self.holes: list[Hole] = []
        self._latest = read_at + AHEAD
        self._limit = self._latest.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
        self._stamp = b""  # the highest one since the clock was last set back
        self._day = b""  # its date, where stamps can be compared as bytes
        self._open: Hole | None = None

    @property
    def last(self) -> datetime | None:
        """The time up to which lines were read."""
        return read_time(self._stamp) if self._stamp else None

    @property
    def broken(self) -> bool:
        """Whether no line that can be believed has come since the last damage."""
        return self._open is not None

    def see(self, stamp: bytes) -> bool:
        """Take the next line's time; False where it cannot be believed."""
        if (
            len(stamp) == CANONICAL
            and stamp[:10] == self._day
            and self._stamp <= stamp <= self._limit
            and stamp.endswith(b"Z")
        ):
            self._stamp = stamp
            return True
        return self._look(stamp)

    def _look(self, stamp: bytes) -> bool:
        when = read_time(stamp)
        if when is None:
            return False
        if when > self._latest:
            self.open("a line is stamped in the future")
            return False
        last = self.last
        if self.first is None:
            self.first = when
        if self._open is not None:
            self._close(when)
        elif last is not None and when < last:
            if when >= last - DISORDER:
                return True
            self.add(Hole(when, last, "the clock was set back"))
        self._stamp = stamp
        plain = len(stamp) == CANONICAL and stamp.endswith(b"Z")
        self._day = stamp[:10] if plain else b""
        return True

    def open(self, why: str, since: datetime | None = None, *, unfinished: bool = False) -> None:
        """From the last time seen, or from `since`, to the next: a hole."""
        since = since or self.last
        if self._open is None:
            self._open = Hole(since, None, why, unfinished)
        elif since is not None and self._open.start is not None and since < self._open.start:
            self._open = Hole(since, None, self._open.why, self._open.unfinished)
        self._day = b""

    def _close(self, when: datetime) -> None:
        hole = self._open
        self._open = None
        if hole is not None:
            known = [time for time in (hole.start, self.last) if time is not None]
            start = min([when, hole.start]) if hole.start is not None else None
            self.add(Hole(start, max([when, *known]), hole.why))

    def add(self, hole: Hole) -> None:
        """Note a hole; beyond a sensible number the last one takes them all."""
        if len(self.holes) < MOST_HOLES:
            self.holes.append(hole)
            return
        last = self.holes.pop()
        times = [time for time in (last.start, hole.start) if time is not None]
        ends = [time for time in (last.end, hole.end) if time is not None]
        self.holes.append(Hole(min(times, default=None), max(ends, default=None), last.why))

    def finish(self) -> tuple[Hole, ...]:
        """All holes; one that no later line closed stays open."""
        return (*self.holes, *([self._open] if self._open else []))
