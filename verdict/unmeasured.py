"""Fits that nobody measured: a silence inside a snapshot's creation or removal, or a job's run."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from verdict.case import Case
from verdict.facts import Operation, Pause, Phase, Stun
from verdict.failover import Loss
from verdict.fit import ALLOWANCE, AWAKE
from verdict.verdict import Cause, Confidence, Rival
from verdict.words import clock_time, seconds


@dataclass(frozen=True, slots=True)
class Loose:
    """Work on the lost node's VM that was under way when it fell silent."""

    work: Operation
    whole: bool
    """True where the silence has room in it; False where they only touch."""
    pause: Pause | None = None
    """A guest-side measure of the standstill, where there is one."""

    def sentence(self, case: Case) -> str:
        """Say what fits with what."""
        end = clock_time(self.work.end) if self.work.end else "still running"
        node, doing = case.node_of(self.work.vm), WORK[self.work.phase]
        lies = "inside" if self.whole else "at the edge of"
        text = (
            f"{node} fell silent {lies} the {doing} "
            f"({clock_time(self.work.start)} to {end}, by {SOURCES[self.work.source]})"
        )
        return f"{text}; in the guest, {self.pause.how}." if self.pause else f"{text}."


WORK = {
    Phase.CREATE: "creation of its snapshot",
    Phase.REMOVE: "removal of its snapshot",
    Phase.MIGRATION: "migration of its VM",
}
SOURCES = {"vcenter": "vCenter's task", "veeam": "the step in Veeam's log"}


def needed(case: Case) -> timedelta:
    """The shortest silence that explains the failover."""
    if case.failover.loss in (Loss.LEASE, Loss.ROLE) and case.limits.lease:
        return case.limits.lease
    if case.failover.loss is Loss.HEALTH:
        return min(case.limits.health, case.limits.lease or case.limits.health)
    tolerance = case.limits.tolerance
    return tolerance.length - tolerance.delay


def loose_fit(case: Case, phases: tuple[Phase, ...]) -> Loose | None:
    """Find the work in which the silence lies best, if there is any."""
    best: tuple[timedelta, Operation] | None = None
    for op in case.evidence.operations:
        shared = _shared(case, op) if op.vm in case.vms and op.phase in phases else timedelta(0)
        if shared > timedelta(0) and (best is None or shared > best[0]):
            best = (shared, op)
    if best is None:
        return None
    shared, work = best
    whole = shared >= needed(case) - case.doubt(work) - ALLOWANCE
    return Loose(work, whole, pause_at(case, case.node_of(work.vm)))


def _shared(case: Case, op: Operation) -> timedelta:
    """How much of the silence that led to the failover the work has room for."""
    first, last = silence_window(case)
    end = min(op.end, last) if op.end else last
    return end - max(op.start, first)


def silence_window(case: Case) -> tuple[datetime, datetime]:
    """When the silence was: up to the declared loss; a lost lease shows only when awake again."""
    if case.failover.loss is Loss.NODE:
        return case.silent_from, case.declared
    return case.failover.at - needed(case) - AWAKE, case.failover.at


def pause_at(case: Case, node: str) -> Pause | None:
    """Find the longest guest-side pause of a node that is long enough and came when it had to."""
    fitting = [
        p for p in case.evidence.pauses
        if p.node == node and p.length >= needed(case) - ALLOWANCE and _in_time(case, p)
    ]  # fmt: skip
    return max(fitting, key=lambda p: p.length, default=None)


def _in_time(case: Case, pause: Pause) -> bool:
    """Whether a pause could have begun a tolerance before the loss, or ended just before it.

    All that is known is that the node stood still for `length` somewhere in the interval: hours
    (a clone, a resumed VM) do not explain a removal that would have come after 10 s.
    """
    slack = case.failover.uncertainty + pause.clock.uncertainty + ALLOWANCE
    if case.failover.loss is Loss.NODE:
        tolerance = case.limits.tolerance
        first = pause.start + tolerance.length - tolerance.delay - slack
        return first <= case.declared <= pause.end - pause.length + tolerance.length + slack
    return pause.start + pause.length - slack <= case.failover.at <= pause.end + AWAKE + slack


def stunned_witness(case: Case) -> Stun | None:
    """Find a long stun, at that moment, of the only node that says another was removed.

    A node that was silent itself finds the others gone when it runs again.
    """
    witnesses = {s.node for s in case.failover.reports} - {None}
    if len(witnesses) != 1:
        return None
    vm = case.vm_of(witnesses.pop())
    return next(
        (
            s for s in case.evidence.stuns
            if s.vm == vm and s.duration >= needed(case) and case.near(s)
            and s.end >= case.silent_from
        ),
        None,
    )  # fmt: skip


def migration_rival(case: Case) -> Rival | None:
    """A migration of the VM at that moment whose stun nobody measured."""
    loose = loose_fit(case, (Phase.MIGRATION,))
    if loose is None:
        return None
    confidence = Confidence.LIKELY if loose.whole else Confidence.POSSIBLE
    return Rival(Cause.MIGRATION_STUN, confidence, (loose.sentence(case),), loose.work.start)


def measured_pause(pause: Pause) -> str:
    """Say a guest-side pause on its own."""
    return f"In the guest of {pause.node}, {pause.how}: it stood still for {seconds(pause.length)}."
