"""The rules by which a verdict is reached, in the order in which they decide (DESIGN 4)."""

from collections.abc import Callable
from dataclasses import dataclass

from verdict.brief import Brief
from verdict.coverage import TASKS_BACK, events_cover, tasks_cover
from verdict.facts import Phase
from verdict.failover import Loss
from verdict.fit import Fit
from verdict.proof import (
    after_crash,
    against_the_log,
    longest_stun,
    rivals_named,
    shortness,
    stunned,
)
from verdict.quiesce import freeze_sentence, quiesce
from verdict.unmeasured import needed
from verdict.verdict import Blame, Cause, Confidence, Mechanism, Rival
from verdict.words import clock_time, listing, span

CAUSE_OF = {
    Phase.REMOVE: Cause.SNAPSHOT_REMOVE_STUN,
    Phase.CREATE: Cause.SNAPSHOT_CREATE_STUN,
    Phase.UNKNOWN: Cause.SNAPSHOT_STUN,
    Phase.MIGRATION: Cause.MIGRATION_STUN,
    Phase.OTHER: Cause.UNKNOWN,
}
ORDER = (Phase.REMOVE, Phase.CREATE, Phase.UNKNOWN, Phase.MIGRATION, Phase.OTHER)
"""Which fit leads when several pass: a snapshot's before a migration's."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one rule says. A cause of `unknown` leaves the second axis to the rivals."""

    backup: Blame
    cause: Cause
    confidence: Confidence
    reasons: tuple[str, ...]
    fit: Fit | None = None
    mechanism: Mechanism | None = None


def nothing_logged(brief: Brief) -> Opinion | None:
    """0. Somebody asked about a moment at which the nodes' own logs hold no failover."""
    case = brief.case
    if case.failover.loss is not Loss.ASKED or not events_cover(case):
        return None
    sentence = (
        f"The event logs of {listing([node.name for node in case.nodes])} cover "
        f"{clock_time(case.failover.at)} and hold no failover of that time."
    )
    return Opinion(Blame.UNKNOWN, Cause.UNKNOWN, Confidence.UNKNOWN, (sentence,))


def planned_first(brief: Brief) -> Opinion | None:
    """1. What was asked for needs no other explanation."""
    request = brief.planned
    if request is None:
        return None
    return Opinion(Blame.CLEARED, Cause.PLANNED, Confidence.CONFIRMED, request.reasons)


def measured(brief: Brief) -> Opinion | None:
    """2. A measured stun of the lost node passes the physics."""
    if not brief.fits:
        return None
    fit = min(brief.fits, key=lambda fit: ORDER.index(fit.stun.phase))
    snapshot = fit.stun.phase in (Phase.REMOVE, Phase.CREATE, Phase.UNKNOWN)
    unexplained = fit.stun.phase is Phase.UNKNOWN and _no_snapshot_known(brief)
    confidence = _confidence(brief, fit)
    reasons = (stunned(brief.case, fit), *after_crash(brief, fit), *rivals_named(brief))
    if brief.case.failover.loss is Loss.ASKED and snapshot:
        reasons += ("No log of a node was read: that the cluster failed over is only said.",)
        blame, confidence = Blame.SUSPECTED, Confidence.LIKELY
    elif unexplained:
        reasons += ("vCenter's tasks are complete and show no snapshot work at that moment.",)
        blame, confidence = Blame.SUSPECTED, Confidence.POSSIBLE
    else:
        blame = Blame.CAUSED if snapshot else Blame.CLEARED
    return Opinion(blame, CAUSE_OF[fit.stun.phase], confidence, reasons, fit, fit.mechanism)


def _confidence(brief: Brief, fit: Fit) -> Confidence:
    """Confirmed, unless a rival stands beside it or a figure had to be assumed."""
    limits = brief.case.limits
    assumed = not limits.tolerance.known and fit.mechanism is Mechanism.HEARTBEAT
    rival = any(r.confidence.rank >= Confidence.LIKELY.rank for r in brief.rivals)
    return Confidence.LIKELY if assumed or rival or not fit.exact else Confidence.CONFIRMED


def _no_snapshot_known(brief: Brief) -> bool:
    """Whether vCenter, read completely, shows no snapshot work where the stun was."""
    return tasks_cover(brief.case) and not brief.case.snapshot_work


def excluded(brief: Brief) -> Opinion | None:
    """6. A confirmed cause that leaves no room for a stun clears the backup."""
    for rival in brief.rivals:
        if rival.excludes_stun and rival.confidence is Confidence.CONFIRMED:
            return Opinion(Blame.CLEARED, rival.cause, rival.confidence, rival.reasons)
    return None


