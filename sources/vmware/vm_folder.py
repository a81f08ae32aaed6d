"""One VM's folder: vmware.log and the older logs that rotated out of it, read as one story."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sources.findings import Findings
from sources.raw import RawFile
from sources.vmware.log_time import DISORDER, Hole
from sources.vmware.logged_stun import LoggedStun, add_stun, with_phases
from sources.vmware.vmware_log import UNMEASURED, VmwareLog, scan
from verdict.clock import Clock
from verdict.facts import Coverage, Gap, Stun

SOURCE = "vmware.log"

QUIET = timedelta(minutes=2)
"""The current log's name does not say which number came before it: over a longer pause than this
the two are not joined, for a rotation may be missing between them."""

OPENED = timedelta(seconds=2)
"""A stun that began this near to where an unfinished one was announced is its measure."""

EVER = datetime(9999, 1, 1, tzinfo=UTC)

FETCH = "Fetch all of vmware*.log again from the VM's folder on its datastore."

Span = tuple[datetime, datetime]

_NAME = re.compile(r"vmware(?:-(\d{1,6}))?\.log(?:\.gz)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Part:
    """One log of the folder, in UTC; `number` is None unless its name has one."""

    name: str
    log: VmwareLog
    first: datetime
    last: datetime

    @property
    def number(self) -> int | None:
        return _number(self.name)

    @property
    def current(self) -> bool:
        match = _NAME.fullmatch(self.name)
        return match is not None and match[1] is None

    @property
    def stray(self) -> bool:
        """Whether its name does not place it in the rotation."""
        return _NAME.fullmatch(self.name) is None


def _number(name: str) -> int | None:
    match = _NAME.fullmatch(name)
    return int(match[1]) if match and match[1] else None


def read_vm_folder(
    vm: str,
    files: Sequence[RawFile],
    clock: Clock,
    read_at: datetime | None = None,
    log_read_at: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Findings:
    """Read all logs of one VM, in any order; logging goes on across a rotation without a pause.

    `read_at` is when the files were fetched (default now), `log_read_at` the moment up to which
    the current log speaks; both aware, by a true clock. What is in the files never raises: what
    could not be read is a gap and is not covered.
    """
    gaps: list[Gap] = []
    parts: list[_Part] = []
    unread: list[str] = []
    for file in files:
        read = _read(file, clock, read_at, progress)
        if isinstance(read, _Part):
            parts.append(read)
        else:
            unread.append(file.name)
            gaps.append(Gap(SOURCE, vm, read, FETCH))
    parts = _without_twins(parts)
    story = _Story([part for part in parts if not part.stray], unread)
    alone = [_Story([part], []) for part in parts if part.stray]
    stuns: list[LoggedStun] = []
    for told in (story, *alone):
        for stun in told.stuns:
            add_stun(stuns, stun)
        gaps += [Gap(SOURCE, vm, why, FETCH) for why in told.missing()]
    spans = story.covered(log_read_at) + [span for told in alone for span in told.covered(None)]
    return Findings(
        stuns=tuple(Stun(vm, s.start, s.end, s.phase, clock, s.snapshot) for s in stuns),
        coverage=tuple(Coverage(SOURCE, vm, start, end) for start, end in _united(spans)),
        gaps=tuple(gaps),
    )


def _read(
    file: RawFile,
    clock: Clock,
    read_at: datetime | None,
    progress: Callable[[int], None] | None,
) -> _Part | str:
    """One log, or why there is none."""
    try:
        with file.open() as opened:
            log = _shifted(scan(opened, progress, read_at), clock)
    except OSError as error:
        return f"{file.name} could not be read: {error.strerror or error}"
    if log.first is None or log.last is None:
        return f"{file.name} " + ("holds no line with a time" if file.size else "is empty")
    return _Part(file.name, log, log.first, log.last)


def _shifted(log: VmwareLog, clock: Clock) -> VmwareLog:
    """The same log on the common time line."""

    def utc(stamp: datetime | None) -> datetime | None:
        return None if stamp is None else clock.utc(stamp)

    return replace(
        log,
        first=utc(log.first),
        last=utc(log.last),
        stuns=tuple(replace(s, start=clock.utc(s.start), end=clock.utc(s.end)) for s in log.stuns),
        holes=tuple(replace(h, start=utc(h.start), end=utc(h.end)) for h in log.holes),
        marks=tuple(replace(mark, at=clock.utc(mark.at)) for mark in log.marks),
    )


def _without_twins(parts: list[_Part]) -> list[_Part]:
    """Drop copies of one log under a second name; the current one's name is kept."""
    kept: list[_Part] = []
    for part in sorted(parts, key=lambda p: (not p.current, p.stray, p.name)):
        if all(part.log != other.log for other in kept):
            kept.append(part)
    return sorted(kept, key=lambda p: (p.first, p.last))


