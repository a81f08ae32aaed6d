"""Planned: was the node shut down, restarted, drained or the role moved by hand before?"""

from datetime import datetime, timedelta

from verdict.case import Case
from verdict.failover import Loss
from verdict.fit import Fit
from verdict.sign import Kind, Sign
from verdict.verdict import Cause, Confidence, Rival
from verdict.words import clock_time

ASKED_AHEAD = timedelta(minutes=15)
"""A shutdown asked for (User32 1074) takes at most about this long to take the node away."""

GOING_AHEAD = timedelta(minutes=5)
"""A shutdown that has begun (13, 6006, 1063) takes the node away within this time."""

FORCED = timedelta(seconds=60)
"""A node that lost quorum (1177, 1006) stops its services within this time by itself."""

ON_NODE: dict[Kind, timedelta] = {
    Kind.SHUTDOWN_ASKED: ASKED_AHEAD,
    Kind.DRAINED: ASKED_AHEAD,
    Kind.SHUTDOWN: GOING_AHEAD,
    Kind.SERVICE_STOPPED: GOING_AHEAD,
    Kind.POWERED_OFF: GOING_AHEAD,
}
"""Signs about the lost node or its VM, and how long before the failover they may lie."""

ON_ROLE: dict[Kind, timedelta] = {
    Kind.MOVE_ASKED: timedelta(minutes=2),
    Kind.DRAINED: ASKED_AHEAD,
}
"""Signs that a role was moved by hand, where no node was removed."""

ORDERLY = frozenset({Kind.LEASE_RELEASED, Kind.ROLE_FAILING_BACK, Kind.ROLE_OFFLINE})
"""Signs that a role went in good order: on its own, nothing having failed before."""

ORDERLY_WITHIN = timedelta(minutes=2)
"""An orderly move begins and ends this close to the moment at which it was noticed."""

FAILED = frozenset({Kind.ROLE_FAILING_OVER, Kind.LEASE_EXPIRED, Kind.HEALTH_LOST, Kind.NODE_REMOVED,
                    Kind.HEALTH_FAILED, Kind.QUORUM_LOST, Kind.RESOURCE_FAILED})  # fmt: skip
"""What an orderly move never leaves behind."""

HAND = frozenset({Kind.MOVE_ASKED, Kind.DRAINED, Kind.SHUTDOWN_ASKED, Kind.POWERED_OFF})
"""Signs that somebody asked; the others only say that it happened in good order."""


def planned(case: Case, fits: tuple[Fit, ...]) -> Rival | None:
    """Find the request that came before the silence, if there was one."""
    begun = _silence_began(case, fits)
    signs = [s for s in case.failover.signs if _asked(case, s, begun)]
    if not signs:
        return None
    first = min(signs, key=lambda s: (s.kind not in HAND, s.at))
    told = sorted({first, *(s for s in signs if s.at >= first.at)}, key=lambda s: s.at)
    reasons = tuple(dict.fromkeys(_sentence(sign) for sign in told[:3]))
    return Rival(Cause.PLANNED, Confidence.CONFIRMED, reasons, first.at, excludes_stun=True)


def _silence_began(case: Case, fits: tuple[Fit, ...]) -> datetime:
    """When it was too late to ask: the start of a stun that fits, else the failover itself."""
    slack = case.failover.uncertainty
    return fits[0].silence.start if fits else case.failover.at + slack


def _asked(case: Case, sign: Sign, begun: datetime) -> bool:
    if case.failover.loss is not Loss.NODE and sign.kind in ORDERLY:
        return _in_good_order(case, sign)
    if sign.at > begun:
        return False
    if sign.kind in ON_NODE and _of_lost(case, sign):
        early = case.failover.at - sign.at <= ON_NODE[sign.kind]
        return early and not _came_back(case, sign) and not _forced(case, sign)
    if case.failover.loss is Loss.NODE or sign.kind not in ON_ROLE:
        return False
    return case.failover.at - sign.at <= ON_ROLE[sign.kind]


def _of_lost(case: Case, sign: Sign) -> bool:
    """Whether a sign is about a node that may have been lost, or about its VM."""
    names = {n.name for n in case.nodes} | case.vms
    return (sign.node or sign.subject) in names


def _came_back(case: Case, sign: Sign) -> bool:
    """Whether the node was up again between the request and the failover."""
    return any(
        back.kind in (Kind.BOOTED, Kind.NODE_JOINED)
        and back.node in (sign.node, *case.failover.suspects)
        and sign.at < back.at < case.silent_from
        for back in case.evidence.signs
    )


def _forced(case: Case, sign: Sign) -> bool:
    """Whether a service stopped because its node had lost quorum: nobody asked for that."""
    return sign.kind is Kind.SERVICE_STOPPED and any(
        s.kind in (Kind.QUORUM_LOST, Kind.NODE_HALTED)
        and s.node == sign.node
        and abs(s.at - sign.at) <= FORCED
        for s in case.failover.signs
    )


def _in_good_order(case: Case, sign: Sign) -> bool:
    """Whether a role went down by itself in good order, nothing having failed before it."""
    near = abs(case.failover.at - sign.at) <= ORDERLY_WITHIN
    slack = case.doubt(sign)
    return near and not any(
        s.kind in FAILED and s.at <= sign.at + slack for s in case.failover.signs
    )


def _sentence(sign: Sign) -> str:
    what = {
        Kind.SHUTDOWN_ASKED: "A shutdown or restart was asked for",
        Kind.DRAINED: "The node was drained",
        Kind.SHUTDOWN: "Windows was shutting down",
        Kind.SERVICE_STOPPED: "The service was stopped on request",
        Kind.POWERED_OFF: "The VM was powered off on request",
        Kind.MOVE_ASKED: "The move was asked for",
        Kind.LEASE_RELEASED: "The lease was given up in good order",
        Kind.ROLE_FAILING_BACK: "The role was failed back by policy",
        Kind.ROLE_OFFLINE: "The role was taken offline in good order",
    }[sign.kind]
    detail = f": {sign.detail}" if sign.detail else ""
    return f"{what} at {clock_time(sign.at)} ({sign.text}{detail})."
