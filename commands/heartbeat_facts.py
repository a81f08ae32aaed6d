"""What a cluster's own stuns say about its heartbeat values."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from commands.context import Context
from commands.reading import Reading, log_reading
from storage.clusters import node_vms
from storage.failovers import failovers_of
from storage.stuns import stuns_of
from verdict.cluster import Cluster
from verdict.failover import Failover
from verdict.heartbeat import were_read
from verdict.lint import half_lease
from verdict.tradeoff import NO_TIME, Tradeoff, longest_bearable, tradeoff


@dataclass(frozen=True, slots=True)
class HeartbeatFacts:
    """The trade-off of a cluster over `days` days, and how much of them was read."""

    cluster: Cluster
    tradeoff: Tradeoff
    readings: tuple[tuple[str, Reading], ...]
    """Each node's."""
    failovers: tuple[Failover, ...]
    days: int

    @property
    def read(self) -> bool:
        """Whether the values that apply were read, and not taken from a default."""
        return were_read(self.cluster)

    @property
    def longest(self) -> timedelta:
        """The longest silence; zero where none was measured."""
        return max(self.tradeoff.lengths, default=NO_TIME)

    @property
    def bearable(self) -> timedelta:
        """The longest silence that any value should survive."""
        return longest_bearable(self.tradeoff.lengths)

    @property
    def lease(self) -> timedelta | None:
        """After how long the first lease breaks; None without an availability group."""
        return half_lease(self.cluster)

    @property
    def unread(self) -> list[str]:
        """The nodes whose log was read for less than half of the time."""
        return [node for node, reading in self.readings if not reading.telling]

    @property
    def telling(self) -> bool:
        """Whether every node's log was read for so long that a stun would have been seen."""
        return bool(self.readings) and not self.unread


def heartbeat_facts(context: Context, cluster: Cluster, now: datetime, days: int) -> HeartbeatFacts:
    """Weigh what is stored of the last days. Raises UserError."""
    store, since = context.store, now - timedelta(days=days)
    with store.reading():
        nodes = node_vms(store, cluster.name)
        stuns = [stun for _, vm in nodes for stun in stuns_of(store, vm, since, now)]
        return HeartbeatFacts(
            cluster,
            tradeoff(cluster, stuns),
            tuple((node, log_reading(context, vm, since, now)) for node, vm in nodes),
            failovers_of(store, cluster.name, since),
            days,
        )
