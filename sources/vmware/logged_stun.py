"""A stun as vmware.log tells it, and what it was for.

A stun line does not name its reason: a snapshot created or consolidated, a vMotion, a hot add
and a USB device removed all print the same words. The reason is read from the lines around it,
here called marks (lines: virten.net 2015/10, KB 417644, 337175, 432796, 311905).
"""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from verdict.facts import Phase

SAME_START = timedelta(milliseconds=50)
"""Two stun lines whose starts differ by less tell one stun (KB 417644: 0.4 and 0.6 ms)."""

NEAR = timedelta(minutes=2)
"""How long before a stun a migration or a hot add may have been announced (KB 432796: the
source waits up to 100 s)."""

AT_THE_START = timedelta(seconds=2)
"""How long before a stun's first moment its own opening lines may be stamped."""

ORPHAN_CREATE = timedelta(seconds=10)
"""How far before the end of a creation its stun may end, where the beginning was not seen."""

ORPHAN_REMOVE = timedelta(minutes=1)
"""The same for a removal. KB 417644 prints a stun 21 min before ConsolidateEnd, which proves
nothing, so this stays short."""

LONGEST_CREATE = timedelta(hours=1)
"""A creation that never reported its end is taken to be over by then."""

LONGEST_REMOVE = timedelta(days=1)
"""The same for a consolidation, which copies whole disks."""

TRAIL = timedelta(seconds=1)
"""A stun that begins this soon after an operation's last line still belongs to it."""


@dataclass(frozen=True, slots=True)
class LoggedStun:
    """One stun, host clock, to the microsecond: the line is stamped at `end`."""

    start: datetime
    end: datetime
    phase: Phase = Phase.UNKNOWN
    snapshot: str | None = None

    @property
    def duration(self) -> timedelta:
        """How long the VM did not run."""
        return self.end - self.start


class Step(Enum):
    """What a line near a stun shows."""

    CREATE_BEGAN = auto()
    CREATING = auto()
    CREATED = auto()
    CREATE_FAILED = auto()
    REMOVE_BEGAN = auto()
    REMOVING = auto()
    REMOVED = auto()
    REMOVE_ENDED = auto()
    HANDOVER = auto()
    MIGRATING = auto()
    HOT_ADD = auto()
    USB = auto()
    DELTA_CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Mark:
    """A line that helps to tell what a stun was for, host clock."""

    at: datetime
    step: Step
    snapshot: str | None = None


_LINES = tuple(
    (step, re.compile(pattern))
    for step, pattern in (
        (Step.CREATE_BEGAN, rb"SnapshotVMX_TakeSnapshot start: '(.*?)'(?:, \w+=|\s*$)"),
        (Step.CREATED, rb"SnapshotVMXTakeSnapshotComplete: Done with snapshot '(.*)'"),
        (Step.CREATE_FAILED, rb"SnapshotVMXTakeSnapshot(?:Complete|\w*: .*[Ff]ail)"),
        (Step.CREATING, rb"SnapshotVMXTakeSnapshot\w*: Initiated lazy snapshot '(.*)'"),
        (Step.CREATING, rb"SnapshotVMXTakeSnapshot"),
        (Step.CREATE_BEGAN, rb"SnapshotVMX_TakeSnapshot start"),
        (Step.REMOVED, rb"\bConsolidateEnd: .*(?:successful|\(0\))"),
        (Step.REMOVE_ENDED, rb"\bConsolidateEnd:|ConsolidateOnlineCB: Done with"),
        (Step.REMOVING, rb"SnapshotVMX_?Consolidate(?:Cancel|OnlineCB)|\bConsolidate\w+:"),
        (Step.REMOVE_BEGAN, rb"SnapshotVMX_Consolidate"),
        (Step.HANDOVER, rb"Migrate: VM (?:starting stun|successfully stunned)|Migrate_Open: "),
        (Step.MIGRATING, rb"\bMigrate(?:SetState)?: |Migrate\.Prepare"),
        (Step.HOT_ADD, rb"[Hh]otplug: "),
        (Step.USB, rb"\bUSB\b"),
        (Step.DELTA_CLOSED, rb"-(?:delta|sesparse)\.vmdk\" : closed"),
    )
)


def read_mark(at: datetime, line: bytes) -> Mark | None:
    """Recognise a line stamped `at`; None where it tells nothing about stuns."""
    for step, pattern in _LINES:
        if match := pattern.search(line):
            name = match[1].decode(errors="replace") if pattern.groups else None
            # Before vSphere 6.0 a consolidation took snapshots of its own (KB 337175).
            if name is not None and name.startswith("Consolidate Helper"):
                return Mark(at, Step.REMOVING)
            return Mark(at, step, name)
    return None


def add_stun(stuns: list[LoggedStun], new: LoggedStun) -> None:
    """Put a stun into its place by start; of two lines that tell one stun the longer stays."""
    for place in range(len(stuns) - 1, -1, -1):
        old = stuns[place]
        if old.start < new.start - SAME_START:
            break
        if _same(old, new):
            if new.duration <= old.duration:
                return
            del stuns[place]
            break
    insort(stuns, new, key=lambda stun: stun.start)


def _same(one: LoggedStun, other: LoggedStun) -> bool:
    overlap = one.start <= other.end and other.start <= one.end
    return overlap and abs(one.start - other.start) <= SAME_START


