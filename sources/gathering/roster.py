"""Who is who: the nodes as the cluster spells them, and the VM each of them runs in."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from sources.material import Material
from sources.names import find, plain, same, short
from sources.vcenter.inventory import Inventory
from verdict.cluster import Node
from verdict.facts import Gap

MOST_NODES = 256
"""Names of nodes; Windows allows 64 in a cluster. More are damage, and none of them is believed."""

SHARED = "several nodes are said to run in this VM"
STRANGE = "vCenter's inventory knows no VM of this name"
CORRECT = "correct [nodes] in incident.toml"


def spell(names: Iterable[str]) -> dict[str, str]:
    """Map every form of a node's name to its first spelling; of too many names none."""
    spelling: dict[str, str] = {}
    known = list(names)
    for name in () if too_many(known) else known:
        if same(name):
            spelling[same(name)] = find(spelling, name) or short(name)
    return spelling


def members(material: Material) -> Iterator[str]:
    """Name the nodes that the material speaks of, the cluster's own spelling first."""
    yield from material.cluster.nodes
    yield from material.incident.nodes
    yield from material.nodes


def too_many(names: Iterable[str]) -> bool:
    """Say whether no cluster has as many nodes as there are names."""
    return len({same(name) for name in names}) > MOST_NODES


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
        names = [*members(material), *lost]
        spelling = spell(names)
        if too_many(names):
            why = f"so many names of nodes ({len(names):,}) cannot be right, so none is used"
            return cls(gaps=(Gap("cluster", "nodes", why, "give one cluster at a time"),))
        search = _Search(material, inventory, {plain(name).casefold(): name for name in seen})
        nodes = tuple(search.node(name) for name in dict.fromkeys(spelling.values()))
        shared = {vm for vm, n in Counter(node.vm.casefold() for node in nodes).items() if n > 1}
        gaps = [Gap("cluster", vm, SHARED, CORRECT) for vm in shared]
        gaps += [
            Gap("cluster", node.vm, f"{STRANGE}: {node.name} cannot run in it", CORRECT)
            for node in nodes
            if search.told(node.name) and not inventory.holds(node.vm)
        ]
        return cls(
            tuple(
                replace(n, vm_proven=n.vm_proven and n.vm.casefold() not in shared) for n in nodes
            ),
            tuple(gaps),
            spelling,
            dict(_known_as(nodes, inventory)),
        )

    def node(self, name: str) -> str:
        """Spell a node as the cluster does; a name that is no node's stays as it is."""
        return find(self.spelling, name) or name

    def vm(self, name: str) -> str:
        """Spell a VM as its node does; a name that is no node's VM stays as it is."""
        return self.vms.get(plain(name).casefold(), name)


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

    def told(self, name: str) -> str | None:
        """Give the VM that a file names for a node, None where none does."""
        sheets = (self.material.incident.nodes, self.material.cluster.nodes)
        told = (find({same(n): vm for n, vm in sheet.items() if vm}, name) for sheet in sheets)
        return next((vm for vm in told if vm), None)

    def _vm(self, name: str) -> tuple[str, bool]:
        vm = self.told(name)
        if vm:
            return vm, self.inventory.holds(vm)
        guest = self.inventory.with_guest(name)
        if guest:
            return guest.name, True
        named = self.inventory.named(name)
        if named:  # another machine's name in it: a VM that was renamed or reused
            return named.name, named.guest_host_name is None or same(named.guest_host_name) == same(
                name
            )
        twins = any(vm.name.casefold() == name.casefold() for vm in self.inventory.vms)
        found = self.seen.get(plain(name).casefold())
        return found or name, found is not None and not twins


def _known_as(nodes: Iterable[Node], inventory: Inventory) -> Iterator[tuple[str, str]]:
    for node in nodes:
        yield plain(node.vm).casefold(), node.vm
        entry = inventory.named(node.vm)
        if entry and entry.moref:
            yield entry.moref.casefold(), node.vm
