"""VMs: one row for each name in each vCenter, whatever the case it is written in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.rows import text

if TYPE_CHECKING:
    from sqlite_utils.db import Database

    from storage.store import Store

NOWHERE = ""
"""The vCenter of a VM whose vCenter is not known."""

NO_VCENTERS: Mapping[str, str] = {}
"""Where nobody knows which vCenter a VM is in."""


@dataclass(frozen=True, slots=True)
class Vm:
    """A VM that something is known about. `vcenter` is empty where it is not known."""

    id: int
    vcenter: str
    name: str


def vms_named(store: "Store", name: str) -> tuple[Vm, ...]:
    """Find VMs by name in any case; several where several vCenters have one of that name."""
    with store.reading() as db:
        return _of(db, name)


def vm_names(store: "Store") -> tuple[str, ...]:
    """Give the names of all VMs, to find the one that was probably meant."""
    with store.reading() as db:
        return tuple(row[0] for row in db.execute("SELECT DISTINCT name FROM vms ORDER BY name"))


def take_in(db: "Database", names: Iterable[str], vcenters: Mapping[str, str]) -> dict[str, Vm]:
    """Give each name's VM, made if there is none; call it in a transaction that writes.

    `vcenters` tells the vCenter of a name where it is known.
    """
    return {name: _one(db, name, vcenters.get(name, NOWHERE)) for name in dict.fromkeys(names)}


def _of(db: "Database", name: str) -> tuple[Vm, ...]:
    sql = "SELECT id, vcenter, name FROM vms WHERE folded = ? ORDER BY vcenter"
    return tuple(Vm(*row) for row in db.execute(sql, [_folded(name)]))


def _one(db: "Database", name: str, vcenter: str) -> Vm:
    """Find or make a VM. One whose vCenter nobody knew so far is the same as one that is known."""
    known = _of(db, name)
    here = [vm for vm in known if vm.vcenter == vcenter]
    if here:
        return here[0]
    if vcenter == NOWHERE and len(known) == 1:
        return known[0]
    strays = [vm for vm in known if vm.vcenter == NOWHERE]
    if strays:
        db.execute("UPDATE vms SET vcenter = ? WHERE id = ?", [vcenter, strays[0].id])
        return Vm(strays[0].id, vcenter, strays[0].name)
    sql = "INSERT INTO vms (vcenter, name, folded) VALUES (?, ?, ?)"
    db.execute(sql, [text(vcenter), text(name), _folded(name)])
    return _one(db, name, text(vcenter))


def _folded(name: str) -> str:
    return text(name).casefold()