@dataclass(slots=True)
class _Work:
    """A snapshot created or removed, from its first line to its last (None: not seen yet)."""

    phase: Phase
    begin: datetime
    end: datetime | None = None
    snapshot: str | None = None

    def holds(self, stun: LoggedStun) -> bool:
        longest = LONGEST_CREATE if self.phase is Phase.CREATE else LONGEST_REMOVE
        end = self.begin + longest if self.end is None else self.end
        return self.begin <= stun.end and stun.start <= end + TRAIL


class _Works:
    """All operations of one log, built line by line."""

    def __init__(self) -> None:
        self.all: list[_Work] = []
        self.present: list[str] = []  # snapshots created and not yet removed

    def take(self, mark: Mark) -> None:
        last = self.all[-1] if self.all else None
        if mark.step is Step.CREATE_BEGAN:
            self._open(Phase.CREATE, mark.at, mark.at, mark.snapshot)
        elif mark.step in {Step.CREATING, Step.CREATED, Step.CREATE_FAILED}:
            if last is None or last.end is not None:
                last = self._open(Phase.CREATE, mark.at - ORPHAN_CREATE, mark.at, mark.snapshot)
            if last.phase is Phase.CREATE:
                self._go_on(last, mark)
        elif mark.step is Step.REMOVE_BEGAN:
            self._open(Phase.REMOVE, mark.at, mark.at)
        elif mark.step in {Step.REMOVING, Step.REMOVED, Step.REMOVE_ENDED}:
            if not self._removal_goes_on(last, mark.at):
                last = self._open(Phase.REMOVE, mark.at - ORPHAN_REMOVE, mark.at)
            if last is not None:
                self._go_on(last, mark)

    def _removal_goes_on(self, last: _Work | None, at: datetime) -> bool:
        if last is None or last.phase is not Phase.REMOVE:
            return False
        return last.end is None or at - last.end <= ORPHAN_REMOVE

    def _open(self, phase: Phase, begin: datetime, at: datetime, name: str | None = None) -> _Work:
        last = self.all[-1] if self.all else None
        if last is not None and last.end is None:
            # Snapshot operations of one VM exclude each other: a new one ends the last.
            last.end = min(at, last.begin + LONGEST_REMOVE)
            if last.phase is Phase.CREATE and last.snapshot is not None:
                self.present.append(last.snapshot)
        if last is not None and last.end is not None and begin < at:
            begin = min(at, max(begin, last.end))  # what was before belongs to the last one
        if phase is Phase.REMOVE:
            name = self.present[-1] if self.present else None
        self.all.append(_Work(phase, begin, snapshot=name))
        return self.all[-1]

    def _go_on(self, work: _Work, mark: Mark) -> None:
        if work.phase is Phase.CREATE:
            work.snapshot = mark.snapshot or work.snapshot
        if mark.step in {Step.CREATED, Step.CREATE_FAILED, Step.REMOVED, Step.REMOVE_ENDED}:
            work.end = mark.at
        elif work.end is not None:
            work.end = max(work.end, mark.at)
        if mark.step is Step.CREATED and work.snapshot is not None:
            self.present.append(work.snapshot)
        if mark.step is Step.REMOVED and work.snapshot in self.present[-1:]:
            self.present.pop()


def with_phases(stuns: Sequence[LoggedStun], marks: Iterable[Mark]) -> tuple[LoggedStun, ...]:
    """Say of each stun what it was for; the operation that began last before it wins.

    Stuns and marks may come from several files of one VM, as long as no line between is missing.
    """
    ordered = sorted(marks, key=lambda mark: mark.at)
    works = _Works()
    for mark in ordered:
        works.take(mark)
    told = sorted(works.all, key=lambda work: work.begin)
    return tuple(_with_phase(stun, told, ordered) for stun in stuns)


def _with_phase(stun: LoggedStun, works: list[_Work], marks: list[Mark]) -> LoggedStun:
    upto = bisect_right(works, stun.end, key=lambda work: work.begin)
    held = [work for work in works[max(0, upto - 3) : upto] if work.holds(stun)]
    near = marks[
        bisect_left(marks, stun.start - NEAR, key=lambda mark: mark.at) : bisect_right(
            marks, stun.end, key=lambda mark: mark.at
        )
    ]
    if held:
        near = [mark for mark in near if mark.at >= held[-1].begin]
    if phase := _moved(near, stun.start):
        return replace(stun, phase=phase, snapshot=None)
    if held:
        return replace(stun, phase=held[-1].phase, snapshot=held[-1].snapshot)
    return replace(stun, phase=_by_devices(near, stun.start), snapshot=None)


def _moved(near: list[Mark], start: datetime) -> Phase | None:
    """A hot add moves the VM to a new process on the same host: it prints Migrate lines too."""
    if any(mark.step is Step.HOT_ADD for mark in near):
        return Phase.OTHER
    opening = start - AT_THE_START
    if any(mark.step is Step.HANDOVER and mark.at >= opening for mark in near):
        return Phase.MIGRATION
    return Phase.MIGRATION if any(mark.step is Step.MIGRATING for mark in near) else None


def _by_devices(near: list[Mark], start: datetime) -> Phase:
    """The weakest witnesses: a USB device touched, or a snapshot's delta disk let go."""
    steps = {mark.step for mark in near if mark.at >= start - AT_THE_START}
    if Step.USB in steps:
        return Phase.OTHER
    return Phase.REMOVE if Step.DELTA_CLOSED in steps else Phase.UNKNOWN
