"""The hint of a constant clock shift: a stun that would fit perfectly but for its clock."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from verdict.case import REMOVAL_DELAY, Case
from verdict.clock import MEASURED, UNMEASURED
from verdict.facts import Operation, Stun
from verdict.failover import Loss
from verdict.fit import ALLOWANCE
from verdict.silence import Silence
from verdict.unmeasured import needed
from verdict.words import clock_time, seconds, span

QUARTER = timedelta(minutes=15)
"""Time zones lie whole quarters of an hour apart."""

NEAR = timedelta(minutes=1)
"""Clocks that nobody measured are often this far off, whatever they should be."""

FARTHEST = timedelta(hours=14)
"""The largest offset from UTC of any time zone."""


@dataclass(frozen=True, slots=True)
class Shift:
    """By how much a clock would have to be wrong for a stun to fit. Never a proof."""

    stun: Stun
    by: timedelta
    """Positive: the host's clock would run behind."""

    @property
    def sentence(self) -> str:
        """Say the hint, and how to settle it."""
        side = "behind" if self.by > timedelta(0) else "ahead"
        return (
            f"A stun of {seconds(self.stun.duration)} is stamped {clock_time(self.stun.start)}: it "
            f"would fit exactly if the clock of {self.stun.clock.name} ran {span(self.by)} {side}. "
            f"That clock was not measured, so this is a hint and no proof."
        )


def clock_shift(case: Case, explained: Collection[Stun]) -> Shift | None:
    """Find a stun long enough that misses by whole quarters of an hour.

    One that outlasted the whole tolerance and is stamped minutes away counts too: it cannot have
    left the cluster undisturbed, and this is the disturbance there is. So does one that misses by
    less than a minute.

    `explained` are stuns that explain other failovers. None where the clocks were measured, or
    where nothing was removed or lost that a stun could be fitted to.
    """
    if case.failover.loss is Loss.ASKED:
        return None
    shifts = [s for silence in case.silences if (s := _shift(case, silence, explained))]
    return min(shifts, key=lambda shift: abs(shift.by), default=None)


def _shift(case: Case, silence: Silence, explained: Collection[Stun]) -> Shift | None:
    stun = silence.longest
    measured = stun.clock.measured and case.failover.uncertainty <= MEASURED
    by = case.failover.at - _due(case, silence)
    vouched = case.failover.uncertainty <= MEASURED and _witnessed(case, stun, by)
    if measured or stun in explained or silence.length < needed(case) or vouched:
        return None
    off = abs(by) % QUARTER
    give = case.slack(stun) + ALLOWANCE + case.limits.tolerance.delay
    whole = min(off, QUARTER - off) <= give and abs(by) <= FARTHEST + give
    must_have_shown = silence.length >= case.limits.tolerance.length and abs(by) <= QUARTER
    return Shift(stun, by) if whole or must_have_shown or abs(by) <= NEAR else None


def _witnessed(case: Case, stun: Stun, by: timedelta) -> bool:
    """Whether a task or a job's step, by another clock, puts such work where the stun is stamped.

    Then the host's clock agrees with that one, and no shift is to be suspected; unless the work
    went on so long that it holds the shifted stun as well.
    """
    return any(
        op.vm == stun.vm
        and op.phase is stun.phase
        and _holds(op, stun, timedelta(0))
        and not _holds(op, stun, by)
        for op in case.evidence.operations
    )


def _holds(op: Operation, stun: Stun, by: timedelta) -> bool:
    early = op.start - UNMEASURED <= stun.end + by
    return early and (op.end is None or stun.start + by <= op.end + UNMEASURED)


def _due(case: Case, silence: Silence) -> datetime:
    """When the failover should have come: after the tolerance, or when the VM ran again."""
    if case.failover.loss is Loss.NODE:
        tolerance = case.limits.tolerance
        return silence.start + tolerance.length - tolerance.delay / 2 + REMOVAL_DELAY
    return silence.end
