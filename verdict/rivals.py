"""Rivals: other causes that could explain the same failover."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from verdict.case import Case
from verdict.failover import Loss
from verdict.fit import Fit, is_hang
from verdict.sign import Kind, Sign
from verdict.verdict import Cause, Confidence, Rival
from verdict.words import clock_time, listing

CONFIRMED, LIKELY, POSSIBLE = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE

SOON = timedelta(seconds=5)
"""A cause precedes its failover, give or take this and the clocks."""

TAKES_DOWN = timedelta(seconds=60)
"""How long after losing quorum (1177, 1006) a node's services go on failing."""

HALF = 2
"""The fewest nodes that a split takes out together."""

AWAKE = frozenset({Kind.QUORUM_LOST, Kind.NODE_HALTED, Kind.NODE_JOINED})
"""What a node writes that was not down when it was removed."""

SERVICES = frozenset({Kind.SERVICE_CRASHED, Kind.RESOURCE_HUNG, Kind.HEALTH_FAILED,
                      Kind.STORAGE_LOST})  # fmt: skip
"""What a removed node loses as a matter of course, its cluster disks among it."""

SYMPTOMS = frozenset({Kind.HEALTH_LOST, Kind.RESOURCE_FAILED})
"""What tells little by itself, and nothing where a node or a lease was lost first."""

LOGGED_LATER = timedelta(minutes=15)
"""Crash dumps, unclean boots and HA restarts are logged when the machine is back."""

AHEAD = timedelta(seconds=60)
"""How long before the silence a fault may lie and still be its cause."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One kind of sign, what it speaks for, and how surely, where it fits in time and place.

    `late` is how long after the failover it may be stamped; `echo` tells that a stun leaves the
    same sign behind, so that it only counts against a stun if it came before it.
    """

    kind: Kind
    cause: Cause
    confidence: Confidence
    says: str
    excludes_stun: bool = False
    echo: bool = False
    late: timedelta = SOON
    ahead: timedelta = AHEAD


SIGNATURES = (
    Signature(Kind.BUGCHECKED, Cause.GUEST_RESTART, CONFIRMED, "Windows crashed",
              excludes_stun=True, late=LOGGED_LATER),
    Signature(Kind.GUEST_CRASHED, Cause.GUEST_RESTART, CONFIRMED, "the guest crashed",
              excludes_stun=True),
    Signature(Kind.VM_RESET, Cause.GUEST_RESTART, CONFIRMED, "the VM was reset",
              excludes_stun=True),
    Signature(Kind.UNCLEAN_BOOT, Cause.GUEST_RESTART, LIKELY, "Windows restarted uncleanly",
              late=LOGGED_LATER),
    Signature(Kind.HOST_FAILED, Cause.HOST_FAILURE, CONFIRMED, "the host failed",
              excludes_stun=True, late=LOGGED_LATER),
    Signature(Kind.HOST_LOST, Cause.HOST_FAILURE, LIKELY, "vCenter lost the host",
              late=timedelta(minutes=2)),
    Signature(Kind.HOST_NETWORK, Cause.NETWORK, CONFIRMED, "the host's network failed"),
    Signature(Kind.NIC_DOWN, Cause.NETWORK, CONFIRMED, "the node's network adapter failed"),
    Signature(Kind.CLUSTER_NETWORK, Cause.NETWORK, LIKELY, "the cluster saw its network fail",
              echo=True),
    Signature(Kind.STORAGE_LOST, Cause.STORAGE, CONFIRMED, "storage was lost", echo=True),
    Signature(Kind.DISK_ERROR, Cause.STORAGE, LIKELY, "disks gave errors", echo=True),
    Signature(Kind.SLOW_IO, Cause.STORAGE, LIKELY, "I/O took many seconds", echo=True),
    Signature(Kind.STARVED, Cause.STARVATION, LIKELY, "the node was starved", echo=True,
              ahead=timedelta(minutes=3)),
    Signature(Kind.SERVICE_CRASHED, Cause.SOFTWARE, CONFIRMED, "a service failed by itself",
              echo=True),
    Signature(Kind.SOFTWARE_FAILED, Cause.SOFTWARE, CONFIRMED, "the application failed by itself"),
    Signature(Kind.RESOURCE_HUNG, Cause.SOFTWARE, LIKELY, "a cluster resource hung", echo=True,
              ahead=timedelta(minutes=6)),
    Signature(Kind.HEALTH_FAILED, Cause.SOFTWARE, LIKELY, "an internal health check failed",
              echo=True),
    Signature(Kind.HEALTH_LOST, Cause.SOFTWARE, POSSIBLE, "SQL Server stopped answering",
              echo=True),
    Signature(Kind.RESOURCE_FAILED, Cause.SOFTWARE, POSSIBLE, "a cluster resource failed",
              echo=True),
)  # fmt: skip


