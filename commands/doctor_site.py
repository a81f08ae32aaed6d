"""The rounds of `doctor`: first every system, then the nodes found by it, then who is who."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from commands.doctor import Check, Finding, System
from commands.doctor_mapping import ClusterMapping, VeeamMapping, cluster_mapping
from commands.doctor_node import NodeProbe
from commands.doctor_vcenter import VCenterProbe
from commands.doctor_veeam import VeeamProbe
from commands.doctor_vms import VmsProbe
from sources.access import ClusterAccess, Site
from sources.deadline import Deadline
from sources.errors import UserError
from sources.names import same
from sources.windows.whereabouts import beside

ROUNDS = 4
"""How often one system waits for another: nodes after hosts, VMs after both, objects after VMs."""

STORAGE = "storage"
BUSY = timedelta(seconds=2)
"""How long another writer is waited for."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """Everything that is configured; iterating gives the systems that can be checked at once.

    `site` gives all systems, or with the name of a cluster those that it is asked about in.
    """

    site: Callable[[str | None], Site]
    storage: Path

    def __iter__(self) -> Iterator[Sequence[System]]:
        site = self.site(None)
        nodes = [NodeProbe(one, host) for one in site.clusters for host in one.hosts]
        vcenters = [VCenterProbe(one) for one in site.vcenters]
        veeams = [VeeamProbe(one) for one in site.veeams]
        old = [system for one in veeams if (system := one.old())]
        yield [
            storage_system(self.storage),
            *(node.system() for node in nodes),
            *(vcenter.system() for vcenter in vcenters),
            *(veeam.system() for veeam in veeams),
            *old,
            *_missing(site),
        ]
        found = _found(nodes)
        if found:
            yield [node.system() for node in found]
        nodes += found
        mapped = [cluster_mapping(one, nodes, self._of(one, vcenters)) for one in site.clusters]
        yield [mapping.system() for mapping in mapped if mapping.nodes]
        yield [*_vms(mapped, vcenters), *self._objects(mapped, veeams)]

    def _of(self, cluster: ClusterAccess, vcenters: Sequence[VCenterProbe]) -> list[VCenterProbe]:
        own = self.site(cluster.name).vcenters
        return [probe for probe in vcenters if probe.access in own]

    def _objects(
        self, mapped: Sequence[ClusterMapping], veeams: Sequence[VeeamProbe]
    ) -> Iterator[System]:
        """Ask every Veeam server for the VMs of the clusters that are asked about there."""
        for probe in veeams:
            mine = [one for one in mapped if probe.access in self.site(one.cluster.name).veeams]
            vms = [vm for one in mine for vm in one.vms]
            if probe.usable and vms:
                yield VeeamMapping(probe, vms).system()


def _vms(mapped: Sequence[ClusterMapping], vcenters: Sequence[VCenterProbe]) -> Iterator[System]:
    """Look at the VMs that are some node's in the vCenter that has them."""
    for probe in vcenters:
        found = [one for mapping in mapped for one in mapping.vms if one.vcenter == probe.access]
        if probe.estate is not None and found:
            yield VmsProbe(probe, probe.estate, [one.vm for one in found]).system()


def _missing(site: Site) -> Iterator[System]:
    """Name the kinds of systems of which none is configured."""
    for kind, there, why in (
        ("cluster", site.clusters, "nothing can be asked for live"),
        ("vcenter", site.vcenters, "no snapshot tasks, and no vmware.log"),
        ("veeam", site.veeams, "no backup job is named"),
    ):
        if not there:
            finding = Finding.not_used(f"no [[{kind}]] is configured: {why}")
            yield System(kind, (Check("configured", partial(_say, finding)),))


def _say(finding: Finding, _: Deadline) -> Finding:
    return finding


def storage_system(path: Path) -> System:
    """Check that the database can be written."""
    return System(STORAGE, (Check("writable", partial(_writable, path)),))


def _writable(path: Path, _: Deadline) -> Finding:
    from storage.store import Store  # noqa: PLC0415 - only needed here

    try:
        store = Store.open(path, BUSY)
        try:
            with store.writing():
                pass
        finally:
            store.close()
    except UserError as error:
        return Finding.wrong(error.message, error.hint)
    return Finding.ok(str(path.absolute()))


def _found(asked: Sequence[NodeProbe]) -> list[NodeProbe]:
    """Give the nodes that a cluster named and nobody asked yet."""
    known = {(same(probe.cluster.name), same(name)) for probe in asked for name in _names(probe)}
    found = []
    for probe in asked:
        for node in probe.state.nodes if probe.state else ():
            key = (same(probe.cluster.name), same(node.name))
            if key not in known:
                known.add(key)
                found.append(NodeProbe(probe.cluster, beside(node, probe.host)))
    return found


def _names(probe: NodeProbe) -> Iterator[str]:
    yield probe.host
    if probe.identity:
        yield probe.identity.name
