"""What is stored about a cluster: its values, its nodes' longest stuns, what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from commands.context import Context
from commands.reading import Reading, log_reading
from storage.failovers import failovers_of
from storage.margins import NodeMargin, node_margins
from storage.verdicts import Judgement, history
from verdict.cluster import Cluster, Node
from verdict.failover import Failover
from verdict.heartbeat import heartbeats
from verdict.lint import Lint, lint
from verdict.margin import Limit, Margin, limits_of, margins

VERDICTS = 5
"""Verdicts that are told with a cluster."""


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """A node, the longest stun of its VM, and how much of the VM's log was read."""

    node: Node
    stuns: NodeMargin
    reading: Reading


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """A cluster as it is known; nodes with the longest stun first, limits the shortest first."""

    cluster: Cluster
    limits: tuple[Limit, ...]
    nodes: tuple[NodeFacts, ...]
    failovers: tuple[Failover, ...]
    verdicts: tuple[Judgement, ...]

    @property
    def longest(self) -> timedelta:
        """The longest stun of any node; zero where none is known."""
        return max((one.stuns.used for one in self.nodes), default=timedelta(0))

    @property
    def worst(self) -> Margin | None:
        """The longest stun against the first limit it could break; None where none is known."""
        return margins(self.longest, self.limits)[0] if self.longest else None

    @property
    def telling(self) -> bool:
        """Whether so much of every node's log was read that a stun would have been seen."""
        return bool(self.nodes) and all(one.reading.telling for one in self.nodes)

    @property
    def lints(self) -> tuple[Lint, ...]:
        """The rules that its values break."""
        return lint(heartbeats(self.cluster), self.cluster, self.longest)


def cluster_facts(
    context: Context, cluster: Cluster, since: datetime, now: datetime
) -> ClusterFacts:
    """Read what is stored about a cluster between two moments. Raises UserError."""
    store = context.store
    spelt = {node.name.casefold(): node for node in cluster.nodes}
    with store.reading():
        return ClusterFacts(
            cluster,
            limits_of(cluster),
            tuple(
                NodeFacts(spelt[one.node.casefold()], one, log_reading(context, one.vm, since, now))
                for one in node_margins(store, cluster.name, since, now)
            ),
            failovers_of(store, cluster.name, since),
            history(store, cluster.name, VERDICTS),
        )