def rivals(case: Case, fits: tuple[Fit, ...]) -> tuple[Rival, ...]:
    """Give every rival that fits in time and place, the surest first, one for each cause."""
    found: dict[Cause, list[Rival]] = {}
    for signature in SIGNATURES:
        signs = [s for s in case.evidence.signs if _counts(case, s, signature, fits)]
        if signs:
            rival = _rival(case, signature, signs)
            found.setdefault(rival.cause, []).append(rival)
    if split := _split(case):
        found.setdefault(split.cause, []).append(split)
    merged = [_merge(same) for same in found.values()]
    return tuple(sorted(merged, key=lambda r: (-r.confidence.rank, r.at)))


def _split(case: Case) -> Rival | None:
    """Several nodes removed at once with none of them alone to blame: the network between them.

    Microsoft's triage of event 1135: two halves that name each other mean the network or the
    site link; one node named by all means that node.
    """
    crowd = len(case.failover.suspects)
    several = case.failover.loss is Loss.NODE and case.failover.lost is None
    if not several or crowd < HALF or len(case.evidence.cluster.nodes) <= HALF:
        return None
    names = listing(sorted(case.failover.suspects))
    reason = f"{names} were removed at once and none is marked as the only one lost."
    return Rival(Cause.NETWORK, LIKELY, (reason,), case.failover.at)


def _counts(case: Case, sign: Sign, signature: Signature, fits: tuple[Fit, ...]) -> bool:
    """Whether a sign fits in time and place, and is no consequence of the stun or the removal."""
    if sign.kind is not signature.kind or is_hang(sign) or _after_hang(case, sign):
        return False
    doubt = case.doubt(sign)
    first, last = _window(case, signature, fits)
    if not first - doubt <= sign.at <= last + doubt or not _in_place(case, sign):
        return False
    return not (signature.echo and _is_echo(case, sign, fits)) and not _lived_on(case, sign)


def _window(case: Case, signature: Signature, fits: tuple[Fit, ...]) -> tuple[datetime, datetime]:
    """When such a sign must lie. Against a stun that fits, just around the stun's beginning."""
    begun = fits[0].silence.start if fits else case.silent_from
    late = signature.late if not fits or signature.late > SOON else timedelta(0)
    return begun - signature.ahead, min(case.failover.at + late, case.failover.until)


def _is_echo(case: Case, sign: Sign, fits: tuple[Fit, ...]) -> bool:
    """Whether the sign only tells what the silence or the removal did to the node.

    A stun leaves slow I/O, disk resets, failed resources and unreachable networks behind, and a
    removed node loses its services: only what came before counts.
    """
    if fits:
        return sign.at >= fits[0].silence.start - case.doubt(sign)
    if sign.kind in SYMPTOMS and case.failover.loss in (Loss.NODE, Loss.LEASE):
        return True
    services = sign.node is not None and sign.kind in SERVICES
    removed = case.failover.loss is Loss.NODE and services
    own = any(
        s.kind in (Kind.QUORUM_LOST, Kind.NODE_HALTED) and s.node == sign.node
        and timedelta(0) <= sign.at - s.at <= TAKES_DOWN
        for s in case.evidence.signs
    )  # fmt: skip
    return removed and (own or sign.at >= case.failover.at)


def _after_hang(case: Case, sign: Sign) -> bool:
    """Whether an unclean boot is what NetFT's own bugcheck 0x9E left behind."""
    return sign.kind is Kind.UNCLEAN_BOOT and any(
        is_hang(s) and s.node == sign.node and abs(s.at - sign.at) <= LOGGED_LATER
        for s in case.evidence.signs
    )


