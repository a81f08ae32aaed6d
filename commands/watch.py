"""Watching a cluster: one look at its nodes' event logs, and the disturbances that are new."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from commands.context import Context
from commands.disturbance import CALM, PATIENCE, Disturbance, Notice, View
from commands.watch_memory import Memory
from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.gather import gather
from sources.material import Incident, Material
from sources.pull import Told
from sources.windows.watch import REFRESH, Look, Mark, Roster, Seen, read_new
from verdict.facts import Gap
from verdict.failover import failovers

T = TypeVar("T", Mark, Memory)

FIRST = timedelta(minutes=15)
"""How far back the first look goes, so that a failover just before the start is not lost."""
AGAIN = timedelta(minutes=15)
"""Always read again, so that both halves of a disturbance are in view."""
WITHIN = 20.0
"""Seconds for one look."""
MEMORY = "memory"
"""The mark that holds what the watch remembers; no node's, for theirs have a channel."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What one look brought.

    `marks` are to be stored together with the disturbances, in one transaction, and given back;
    so is `roster`, which need not outlast a restart.
    """

    disturbances: tuple[Disturbance, ...]
    marks: Mapping[str, str]
    gaps: tuple[Gap, ...]
    roster: Roster


@dataclass(frozen=True, slots=True)
class Habits:
    """How a watch goes about it."""

    first: timedelta = FIRST
    refresh: timedelta = REFRESH
    patience: timedelta = PATIENCE
    within: float = WITHIN


def watch(
    context: Context,
    access: ClusterAccess,
    marks: Mapping[str, str],
    told: Told = lambda _source, _name, _state: None,
    roster: Roster | None = None,
    habits: Habits = Habits(),
) -> Watched:
    """Look at a cluster once. What could not be read is a gap and comes with the next look."""
    now = context.now()
    told("winrm", access.name, "asked")
    memory = recall(marks, habits, now)
    look = Look(read_marks(marks), start(memory, now), now - habits.first, habits.refresh)
    seen = read_new(access, look, Deadline.after(habits.within), roster)
    told("winrm", access.name, "answered")
    view = View(look.since, now, seen.whole, seen.oldest, habits.patience)
    return understand(access, seen, view, memory)


def understand(access: ClusterAccess, seen: Seen, view: View, memory: Memory) -> Watched:
    """Find the disturbances in what was read. Marks move only when nothing has to wait."""
    material = Material(
        access.name,
        Incident(cluster=access.name, clocks=seen.clocks),
        replace(seen.roster.configuration, name=access.name),
        seen.nodes,
    )
    notice = Notice(access.name, view, memory)
    notice.take(failovers(gather(material, view.now)))
    moved = seen.marks if notice.settled else seen.before
    kept = {name: str(mark) for name, mark in moved.items()}
    kept[MEMORY] = str(notice.memory)
    return Watched(tuple(notice.told), kept, seen.gaps, seen.roster)


def start(memory: Memory, now: datetime) -> datetime:
    """Say since when everything is to be read again, in UTC."""
    return max(memory.floor(CALM, now), min(now - AGAIN, memory.since or now))


def recall(marks: Mapping[str, str], habits: Habits, now: datetime) -> Memory:
    """Remember, or begin: a first look reads what stands before its beginning, too."""
    begin = now - habits.first
    return _read(Memory, marks.get(MEMORY, "")) or Memory(begin, begin - CALM)


def read_marks(marks: Mapping[str, str]) -> dict[str, Mark]:
    """Give the marks of the logs; one that cannot be read is one that is not there."""
    read = {name: _read(Mark, text) for name, text in marks.items() if "/" in name}
    return {name: mark for name, mark in read.items() if mark is not None}


def _read(kind: type[T], text: str) -> T | None:
    try:
        return kind.of(text)
    except ValueError:
        return None
