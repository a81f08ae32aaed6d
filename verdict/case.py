"""A case: one failover, the evidence that bears on it, and the limits that apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from verdict.clock import MEASURED, UNMEASURED
from verdict.cluster import Node
from verdict.evidence import Evidence
from verdict.facts import Backup, Operation, Phase, Stun
from verdict.failover import Failover, Loss
from verdict.sign import Kind, Sign
from verdict.silence import Silence, silences
from verdict.tolerance import Limits, limits

REMOVAL_DELAY = timedelta(milliseconds=600)
"""From "lost" to event 1135: 0.62 s in all three published cases (facts: vmware-log 5)."""

LOOK_BACK = timedelta(seconds=60)
"""How far before the silence a vmware.log must reach to clear (DESIGN 4, rule 5)."""

GROUP_SIGNS = frozenset({Kind.LEASE_EXPIRED, Kind.LEASE_RELEASED, Kind.AG_STATE_CHANGED,
                         Kind.HEALTH_LOST, Kind.HEALTH_FAILED})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged. Built once per failover by `Case.of`."""

    evidence: Evidence
    failover: Failover
    limits: Limits
    nodes: tuple[Node, ...]
    """The nodes that may have been lost."""
    silences: tuple[Silence, ...]
    """Measured silences of their VMs, whenever they were."""
    accused: tuple[Silence, ...]
    """Those of other nodes that somebody removed: they convict if they fit, but clear nothing."""

    @classmethod
    def of(cls, evidence: Evidence, failover: Failover) -> "Case":
        """Bring together what bears on one failover."""
        has_group = any(sign.kind in GROUP_SIGNS for sign in evidence.signs)
        limit = limits(evidence.cluster, has_group=has_group)
        nodes = tuple(n for n in evidence.cluster.nodes if n.name in failover.suspects)
        others = [n for n in evidence.cluster.nodes if n.name in failover.moments]
        return cls(
            evidence, failover, limit, nodes,
            _silences(evidence, nodes, limit),
            _silences(evidence, [node for node in others if node not in nodes], limit),
        )  # fmt: skip

    @property
    def declared(self) -> datetime:
        """When the cluster declared the node lost; for other losses the moment itself."""
        removed = self.failover.loss is Loss.NODE and not self.failover.by_victim
        return self.failover.at - REMOVAL_DELAY if removed else self.failover.at

    @property
    def reach(self) -> timedelta:
        """The longest silence that any of the mechanisms here would have needed."""
        lengths = [tolerance.length for tolerance in self.limits.tolerances]
        if self.failover.loss in (Loss.LEASE, Loss.ROLE, Loss.ASKED) and self.limits.lease:
            lengths.append(self.limits.lease)
        if self.failover.loss is Loss.HEALTH:
            lengths.append(self.limits.health)
        return max(lengths)

    @property
    def silent_from(self) -> datetime:
        """When the silence must have begun at the latest, if there was one."""
        return self.declared - self.limits.tolerance.length

    def slack(self, stun: Stun) -> timedelta:
        """How far the clocks of the failover and of a stun may disagree, either way."""
        return self.failover.uncertainty + stun.clock.uncertainty

    def near(self, stun: Stun) -> bool:
        """Whether a stun lies where it could have mattered: from a minute before to the moment."""
        slack = self.slack(stun)
        start = self.failover.at - self.reach - LOOK_BACK - slack
        return stun.end >= start and stun.start <= self.failover.at + slack

    def vm_of(self, name: str | None) -> str | None:
        """Give the VM of a node."""
        return next((n.vm for n in self.evidence.cluster.nodes if n.name == name), None)

    def node_of(self, vm: str) -> str:
        """Give the node in a VM; the VM's own name where it is no node's."""
        return next((n.name for n in self.evidence.cluster.nodes if n.vm == vm), vm)

    @property
    def vms(self) -> frozenset[str]:
        """The VMs of the nodes that may have been lost."""
        return frozenset(node.vm for node in self.nodes)

    @property
    def snapshot_work(self) -> tuple[Operation, ...]:
        """Snapshots created or removed of those VMs, by vCenter's tasks and the jobs' steps."""
        return tuple(
            op for op in self.evidence.operations
            if op.vm in self.vms and op.phase in (Phase.CREATE, Phase.REMOVE)
        )  # fmt: skip

    @property
    def backups(self) -> tuple[Backup, ...]:
        """Backups of those VMs that ran at the time, give or take the clocks."""
        return tuple(
            b for b in self.evidence.backups
            if b.vm in self.vms and self.during(b.start, b.end, self._doubt(b.clock.measured))
        )  # fmt: skip

    def during(self, start: datetime, end: datetime | None, slack: timedelta) -> bool:
        """Whether an interval touches the silence that led to the failover."""
        touches = start <= self.declared + slack
        return touches and (end is None or end >= self.silent_from - slack)

    def _doubt(self, measured: bool) -> timedelta:
        return self.failover.uncertainty + (MEASURED if measured else UNMEASURED)

    def doubt(self, fact: Sign | Operation | Backup) -> timedelta:
        """How far the clocks of the failover and of a fact may disagree, either way."""
        return self._doubt(fact.clock.measured)


def _silences(evidence: Evidence, nodes: Sequence[Node], limit: Limits) -> tuple[Silence, ...]:
    vms = {node.vm for node in nodes}
    return silences((s for s in evidence.stuns if s.vm in vms), limit.tolerance.delay)
