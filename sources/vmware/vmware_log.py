"""vmware.log: the one place where the length of a stun is written down.

A log is read once, front to back, through a window of fixed size. The two stun phrases are rare,
so they are looked for in the raw bytes, and only what stands around a hit is read as text.
What cannot be read leaves a hole, so that nobody takes silence in a damaged log for proof.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from sources.vmware.log_file import Fill, opened
from sources.vmware.log_time import STAMP, Hole, Timeline, read_time
from sources.vmware.log_window import WINDOW, Window
from sources.vmware.logged_stun import NEAR, LoggedStun, Mark, add_stun, read_mark, with_phases

__all__ = ["Hole", "LoggedStun", "VmwareLog", "scan"]


CONTEXT = 48 << 10
"""Bytes kept before a stun to see what it was for: some 400 lines."""

NEIGHBOURS = 24 << 10
"""Bytes before a stun in which a move, a hot add or a disk let go is looked for."""

LONGEST_LINE = 16 << 10
"""A line without end is cut here."""

LONGEST_HEADER = 256
"""Time, level, thread and the id of an operation."""

MOST_JOINED = 3
"""Times before a stun in one line: published extracts run two or three lines together."""


THOROUGH = 64 << 20
"""Up to this size the time of every line is checked and every snapshot line is known. Beyond it
(rotation is at about 2 MB) one line in 32 KiB is, and snapshot lines are sought near stuns."""

SAMPLE = 32 << 10

LONGEST_LOG = 8 << 30
"""No log is read further: a packed one may unfold without end."""

MOST_FOUND = 50_000
"""No more stun and snapshot lines are read of one log: memory and time stay bounded."""

MOST_OPENINGS = 100

ASCII = 0x80
"""Bytes from here on are part of a letter that is not English, or none at all."""

LONGEST_STUN = timedelta(days=1)
"""A longer one is a damaged number. Forced consolidation takes 30 min and more (KB 2039754)."""

UNMEASURED = timedelta(hours=1)
"""How far before its damaged line a stun may have begun, and how long an open one is awaited."""

LOST = timedelta(minutes=5)
"""The same where a whole line is lost, which may have been a stun's: the longest silence that a
cluster can be told to tolerate is 4 min (facts: SameSubnetDelay 2 s x SameSubnetThreshold 120)."""

STUN_WORDS = (b"Checkpoint_Unstun", b"CPT: vm was stunned")
MARK_WORDS = (b"SnapshotVMX", b"Consolidate")
NEAR_WORDS = (b"Migrat", b"otplug", b"USB", b"-delta.vmdk", b"-sesparse.vmdk")
ANNOUNCEMENT = b"VM starting stun"
OPENING_WORDS = (ANNOUNCEMENT, b"Destroying virtual dev", b"Closing all the disks of the VM")
"""Lines at the first moment of a stun (KB 432796, 311905)."""

_FRONT = re.compile(STAMP)
_HEADER = re.compile(
    # Old: `<time>| vcpu-0| I120: `, in 7.0 with an operation's id; new: `<time> In(05) vcpu-0 - `.
    rb"(" + STAMP + rb")\|?(?: \S*[^\s:]| [A-Z]\d{2,4}[:+]){1,5} $"
)
_STUN = re.compile(
    rb"(?:Checkpoint_Unstun: vm stopped|CPT: vm was stunned) for (\d{1,15}) us(?![a-z])"
)
_CUT = re.compile(rb"[\dTZ:.+|-]+(?: \S*){0,2}(?: -| [A-Z]\d{2,4}[:+])?(?: C?)?")
"""A line that ends within its header; it may have been a stun's."""
_BEGINNINGS = tuple(b" " + word[:length] for word in STUN_WORDS for length in range(2, len(word)))


@dataclass(frozen=True, slots=True)
class VmwareLog:
    """What one vmware.log tells; all times by the host's clock, aware, UTC.

    `first` and `last` are None where no line has a time that can be believed. `whole` is False
    where the log begins inside a line, `over` is True where it ends with the VM's process
    (powered off, or moved to another one). `marks` are the lines that gave the stuns a phase.
    """

    first: datetime | None
    last: datetime | None
    stuns: tuple[LoggedStun, ...]
    holes: tuple[Hole, ...]
    marks: tuple[Mark, ...] = ()
    whole: bool = True
    over: bool = False


def scan(
    file: BinaryIO,
    progress: Callable[[int], None] | None = None,
    read_at: datetime | None = None,
) -> VmwareLog:
    """Read a log, plain, gzip or UTF-16, from the start of a seekable file.

    `progress` is told how many bytes came with each read. `read_at` (aware, default now) is when
    the log was fetched: lines stamped more than a day later are a hole. Damage never raises.
    """
    fill, size = opened(file)
    reading = _Scan(fill, Timeline(read_at or datetime.now(UTC)), thorough=size <= THOROUGH)
    return reading.run(progress or (lambda _count: None))


