"""vCenter's task history: snapshot work and migrations with start and end, power tasks.

Snapshot work has no event class in vCenter; only its tasks say when it ran (events vSphere 8.0U3).
"""

from datetime import datetime

from sources.backup_product import product_of
from sources.findings import Findings
from sources.json_rows import AGAIN, Row, UnreadableError, load_list, read_each
from sources.stamps import as_utc
from sources.vcenter.inventory import Inventory, bare_moref
from verdict.clock import Clock
from verdict.facts import Gap, Operation, Phase
from verdict.sign import Kind, Sign

_CREATE = (Phase.CREATE, "Create snapshot")
_REMOVE = (Phase.REMOVE, "Remove snapshot")
_REMOVE_ALL = (Phase.REMOVE, "Remove all snapshots")
_CONSOLIDATE = (Phase.REMOVE, "Consolidate disks")
_REVERT = (Phase.OTHER, "Revert to snapshot")
_MIGRATE = (Phase.MIGRATION, "Migrate")

WORK = {
    "createsnapshot": _CREATE,
    "createsnapshotex": _CREATE,
    "createvirtualmachinesnapshot": _CREATE,
    "snapshot.remove": _REMOVE,
    "removesnapshot": _REMOVE,
    "removeallsnapshots": _REMOVE_ALL,
    "consolidatedisks": _CONSOLIDATE,
    "consolidatevmdisks": _CONSOLIDATE,
    "consolidatevirtualmachinediskfiles": _CONSOLIDATE,
    "snapshot.revert": _REVERT,
    "reverttosnapshot": _REVERT,
    "reverttocurrentsnapshot": _REVERT,
    "virtualmachine.migrate": _MIGRATE,
    "virtualmachine.relocate": _MIGRATE,
    "migratevm": _MIGRATE,
    "relocatevm": _MIGRATE,
    "migratevirtualmachine": _MIGRATE,
    "relocatevirtualmachine": _MIGRATE,
    "executevmotionlro": (Phase.MIGRATION, "DRS migration"),
    "executestoragevmotionlro": (Phase.MIGRATION, "Storage DRS migration"),
}
"""Phase and title by the end of a task's id, its method or its English label.

vCenter says `vm.Snapshot.remove`, ESXi `vim.vm.Snapshot.remove`, the method is
`RemoveSnapshot_Task`, the simulator says `VirtualMachineSnapshot.removeSnapshot`, and which of
them a vCenter fills has varied (TaskManager.description; vmware-monitor 2.4.2).
"""

POWER = {
    "virtualmachine.poweroff": Kind.POWERED_OFF,
    "poweroffvm": Kind.POWERED_OFF,
    "virtualmachine.suspend": Kind.POWERED_OFF,
    "suspendvm": Kind.POWERED_OFF,
    "standbyguest": Kind.POWERED_OFF,
    "virtualmachine.reset": Kind.VM_RESET,
    "resetvm": Kind.VM_RESET,
    "shutdownguest": Kind.SHUTDOWN_ASKED,
    "rebootguest": Kind.SHUTDOWN_ASKED,
}
"""What a power task means, spelt like WORK."""

_DISKS_WITHOUT_VM = ("vstorageobject", "vslm")
"""First class disks have snapshots of their own, which stop no VM."""

SYSTEM_ACCOUNTS = frozenset({"", "system", "vpxuser", "dcui"})
"""Accounts under which ESXi acts by itself or for vCenter; vCenter's own begin with `vpxd`."""

_UNFINISHED = frozenset({None, "running", "queued"})


def read_tasks(data: bytes, clock: Clock, inventory: Inventory) -> Findings:
    """Read a bundle's `vcenter/tasks.json`: snapshot work, migrations, power tasks.

    Times without an offset are UTC. Gives no coverage: only who asked knows for what interval.
    """
    try:
        entries = load_list(data)
    except UnreadableError as error:
        return Findings(gaps=(Gap("vcenter", "tasks", str(error), AGAIN),))
    names = inventory.names_by_moref()
    found, gaps = read_each(entries, lambda row: _task(row, clock, names), "vcenter", "tasks")
    facts = [fact for fact in found if fact is not None]
    return Findings(
        operations=tuple(fact for fact in facts if isinstance(fact, Operation)),
        signs=tuple(fact for fact in facts if isinstance(fact, Sign)),
        gaps=gaps,
    )


