"""Pulling: from a request to the raw material of one incident, all live sources side by side.

Needs neither Slack nor a database, so that one day a worker at a remote site can run it and send
the bundle back. What a bundle holds as files comes from running systems here; the same parsers
read both.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from sources.access import ClusterAccess, Site, VCenterAccess, VeeamAccess, Window
from sources.deadline import Deadline
from sources.material import Incident, Material
from sources.merge import merge
from sources.names import find, same
from sources.pulled import Pulled
from sources.vcenter.inventory import read_inventory
from sources.vcenter.pull import pull_vcenter
from sources.vcenter.wanted import Wanted, WantedNode
from sources.veeam.pull import pull_veeam
from sources.veeam.wish import WantedVm
from sources.windows.cluster_state import ClusterState
from sources.windows.pull import pull_cluster, pull_nodes
from verdict.facts import Gap

EACH, WHOLE = 20.0, 30.0
"""Seconds that one source may take, and all of them together."""

GRACE = 0.5
"""Seconds past its deadline after which a source is given up: it should have ended by itself."""

PATIENCE = 3.0
"""Seconds for which Veeam waits for vCenter, which knows how the nodes' VMs are called."""

Told = Callable[[str, str, str], None]
"""Told which source (winrm, vcenter, veeam) of which name is asked, answered or late."""


@dataclass(frozen=True, slots=True)
class Request:
    """Which failover of which cluster, and how far around it evidence is wanted."""

    cluster: ClusterAccess
    site: Site
    at: datetime
    before: timedelta = timedelta(minutes=35)
    """vCenter's tasks clear only when 30 min before the failover are complete (DESIGN 4)."""
    after: timedelta = timedelta(minutes=10)
    each: float = EACH
    whole: float = WHOLE

    @property
    def window(self) -> Window:
        """From when to when, never past now: what has not happened cannot be collected."""
        return Window(self.at - self.before, min(self.at + self.after, datetime.now(UTC)))


def pull(request: Request, told: Told = lambda _source, _name, _state: None) -> Material:
    """Pull everything about one failover. What fails or is late is a gap; never raises for it.

    The chain: the cluster names its nodes; the nodes, vCenter and Veeam follow side by side.
    """
    with _Run(request, told) as run:
        state, first = run.cluster()
        nodes = run.nodes(state)
        wanted = _wanted(request.cluster, state)
        vcenters = [run.vcenter(access, wanted) for access in request.site.vcenters]
        asked = frozenset(WantedVm(node.vm or node.name) for node in wanted.nodes)
        if run.soon(vcenters):
            asked = _vms([future.result() for future in vcenters], request.site.vcenters) or asked
        early = [run.veeam(access, asked) for access in request.site.veeams]
        found = run.results(vcenters)
        vms = _vms(found, request.site.vcenters)
        backups = run.results(early)
        if not {same(vm.name) for vm in vms} <= {same(vm.name) for vm in asked}:
            backups = run.results([run.veeam(access, vms) for access in request.site.veeams])
        parts = [first, *run.results([nodes])]
    incident = Incident(cluster=request.cluster.name, at=request.at)
    return merge(request.cluster.name, incident, parts, vcenters=found, veeams=backups)


@dataclass(slots=True)
class _Run:
    """One pull under way: its threads, its deadline, and who is still out."""

    request: Request
    told: Told
    deadline: Deadline = field(init=False)
    pool: ThreadPoolExecutor = field(init=False)
    out: dict[Future[Pulled], tuple[str, str]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.deadline = Deadline.after(self.request.whole)
        self.pool = ThreadPoolExecutor(32, thread_name_prefix="pull")
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)

    def cluster(self) -> tuple[ClusterState, Pulled]:
        """Ask the cluster itself; without an answer, the nodes are those that were configured."""
        access, name = self.request.cluster, self.request.cluster.name
        self.told("winrm", name, "asked")
        answer = pull_cluster(access, self.deadline.sooner(self.request.each))
        self.told("winrm", name, "answered")
        return answer.state, answer.as_pulled()

    def nodes(self, state: ClusterState) -> Future[Pulled]:
        """Ask every node for its events."""
        access, window = self.request.cluster, self.request.window
        return self._start("winrm", "nodes", lambda d: pull_nodes(access, state.hosts, window, d))

    def vcenter(self, access: VCenterAccess, wanted: Wanted) -> Future[Pulled]:
        """Ask one vCenter."""
        window = self.request.window
        return self._start(
            "vcenter", access.name, lambda d: pull_vcenter(access, wanted, window, d)
        )

    def veeam(self, access: VeeamAccess, vms: frozenset[WantedVm]) -> Future[Pulled]:
        """Ask one Veeam server."""
        window = self.request.window
        return self._start("veeam", access.name, lambda d: pull_veeam(access, vms, window, d))

    def soon(self, futures: list[Future[Pulled]]) -> bool:
        """Wait a little for sources whose answer saves asking another one twice."""
        return not wait(futures, min(PATIENCE, self.deadline.left)).not_done

    def _start(self, source: str, name: str, work: Callable[[Deadline], Pulled]) -> Future[Pulled]:
        self.told(source, name, "asked")
        future = self.pool.submit(work, self.deadline.sooner(self.request.each))
        self.out[future] = (source, name)
        return future

    def results(self, futures: Iterable[Future[Pulled]]) -> list[Pulled]:
        """Wait for sources, but not past the deadline; who is late becomes a gap."""
        futures = list(futures)
        wait(futures, self.deadline.left + GRACE)
        return [self._result(future) for future in futures]

    def _result(self, future: Future[Pulled]) -> Pulled:
        source, name = self.out.pop(future)
        if future.done():
            self.told(source, name, "answered")
            return future.result()
        self.told(source, name, "late")
        why = f"it did not answer within {self.request.whole:.0f} s"
        return Pulled(gaps=(Gap(source, name, why, "Check again later."),))


def _wanted(access: ClusterAccess, state: ClusterState) -> Wanted:
    """Say by what the VM of each node can be found."""
    told = {same(node): vm for node, vm in access.vms.items()}
    return Wanted(
        tuple(
            WantedNode(
                node.name,
                node.identity.uuid or None if node.identity else None,
                find(told, node.name),
                (node.host,),
            )
            for node in state.nodes
        )
    )


def _vms(found: Iterable[Pulled], vcenters: Iterable[VCenterAccess]) -> frozenset[WantedVm]:
    """Give the VMs that vCenter found, with what Veeam knows them by."""
    wanted = set()
    for pulled, access in zip(found, vcenters, strict=True):
        inventory = read_inventory(pulled.vcenter.inventory or b"[]")[0]
        for name in pulled.cluster.nodes.values():
            vm = inventory.named(name) if name else None
            if vm:
                wanted.add(WantedVm(vm.name, vm.moref, access.host))
    return frozenset(wanted)
