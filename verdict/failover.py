"""Failovers: the disturbances of a cluster found among the signs, one for each, seen by many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median_low

from verdict.clock import MEASURED, UNMEASURED
from verdict.evidence import Evidence
from verdict.sign import Kind, Sign
from verdict.victim import DEAF, Votes, lost_node, outrun

TOGETHER = timedelta(seconds=15)
"""Removals this close are one disturbance, whoever was removed."""

SAME_NODE = timedelta(seconds=45)
"""Reports of one node's removal this close are one: a removed node needs longer to rejoin."""

ECHO = timedelta(seconds=150)
"""So long after its own removal a node that was stunned may still accuse the others."""

BEFORE, AFTER = timedelta(seconds=90), timedelta(minutes=5)
"""What happens this close around a removal belongs to it: lease, roles, rejoin."""

CHAIN = timedelta(seconds=60)
"""Signs of a disturbance without a removal follow each other at most this far apart."""

ASKED_BACK, ASKED_ON = timedelta(minutes=20), timedelta(minutes=10)
"""An alert comes later than its failover: search back at least 10 min (facts: alerts)."""

LAST = datetime.max.replace(tzinfo=UTC)
"""No disturbance follows."""

STARTS = frozenset({
    Kind.LEASE_EXPIRED, Kind.HEALTH_LOST, Kind.HEALTH_FAILED, Kind.ROLE_FAILING_OVER,
    Kind.ROLE_FAILING_BACK, Kind.ROLE_MOVING, Kind.ROLE_FAILED, Kind.DATABASE_MOVED,
    Kind.MOVE_ASKED, Kind.QUORUM_LOST, Kind.NODE_HALTED, Kind.DRAINED,
})  # fmt: skip
"""Signs that make a disturbance even though nobody was removed."""

ECHOES = frozenset({Kind.RESOURCE_FAILED, Kind.AG_STATE_CHANGED, Kind.ROLE_ONLINE,
                    Kind.SERVICE_CRASHED})  # fmt: skip
"""Signs that belong to a disturbance but do not make one."""

DIED = frozenset({Kind.RESOURCE_FAILED, Kind.SERVICE_CRASHED})
"""A service that crashed and took its resource with it is a disturbance, too."""


Moment = tuple[datetime, timedelta]
"""A time in UTC and how far, either way, it may be off."""


class Loss(StrEnum):
    """What was lost."""

    NODE = "node"
    LEASE = "lease"
    HEALTH = "health"
    ROLE = "role"
    ASKED = "asked"
    """Nothing was found in the logs; somebody asked about this moment."""


@dataclass(frozen=True, slots=True)
class Failover:
    """One disturbance of one cluster. `at` is in UTC, by a survivor's clock where there is one."""

    at: datetime
    uncertainty: timedelta
    loss: Loss
    lost: str | None
    """The node that was removed, or that held what was lost; None where that is not known."""
    suspects: tuple[str, ...]
    """The nodes that may have been lost; just `lost` where it is known."""
    signs: tuple[Sign, ...]
    until: datetime
    """When the next disturbance may begin: signs from then on belong to that one."""
    by_victim: bool = False
    """True when `at` could only be read from the lost node's own log, whose clock lags."""
    moments: Mapping[str, Moment] = field(default_factory=dict)
    """For each node that others removed: when, by their clocks, and how far that may be off."""
    core: tuple[Sign, ...] = ()
    """The signs that make it, in order of time: the removals, or the chain; the rest is around."""

    def moment(self, node: str) -> Moment:
        """When a node was removed; the failover's own moment where nobody says."""
        return self.moments.get(node, (self.at, self.uncertainty))

    @property
    def reports(self) -> tuple[Sign, ...]:
        """The removals of the lost node as the survivors logged them."""
        return tuple(
            s for s in self.signs
            if s.kind is Kind.NODE_REMOVED and s.subject == self.lost and s.node != self.lost
        )  # fmt: skip


def failovers(evidence: Evidence) -> tuple[Failover, ...]:
    """Find every disturbance, or the one that was asked about, in order of time."""
    ordered = sorted(evidence.signs, key=lambda sign: sign.at)
    groups = _removal_groups(ordered)
    ends = [*(group[0].at - TOGETHER for group in groups[1:]), LAST]
    found = [_removal(g, end, ordered, evidence) for g, end in zip(groups, ends, strict=False)]
    rest = [s for s in ordered if not any(_belongs(s, failover) for failover in found)]
    found += [_other(group, ordered, evidence) for group in _chains(rest)]
    found.sort(key=lambda failover: failover.at)
    return tuple(found) if evidence.at is None else (_asked(evidence, evidence.at, found),)


def _removal_groups(ordered: Sequence[Sign]) -> list[list[Sign]]:
    """Put removals that tell of one disturbance together."""
    groups: list[list[Sign]] = []
    joins = [sign for sign in ordered if sign.kind is Kind.NODE_JOINED]
    for sign in ordered:
        if sign.kind is not Kind.NODE_REMOVED:
            continue
        home = next((g for g in reversed(groups) if any(_one(s, sign, joins) for s in g)), None)
        if home is None:
            groups.append([sign])
        else:
            home.append(sign)
    return groups


