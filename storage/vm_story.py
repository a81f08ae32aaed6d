"""The story of a VM, as `vm NAME` tells it: stuns, nights, phases, near misses, backups."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from storage.backups import last_backups
from storage.snapshot_tasks import tasks_of
from storage.stuns import stun_of
from storage.times import EPOCH, duration, length, micros
from storage.vms import Vm
from verdict.facts import Backup, Operation, Phase, Stun

if TYPE_CHECKING:
    from storage.store import Store

SPAN = timedelta(days=30)
"""How far back the story goes."""

NOON = timedelta(hours=12)
DAY = timedelta(days=1)

LAST = 10
"""Stuns that are told one by one."""

RECENT = timedelta(days=2)
"""How far back single snapshot tasks are told."""

_LAST = """
SELECT start, us, phase, clock, ahead, snapshot FROM stuns
WHERE vm = ? AND start <= ? ORDER BY stamped DESC LIMIT ?
"""

_NIGHTS = """
SELECT (start - ?1) / ?2, max(us), count(*) FROM stuns
WHERE vm = ?3 AND start BETWEEN ?4 AND ?5 GROUP BY 1 ORDER BY 1
"""

_PHASES = """
SELECT phase, count(*) FROM stuns WHERE vm = ? AND start BETWEEN ? AND ?
GROUP BY phase ORDER BY count(*) DESC, phase
"""

_NEAR_MISSES = """
SELECT start, us, phase, clock, ahead, snapshot FROM stuns s
WHERE vm = ?1 AND start BETWEEN ?2 AND ?3 AND us * 2 > ?4 AND NOT EXISTS (
    SELECT 1 FROM nodes n JOIN failovers f ON f.cluster = n.cluster
    WHERE n.vm = ?1 AND (f.lost IS NULL OR f.lost = n.node)
        AND f.at BETWEEN s.start - 2000000 AND s.start + s.us + 60000000)
ORDER BY start
"""
"""The same allowances as in the view `near_misses` (storage/views.py)."""


@dataclass(frozen=True, slots=True)
class Night:
    """From noon to noon, so that a night of backups is one; `evening` is the day it began."""

    evening: date
    longest: timedelta
    stuns: int


@dataclass(frozen=True, slots=True)
class VmStory:
    """What is stored about a VM up to a moment; all but `last` and `backups` since `since`."""

    vm: Vm
    since: datetime
    last: tuple[Stun, ...]
    """The newest first."""
    nights: tuple[Night, ...]
    """Those with a stun, in order."""
    phases: Mapping[Phase, int]
    """How many stuns of each phase, the most frequent first."""
    near_misses: tuple[Stun, ...]
    tasks: tuple[Operation, ...]
    """Snapshot work and migrations of the last two days."""
    backups: tuple[Backup, ...]
    """The newest first, with their steps."""


def vm_story(
    store: "Store",
    vm: Vm,
    now: datetime,
    tolerance: timedelta,
    utc_offset: timedelta = timedelta(0),
) -> VmStory:
    """Tell the story of a VM up to `now`, its stuns measured against a tolerance.

    Nights run from noon to noon at `utc_offset`. Raises UserError.
    """
    since = now - SPAN
    span = micros(since), micros(now)
    with store.reading() as db:
        last = db.execute(_LAST, [vm.id, span[1], LAST]).fetchall()
        noon = length(NOON - utc_offset)
        nights = db.execute(_NIGHTS, [noon, length(DAY), vm.id, *span]).fetchall()
        phases = db.execute(_PHASES, [vm.id, *span]).fetchall()
        misses = db.execute(_NEAR_MISSES, [vm.id, *span, length(tolerance)]).fetchall()
        return VmStory(
            vm=vm,
            since=since,
            last=tuple(stun_of(vm.name, row) for row in last),
            nights=tuple(
                Night((EPOCH + day * DAY).date(), duration(us), count) for day, us, count in nights
            ),
            phases={Phase(phase): count for phase, count in phases},
            near_misses=tuple(stun_of(vm.name, row) for row in misses),
            tasks=tasks_of(store, vm, now - RECENT, now),
            backups=last_backups(store, vm, now),
        )