def _lived_on(case: Case, sign: Sign) -> bool:
    """Whether the node was awake after its removal, so that it went down later or not at all."""
    gone = (Kind.UNCLEAN_BOOT, Kind.BUGCHECKED, Kind.HOST_FAILED, Kind.HOST_LOST)
    if sign.kind not in gone:
        return False
    own = [s for s in case.failover.signs if s.node in case.failover.suspects]
    boots = [s.at for s in own if s.kind is Kind.BOOTED and s.at > case.failover.at]
    booted = min(boots, default=case.failover.until)
    margin = SOON + case.failover.uncertainty
    return any(s.kind in AWAKE and case.failover.at - margin < s.at < booted - SOON for s in own)


def _in_place(case: Case, sign: Sign) -> bool:
    """Whether a sign is about the lost node, its VM or its host; or about nothing named."""
    if sign.node is not None and sign.kind is not Kind.CLUSTER_NETWORK:
        return sign.node in case.failover.suspects
    names = {n.name.casefold() for n in case.nodes} | {vm.casefold() for vm in case.vms}
    known = {n.host.casefold() for n in case.evidence.cluster.nodes if n.host}
    hosts = {n.host.casefold() for n in case.nodes if n.host}
    about = {t.casefold() for t in (sign.subject, sign.detail) if t}
    if sign.kind is Kind.HOST_FAILED and sign.detail and sign.subject:
        about = {sign.subject.casefold()}  # another VM that HA restarted tells nothing of ours
    if sign.kind is Kind.CLUSTER_NETWORK or about & (names | hosts):
        return True
    others = {n.name.casefold() for n in case.evidence.cluster.nodes} | {
        n.vm.casefold() for n in case.evidence.cluster.nodes
    }
    return not hosts and not about & (others | known)


def _rival(case: Case, signature: Signature, signs: Iterable[Sign]) -> Rival:
    """Make a rival of the signs of one kind, weakened where they fit less well."""
    ordered = sorted(signs, key=lambda sign: sign.at)
    weaken = next((why for why in WEAKER if why(case, signature, ordered)), None)
    confidence = POSSIBLE if weaken else signature.confidence
    reasons = tuple(
        f"{signature.says[0].upper()}{signature.says[1:]} at {clock_time(s.at)} ({s.text})."
        for s in ordered[:3]
    )
    excludes = signature.excludes_stun and confidence is CONFIRMED
    return Rival(signature.cause, confidence, reasons, ordered[0].at, excludes)


def _merge(same: list[Rival]) -> Rival:
    """Put several signatures of one cause together; the surest leads."""
    same.sort(key=lambda r: (-r.confidence.rank, r.at))
    reasons = tuple(dict.fromkeys(reason for rival in same for reason in rival.reasons))
    excludes = any(rival.excludes_stun for rival in same)
    return Rival(same[0].cause, same[0].confidence, reasons[:5], same[0].at, excludes)


def _only_redundancy(_case: Case, signature: Signature, signs: list[Sign]) -> bool:
    """An uplink lost while another carries on keeps the network up."""
    return signature.kind is Kind.HOST_NETWORK and all(s.detail == "redundancy" for s in signs)


def _other_service(case: Case, signature: Signature, signs: list[Sign]) -> bool:
    """Only the cluster service itself takes a node out of the membership."""
    cluster_service = any("clus" in (s.detail or s.subject or "").casefold() for s in signs)
    removal = case.failover.loss is Loss.NODE and signature.kind is Kind.SERVICE_CRASHED
    return removal and not cluster_service


def _whose_host(case: Case, signature: Signature, signs: list[Sign]) -> bool:
    """Nobody knows on which host the lost node's VM ran, and no VM is named."""
    of_host = signature.kind in (Kind.HOST_FAILED, Kind.HOST_LOST, Kind.HOST_NETWORK)
    named = {name.casefold() for name in case.vms} | {
        n.host.casefold() for n in case.nodes if n.host
    }
    return of_host and not any(
        t.casefold() in named for s in signs for t in (s.subject, s.detail) if t
    )


def _not_for_removal(case: Case, signature: Signature, _signs: list[Sign]) -> bool:
    """Slow disks and SQL's own failures do not stop heartbeats."""
    local = (Kind.DISK_ERROR, Kind.SLOW_IO, Kind.SOFTWARE_FAILED, Kind.HEALTH_FAILED)
    return case.failover.loss is Loss.NODE and signature.kind in local


WEAKER: tuple[Callable[[Case, Signature, list[Sign]], bool], ...] = (
    _only_redundancy,
    _not_for_removal,
    _other_service,
    _whose_host,
)
"""Circumstances under which a signature is only a possibility."""