def _one(earlier: Sign, later: Sign, joins: Iterable[Sign]) -> bool:
    """Whether two removals tell of one disturbance."""
    apart = later.at - earlier.at
    if apart <= TOGETHER:
        return True
    if earlier.subject == later.subject:
        return apart <= SAME_NODE
    mutual = later.node == earlier.subject or earlier.node == later.subject
    rejoined = any(
        earlier.at < join.at < later.at and join.node in (earlier.subject, later.node)
        for join in joins
    )
    return mutual and apart <= ECHO and not rejoined


def _removal(
    group: list[Sign], until: datetime, ordered: Sequence[Sign], evidence: Evidence
) -> Failover:
    """Make one failover of the removals that tell of it."""
    start, end = group[0].at - BEFORE, min(group[-1].at + AFTER, until)
    around = tuple(sign for sign in ordered if start <= sign.at <= end or sign in group)
    lost = lost_node(Votes.count(group), around)
    accused = tuple(dict.fromkeys(s.subject for s in group if s.subject))
    survivors = [s for s in group if s.subject == lost and s.node != lost]
    stamps = survivors or ([s for s in group if s.node == lost] if lost else group)
    at, uncertainty = _moment(stamps)
    suspects = (lost, *outrun(lost, group, around)) if lost else accused or _names(evidence)
    own = lost is not None and not survivors and len(suspects) == 1
    moments = {
        node: _moment([s for s in group if s.subject == node and s.node != node])
        for node in accused
        if any(s.subject == node and s.node != node for s in group)
    }
    return Failover(
        at, uncertainty, Loss.NODE, lost, suspects, around, until, by_victim=own, moments=moments,
        core=tuple(group),
    )  # fmt: skip


def _moment(stamps: Sequence[Sign]) -> Moment:
    """Give the moment by the best clocks among several that stamped it."""
    known = [sign.at for sign in stamps if sign.clock.measured]
    if known:
        return median_low(known), MEASURED
    return median_low([sign.at for sign in stamps]), UNMEASURED


def _belongs(sign: Sign, failover: Failover) -> bool:
    return failover.at - BEFORE <= sign.at <= failover.at + AFTER


def _chains(rest: Sequence[Sign]) -> list[list[Sign]]:
    """Chain what is left into disturbances without a removal."""
    chains: list[list[Sign]] = []
    for sign in rest:
        if sign.kind not in STARTS | ECHOES:
            continue
        if chains and sign.at - chains[-1][-1].at <= CHAIN:
            chains[-1].append(sign)
        else:
            chains.append([sign])
    return [chain for chain in chains if _is_disturbance(chain)]


def _is_disturbance(chain: Sequence[Sign]) -> bool:
    """Whether something was lost or moved: a group that takes the primary role moved."""
    kinds = {sign.kind for sign in chain}
    moved = any(s.kind is Kind.AG_STATE_CHANGED and ">PRIMARY" in (s.detail or "") for s in chain)
    return moved or bool(kinds & STARTS) or kinds >= DIED


def _other(chain: list[Sign], ordered: Sequence[Sign], evidence: Evidence) -> Failover:
    """Make a failover of a disturbance in which no node was removed."""
    kinds = {sign.kind for sign in chain}
    loss = (
        Loss.NODE if kinds & DEAF
        else Loss.LEASE if Kind.LEASE_EXPIRED in kinds
        else Loss.HEALTH if kinds & {Kind.HEALTH_LOST, Kind.HEALTH_FAILED}
        else Loss.ROLE
    )  # fmt: skip
    lost = _holder(chain, loss)
    others = [s for s in chain if s.node not in (None, lost)]
    at, uncertainty = _moment((others or chain)[:1])
    suspects = (lost,) if lost else _names(evidence)
    start, end = chain[0].at - BEFORE, chain[-1].at + AFTER
    around = tuple(sign for sign in ordered if start <= sign.at <= end)
    return Failover(
        at, uncertainty, loss, lost, suspects, around, LAST, by_victim=not others, core=tuple(chain)
    )


def _holder(chain: Sequence[Sign], loss: Loss) -> str | None:
    """Find the node that held what was lost: the one whose own log says that it lost it."""
    telling = {
        Loss.LEASE: (Kind.LEASE_EXPIRED,),
        Loss.HEALTH: (Kind.HEALTH_LOST, Kind.HEALTH_FAILED),
    }.get(loss, (Kind.QUORUM_LOST, Kind.NODE_HALTED, Kind.RESOURCE_FAILED))
    return next((s.node for kind in telling for s in chain if s.kind is kind and s.node), None)


def _names(evidence: Evidence) -> tuple[str, ...]:
    return tuple(node.name for node in evidence.cluster.nodes)


def _asked(evidence: Evidence, at: datetime, found: Sequence[Failover]) -> Failover:
    """Pick the failover somebody asked about, or make one of that bare moment."""
    near = [f for f in found if at - ASKED_BACK <= f.at <= at + ASKED_ON]
    if near:
        return min(near, key=lambda failover: abs(failover.at - at))
    around = tuple(s for s in evidence.signs if at - BEFORE <= s.at <= at + AFTER)
    return Failover(at, UNMEASURED, Loss.ASKED, None, _names(evidence), around, LAST)