def asker(user: str | None) -> str | None:
    """Give the account, unless vSphere acted by itself: what it does alone, nobody planned."""
    account = (user or "").rpartition("\\")[2].lower()
    return None if account in SYSTEM_ACCOUNTS or account.startswith("vpxd") else user


def spellings(identifier: str) -> tuple[str, str]:
    """Reduce an id, method or label to its last word and to its last two, in lower case.

    `vim.VirtualMachineSnapshot.remove` gives `remove` and `snapshot.remove`.
    """
    words = identifier.lower().replace(" ", "").removesuffix("_task").split(".")
    owner = "".join(words[-2:-1]).replace("virtualmachinesnapshot", "snapshot")
    return words[-1], f"{owner}.{words[-1]}"


def _task(row: Row, clock: Clock, names: dict[str, str]) -> Operation | Sign | None:
    identifiers = [text for field in ("descriptionId", "name") if (text := row.text(field))]
    if not identifiers:
        raise UnreadableError("no descriptionId")
    for identifier in identifiers:
        if any(word in identifier.lower() for word in _DISKS_WITHOUT_VM):
            return None
        for spelling in spellings(identifier):
            if spelling in WORK:
                return _operation(row, WORK[spelling], clock, _vm(row, names))
            if spelling in POWER:
                return _power(row, POWER[spelling], identifier, clock, names)
    return None


def _operation(row: Row, work: tuple[Phase, str], clock: Clock, vm: str) -> Operation | None:
    """Take a failed task too, if it ever ran: a removal that fails has stunned all the same."""
    started, state = row.stamp("startTime"), (row.text("state") or "").lower() or None
    if state == "error" and started is None:
        return None
    start = started or row.stamp("queueTime")
    if start is None:
        raise UnreadableError("no startTime")
    phase, title = work
    product = product_of(row.text("userName"), None)
    return Operation(
        vm=vm,
        phase=phase,
        start=clock.utc(as_utc(start)),
        end=_end(row, start, state, clock),
        clock=clock,
        source="vcenter",
        title=f"{title} ({product})" if product else title,
        by=row.text("userName"),
    )


def _end(row: Row, start: datetime, state: str | None, clock: Clock) -> datetime | None:
    """Give the end of a task; None only where it may really still be running."""
    end = row.stamp("completeTime")
    if end is None:
        if state in _UNFINISHED:
            return None
        raise UnreadableError("finished without a completeTime")
    if as_utc(end) < as_utc(start):
        raise UnreadableError("ended before it began")
    return clock.utc(as_utc(end))


def _power(
    row: Row, kind: Kind, identifier: str, clock: Clock, names: dict[str, str]
) -> Sign | None:
    """Make a sign of a power task that took place.

    A failed one changed nothing, and one that nobody asked for is no plan: a plan clears the
    backup, so it has to be proven.
    """
    user = asker(row.text("userName"))
    if (row.text("state") or "").lower() not in {"success", "running"}:
        return None
    if user is None and kind is not Kind.VM_RESET:
        return None
    start = row.stamp("startTime") or row.stamp("queueTime")
    if start is None:
        raise UnreadableError("no startTime")
    vm = _vm(row, names)
    return Sign(
        kind=kind,
        at=clock.utc(as_utc(start)),
        clock=clock,
        source="vcenter",
        text=f"vCenter task {identifier} on {vm}" + (f" by {user}" if user else ""),
        subject=vm,
        detail=user,
    )


def _vm(row: Row, names: dict[str, str]) -> str:
    """Name the task's VM as it is called today, else as it was called when the task ran."""
    entity, called = row.text("entity"), row.text("entityName")
    for moref in (entity, called):  # govmomi's simulator puts the moref into entityName too
        if moref and bare_moref(moref) in names:
            return names[bare_moref(moref)]
    if called is None:
        raise UnreadableError("no VM named")
    return called
