"""Who is who: the nodes as the cluster spells them, and the VM each of them runs in."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from sources.material import Material
from sources.names import find, same, short
from sources.vcenter.inventory import Inventory
from verdict.cluster import Node
from verdict.facts import Gap


def spell(names: Iterable[str]) -> dict[str, str]:
    """Map every form of a node's name to its first spelling."""
    spelling: dict[str, str] = {}
    for name in names:
        if same(name):
            spelling[same(name)] = find(spelling, name) or short(name)
    return spelling


def members(material: Material) -> Iterator[str]:
    """Name the nodes that the material speaks of, the cluster's own spelling first."""
    yield from material.cluster.nodes
    yield from material.incident.nodes
    yield from material.nodes


@dataclass(frozen=True, slots=True)
class Roster:
    """The nodes, and every name by which they and their VMs are known."""

    nodes: tuple[Node, ...] = ()
    gaps: tuple[Gap, ...] = ()
    spelling: dict[str, str] = field(default_factory=dict)
    vms: dict[str, str] = field(default_factory=dict)
    """The name of a VM or its managed object reference, in lower case, to its spelling here."""

    @classmethod
    def of(
        cls, material: Material, inventory: Inventory, lost: Iterable[str], seen: Iterable[str]
    ) -> "Roster":
        """Bring everybody together.

        `lost` are nodes named by survivors: one that sent no files still is a member. `seen`
        are VM names that vCenter's tasks, Veeam and the folders of vmware.log use.
        """
        spelling = spell([*members(material), *lost])
        search = _Search(material, inventory, {name.casefold(): name for name in seen})
        nodes = tuple(search.node(name) for name in dict.fromkeys(spelling.values()))
        shared = {vm for vm, n in Counter(node.vm.casefold() for node in nodes).items() if n > 1}
        why = "several nodes are said to run in this VM"
        return cls(
            tuple(
                replace(n, vm_proven=n.vm_proven and n.vm.casefold() not in shared) for n in nodes
            ),
            tuple(Gap("cluster", vm, why, "correct [nodes] in incident.toml") for vm in shared),
            spelling,
            dict(_known_as(nodes, inventory)),
        )

    def node(self, name: str) -> str:
        """Spell a node as the cluster does; a name that is no node's stays as it is."""
        return find(self.spelling, name) or name

    def vm(self, name: str) -> str:
        """Spell a VM as its node does; a name that is no node's VM stays as it is."""
        return self.vms.get(name.casefold(), name)


@dataclass(frozen=True, slots=True)
class _Search:
    """Looks for the VM of a node, the surest way first."""

    material: Material
    inventory: Inventory
    seen: dict[str, str]

    def node(self, name: str) -> Node:
        vm, proven = self._vm(name)
        entry = self.inventory.with_moref(vm) or self.inventory.named(vm)
        if entry is None:
            return Node(name, vm, proven)
        return Node(
            name, entry.name if entry.moref == vm else vm, proven, entry.host, entry.datastores
        )

    def _vm(self, name: str) -> tuple[str, bool]:
        for told in (self.material.incident.nodes, self.material.cluster.nodes):
            vms = {same(node): vm for node, vm in told.items() if vm}
            vm = find(vms, name)
            if vm:
                return vm, True
        guest = self.inventory.with_guest(name)
        if guest:
            return guest.name, True
        named = self.inventory.named(name)
        if named:  # another machine's name in it: a VM that was renamed or reused
            return named.name, named.guest_host_name is None or same(named.guest_host_name) == same(
                name
            )
        twins = any(vm.name.casefold() == name.casefold() for vm in self.inventory.vms)
        found = self.seen.get(name.casefold())
        return found or name, found is not None and not twins


def _known_as(nodes: Iterable[Node], inventory: Inventory) -> Iterator[tuple[str, str]]:
    for node in nodes:
        yield node.vm.casefold(), node.vm
        entry = inventory.named(node.vm)
        if entry and entry.moref:
            yield entry.moref.casefold(), node.vm
