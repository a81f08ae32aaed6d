"""vCenter's inventory: which VMs there are, and by which names they are known."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sources.json_rows import AGAIN, Row, UnreadableError, load_list, read_each
from verdict.facts import Gap


@dataclass(frozen=True, slots=True)
class Vm:
    """One VM as vCenter knows it; None or empty where the inventory does not say."""

    name: str
    moref: str | None = None
    guest_host_name: str | None = None
    host: str | None = None
    datastores: tuple[tuple[str, str], ...] = ()
    """Name and type (VMFS, NFS, vsan) of each datastore."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The VMs of a vCenter.

    A name that two VMs share belongs to neither: a lookup then gives None, for a node must not
    be judged by another VM's tasks.
    """

    vms: tuple[Vm, ...] = ()

    def named(self, name: str) -> Vm | None:
        """Find the VM of that name, in any case."""
        wanted = name.casefold()
        return self._only(lambda vm: vm.name.casefold() == wanted)

    def with_moref(self, moref: str) -> Vm | None:
        """Find the VM by its managed object reference, `vm-48` or `vim.VirtualMachine:vm-48`."""
        wanted = bare_moref(moref)
        return self._only(lambda vm: vm.moref == wanted)

    def with_guest(self, host_name: str) -> Vm | None:
        """Find the VM whose guest has that host name; only the first DNS label counts."""
        wanted = _label(host_name)
        return self._only(lambda vm: bool(wanted) and _label(vm.guest_host_name or "") == wanted)

    def holds(self, name: str) -> bool:
        """Whether there may be such a VM, by name or moref: always so where nothing was read."""
        wanted = name.casefold()
        return not self.vms or any(wanted in (vm.name.casefold(), vm.moref) for vm in self.vms)

    def names_by_moref(self) -> dict[str, str]:
        """Map every managed object reference that only one VM has to that VM's name."""
        counts = Counter(vm.moref for vm in self.vms)
        return {vm.moref: vm.name for vm in self.vms if vm.moref and counts[vm.moref] == 1}

    def _only(self, fits: Callable[[Vm], bool]) -> Vm | None:
        found = [vm for vm in self.vms if fits(vm)]
        return found[0] if len(found) == 1 else None


def bare_moref(text: str) -> str:
    """Cut the type from a managed object reference: pyvmomi prints `'vim.VirtualMachine:vm-48'`."""
    return text.strip(" '\"").rpartition(":")[2]


def read_inventory(data: bytes) -> tuple[Inventory, tuple[Gap, ...]]:
    """Read a bundle's `vcenter/inventory.json`."""
    try:
        entries = load_list(data)
    except UnreadableError as error:
        return Inventory(), (Gap("vcenter", "inventory", str(error), AGAIN),)
    vms, gaps = read_each(entries, _vm, "vcenter", "inventory")
    inventory = Inventory(tuple(vms))
    return inventory, gaps + _twins(inventory)


def _vm(row: Row) -> Vm:
    moref = row.text("moref")
    return Vm(
        name=row.needed("name"),
        moref=bare_moref(moref) if moref else None,
        guest_host_name=row.text("guest_host_name"),
        host=row.text("host"),
        datastores=_datastores(row.fields.get("datastores")),
    )


def _datastores(entries: object) -> tuple[tuple[str, str], ...]:
    """Datastores only colour the advice: one that cannot be read is left out, not reported."""
    if not isinstance(entries, list):
        return ()
    rows = (Row(entry) for entry in entries if isinstance(entry, dict))
    return tuple((name, row.text("type") or "") for row in rows if (name := row.text("name")))


def _twins(inventory: Inventory) -> tuple[Gap, ...]:
    """One Gap for each name that several VMs share: their tasks cannot be told apart by name."""
    counts = Counter(vm.name.casefold() for vm in inventory.vms)
    first = {vm.name.casefold(): vm.name for vm in reversed(inventory.vms)}
    return tuple(
        Gap("vcenter", first[name], f"{count} VMs have this name, so it proves no node's VM")
        for name, count in counts.items()
        if count > 1
    )


def _label(host_name: str) -> str:
    return host_name.partition(".")[0].casefold()
