"""Which VM a node runs in: by what somebody said, by BIOS UUID, by the guest's own name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sources.names import nearest, same
from sources.vcenter.properties import Estate, LiveVm
from sources.vcenter.wanted import Wanted, WantedNode
from verdict.facts import Gap

NAME_IT = "Name this node's VM in stuncheck.toml, under the cluster's vms."


@dataclass(frozen=True, slots=True)
class Mapping:
    """The VMs of the nodes that were found; `unknown` are the names of those that were not."""

    vms: dict[str, LiveVm]
    gaps: tuple[Gap, ...] = ()
    unknown: tuple[str, ...] = ()


def map_nodes(wanted: Wanted, estate: Estate, vcenter: str) -> Mapping:
    """Find the VM of every node, or say why there is none."""
    search = _Search([vm for vm in estate.vms if not vm.template])
    vms, gaps, unknown = {}, [], []
    for node in wanted.nodes:
        found = search.of(node)
        if isinstance(found, LiveVm):
            vms[node.name] = found
        else:
            unknown.append(node.name)
            gaps.append(Gap("vcenter", node.name, f"in vCenter {vcenter} {found}", NAME_IT))
    return Mapping(vms, tuple(gaps), tuple(unknown))


def same_machine(windows: str, vmware: str) -> bool:
    """Whether two BIOS UUIDs are of one machine, whichever end their first fields begin with.

    SMBIOS stores the first three fields of a UUID little-endian from 2.6 on and Windows prints
    them so; VMware prints the bytes in their order. Which of the two a guest shows depends on its
    virtual hardware version.
    """
    try:
        ours, theirs = UUID(windows), UUID(vmware)
    except ValueError:
        return False
    return theirs.bytes in {ours.bytes, ours.bytes_le}


@dataclass(frozen=True, slots=True)
class _Search:
    vms: list[LiveVm]

    def of(self, node: WantedNode) -> LiveVm | str:
        """Give the node's VM, or why there is none."""
        if node.vm is not None:
            return self._named(node.vm)
        names = {same(name) for name in (node.name, *node.host_names)}
        for candidates in self._ways(node, names):
            if len(candidates) > 1:
                candidates = _fewer(candidates, names)  # noqa: PLW2901  twins, told apart
            if len(candidates) == 1:
                return candidates[0]
            if candidates:
                return f"{len(candidates)} VMs could be this node's: {_list(candidates)}"
        return "no VM has its BIOS UUID, its host name or its name"

    def _named(self, name: str) -> LiveVm | str:
        found = [vm for vm in self.vms if name in {vm.ref, vm.name}]
        found = found or [vm for vm in self.vms if vm.name.casefold() == name.casefold()]
        if len(found) == 1:
            return found[0]
        if found:
            running = [vm for vm in found if vm.on]
            return running[0] if len(running) == 1 else f"{len(found)} VMs are called {name}"
        guess = nearest(name, [vm.name for vm in self.vms])
        return f"there is no VM {name}" + (f"; perhaps {guess} is meant" if guess else "")

    def _ways(self, node: WantedNode, names: set[str]) -> Iterator[list[LiveVm]]:
        """The ways to find a VM, the surest first."""
        uuid = node.bios_uuid
        if uuid:
            yield [vm for vm in self.vms if vm.uuid and same_machine(uuid, vm.uuid)]
        yield [vm for vm in self.vms if vm.guest and same(vm.guest) in names]
        yield [vm for vm in self.vms if same(vm.name) in names and vm.guest is None]


def _fewer(candidates: list[LiveVm], names: set[str]) -> list[LiveVm]:
    """Of copies with one UUID or one name, take the one that runs, else the one so called."""
    running = [vm for vm in candidates if vm.on] or candidates
    called = [vm for vm in running if vm.guest and same(vm.guest) in names]
    return running if len(running) == 1 or not called else called


def _list(vms: Iterable[LiveVm]) -> str:
    return ", ".join(sorted(vm.name for vm in vms)[:4])


def unasked(node: str) -> tuple[Gap, Gap]:
    """Give the gaps of a node without a VM: that nothing is found about it proves nothing.

    They make sure that no absence of tasks or events clears anything.
    """
    why = f"the VM of {node} is not known, so nothing was asked about it"
    return Gap("vcenter", "tasks", why, NAME_IT), Gap("vcenter", "events", why, NAME_IT)
