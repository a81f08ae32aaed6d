"""Which VM of vCenter a name of Veeam's means: by the moref, below the same vCenter."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sources.json_rows import Row
from sources.names import same
from sources.vcenter.inventory import bare_moref
from sources.veeam.pages import Query
from sources.veeam.wish import WantedVm
from verdict.facts import Gap

OBJECTS = "/api/v1/backupObjects"


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name by which Veeam knows a VM."""

    vm: WantedVm
    name: str


def objects_of(vm: WantedVm) -> Query:
    """Ask for the backup objects of one VM: the pattern can match any field, so the moref too."""
    return Query(OBJECTS, f"backup objects of {vm.name}", {"nameFilter": vm.moref or ""})


def aliases(vm: WantedVm, rows: Iterable[object]) -> tuple[list[Alias], list[Gap]]:
    """Find the other names of a VM among backup objects.

    Several vCenters number their VMs alike, so an object counts only where its path begins with
    the VM's own vCenter; any other is told as a gap, for it may be the VM.
    """
    found: list[Alias] = []
    gaps: list[Gap] = []
    for name, root in dict.fromkeys(_named(vm, rows)):
        if name.casefold() == vm.name.casefold():
            continue
        if vm.vcenter and _one_host(vm.vcenter, root):
            found.append(Alias(vm, name))
        else:
            why = (
                f"Veeam backs up {vm.moref} below {root or 'an unnamed vCenter'} as {name}; "
                "whether that is this VM is not known"
            )
            remedy = "Configure the vCenter by the name that Veeam shows for it."
            gaps.append(Gap("veeam", vm.name, why, remedy))
    return found, gaps


def _named(vm: WantedVm, rows: Iterable[object]) -> Iterator[tuple[str, str]]:
    r"""Give name and vCenter of the objects with the VM's moref.

    `path` begins with the vCenter: `vcenter01.tech.local\Atlanta\esx04\winsrv88`.
    """
    for entry in rows:
        row = Row(entry if isinstance(entry, dict) else {})
        ident, name = row.text("objectId"), row.text("name")
        if ident and name and vm.moref and bare_moref(ident) == bare_moref(vm.moref):
            yield name, (row.text("path") or "").partition("\\")[0]


def _one_host(one: str, other: str) -> bool:
    """Whether two names are one host's; where both name their domain, that counts, too."""
    if "." in one and "." in other:
        return one.casefold() == other.casefold()
    return same(one) == same(other)
