"""A brief: what was worked out about a case before it is judged."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from verdict.case import Case
from verdict.coverage import logs_cover
from verdict.facts import Backup, Operation, Phase, Stun
from verdict.fit import Fit
from verdict.planned import planned
from verdict.rivals import rivals
from verdict.shift import Shift, clock_shift
from verdict.unmeasured import Loose, loose_fit, migration_rival
from verdict.verdict import Rival

SNAPSHOT = (Phase.CREATE, Phase.REMOVE)


@dataclass(frozen=True)
class Brief:
    """One case with its fits, its rivals and its doubts, each worked out once."""

    case: Case
    fits: tuple[Fit, ...]
    """Measured stuns that pass the physics, the best first."""
    explained: Collection[Stun] = ()
    """Stuns that explain other failovers of the same cluster."""

    @cached_property
    def planned(self) -> Rival | None:
        """The request that came first, if there was one."""
        return planned(self.case, self.fits)

    @cached_property
    def rivals(self) -> tuple[Rival, ...]:
        """Other causes that fit, the surest first."""
        found = rivals(self.case, self.fits)
        moved = None if self.fits or self.log_trusted else migration_rival(self.case)
        both = (*found, moved) if moved else found
        return tuple(sorted(both, key=lambda rival: -rival.confidence.rank))

    @cached_property
    def shift(self) -> Shift | None:
        """The hint that a clock is wrong by a constant."""
        return None if self.fits else clock_shift(self.case, self.explained)

    @cached_property
    def log_trusted(self) -> bool:
        """Whether vmware.log covers the window and no clock speaks against it."""
        return logs_cover(self.case) and self.shift is None

    @cached_property
    def loose(self) -> Loose | None:
        """Snapshot work in which the silence lies, where no stun was measured."""
        return None if self.log_trusted else loose_fit(self.case, SNAPSHOT)

    @cached_property
    def nearest(self) -> Stun | None:
        """The longest stun near the failover, measured, whether it fits or not."""
        near = [s for silence in self.case.silences for s in silence.stuns if self.case.near(s)]
        return max(near, key=lambda stun: stun.duration, default=None)

    @cached_property
    def job(self) -> Backup | None:
        """The backup to name: the one whose steps hold the work, else one that was running."""
        running = self.case.backups
        work = self.loose.work if self.loose else None
        for backup in running:
            if work in backup.steps or (self.fits and _holds(backup, self.fits[0].stun)):
                return backup
        return running[0] if running else None

    @cached_property
    def asker(self) -> Operation | None:
        """VCenter's task for the work that did it or may have, where it says who asked."""
        stun = self.fits[0].stun if self.fits else None
        for op in self.case.evidence.operations:
            around = stun and op.vm == stun.vm and op.phase is stun.phase and _spans(op, stun)
            if op.by and (around or (self.loose and op is self.loose.work)):
                return op
        return None


def _spans(work: Operation, stun: Stun) -> bool:
    return work.start <= stun.end and (work.end is None or stun.start <= work.end)


def _holds(backup: Backup, stun: Stun) -> bool:
    ends = backup.end is None or stun.start <= backup.end
    return backup.vm == stun.vm and backup.start <= stun.end and ends
