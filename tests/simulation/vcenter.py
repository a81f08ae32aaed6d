"""vCenter: tasks, events and the inventory, stamped by its own clock."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from tests.simulation.clock import Clock, seconds
from tests.simulation.vm import Vm

LABELS = {  # descriptionId -> method, facts/vsphere-veeam.md 1.2
    "VirtualMachine.createSnapshot": "CreateSnapshot_Task",
    "VirtualMachine.createSnapshotEx": "CreateSnapshotEx_Task",
    "vm.Snapshot.remove": "RemoveSnapshot_Task",
    "VirtualMachine.removeAllSnapshots": "RemoveAllSnapshots_Task",
    "VirtualMachine.consolidateDisks": "ConsolidateVMDisks_Task",
    "VirtualMachine.reconfigure": "ReconfigVM_Task",
    "VirtualMachine.migrate": "MigrateVM_Task",
    "VirtualMachine.relocate": "RelocateVM_Task",
    "VirtualMachine.reset": "ResetVM_Task",
    "VirtualMachine.shutdownGuest": "ShutdownGuest",
    "VirtualMachine.powerOn": "PowerOnVM_Task",
}


@dataclass(slots=True)
class Vcenter:
    """What vCenter would answer: tasks and events in true time, written out by its clock."""

    clock: Clock
    backup_user: str
    tasks: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)

    def task(self, vm: Vm, what: str, start: datetime, end: datetime, user: str | None) -> None:
        """Record a finished task on a VM; `user` None means DRS or HA did it."""
        self.tasks.append(
            {
                "entity": vm.moref,
                "entityName": vm.name,
                "descriptionId": what,
                "name": LABELS.get(what),
                "userName": user,
                "queueTime": start - seconds(0.015),
                "startTime": start,
                "completeTime": end,
                "state": "success",
            }
        )

    def event(self, at: datetime, kind: str, vm: str | None, host: str | None, text: str) -> None:
        """Record an event."""
        self.events.append(
            {
                "eventTypeId": kind,
                "createdTime": at,
                "vm": vm,
                "host": host,
                "userName": "",
                "message": text,
            }
        )

    def stamped(
        self, rows: list[dict[str, object]], since: datetime, until: datetime
    ) -> list[dict[str, object]]:
        """Return rows that touch [since, until], by time, with this clock's stamps as text."""
        out = []
        for row in sorted(rows, key=_key):
            moments = [value for value in row.values() if isinstance(value, datetime)]
            if max(moments) < since or min(moments) > until:
                continue
            out.append({key: self._text(value) for key, value in row.items()})
        return out

    def _text(self, value: object) -> object:
        if isinstance(value, datetime):
            stamp = self.clock.stamp(value)
            return f"{stamp:%Y-%m-%dT%H:%M:%S}.{stamp.microsecond // 1000:03d}Z"
        return value


def _key(row: dict[str, object]) -> str:
    return str(row.get("createdTime") or row.get("startTime"))


def inventory(vms: list[Vm], rng: Random, *, guests: bool) -> list[dict[str, object]]:
    """Return inventory.json; `guests` False leaves guest_host_name unknown."""
    rows: list[dict[str, object]] = [
        {
            "name": vm.name,
            "moref": vm.moref,
            "guest_host_name": (vm.guest or None) if guests else None,
            "host": (vm.moves[-1][1] if vm.moves else vm.host).name,
            "datastores": [{"name": vm.datastore[0], "type": vm.datastore[1]}],
        }
        for vm in vms
    ]
    rng.shuffle(rows)
    return rows
