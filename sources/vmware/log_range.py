"""The part of a distant vmware.log that covers a window, by as few bytes as will do.

From the end backwards: the last lines first, then single looks further back until a line is old
enough, then everything from there on. A look that shows no time counts as too young, so that in
doubt more is read.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sources.vmware.log_time import STAMP, read_time

WHOLE = 256 << 10
"""Bytes up to which a log is read in one piece: looking for a place in it would take longer."""

TAIL = 32 << 10
"""Bytes of the first look, at the end."""

LOOK = 4 << 10
"""Bytes of every other look: what one entry holds at most (CIS ESXi 5.5 guide)."""

NEAR = 16 << 10
"""Bytes that may be read for nothing before the window."""

TRAIL = timedelta(hours=1)
"""How much is read after the window: a stun's line stands at its end, and the longest published
ones took half an hour and more (KB 2039754)."""

WORTH = 1 << 20
"""Bytes after the trail that are worth two more looks to leave them away."""

MOST_LOOKS = 64

_LINE = re.compile(rb"^(" + STAMP + rb")", re.MULTILINE)


class Distant(Protocol):
    """A file that is read in pieces. `size` is true once something was read."""

    size: int

    def read(self, start: int, stop: int | None) -> bytes:
        """Read from an offset to another one or the end."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a log, of whole lines.

    `first` and `last`: whether it begins and ends where the log does.
    """

    data: bytes
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class _Point:
    """A place in the log where a line begins, and its time; None where that is not known."""

    offset: int
    at: datetime | None


def read_window(log: Distant, start: datetime, end: datetime | None) -> Piece:
    """Read what a log tells from `start` to `end` (None: to its end), by the host's clock."""
    edge = max(0, log.size - (TAIL if log.size > WHOLE else WHOLE))
    tail = log.read(edge, None)
    line = _first_line(tail, edge)
    if edge == 0:
        return Piece(tail, first=True, last=True)
    if line is not None and line.at is not None and line.at <= start:
        return Piece(tail[line.offset - edge :], first=False, last=True)
    search = _Search(log)
    low, high = search.before(start, _Point(edge, line.at if line else None))
    low, _ = search.narrow(start, low, high)
    stop = search.after(end + TRAIL, low, _Point(edge, line.at if line else None)) if end else None
    if stop is not None:
        return Piece(log.read(low.offset, stop), first=low.offset == 0, last=False)
    return Piece(log.read(low.offset, edge) + tail, first=low.offset == 0, last=True)


def first_time(data: bytes) -> datetime | None:
    """Give the time of the first line that has one, by the host's clock."""
    line = _first_line(data, 0)
    return line.at if line else None


def _first_line(data: bytes, offset: int) -> _Point | None:
    """The first whole line with a time in a piece of a log that begins at this offset."""
    begin = data.find(b"\n") + 1 if offset else 0
    if offset and not begin:
        return None
    for line in _LINE.finditer(data, begin):
        at = read_time(line[1])
        if at is not None:
            return _Point(offset + line.start(), at)
    return None


@dataclass(slots=True)
class _Search:
    log: Distant
    looks: int = 0

    def look(self, offset: int) -> _Point:
        """See the time of the first whole line behind an offset."""
        self.looks += 1
        return _first_line(self.log.read(offset, offset + 2 * LOOK), offset) or _Point(offset, None)

    def before(self, moment: datetime, high: _Point) -> tuple[_Point, _Point]:
        """Go back, twice as far each time, to a line that is old enough, or to the beginning."""
        step = 4 * TAIL
        while self.looks < MOST_LOOKS and high.offset > step:
            point = self.look(high.offset - step)
            if point.at is not None and point.at <= moment:
                return point, high
            high, step = _Point(high.offset - step, point.at), 2 * step
        return _Point(0, None), high

    def narrow(self, moment: datetime, low: _Point, high: _Point) -> tuple[_Point, _Point]:
        """Close in on a moment: `low` stays not younger than it, `high` younger."""
        halve = False
        while high.offset - low.offset > NEAR and self.looks < MOST_LOOKS:
            offset = _guess(moment, low, high, halve=halve)
            point = self.look(offset)
            halve = not halve
            if point.at is not None and point.at <= moment and point.offset < high.offset:
                low = point
            else:
                high = _Point(offset, point.at)
        return low, high

    def after(self, moment: datetime, low: _Point, edge: _Point) -> int | None:
        """Find where the log has become younger than a moment; None: read it to its end."""
        if edge.at is None or edge.at <= moment or edge.offset - low.offset < WORTH:
            return None
        _, high = self.narrow(moment, low, edge)
        return self._line(high.offset) if self.log.size - high.offset > WORTH else None

    def _line(self, offset: int) -> int | None:
        """Where the next line begins."""
        end = self.log.read(offset, offset + 2 * LOOK).find(b"\n")
        return offset + end + 1 if end >= 0 else None


def _guess(moment: datetime, low: _Point, high: _Point, *, halve: bool) -> int:
    """Where a moment may stand: by the lines' times, and every other time in the middle."""
    span = high.offset - low.offset
    share = 0.5
    if not halve and low.at is not None and high.at is not None and high.at > low.at:
        share = (moment - low.at) / (high.at - low.at)
    aim = low.offset + int(span * share) - NEAR // 2
    return min(max(aim, low.offset + NEAR // 4), high.offset - NEAR // 4)
