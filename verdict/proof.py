"""Proof: the sentences with their figures that a verdict stands on."""

from datetime import timedelta

from verdict.brief import Brief
from verdict.case import Case
from verdict.coverage import log_window
from verdict.facts import Phase, Stun
from verdict.fit import Fit, is_hang
from verdict.rivals import LOGGED_LATER
from verdict.tolerance import said
from verdict.unmeasured import measured_pause, pause_at, stunned_witness
from verdict.verdict import Mechanism
from verdict.words import clock_time, listing, seconds

DOING = {
    Phase.REMOVE: "while its snapshot was removed",
    Phase.CREATE: "while its snapshot was created",
    Phase.MIGRATION: "while its VM was migrated",
    Phase.OTHER: "for something other than a snapshot",
    Phase.UNKNOWN: "and its log does not say what for",
}


def stunned(case: Case, fit: Fit) -> str:
    """Give the proof in one sentence with its figures."""
    stun, silence = fit.stun, fit.silence
    node = case.node_of(stun.vm)
    several = f" ({len(silence.stuns)} stuns in a row)" if len(silence.stuns) > 1 else ""
    return (
        f"{node} was stunned {seconds(silence.length)}{several} from {clock_time(silence.start)} "
        f"{DOING[stun.phase]}; {said(case.limits.tolerance)}. {fit.sentence}"
    )


def after_crash(brief: Brief, fit: Fit) -> tuple[str, ...]:
    """Tell of a 0x9E restart: a consequence of the hang, not a rival."""
    at, node = brief.case.failover.at, brief.case.node_of(fit.stun.vm)
    hung = any(
        is_hang(s) and s.node == node and timedelta(0) <= s.at - at <= LOGGED_LATER
        for s in brief.case.evidence.signs
    )
    if hung and fit.mechanism is not Mechanism.HANG_DETECTION:
        return ("The bugcheck 0x9E that followed is NetFT's answer to the hang, not its cause.",)
    return ()


def rivals_named(brief: Brief) -> tuple[str, ...]:
    """Name the rivals that stand at the same moment."""
    return tuple(f"But: {rival.reasons[0]}" for rival in brief.rivals[:2])


def against_the_log(brief: Brief) -> str | None:
    """Say what speaks against clearing although the log covers the moment.

    A guest that stood still while its log shows no stun, or a witness that was itself stunned:
    then the log, the clocks or the witness is wrong.
    """
    case = brief.case
    pause = next((p for n in case.nodes if (p := pause_at(case, n.name))), None)
    if pause:
        return (
            f"{measured_pause(pause)} vmware.log shows no stun of that length there: the log, the "
            f"clocks or the VM is not the right one."
        )
    stun = stunned_witness(case)
    if stun:
        return (
            f"{case.node_of(stun.vm)}, which reported the removal, was itself stunned "
            f"{seconds(stun.duration)} from {clock_time(stun.start)}: its word proves nothing."
        )
    return None


def shortness(brief: Brief) -> tuple[str, ...]:
    """Say what vmware.log covers and the longest stun in it, where it covers the moment."""
    if not brief.log_trusted:
        return ()
    start, end = log_window(brief.case)
    vms = listing([node.vm for node in brief.case.nodes])
    read = f"vmware.log of {vms} covers {clock_time(start)} to {clock_time(end)}"
    if brief.nearest is None:
        return (f"{read} and holds no stun at all.",)
    return (f"{read}. {longest_stun(brief.case, brief.nearest)}.",)


def longest_stun(case: Case, stun: Stun) -> str:
    """Say the longest stun beside what it would have taken."""
    return (
        f"The longest stun of {case.node_of(stun.vm)} there was {seconds(stun.duration)} at "
        f"{clock_time(stun.start)}, of {seconds(case.limits.shortest)} that it would have taken"
    )
