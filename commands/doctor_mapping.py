"""Who is who, as `doctor` checks it: which VM a node runs in, and what Veeam calls that VM."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from commands.doctor import Check, Finding, System
from commands.doctor_node import NodeProbe
from commands.doctor_vcenter import VCenterProbe
from commands.doctor_veeam import VeeamProbe, listed
from sources.access import ClusterAccess, VCenterAccess
from sources.deadline import Deadline
from sources.json_rows import Row
from sources.names import find, same
from sources.vcenter.inventory import bare_moref
from sources.vcenter.mapping import map_nodes
from sources.vcenter.properties import LiveVm
from sources.vcenter.wanted import Wanted, WantedNode
from sources.veeam.client import Client
from sources.veeam.identity import aliases, objects_of
from sources.veeam.wish import WantedVm
from verdict.words import listing


@dataclass(frozen=True, slots=True)
class Found:
    """A node's VM in one vCenter."""

    vm: LiveVm
    vcenter: VCenterAccess


@dataclass(frozen=True, slots=True)
class ClusterMapping:
    """The nodes of a cluster, each with its VM in every vCenter that has it."""

    cluster: ClusterAccess
    nodes: dict[str, tuple[Found, ...]]
    looked: tuple[str, ...]
    """The vCenters whose inventory was read."""
    why: dict[str, str]
    """Why a node has no VM, by the vCenter that was asked last."""

    @property
    def vms(self) -> list[Found]:
        """Every VM that belongs to exactly one node of it."""
        return [found[0] for found in self.nodes.values() if len(found) == 1]

    def system(self) -> System:
        """Give a check for each node."""
        checks = [Check(node, partial(self._node, node)) for node in self.nodes]
        return System(f"{self.cluster.name}, VMs", tuple(checks))

    def _node(self, node: str, _: Deadline) -> Finding:
        found = self.nodes[node]
        if not self.looked:
            return Finding.not_used("no vCenter could be asked for its VM")
        if len(found) == 1:
            return Finding.ok(f"VM {found[0].vm.name} in {found[0].vcenter.name}")
        if found:
            names = listing([one.vcenter.name for one in found])
            return Finding.wrong(f"{names} both have its VM", self._one_of(found))
        why = self.why.get(node, "it was not found")
        line = f'Under [cluster.vms] of {self.cluster.name}: {node} = "NAME OF THE VM"'
        return Finding.wrong(why, line)

    def _one_of(self, found: Sequence[Found]) -> str:
        return f'Under {self.cluster.name}: vcenters = ["{found[0].vcenter.name}"]'


def cluster_mapping(
    cluster: ClusterAccess, nodes: Iterable[NodeProbe], vcenters: Iterable[VCenterProbe]
) -> ClusterMapping:
    """Look for the VM of every node that is known, as an investigation does."""
    mine = [probe for probe in nodes if same(probe.cluster.name) == same(cluster.name)]
    wanted = [_wanted(cluster, name, mine) for name in _members(mine)]
    found: dict[str, tuple[Found, ...]] = {node.name: () for node in wanted}
    looked: list[str] = []
    why: dict[str, str] = {}
    for probe in vcenters:
        if probe.estate is None:
            continue
        looked.append(probe.access.name)
        mapping = map_nodes(Wanted(tuple(wanted)), probe.estate, probe.access.name)
        for name, vm in mapping.vms.items():
            found[name] += (Found(vm, probe.access),)
        why |= {gap.subject: gap.why for gap in mapping.gaps}
    return ClusterMapping(cluster, found, tuple(looked), why)


def _members(probes: Sequence[NodeProbe]) -> list[str]:
    """Name the nodes as the cluster does; where it said nothing, as they do themselves."""
    told = next((probe.state for probe in probes if probe.state and probe.state.nodes), None)
    if told is not None:
        return [node.name for node in told.nodes]
    return list(dict.fromkeys(probe.identity.name for probe in probes if probe.identity))


def _wanted(cluster: ClusterAccess, name: str, probes: Iterable[NodeProbe]) -> WantedNode:
    itself = next(
        (p.identity for p in probes if p.identity and find({same(name): 1}, p.identity.name)), None
    )
    vm = find({same(node): vm for node, vm in cluster.vms.items()}, name)
    names = (f"{itself.name}.{itself.domain}",) if itself and itself.domain else ()
    return WantedNode(name, itself.uuid or None if itself else None, vm, names)


class VeeamMapping:
    """Asks one Veeam server what it calls the VMs; a session of its own, closed at the end."""

    def __init__(self, probe: VeeamProbe, vms: Iterable[Found]) -> None:
        self.access = probe.access
        self.vms = list({(one.vcenter.host, one.vm.ref): one for one in vms}.values())
        self._client: Client | None = None

    def system(self) -> System:
        """Give a check for each VM, after the log-on."""
        checks = [Check(one.vm.name, partial(self._vm, one)) for one in self.vms]
        log_on = Check("log-on", self.log_on, vital=True)
        return System(f"{self.access.name}, objects", (log_on, *checks), self.close)

    def log_on(self, deadline: Deadline) -> Finding:
        """Sign in once more."""
        self._client = Client(self.access, deadline).__enter__()
        self._client.sign_in(deadline)
        return Finding.ok(self.access.user)

    def close(self) -> None:
        """Sign out and close every connection."""
        if self._client is not None:
            self._client.__exit__(None, None, None)
            self._client = None

    def _vm(self, found: Found, _: Deadline) -> Finding:
        wanted = WantedVm(found.vm.name, found.vm.ref, found.vcenter.host)
        rows = self._rows(wanted)
        names = sorted({name for row in rows if (name := _name(row, found.vm.ref))})
        if not names:
            return Finding.not_used(f"backs up no {found.vm.ref}, so no job of its is to blame")
        doubts = aliases(wanted, [row.fields for row in rows])[1]
        if doubts:
            return Finding.wrong(doubts[0].why, doubts[0].remedy)
        return Finding.ok(f"{found.vm.ref}, backed up as {listing(names)}")

    def _rows(self, wanted: WantedVm) -> list[Row]:
        if self._client is None:
            raise ValueError("nobody has logged on")
        query = objects_of(wanted)
        body = self._client.get(query.path, query.what, query.params)
        return listed(body, self.access.host, query.what)


def _name(row: Row, ref: str) -> str | None:
    ident = row.text("objectId")
    return row.text("name") if ident and bare_moref(ident) == bare_moref(ref) else None
