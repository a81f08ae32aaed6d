"""What is stored about a VM: whose node it is, its limits, its story, and how much was read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from commands.context import Context
from commands.reading import Reading, log_reading
from storage.clusters import clusters_named, clusters_of
from storage.coverage import read_until
from storage.failovers import failovers_of
from storage.snapshot_tasks import tasks_of
from storage.stuns import longest_stun
from storage.vm_story import SPAN, VmStory, vm_story
from storage.vms import Vm
from verdict.clock import UNMEASURED
from verdict.cluster import Cluster
from verdict.facts import Operation, Phase, Stun
from verdict.failover import CHAIN, Failover
from verdict.margin import Limit, Margin, limits_of, margins
from verdict.verdict import Mechanism

NO_TOLERANCE = timedelta(days=1000)
"""For a VM that is no node: nothing is a near miss."""


@dataclass(frozen=True, slots=True)
class VmFacts:
    """A VM as it is known; `limits` the shortest first, none for a VM that is no node."""

    vm: Vm
    roles: tuple[tuple[str, str], ...]
    """Cluster and node."""
    clusters: tuple[Cluster, ...]
    limits: tuple[Limit, ...]
    story: VmStory
    longest: Stun | None
    """Of the last 30 days."""
    reading: Reading
    work: tuple[Operation, ...]
    """Snapshot work, so much of it that the last snapshot taken and removed is in it."""
    work_until: datetime | None
    """Up to when vCenter's tasks were read; None where they never were."""
    failovers: tuple[Failover, ...]
    """Those that may have been this node's."""

    @property
    def margins(self) -> tuple[Margin, ...]:
        """The longest stun against each limit."""
        return margins(self.longest.duration, self.limits) if self.longest else ()

    @property
    def open(self) -> tuple[Operation, ...]:
        """Snapshot work that runs, or else the snapshot that was taken and not removed since."""
        running = tuple(work for work in self.work if work.end is None)
        taken = [work for work in self.work if work.phase is Phase.CREATE and work.end]
        removals = [work.start for work in self.work if work.phase is Phase.REMOVE]
        if running or not taken:
            return running
        return () if any(start >= taken[-1].start for start in removals) else (taken[-1],)

    def failed(self, stun: Stun) -> bool:
        """Whether a failover of the node came with a stun: the allowances of `near_misses`."""
        early, late = stun.start - UNMEASURED, stun.end + CHAIN
        return any(early <= failover.at <= late for failover in self.failovers)


def vm_facts(context: Context, vm: Vm, now: datetime) -> VmFacts:
    """Read what is stored about a VM up to `now`. Raises UserError."""
    store, since = context.store, now - SPAN
    with store.reading():
        roles = clusters_of(store, vm)
        clusters = tuple(one for name, _ in roles for one in clusters_named(store, name))
        limits = shortest(limit for cluster in clusters for limit in limits_of(cluster))
        story = vm_story(store, vm, now, _tolerance(limits))
        return VmFacts(
            vm=vm,
            roles=roles,
            clusters=clusters,
            limits=limits,
            story=story,
            longest=longest_stun(store, vm, since),
            reading=log_reading(context, vm, since, now),
            work=_work(context, story, now),
            work_until=_work_until(context, roles),
            failovers=tuple(
                failover
                for cluster, node in roles
                for failover in failovers_of(store, cluster, since)
                if failover.lost is None or failover.lost.casefold() == node.casefold()
            ),
        )


def shortest(limits: Iterable[Limit]) -> tuple[Limit, ...]:
    """Give the shortest limit of each mechanism, in order of length."""
    ordered = sorted(limits, key=lambda limit: limit.length)
    return tuple({limit.mechanism: limit for limit in reversed(ordered)}.values())[::-1]


def _tolerance(limits: Sequence[Limit]) -> timedelta:
    mine = (one.length for one in limits if one.mechanism is Mechanism.HEARTBEAT)
    return min(mine, default=NO_TOLERANCE)


def _work(context: Context, story: VmStory, now: datetime) -> tuple[Operation, ...]:
    """Give the snapshot work of two days, which is all that counts where there is some of it.

    A VM that is replicated every 15 minutes has 6,000 tasks in 30 days.
    """
    if any(work.phase in (Phase.CREATE, Phase.REMOVE) for work in story.tasks):
        return story.tasks
    return tasks_of(context.store, story.vm, story.since, now)


def _work_until(context: Context, roles: Iterable[tuple[str, str]]) -> datetime | None:
    ends = (read_until(context.store, cluster, "vcenter", "tasks") for cluster, _ in roles)
    return max((end for end in ends if end), default=None)