class _Scan:
    """One reading of one log. Offsets are into the window; `_slide` moves them with it."""

    def __init__(self, fill: Fill, times: Timeline, *, thorough: bool) -> None:
        self.fill = fill
        self.times = times
        self.thorough = thorough
        self.window = Window()
        self.text = self.window.text
        self.done = 0  # up to here everything is found
        self.walked = 0  # up to here lines' times are seen
        self.sampled = 0  # the last line whose time was seen
        self.marked = 0  # up to here snapshot lines are known
        self.free = 0  # after the last stun line
        self.looked = 0  # up to here openings are known
        self.openings: list[datetime] = []  # since the last stun line
        self.follow = False  # a stun was near the end of what is done
        self.failed = False  # the file could not be read to its end
        self.found = 0  # stun lines and damage
        self.stuns: list[LoggedStun] = []
        self.marks: list[Mark] = []
        self.whole = True

    def run(self, progress: Callable[[int], None]) -> VmwareLog:
        """Read to the end, or to what stops the reading."""
        total = 0
        while count := self._read():
            progress(count)
            total += count
            self.window.filled += count
            ended = self.text.rfind(b"\n", self.done, self.window.filled) + 1
            self._settle(max(ended, self.done, self.window.filled - LONGEST_LINE))
            if self.found + len(self.marks) > MOST_FOUND or total > LONGEST_LOG:
                self.times.open("it is too long or too damaged, and its end was not read")
                break
            self._slide()
        else:
            self._finish()
        over = self.text.find(b"VMX has left the building", self.free, self.window.filled) >= 0
        stuns = with_phases(self.stuns, self.marks)
        holes, marks = self.times.finish(), tuple(self.marks)
        first, last = self.times.first, self.times.last
        return VmwareLog(first, last, stuns, holes, marks, self.whole, over)

    def _read(self) -> int:
        try:
            return self.fill(self.window.view[self.window.filled :])
        except (OSError, EOFError, zlib.error):
            self.failed = True
            return 0

    def _slide(self) -> None:
        """Make room, keeping what a stun still to come may have to be explained by."""
        away = self.done - CONTEXT
        if away <= 0 or WINDOW - self.window.filled > LONGEST_LINE:
            return
        self.window.drop(away)
        for offset in ("done", "walked", "sampled", "marked", "free", "looked"):
            setattr(self, offset, max(0, getattr(self, offset) - away))

    def _settle(self, upto: int) -> None:
        """Find everything between what is done and `upto`."""
        if not self.done:
            self.whole = _FRONT.match(self.text, 0, self.window.filled) is not None
        stuns = [at for word in STUN_WORDS for at in self.window.each(word, self.done, upto)]
        for at in sorted([*stuns, *self._nuls(upto), *self._garbage(upto)]):
            self._walk(at)
            if not self.text[at]:
                self._break("a block of zero bytes stands where lines should be", LOST)
            elif self.text[at] >= ASCII:
                self._break("bytes that are no text stand where lines should be", LOST)
            else:
                self._stun(at)
            self.found += 1
        self._walk(upto)
        if self.thorough or stuns or self.follow:
            self._mark(upto)
        self.follow = bool(stuns) and upto - max(stuns) < CONTEXT
        self.done = upto

    def _nuls(self, upto: int) -> Iterator[int]:
        """The first zero byte of each line that has one."""
        at = self.text.find(b"\0", self.done, upto)
        while at >= 0:
            yield at
            line = self.text.find(b"\n", at, upto)
            at = self.text.find(b"\0", line, upto) if line >= 0 else -1

    def _garbage(self, upto: int) -> Iterator[int]:
        """The first byte of each line that is no UTF-8."""
        if self.text[self.done : upto].isascii():
            return
        at = self.done
        while at < upto:
            end = self.text.find(b"\n", at, upto) + 1 or upto
            try:
                self.text[at:end].decode()
            except UnicodeDecodeError as error:
                if error.reason != "unexpected end of data":  # the line goes on later
                    yield at + error.start
            at = end

    def _walk(self, upto: int) -> None:
        """See the times of lines that begin before `upto`: each, or one in SAMPLE bytes."""
        step = 0 if self.thorough else SAMPLE
        at = self.walked
        if at and self.text[at - 1] != ord("\n"):
            at = self.text.find(b"\n", at, upto) + 1 or upto
        while at < upto:
            if stamp := _FRONT.match(self.text, at, self.window.filled):
                self.times.see(stamp[0])
                self.sampled = at
            elif self.thorough and self.times.first and self._strange(at, upto):
                self.walked = at
                self._break("a line without a time stands among the others", LOST)
                self.found += 1
            at = self.text.find(b"\n", min(at + step, upto), upto) + 1 or upto
        self.walked = max(self.walked, upto)

    def _strange(self, at: int, upto: int) -> bool:
        """Whether a line that begins without a time holds anything at all; it ends before `upto`.

        One of zero bytes is told of as such.
        """
        end = self.text.find(b"\n", at, upto)
        return end >= 0 and self.text[at] != 0 and not self.text[at:end].isspace() and end > at

    def _stun(self, at: int) -> None:
        told = _STUN.match(self.text, at, min(at + 96, self.window.filled))
        line = bytes(self.text[self.window.line(at) : at])
        # Where line ends are lost nobody can tell which time belongs to which words.
        joined = len(_FRONT.findall(line)) > MOST_JOINED
        header = None if joined else _HEADER.search(line[-LONGEST_HEADER:])
        end = read_time(header[1]) if header else None
        length = timedelta(microseconds=int(told[1])) if told else LONGEST_STUN
        if header is None or end is None or length >= LONGEST_STUN:
            self._break("a stun line is damaged", UNMEASURED)
        elif not self.times.see(header[1]):
            self._break("a stun line is stamped in the future", UNMEASURED)
        else:
            stun = LoggedStun(end - length, end)
            self.sampled = at
            self._near(stun, self.window.line(at))
            add_stun(self.stuns, stun)
        self._announced(at, end)
        self.free = at + 1
        self.openings.clear()

    def _announced(self, upto: int, now: datetime | None) -> None:
        """A stun announced by a migration of which no line ever told: nobody knows its length.

        A migration that fails may freeze the VM for 100 s (KB 435078).
        """
        if not self.thorough or now is None:
            return
        for at in self.window.each(ANNOUNCEMENT, self.free, upto):
            stamp = _FRONT.match(self.text, self.window.line(at), at)
            when = read_time(stamp[0]) if stamp else None
            if when is not None and now - when > UNMEASURED:
                why = "a migration stopped the VM, and for how long was never printed"
                self.times.add(Hole(when, when + UNMEASURED, why))

    def _near(self, stun: LoggedStun, line: int) -> None:
        """Keep the lines before a stun that may tell what it was for."""
        low = max(self.free, line - NEIGHBOURS)
        for word in NEAR_WORDS:
            for at in self.window.each(word, low, line):
                mark = self._read_mark(at)
                if mark is not None and stun.start - NEAR <= mark.at <= stun.end:
                    self.marks.append(mark)

    def _mark(self, upto: int) -> None:
        lines = {
            self.window.line(at): at
            for word in MARK_WORDS
            for at in self.window.each(word, max(self.marked, self.done - CONTEXT), upto)
        }
        found = (self._read_mark(at) for at in sorted(lines.values()))
        self.marks += [mark for mark in found if mark is not None]
        self.marked = upto

    def _read_mark(self, at: int) -> Mark | None:
        line = self.window.line(at)
        stamp = _FRONT.match(self.text, line, at)
        when = read_time(stamp[0]) if stamp else None
        text = bytes(self.text[line : self.window.end(at)])
        return read_mark(when, text) if when is not None else None

    def _opening(self) -> datetime | None:
        """When a stun began whose line has not come yet, if one did within the last hour."""
        low, self.looked = max(self.free, self.looked), self.walked
        found = [at for word in OPENING_WORDS for at in self.window.each(word, low, self.walked)]
        stamps = [_FRONT.match(self.text, self.window.line(at), at) for at in found]
        self.openings += [when for s in stamps if s and (when := read_time(s[0])) is not None]
        if (last := self.times.last) is None:
            return None
        recent = sorted(when for when in self.openings if last - when <= UNMEASURED)
        self.openings = recent[:MOST_OPENINGS]
        return min(recent, default=None)

    def _break(self, why: str, reach: timedelta = timedelta()) -> None:
        """Open a hole; it begins where a stun that is lost in it may have begun.

        Where nothing announced one, that is `reach` before the last line.
        """
        since, last = self._opening(), self.times.last
        if since is None and reach and last is not None:
            since = last - reach
            ran = max((stun.end for stun in self.stuns[-3:]), default=since)
            since = min(last, max(since, ran))
        self.times.open(why, since)

    def _finish(self) -> None:
        self._settle(self.window.filled)
        if not self.thorough and not self.times.broken:
            self.thorough = True
            self.walked = self.sampled
            self._walk(self.window.filled)
        if self.failed:
            self._break("it could not be read to its end")
        line = bytes(self.text[self.window.line(self.window.filled) : self.window.filled])
        if _CUT.fullmatch(line) or line.endswith(_BEGINNINGS):
            self._break("its last line is cut", UNMEASURED)
        self._announced(self.window.filled, self.times.last)
        opening = self._opening()
        if opening is not None:
            why = "the VM was stopped, and the log ends before it ran again"
            self.times.open(why, opening, unfinished=True)
