"""The physics: does a measured stun explain this failover, in time and in length?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from verdict.case import REMOVAL_DELAY, Case
from verdict.facts import Stun
from verdict.failover import Loss
from verdict.sign import Kind, Sign
from verdict.silence import Silence
from verdict.tolerance import Tolerance
from verdict.verdict import Mechanism
from verdict.words import clock_time, seconds

ALLOWANCE = timedelta(milliseconds=750)
"""What the published removals scatter beyond one heartbeat, generously."""

AWAKE = timedelta(seconds=15)
"""How long after running again a node may need to log that its lease or health check is lost."""

HANG_TAKES = timedelta(seconds=120)
"""How long after running again a node may need to bugcheck with 0x9E."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A silence that passes the physics of one mechanism."""

    silence: Silence
    mechanism: Mechanism
    sentence: str
    """The prediction beside what came."""
    exact: bool = True
    """False where the moment was read from the lost node's own lagging clock, or inferred."""

    @property
    def stun(self) -> Stun:
        """The single stun that counts."""
        return self.silence.longest


def fits(case: Case) -> tuple[Fit, ...]:
    """Give every silence of the suspects' VMs that explains the failover, the best first."""
    tests = {
        Loss.NODE: (_hang, _heartbeat, _woke_removed),
        Loss.LEASE: (_lease, _health),
        Loss.HEALTH: (_health, _lease),
        Loss.ROLE: (_lease_unlogged,),
        Loss.ASKED: (_heartbeat, _lease_unlogged),
    }[case.failover.loss]
    found = []
    for silence in case.silences:
        fit = next((f for f in (test(case, silence) for test in tests) if f), None)
        if fit:
            found.append(fit)
    found += [fit for silence in case.accused if (fit := _heartbeat(case, silence))]
    return tuple(sorted(found, key=lambda fit: fit.silence.length, reverse=True))


def _heartbeat(case: Case, silence: Silence) -> Fit | None:
    """The removal was due between start + tolerance - delay and start + tolerance."""
    if case.failover.by_victim:
        return None
    came, doubt = case.failover.moment(case.node_of(silence.longest.vm))
    for tolerance in case.limits.tolerances:
        early, late = _due(silence, tolerance)
        give = doubt + silence.longest.clock.uncertainty + ALLOWANCE
        if _long_enough(silence, tolerance) and early - give <= came <= late + give:
            sentence = (
                f"The removal was due between {clock_time(early)} and {clock_time(late)} "
                f"and came at {clock_time(came)}."
            )
            exact = case.failover.loss is Loss.NODE
            return Fit(silence, Mechanism.HEARTBEAT, sentence, exact)
    return None


def _due(silence: Silence, tolerance: Tolerance) -> tuple[datetime, datetime]:
    """When event 1135 is due after a silence began."""
    latest = silence.start + tolerance.length + REMOVAL_DELAY
    return latest - tolerance.delay, latest


def _long_enough(silence: Silence, tolerance: Tolerance) -> bool:
    return silence.length >= tolerance.length - tolerance.delay


def _woke_removed(case: Case, silence: Silence) -> Fit | None:
    """Only the lost node's log is there: it found itself removed when it ran again."""
    give = case.slack(silence.longest) + ALLOWANCE
    first, last = silence.start - give, silence.end + AWAKE + give
    fitting = first <= case.failover.at <= last
    if not (case.failover.by_victim and fitting and _long_enough(silence, case.limits.tolerance)):
        return None
    sentence = (
        f"It ran again at {clock_time(silence.end)} and logged its loss at "
        f"{clock_time(case.failover.at)} by its own clock, which lags after a stun."
    )
    return Fit(silence, Mechanism.HEARTBEAT, sentence, exact=False)


def _lease(case: Case, silence: Silence) -> Fit | None:
    """The lease breaks at half of LeaseTimeout and is noticed when the VM runs again."""
    limit, sign = case.limits.lease, _own_sign(case, silence, Kind.LEASE_EXPIRED)
    if limit is None or sign is None or silence.length < limit:
        return None
    node = case.node_of(silence.longest.vm)
    sentence = (
        f"The lease breaks after {seconds(limit)} without renewal; {node} ran again at "
        f"{clock_time(silence.end)} and logged the expiry ({sign.text}) at {clock_time(sign.at)}."
    )
    return Fit(silence, Mechanism.LEASE, sentence)


def _health(case: Case, silence: Silence) -> Fit | None:
    """HealthCheckTimeout passed without an answer."""
    sign = _own_sign(case, silence, Kind.HEALTH_LOST, Kind.HEALTH_FAILED)
    if sign is None or silence.length < case.limits.health:
        return None
    sentence = (
        f"The health check waits {seconds(case.limits.health)}; it failed ({sign.text}) at "
        f"{clock_time(sign.at)}, when {case.node_of(silence.longest.vm)} ran again."
    )
    return Fit(silence, Mechanism.HEALTH_CHECK, sentence)


def _lease_unlogged(case: Case, silence: Silence) -> Fit | None:
    """A role moved just when a VM ran again whose stun was long enough for the lease."""
    limit = case.limits.lease
    if limit is None or silence.length < limit or not _woke_at(case, silence, case.failover.at):
        return None
    sentence = (
        f"The lease breaks after {seconds(limit)} without renewal; the role moved at "
        f"{clock_time(case.failover.at)}, when the VM ran again at {clock_time(silence.end)}. "
        f"Events 19407 and 19419 of that moment are not in the logs."
    )
    return Fit(silence, Mechanism.LEASE, sentence, exact=False)


def _hang(case: Case, silence: Silence) -> Fit | None:
    """ClusSvcHangTimeout passed first: NetFT bugchecked the node with 0x9E when it ran again."""
    crash = next(
        (s for s in case.failover.signs if is_hang(s) and s.node in case.failover.suspects), None
    )
    early, late = _due(silence, case.limits.tolerance)
    removed_by_silence = early - ALLOWANCE <= case.failover.at and silence.end >= case.declared
    if crash is None or silence.length < case.limits.hang or removed_by_silence:
        return None
    give = case.slack(silence.longest) + ALLOWANCE
    if not silence.end - give <= case.failover.at <= late + HANG_TAKES + give:
        return None
    sentence = (
        f"The cluster service may hang {seconds(case.limits.hang)}; NetFT stopped the node with "
        f"bugcheck 0x9E ({crash.text}) after it ran again at {clock_time(silence.end)}."
    )
    return Fit(silence, Mechanism.HANG_DETECTION, sentence)


def is_hang(sign: Sign) -> bool:
    """Whether a sign is NetFT's own bugcheck: a consequence of a hang, never a rival."""
    return sign.kind is Kind.BUGCHECKED and (sign.detail or "").lower() == "0x9e"


def _own_sign(case: Case, silence: Silence, *kinds: Kind) -> Sign | None:
    """Find what the stunned node itself logged when it ran again."""
    node = case.node_of(silence.longest.vm)
    return next(
        (
            sign for kind in kinds for sign in case.failover.signs
            if sign.kind is kind and sign.node == node and _woke_at(case, silence, sign.at)
        ),
        None,
    )  # fmt: skip


def _woke_at(case: Case, silence: Silence, moment: datetime) -> bool:
    """Whether a moment is when the VM ran again; its own clock may lag by the whole stun."""
    give = case.slack(silence.longest) + ALLOWANCE
    return silence.start - give <= moment <= silence.end + AWAKE + give
