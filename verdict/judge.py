"""The judge: from evidence to verdicts, one for each failover."""

from verdict.advice import advise
from verdict.brief import Brief
from verdict.case import Case
from verdict.coverage import log_gap
from verdict.evidence import Evidence
from verdict.facts import Gap
from verdict.failover import Loss, failovers
from verdict.fit import Fit, fits
from verdict.odds import odds
from verdict.rules import RULES, Opinion, not_enough
from verdict.timeline import timeline
from verdict.unmeasured import measured_pause, pause_at
from verdict.verdict import Cause, Confidence, Rival, Verdict
from verdict.words import clock_time, listing


def judge(evidence: Evidence) -> tuple[Verdict, ...]:
    """Judge every failover in the evidence, or the one that was asked about.

    An empty answer means that the logs hold no failover and nobody named a moment.
    """
    found = failovers(evidence)
    cases = [Case.of(evidence, failover) for failover in found]
    passed = [fits(case) for case in cases]
    stuns = [fit.stun for each in passed for fit in each]
    likelihood = odds(evidence, found)
    return tuple(
        _verdict(Brief(case, each, stuns), likelihood)
        for case, each in zip(cases, passed, strict=True)
    )


def _verdict(brief: Brief, likelihood: str | None) -> Verdict:
    """Put one verdict together: the rule's opinion, the cause, and everything around it."""
    case = brief.case
    opinion = next((o for rule in RULES if (o := rule(brief))), None) or not_enough(brief)
    cause, confidence = _cause(brief, opinion)
    stun = opinion.fit.stun if opinion.fit else brief.nearest
    return Verdict(
        cluster=case.evidence.cluster.name,
        at=case.failover.at,
        lost_node=case.failover.lost,
        backup=opinion.backup,
        cause=cause,
        confidence=confidence,
        mechanism=opinion.mechanism,
        stun=stun,
        tolerance=case.limits.tolerance.length,
        tolerance_known=case.limits.tolerance.known,
        limit=case.limits.of(opinion.mechanism),
        job=brief.job,
        reasons=(*opinion.reasons, *_further(brief, opinion, cause)),
        rivals=_others(brief, cause),
        missing=_missing(brief),
        advice=advise(brief, opinion, cause),
        timeline=timeline(brief, opinion),
        odds=likelihood,
    )


def _cause(brief: Brief, opinion: Opinion) -> tuple[Cause, Confidence]:
    """The rule's own cause, unless it has none or a rival is surer."""
    best = brief.rivals[0] if brief.rivals else None
    own = opinion.confidence.rank if opinion.cause is not Cause.UNKNOWN else -1
    if opinion.fit is None and best and best.confidence.rank > own:
        return best.cause, best.confidence
    if opinion.fit and opinion.cause is Cause.UNKNOWN:
        return Cause.UNKNOWN, Confidence.UNKNOWN
    return opinion.cause, opinion.confidence


def _further(brief: Brief, opinion: Opinion, cause: Cause) -> list[str]:
    """Add what else a person should know: who was lost, the cause named, hints, doubts."""
    case, more = brief.case, []
    rival = next((r for r in brief.rivals if r.cause is cause and cause is not opinion.cause), None)
    if rival:
        more += list(rival.reasons)
    if reporters := sorted({s.node for s in case.failover.reports if s.node}):
        when = clock_time(case.failover.at)
        more.append(f"{listing(reporters)} removed {case.failover.lost} at {when} (event 1135).")
    if case.failover.loss is Loss.NODE and case.failover.lost is None:
        more.append(f"{listing(case.failover.suspects)} accuse each other; none is marked as lost.")
    if brief.job is None and brief.asker:
        more.append(f"{brief.asker.title} was asked for by {brief.asker.by}.")
    if opinion.fit and _stamped_asleep(brief, opinion.fit):
        node = case.node_of(opinion.fit.stun.vm)
        more.append(f"{node} stamped what it logged of this by its own clock, which lagged.")
    if brief.shift:
        more.append(brief.shift.sentence)
    pause = next((p for node in case.nodes if (p := pause_at(case, node.name))), None)
    if pause and opinion.fit is None and not (brief.loose and brief.loose.pause):
        more.append(measured_pause(pause))
    return more


def _stamped_asleep(brief: Brief, fit: Fit) -> bool:
    """Whether the stunned node's records claim to be from while it did not run."""
    node, slack = brief.case.node_of(fit.stun.vm), brief.case.slack(fit.stun)
    first, last = fit.silence.start - slack, fit.silence.end - slack
    return any(s.node == node and first <= s.at <= last for s in brief.case.failover.signs)


def _others(brief: Brief, cause: Cause) -> tuple[Rival, ...]:
    """The rivals that were considered and are not the cause itself."""
    return tuple(rival for rival in brief.rivals if rival.cause is not cause)


def _missing(brief: Brief) -> tuple[Gap, ...]:
    """What could not be had, with what a log that was read leaves open.

    The vmware.log of a node that was not lost would say nothing about this failover.
    """
    short = [gap for node in brief.case.nodes if (gap := log_gap(brief.case, node.vm))]
    values = [] if brief.case.limits.tolerance.known else [NO_VALUES]
    others = {node.vm for node in brief.case.evidence.cluster.nodes} - brief.case.vms
    gaps = [
        gap for gap in brief.case.evidence.gaps
        if not (gap.source == "vmware.log" and gap.subject in others)
    ]  # fmt: skip
    return tuple(dict.fromkeys([*short, *gaps, *values]))


NO_VALUES = Gap(
    "cluster",
    "heartbeat values",
    "the delay and threshold of this cluster are not known",
    "Run `Get-Cluster | Format-List *Subnet*` on a node and put the values into cluster.json.",
)
