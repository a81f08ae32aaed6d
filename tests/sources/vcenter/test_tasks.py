"""vCenter's tasks: snapshot work, migrations, power."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.findings import Findings
from sources.vcenter.inventory import Inventory, Vm
from sources.vcenter.tasks import asker, read_tasks
from verdict.clock import Clock
from verdict.facts import Operation, Phase
from verdict.sign import Kind

CLOCK = Clock("vcenter", timedelta(0))
INVENTORY = Inventory((Vm("sql01", "vm-48"), Vm("sql02", "vm-49")))
REMOVAL: dict[str, object] = {
    "entity": "vm-48",
    "entityName": "sql01",
    "descriptionId": "vm.Snapshot.remove",
    "name": "RemoveSnapshot_Task",
    "userName": "VSPHERE.LOCAL\\veeam",
    "queueTime": "2026-03-01T02:13:47.9Z",
    "startTime": "2026-03-01T02:13:48Z",
    "completeTime": "2026-03-01T02:14:31Z",
    "state": "success",
}


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-01T{clock}").replace(tzinfo=UTC)


def read(*rows: object, clock: Clock = CLOCK) -> Findings:
    return read_tasks(json.dumps(rows).encode(), clock, INVENTORY)


def test_a_removal_is_an_operation_with_its_interval_and_who_asked() -> None:
    assert read(REMOVAL) == Findings(
        operations=(
            Operation(
                vm="sql01",
                phase=Phase.REMOVE,
                start=at("02:13:48"),
                end=at("02:14:31"),
                clock=CLOCK,
                source="vcenter",
                title="Remove snapshot (Veeam)",
                by="VSPHERE.LOCAL\\veeam",
            ),
        )
    )


@pytest.mark.parametrize(
    ("identifier", "phase"),
    [
        # TaskManager.description of a real vCenter, as govmomi ships it
        ("VirtualMachine.createSnapshot", Phase.CREATE),
        ("VirtualMachine.createSnapshotEx", Phase.CREATE),
        ("vm.Snapshot.remove", Phase.REMOVE),
        ("VirtualMachine.removeAllSnapshots", Phase.REMOVE),
        ("VirtualMachine.consolidateDisks", Phase.REMOVE),
        ("vm.Snapshot.revert", Phase.OTHER),
        ("VirtualMachine.revertToCurrentSnapshot", Phase.OTHER),
        ("VirtualMachine.migrate", Phase.MIGRATION),
        ("VirtualMachine.relocate", Phase.MIGRATION),
        ("Drm.ExecuteVMotionLRO", Phase.MIGRATION),
        ("Drm.ExecuteStorageVmotionLro", Phase.MIGRATION),
        # methods
        ("CreateSnapshot_Task", Phase.CREATE),
        ("CreateSnapshotEx_Task", Phase.CREATE),
        ("RemoveSnapshot_Task", Phase.REMOVE),
        ("RemoveAllSnapshots_Task", Phase.REMOVE),
        ("ConsolidateVMDisks_Task", Phase.REMOVE),
        ("RevertToSnapshot_Task", Phase.OTHER),
        ("MigrateVM_Task", Phase.MIGRATION),
        ("RelocateVM_Task", Phase.MIGRATION),
        # ESXi, vmware-monitor 2.4.2, govmomi's simulator
        ("vim.vm.Snapshot.remove", Phase.REMOVE),
        ("vim.VirtualMachine.createSnapshot", Phase.CREATE),
        ("VirtualMachineSnapshot.remove", Phase.REMOVE),
        ("com.vmware.vim.removeSnapshot", Phase.REMOVE),
        ("com.vmware.vim.createSnapshot", Phase.CREATE),
        ("VirtualMachineSnapshot.removeSnapshot", Phase.REMOVE),
        ("VirtualMachine.RemoveAllSnapshots", Phase.REMOVE),
        ("VirtualMachine.relocateVm", Phase.MIGRATION),
        # the English label
        ("Remove snapshot", Phase.REMOVE),
        ("Create virtual machine snapshot", Phase.CREATE),
    ],
)
@pytest.mark.parametrize("field", ["descriptionId", "name"])
def test_every_published_spelling_is_known_in_either_field(
    identifier: str, phase: Phase, field: str
) -> None:
    row = REMOVAL | {"descriptionId": None, "name": None, field: identifier}
    assert [operation.phase for operation in read(row).operations] == [phase]


@pytest.mark.parametrize(
    "identifier",
    [
        "VirtualMachine.reconfigure",
        "Folder.remove",
        "VirtualMachine.powerOn",
        "vslm.vcenter.VStorageObjectManager.createSnapshot",
        "HostSystem.enterMaintenanceMode",
    ],
)
def test_other_tasks_say_nothing(identifier: str) -> None:
    assert read(REMOVAL | {"descriptionId": identifier, "name": None}) == Findings()


def test_the_vm_is_named_as_it_is_called_today() -> None:
    renamed = REMOVAL | {"entityName": "sql01-old", "entity": "'vim.VirtualMachine:vm-48'"}
    simulator = REMOVAL | {"entity": None, "entityName": "vm-48"}
    stranger = REMOVAL | {"entity": "vm-7", "entityName": "web01"}
    operations = read(renamed, simulator, stranger).operations
    assert [operation.vm for operation in operations] == ["sql01", "sql01", "web01"]


@pytest.mark.parametrize("state", ["running", "queued", None])
def test_a_task_under_way_has_no_end(state: str | None) -> None:
    row = REMOVAL | {"completeTime": None, "state": state}
    assert read(row).operations[0].end is None


def test_a_task_that_waits_begins_when_it_was_queued() -> None:
    row = REMOVAL | {"startTime": None, "completeTime": None, "state": "queued"}
    assert read(row).operations[0].start == at("02:13:47.900")


def test_a_failed_removal_counts_if_it_ran() -> None:
    failed = REMOVAL | {"state": "error"}
    assert read(failed).operations[0].end == at("02:14:31")
    assert read(failed | {"startTime": None}) == Findings()


def test_times_are_shifted_by_the_clock_and_are_utc_without_an_offset() -> None:
    naive = REMOVAL | {"startTime": "2026-03-01T02:13:48", "completeTime": "2026-03-01 02:14:31"}
    ahead = Clock("vcenter", timedelta(seconds=3))
    operation = read(naive, clock=ahead).operations[0]
    assert (operation.start, operation.end) == (at("02:13:45"), at("02:14:28"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"startTime": "soon"}, "startTime is no time"),
        ({"completeTime": "9999-12-31T23:59:59Z"}, "completeTime is no time"),
        ({"completeTime": None}, "finished without a completeTime"),
        ({"completeTime": "2026-03-01T02:00:00Z"}, "ended before it began"),
        ({"startTime": None, "queueTime": None}, "no startTime"),
        ({"entity": "snapshot-53", "entityName": None}, "no VM named"),
        ({"descriptionId": None, "name": 7}, "no descriptionId"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_gap_and_never_an_absence(
    change: dict[str, object], why: str
) -> None:
    findings = read(REMOVAL, REMOVAL | change)
    assert len(findings.operations) == 1
    assert [gap.why for gap in findings.gaps] == [f"1 of 2 rows were unreadable: {why} (1)"]


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("VirtualMachine.powerOff", Kind.POWERED_OFF),
        ("PowerOffVM_Task", Kind.POWERED_OFF),
        ("VirtualMachine.suspend", Kind.POWERED_OFF),
        ("VirtualMachine.reset", Kind.VM_RESET),
        ("VirtualMachine.shutdownGuest", Kind.SHUTDOWN_ASKED),
        ("RebootGuest", Kind.SHUTDOWN_ASKED),
    ],
)
def test_a_power_task_is_a_sign(identifier: str, kind: Kind) -> None:
    row = REMOVAL | {"descriptionId": identifier, "name": None, "userName": "CORP\\jan"}
    sign = read(row).signs[0]
    assert (sign.kind, sign.subject, sign.detail) == (kind, "sql01", "CORP\\jan")
    assert sign.text == f"vCenter task {identifier} on sql01 by CORP\\jan"
    assert sign.at == at("02:13:48")


@pytest.mark.parametrize(
    "change", [{"state": "error"}, {"state": None}, {"userName": None}, {"userName": "vpxuser"}]
)
def test_a_power_off_that_failed_or_that_nobody_asked_for_is_no_plan(
    change: dict[str, object],
) -> None:
    row = REMOVAL | {"descriptionId": "VirtualMachine.powerOff", "name": None}
    assert read(row | change) == Findings()


def test_vcenters_own_accounts_ask_for_nothing() -> None:
    assert asker("VSPHERE.LOCAL\\vpxd-extension-1f2e") is None
    assert asker("System") is None
    assert asker("CORP\\jan") == "CORP\\jan"


@pytest.mark.parametrize("data", [b"", b"{}", b'[{"entity": "vm-', b"[" * 100_000, b"\xfc"])
def test_a_damaged_file_is_a_gap(data: bytes) -> None:
    findings = read_tasks(data, CLOCK, INVENTORY)
    assert [(gap.source, gap.subject) for gap in findings.gaps] == [("vcenter", "tasks")]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)


@given(changes=st.lists(st.dictionaries(st.sampled_from(sorted(REMOVAL)), SCALARS), max_size=4))
def test_a_removal_with_damaged_fields_is_read_or_missed_out_loud(
    changes: list[dict[str, object]],
) -> None:
    kept = [{k: v for k, v in change.items() if k != "descriptionId"} for change in changes]
    findings = read(*(REMOVAL | change for change in kept))
    never_ran = [change for change in kept if str(change.get("state")).lower() == "error"]
    assert len(findings.operations) == len(kept) or findings.gaps or never_ran
