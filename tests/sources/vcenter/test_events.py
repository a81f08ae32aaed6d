"""vCenter's events: what each of them means, and what it must not be taken for."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.findings import Findings
from sources.vcenter.event_ids import bare_id
from sources.vcenter.events import read_vcenter_events
from sources.vcenter.inventory import Inventory, Vm
from verdict.clock import Clock
from verdict.facts import Operation, Phase
from verdict.sign import Kind

CLOCK = Clock("vcenter", timedelta(0))
INVENTORY = Inventory((Vm("sql01", "vm-48"),))


def event(kind: str, second: int = 0, **fields: object) -> dict[str, object]:
    moment = f"2026-03-01T02:14:{second:02}Z"
    return {"eventTypeId": kind, "createdTime": moment, "vm": "sql01", "host": "esx07"} | fields


def at(second: int) -> datetime:
    return datetime(2026, 3, 1, 2, 14, second, tzinfo=UTC)


def read(*rows: object) -> Findings:
    return read_vcenter_events(json.dumps(rows).encode(), CLOCK, INVENTORY)


@pytest.mark.parametrize(
    ("identifier", "kind"),
    # ids: lamw/vcenter-event-mapping, vSphere 8.0U3
    [
        ("com.vmware.vc.HA.DasHostFailedEvent", Kind.HOST_FAILED),
        ("DasHostFailedEvent", Kind.HOST_FAILED),
        ("vim.event.HostShutdownEvent", Kind.HOST_FAILED),
        ("HostConnectionLostEvent", Kind.HOST_LOST),
        ("HostSyncFailedEvent", Kind.HOST_LOST),
        ("com.vmware.vc.HA.DasHostIsolatedEvent", Kind.HOST_NETWORK),
        ("com.vmware.vc.HA.DasHostCompleteNetworkFailureEvent", Kind.HOST_NETWORK),
        ("esx.problem.net.connectivity.lost", Kind.HOST_NETWORK),
        ("esx.problem.net.vmnic.linkstate.down", Kind.HOST_NETWORK),
        ("com.vmware.vc.HA.DasHostCompleteDatastoreFailureEvent", Kind.STORAGE_LOST),
        ("esx.problem.storage.apd.timeout", Kind.STORAGE_LOST),
        ("esx.problem.scsi.device.state.permanentloss", Kind.STORAGE_LOST),
        ("esx.problem.vmfs.heartbeat.timedout", Kind.STORAGE_LOST),
        ("esx.problem.scsi.device.io.latency.high", Kind.SLOW_IO),
    ],
)
def test_an_event_about_a_host_names_the_host(identifier: str, kind: Kind) -> None:
    sign = read(event(identifier, vm=None)).signs[0]
    assert (sign.kind, sign.subject, sign.detail) == (kind, "esx07", None)
    assert sign.text == f"vCenter event {identifier} for esx07"


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("com.vmware.vc.ha.VmRestartedByHAEvent", Kind.HOST_FAILED),
        ("VmRestartedOnAlternateHostEvent", Kind.HOST_FAILED),
        ("com.vmware.vc.HA.VmcpTerminatingVm", Kind.STORAGE_LOST),
        ("VmGuestOSCrashedEvent", Kind.GUEST_CRASHED),
        ("VmDasBeingResetEvent", Kind.VM_RESET),
        ("VmResettingEvent", Kind.VM_RESET),
        ("DrsVmMigratedEvent", Kind.VM_MIGRATED),
        ("com.vmware.vc.vm.SrcVmMigratedEvent", Kind.VM_MIGRATED),
        ("VmGuestRebootEvent", Kind.BOOTED),
    ],
)
def test_an_event_about_a_vm_names_the_vm_and_its_host(identifier: str, kind: Kind) -> None:
    sign = read(event(identifier, vm="vm-48")).signs[0]
    assert (sign.kind, sign.subject, sign.detail) == (kind, "sql01", "esx07")
    assert (sign.node, sign.source, sign.at) == (None, "vcenter", at(0))


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("VmGuestShutdownEvent", Kind.SHUTDOWN_ASKED),
        ("VmGuestRebootEvent", Kind.SHUTDOWN_ASKED),
        ("VmPoweredOffEvent", Kind.POWERED_OFF),
        ("VmSuspendingEvent", Kind.POWERED_OFF),
    ],
)
def test_going_down_is_a_plan_only_where_somebody_asked(identifier: str, kind: Kind) -> None:
    sign = read(event(identifier, userName="CORP\\jan")).signs[0]
    assert (sign.kind, sign.detail) == (kind, "CORP\\jan")
    for nobody in (None, "", "vpxuser", "VSPHERE.LOCAL\\vpxd-1f2e"):
        kinds = [sign.kind for sign in read(event(identifier, userName=nobody)).signs]
        assert kinds in ([], [Kind.BOOTED])


def test_a_network_that_only_lost_its_reserve_says_so() -> None:
    for word in ("lost", "degraded"):
        sign = read(event(f"esx.problem.net.redundancy.{word}")).signs[0]
        assert (sign.kind, sign.detail) == (Kind.HOST_NETWORK, "redundancy")


@pytest.mark.parametrize(
    "identifier",
    [
        "esx.clear.storage.apd.exit",
        "esx.clear.net.connectivity.restored",
        "esx.problem.vmfs.heartbeat.recovered",
        "VmNoNetworkAccessEvent",
        "com.vmware.vc.VmDiskConsolidatedEvent",
        "VmPoweredOnEvent",
    ],
)
def test_what_ends_a_trouble_or_is_none_is_no_sign(identifier: str) -> None:
    assert read(event(identifier, userName="CORP\\jan")) == Findings()


def test_a_migration_lasts_from_its_first_event_to_its_last() -> None:
    findings = read(
        event("DrsVmMigratedEvent", 40),
        event("VmEmigratingEvent", 12),
        event("VmBeingHotMigratedEvent", 10, userName="CORP\\jan"),
    )
    assert findings.operations == (
        Operation(
            "sql01", Phase.MIGRATION, at(10), at(40), CLOCK, "vcenter", "Migrate", "CORP\\jan"
        ),
    )
    assert [sign.kind for sign in findings.signs] == [Kind.VM_MIGRATED]


def test_a_failed_migration_lasted_too_but_moved_nothing() -> None:
    findings = read(event("VmBeingMigratedEvent", 10), event("VmFailedMigrateEvent", 40))
    assert [operation.end for operation in findings.operations] == [at(40)]
    assert not findings.signs


def test_a_migration_whose_end_was_lost_is_not_stretched_to_the_next_one() -> None:
    earlier = event("VmBeingHotMigratedEvent", createdTime="2026-03-01T01:00:00Z")
    findings = read(earlier, event("VmBeingHotMigratedEvent", 10), event("VmMigratedEvent", 40))
    assert [operation.start for operation in findings.operations] == [at(10)]


@pytest.mark.parametrize(
    ("message", "starved"),
    [
        ("Alarm 'Virtual machine CPU usage' on sql01 changed from Yellow to Red", True),
        ("Alarm 'Host memory usage' on esx07 changed from Green to Red", True),
        ("Alarm 'Virtual machine CPU usage' on sql01 changed from Red to Green", False),
        ("Alarm 'Datastore usage on disk' on nfs1 changed from Green to Red", False),
        (None, False),
    ],
)
def test_only_an_alarm_of_cpu_or_memory_turning_red_is_starvation(
    message: str | None, *, starved: bool
) -> None:
    signs = read(event("AlarmStatusChangedEvent", message=message)).signs
    assert [sign.kind for sign in signs] == ([Kind.STARVED] if starved else [])


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (event("HostConnectionLostEvent", host=None), "neither VM nor host named"),
        (event("VmGuestOSCrashedEvent", vm=None), "neither VM nor host named"),
        (event("VmGuestOSCrashedEvent", createdTime=None), "no createdTime"),
        (event("VmGuestOSCrashedEvent", createdTime="soon"), "createdTime is no time"),
        ({"message": "?"}, "no eventTypeId"),
        ("VmMigratedEvent", "no object"),
    ],
)
def test_an_event_that_cannot_be_read_is_a_gap(row: object, why: str) -> None:
    findings = read(row)
    assert not findings.signs
    assert [gap.why for gap in findings.gaps] == [f"1 of 1 rows were unreadable: {why} (1)"]


@pytest.mark.parametrize("data", [b"", b"null", b'[{"eventTypeId": "VmM', b"\xff\xfe\x00"])
def test_a_damaged_file_is_a_gap(data: bytes) -> None:
    findings = read_vcenter_events(data, CLOCK, INVENTORY)
    assert [(gap.source, gap.subject) for gap in findings.gaps] == [("vcenter", "events")]


def test_ids_of_esxi_stay_whole() -> None:
    assert bare_id("vim.event.VmMigratedEvent") == "vmmigratedevent"
    assert bare_id("esx.problem.storage.apd.start") == "esx.problem.storage.apd.start"


VALUES = st.none() | st.integers() | st.text(max_size=8) | st.just("VmBeingMigratedEvent")
FIELDS = st.sampled_from(["eventTypeId", "createdTime", "vm", "host", "userName", "message"])


@given(rows=st.lists(st.dictionaries(FIELDS, VALUES) | VALUES, max_size=6))
def test_rows_of_any_type_never_raise(rows: list[object]) -> None:
    findings = read(*rows, event("VmGuestOSCrashedEvent"))
    assert findings.signs[-1].kind is Kind.GUEST_CRASHED