class _Story:
    """Logs of one VM in the order of their first lines, and what lies between them."""

    def __init__(self, parts: list[_Part], unread: list[str]) -> None:
        self.parts = parts
        self.names = [*(part.name for part in parts), *unread]
        self._lost = {number for name in unread if (number := _number(name)) is not None}
        self._named = {_number(name) for name in self.names}
        numbers = [part.number for part in parts if part.number is not None]
        self._in_order = numbers in (sorted(numbers), sorted(numbers, reverse=True))
        self.breaks = [self._break(a, b) for a, b in pairwise(parts)]
        self.stuns = [stun for chain in self._chains() for stun in _explained(chain)]

    def _break(self, a: _Part, b: _Part) -> str | None:
        """Why `b` does not continue `a`; None where it does, empty where that is told already."""
        if a.current or a.number is None:
            return f"{a.name} is older than {b.name}: it is not the current log"
        if not b.log.whole:
            return f"{b.name} begins inside a line: what came before was not read"
        if b.number is None:
            if any(number > a.number for number in self._lost):
                return ""
            return "" if b.first - a.last > QUIET else None
        return self._between(a.number, b.number)

    def _between(self, earlier: int, later: int) -> str | None:
        """Why two numbered logs, one after the other in time, are not each other's neighbours."""
        if not self._in_order:
            return "the numbers of the old logs do not follow their times"
        if abs(later - earlier) == 1:
            return None
        low, high = sorted((earlier, later))
        missing = [f"vmware-{n}.log" for n in (low + 1, high - 1) if n not in self._named]
        return " to ".join(dict.fromkeys(missing)) + " missing" if missing else ""

    def _chains(self) -> Iterator[list[_Part]]:
        chain: list[_Part] = []
        for part, broken in zip(self.parts, [*self.breaks, ""], strict=False):
            chain.append(part)
            if broken is not None:
                yield chain
                chain = []

    def covered(self, log_read_at: datetime | None) -> list[Span]:
        """What was really read, without the holes."""
        spans = [(part.first, max(part.first, part.last)) for part in self.parts]
        for (a, b), broken in zip(pairwise(self.parts), self.breaks, strict=True):
            if broken is None:
                spans.append((min(a.last, b.first), b.first))
        if self.parts and self.parts[-1].current and not self.parts[-1].log.over and log_read_at:
            newest = self.parts[-1].last
            spans.append((newest, max(newest, log_read_at)))
        return list(_without(_united(spans), [(start, end) for start, end, _ in self._holes()]))

    def _holes(self) -> Iterator[tuple[datetime, datetime, str]]:
        """Every hole with both its ends, and why."""
        for place, part in enumerate(self.parts):
            later = self.parts[place + 1] if place + 1 < len(self.parts) else None
            for hole in part.log.holes:
                if hole.unfinished and self._measured(hole):
                    continue
                before = self.parts[place - 1].last if place else part.first
                start = hole.start or min(before, part.first)
                end = hole.end or self._over(start, hole, part, later)
                yield start, max(start, end), f"{part.name}: {hole.why}"
            if later and self.breaks[place] is None and _set_back(part, later):
                yield later.first, part.last, f"{later.name}: the clock was set back"

    def _measured(self, hole: Hole) -> bool:
        start = hole.start
        return start is not None and any(abs(s.start - start) <= OPENED for s in self.stuns)

    def _over(self, start: datetime, hole: Hole, part: _Part, later: _Part | None) -> datetime:
        """When a hole at the end of a log is over: with the next log, or the VM running again.

        After `Migrate: VM starting stun` the stun's true length may stand nowhere: the new
        process printed 18.5 ms for minutes (KB 432796). So wait for the end of its stun.
        """
        if later is None:
            return EVER
        if not hole.unfinished:
            return max(later.first, part.last)
        ends = [stun.end for stun in self.stuns if start < stun.end <= start + UNMEASURED]
        if ends:
            return min(ends)
        return later.first if later.first > start else start + UNMEASURED

    def missing(self) -> Iterator[str]:
        """What could not be had, for people."""
        yield from (broken for broken in self.breaks if broken)
        rotation = [name for name in self.names if _NAME.fullmatch(name)]
        if rotation and all(_number(name) is not None for name in rotation):
            yield "the current log, vmware.log, is not among the files"
        starts: dict[str, list[datetime]] = {}
        for start, _, why in self._holes():
            starts.setdefault(why, []).append(start)
        for why, times in starts.items():
            often = f" ({len(times)} times)" if len(times) > 1 else ""
            yield f"{why}{often}, after {min(times):%Y-%m-%d %H:%M:%S} UTC"
        if self.parts and self.parts[-1].current and self.parts[-1].log.over:
            last = self.parts[-1].last
            yield f"vmware.log ends at {last:%Y-%m-%d %H:%M:%S} UTC: the VM stopped or moved"


def _set_back(part: _Part, later: _Part) -> bool:
    """Whether the next log begins too early, and not because the VM moved.

    A VM that moves is logged by its old and its new process for a while.
    """
    moved = part.log.over or any(hole.unfinished for hole in part.log.holes)
    return later.first < part.last - DISORDER and not moved


def _explained(chain: list[_Part]) -> Iterator[LoggedStun]:
    stuns: list[LoggedStun] = []
    for stun in (stun for part in chain for stun in part.log.stuns):
        add_stun(stuns, stun)
    yield from with_phases(stuns, [mark for part in chain for mark in part.log.marks])


def _united(spans: Iterable[Span]) -> list[Span]:
    """The same times, without overlaps."""
    united: list[Span] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _without(spans: Iterable[Span], holes: Iterable[Span]) -> Iterator[Span]:
    """What is left of spans that do not overlap."""
    closed = _united(holes)
    for start, end in spans:
        low = start
        for hole_start, hole_end in closed:
            if hole_end <= low or hole_start >= end:
                continue
            if hole_start > low:
                yield low, hole_start
            low = max(low, hole_end)
        if low < end or low == start:
            yield low, end