def frozen(brief: Brief) -> Opinion | None:
    """7. A VSS freeze that fits: the backup froze the databases."""
    freeze = quiesce(brief.case)
    removing = brief.loose and brief.loose.whole and brief.loose.work.phase is Phase.REMOVE
    if freeze is None or removing or _confirmed(brief):
        return None
    reasons = (freeze_sentence(brief.case, freeze), *shortness(brief))
    return Opinion(Blame.SUSPECTED, Cause.QUIESCE, Confidence.LIKELY, reasons)


def covered(brief: Brief) -> Opinion | None:
    """5. vmware.log covers the moment: too short a stun clears, one in between does not."""
    if not brief.log_trusted:
        return None
    if against := against_the_log(brief):
        return Opinion(Blame.UNKNOWN, Cause.UNKNOWN, Confidence.UNKNOWN, (against,))
    longest = brief.nearest
    if longest is None or longest.duration < brief.case.limits.shortest / 2:
        return Opinion(Blame.CLEARED, Cause.UNKNOWN, Confidence.UNKNOWN, shortness(brief))
    if longest.duration < needed(brief.case):
        why = "too short by itself, too long to clear the backup"
    else:
        why = "long enough, but not at the right moment"
    sentence = f"{longest_stun(brief.case, longest)}: {why}."
    return Opinion(Blame.UNKNOWN, Cause.UNKNOWN, Confidence.UNKNOWN, (sentence,))


def no_snapshot(brief: Brief) -> Opinion | None:
    """5, the other way: vCenter's tasks are complete and touch no node's VM."""
    case = brief.case
    start = case.failover.at - TASKS_BACK
    snapshots = [
        op for op in case.evidence.operations
        if op.phase in (Phase.CREATE, Phase.REMOVE)
        and op.start <= case.failover.at + case.doubt(op)
        and (op.end is None or op.end >= start - case.doubt(op))
    ]  # fmt: skip
    nodes = case.evidence.cluster.nodes
    proven = bool(nodes) and all(node.vm_proven for node in nodes)
    ours = [op for op in snapshots if op.vm in {node.vm for node in nodes}]
    if (
        against_the_log(brief)
        or not tasks_cover(case)
        or ours
        or (snapshots and not proven)
        or brief.shift
        or _long(brief)
    ):
        return None
    sentence = (
        f"vCenter's tasks of the {span(TASKS_BACK)} before {clock_time(case.failover.at)} are "
        f"complete: no snapshot of any node's VM was created or removed."
    )
    return Opinion(Blame.CLEARED, Cause.UNKNOWN, Confidence.UNKNOWN, (sentence,))


def _long(brief: Brief) -> bool:
    """Whether a snapshot stun was measured near the moment that is too long to pass over."""
    stun = brief.nearest
    half = brief.case.limits.shortest / 2
    return stun is not None and stun.duration >= half and stun.phase is not Phase.MIGRATION


def inside_work(brief: Brief) -> Opinion | None:
    """3. The silence lies in a snapshot's removal or creation, and no rival is confirmed."""
    loose = brief.loose
    if loose is None or not loose.whole or _confirmed(brief):
        return None
    cause = CAUSE_OF[loose.work.phase]
    backup = Blame.CAUSED if loose.pause else Blame.SUSPECTED
    reasons = (loose.sentence(brief.case), *rivals_named(brief))
    return Opinion(backup, cause, Confidence.LIKELY, reasons)


def _confirmed(brief: Brief) -> Rival | None:
    return next((r for r in brief.rivals if r.confidence is Confidence.CONFIRMED), None)


def overlapping(brief: Brief) -> Opinion | None:
    """4. Only a backup session overlaps."""
    if brief.log_trusted:
        return None
    if brief.loose:
        cause, sentence = CAUSE_OF[brief.loose.work.phase], brief.loose.sentence(brief.case)
    elif brief.job:
        cause, job = Cause.SNAPSHOT_STUN, brief.job
        end = f"to {clock_time(job.end)}" if job.end else "and still running"
        sentence = (
            f'{job.product} job "{job.job}" was backing up {job.vm} at the time '
            f"({clock_time(job.start)} {end}); nothing ties its snapshot to the moment."
        )
    else:
        return None
    return Opinion(Blame.SUSPECTED, cause, Confidence.POSSIBLE, (sentence,))


def not_enough(_brief: Brief) -> Opinion:
    """9. Otherwise nobody can tell; the gaps say what is missing."""
    sentence = "Nothing that was read ties a backup to this failover or clears one."
    return Opinion(Blame.UNKNOWN, Cause.UNKNOWN, Confidence.UNKNOWN, (sentence,))


RULES: tuple[Callable[[Brief], Opinion | None], ...] = (
    nothing_logged,
    planned_first,
    measured,
    excluded,
    frozen,
    covered,
    no_snapshot,
    inside_work,
    overlapping,
)
"""The first that has an opinion decides the first axis."""
