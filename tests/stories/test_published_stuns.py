"""Published vmware.log extracts, each beside a failover of its time."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from tests.stories.dossier import (
    cluster,
    ending,
    event,
    lay,
    log,
    new,
    old,
    quiet,
    removed,
    task,
    tasks,
    verdict,
    verdicts,
)
from verdict.facts import Phase
from verdict.verdict import Verdict
from verdict.words import milliseconds

NODE1 = "nodes/NODE1/System.xml"


def ms(one: Verdict) -> int | None:
    return milliseconds(one.stun.duration) if one.stun else None


# https://elatov.github.io/2012/06/vms-losing-high-number-pings-when-consolidating-snapshots/
SLOW_SAN = quiet(
    "2012-03-23T16:00:00.000Z",
    "2012-03-23T17:00:00.000Z",
    "2012-03-23T16:22:51.876Z| vcpu-0| Checkpoint_Unstun: vm stopped for 3658889 us",
)
AFTER_THE_REPAIR = quiet(
    "2012-05-14T13:00:00.000Z",
    "2012-05-14T14:00:00.000Z",
    "2012-05-14T13:34:34.351Z| vcpu-0| DISKLIB-CBT : Shutting down change tracking for untracked"
    " fid 5277995.",
    "2012-05-14T13:34:34.390Z| vcpu-0| DISKLIB-VMFS :"
    ' "/vmfs/volumes/4ecad5e9/VM/VM_1-000002-delta.vmdk" : closed.',
    "2012-05-14T13:34:34.412Z| vcpu-0| CPT current = 2, requesting 6",
    "2012-05-14T13:34:34.412Z| vcpu-0| Checkpoint_Unstun: vm stopped for 4233332 us",
    "2012-05-14T13:34:34.412Z| vcpu-0| CPT: monitor ACKing mode 6",
)


def elatov(guest: str, at: str, beats: int) -> dict[str, str]:
    return {
        "cluster.json": cluster("NODE1", "NODE2", threshold=beats, windows="2008 R2"),
        "vms/NODE2/vmware.log": guest,
        NODE1: removed(at, "NODE1", "NODE2"),
    }


def test_3_7_s_are_survived_by_the_default_of_their_time(tmp_path: Path) -> None:
    """Nobody was removed, so there is nothing to judge."""
    quiet_node = removed("2012-03-22T04:00:00Z", "NODE1", "NODE9")
    files = elatov(SLOW_SAN, "2012-03-23T16:22:52.300Z", 5) | {NODE1: quiet_node}
    assert "NODE2" not in {one.lost_node for one in verdicts(tmp_path, files)}


def test_3_7_s_are_too_short_for_5_beats(tmp_path: Path) -> None:
    one = verdict(tmp_path, elatov(SLOW_SAN, "2012-03-23T16:22:53.500Z", 5))
    assert ending(one) == ("NODE2", "unknown", "unknown", "unknown", None)
    assert ms(one) == 3659


def test_3_7_s_are_enough_for_4_beats(tmp_path: Path) -> None:
    """16:22:48.217 + 3..4 s + 0.6 s. The line alone does not say what the stun was for."""
    one = verdict(tmp_path, elatov(SLOW_SAN, "2012-03-23T16:22:52.300Z", 4))
    assert ending(one) == ("NODE2", "caused", "snapshot_stun", "confirmed", "heartbeat")


def test_3_7_s_half_a_minute_earlier_prove_nothing(tmp_path: Path) -> None:
    one = verdict(tmp_path, elatov(SLOW_SAN, "2012-03-23T16:23:22.300Z", 4))
    assert ending(one) == ("NODE2", "unknown", "unknown", "unknown", None)


def test_4_2_s_of_a_removal_may_take_5_beats(tmp_path: Path) -> None:
    """A last beat nearly a second before the stun leaves 4.0 s of it; 13:34:30.179 + 4..5.6 s."""
    one = verdict(tmp_path, elatov(AFTER_THE_REPAIR, "2012-05-14T13:34:35.100Z", 5))
    assert ending(one) == ("NODE2", "caused", "snapshot_remove_stun", "confirmed", "heartbeat")


def test_4_2_s_convict_nobody_where_the_nodes_logged_no_removal(tmp_path: Path) -> None:
    """Both System logs cover the hours and hold their uptime only: there was no failover."""
    uptimes = {
        f"nodes/{node}/System.xml": "".join(
            event(f"2012-05-14T{hour}:00:00Z", node, 6013, "100", provider="EventLog")
            for hour in range(10, 18)
        )
        for node in ("NODE1", "NODE2")
    }
    asked = {"incident.toml": "[failover]\nat = 2012-05-14T13:34:35Z\n"}
    files = elatov(AFTER_THE_REPAIR, "2012-05-14T13:34:35Z", 5) | uptimes | asked
    assert verdict(tmp_path, files).backup != "caused"


def test_4_2_s_cannot_take_10_beats(tmp_path: Path) -> None:
    one = verdict(tmp_path, elatov(AFTER_THE_REPAIR, "2012-05-14T13:34:40.500Z", 10))
    assert ending(one) == ("NODE2", "cleared", "unknown", "unknown", None)


def test_the_worst_of_that_array_takes_anything(tmp_path: Path) -> None:
    """237087978 us were listed without their time; the end is ours."""
    worst = quiet(
        "2012-03-20T02:00:00.000Z",
        "2012-03-20T03:00:00.000Z",
        old("2012-03-20T02:10:00.000Z", "vmx", "SnapshotVMX_Consolidate: Starting"),
        old("2012-03-20T02:14:00.000Z", "vcpu-0", "Checkpoint_Unstun: vm stopped for 237087978 us"),
        old("2012-03-20T02:14:01.000Z", "vcpu-0", "ConsolidateEnd: Snapshot consolidate complete"),
    )
    one = verdict(tmp_path, elatov(worst, "2012-03-20T02:10:08.100Z", 5))
    assert ending(one) == ("NODE2", "caused", "snapshot_remove_stun", "confirmed", "heartbeat")
    assert ms(one) == 237088


# https://www.virten.net/2015/10/how-long-are-virtual-machines-stunned-for-snapshots-and-vmotion/
def test_a_creation_of_188_ms_and_2_s_of_quiescing_are_innocent(tmp_path: Path) -> None:
    guest = quiet(
        "2015-10-27T22:00:00.000Z",
        "2015-10-27T22:10:00.000Z",
        "2015-10-27T22:01:39.876Z| vmx| I120: SnapshotVMX_TakeSnapshot start: 'Backup', "
        "deviceState=0, lazy=0, logging=0, quiesced=1, forceNative=0",
        "2015-10-27T22:01:41.961Z| vcpu-0| I120: Destroying virtual dev for scsi0:0 vscsi=8198",
        "2015-10-27T22:01:42.149Z| vcpu-0| I120: Checkpoint_Unstun: vm stopped for 188405 us",
    )
    files = {
        "cluster.json": cluster("NODE1", "NODE2"),
        "vms/NODE2/vmware.log": guest,
        NODE1: removed("2015-10-27T22:01:52.400Z", "NODE1", "NODE2"),
    }
    one = verdict(tmp_path, files)
    assert ending(one) == ("NODE2", "cleared", "unknown", "unknown", None)
    assert (ms(one), one.stun and one.stun.phase) == (188, Phase.CREATE)
    assert one.stun is not None
    assert one.stun.snapshot == "Backup"


# https://knowledge.broadcom.com/external/article/417644: each stun in two lines, 29 ms apart
PAIRS = log(
    new("2025-10-27T13:41:08.150Z", "vmx", "SNAPSHOT: SnapshotPrepareTakeDoneCB: Prepare phase"),
    new("2025-10-28T13:33:06.256Z", "vcpu-0", "Checkpoint_Unstun: vm stopped for 385332 us"),
    new("2025-10-28T13:33:06.285Z", "vcpu-0", "CPT: vm was stunned for 414878 us"),
    new("2025-10-29T13:27:47.591Z", "vcpu-0", "Checkpoint_Unstun: vm stopped for 408370 us"),
    new("2025-10-29T13:27:47.620Z", "vcpu-0", "CPT: vm was stunned for 437796 us"),
    new("2025-10-29T13:48:37.386Z", "vcpu-0", "ConsolidateEnd: Snapshot consolidate complete: "
        "The operation completed successfully (0)."),
)  # fmt: skip


def test_two_lines_of_one_stun_count_once_and_the_longer_is_kept(tmp_path: Path) -> None:
    """And the extract alone does not tell what they were for."""
    lay(tmp_path, {"vms/NODE2/vmware.log": PAIRS})
    file = tmp_path / "vms/NODE2/vmware.log"
    stuns = json.loads(CliRunner().invoke(main, ["stuns", str(file), "--json"]).stdout)["stuns"]
    assert [(stun["ms"], stun["phase"]) for stun in stuns] == [(415, "unknown"), (438, "unknown")]


@pytest.mark.parametrize(("at", "length"), [
    ("2025-10-28T13:33:26.400Z", 415), ("2025-10-29T13:28:07.800Z", 438),
])  # fmt: skip
def test_stuns_below_half_a_second_are_innocent(tmp_path: Path, at: str, length: int) -> None:
    files = {
        "cluster.json": cluster("NODE1", "NODE2", threshold=20, windows="2022"),
        "vms/NODE2/vmware.log": PAIRS,
        NODE1: removed(at, "NODE1", "NODE2"),
    }
    one = verdict(tmp_path, files)
    assert ending(one) == ("NODE2", "cleared", "unknown", "unknown", None)
    assert ms(one) == length


# VMware KB 2039754 as quoted at codenotary.com/blog/vm-gets-unresponsive-when-removing-a-snapshot-
# snapshot-consolidation: three stuns of one removal, without time stamps
STAMPLESS = (
    "vmx| Checkpoint_Unstun: vm stopped for 3711025 us",
    "vmx| Checkpoint_Unstun: vm stopped for 574655 us",
    "vmx| Checkpoint_Unstun: vm stopped for 2191061 us",
)


def iterations(*stuns: str) -> dict[str, str]:
    guest = log(
        old("2011-11-20T01:00:00.000Z", "vmx", "SnapshotVMX_Consolidate: Starting"),
        *stuns,
        old("2011-11-20T01:10:00.000Z", "vmx", "Guest: toolbox"),
    )
    return {
        "cluster.json": cluster("NODE1", "NODE2", threshold=5, windows="2008 R2"),
        "vms/NODE2/vmware.log": guest,
        NODE1: removed("2011-11-20T01:05:05.200Z", "NODE1", "NODE2"),
    }


def test_stuns_without_a_time_clear_nobody(tmp_path: Path) -> None:
    one = verdict(tmp_path, iterations(*STAMPLESS))
    assert ending(one) == ("NODE2", "unknown", "unknown", "unknown", None)
    assert any(gap.source == "vmware.log" for gap in one.missing)


def test_stuns_without_a_time_leave_the_suspicion_of_the_removal(tmp_path: Path) -> None:
    row = task("NODE2", "vm.Snapshot.remove", "2011-11-20T01:04:50Z", "2011-11-20T01:05:30Z")
    work = tasks(row, start="2011-11-20T00:00:00Z", end="2011-11-20T02:00:00Z")
    one = verdict(tmp_path, iterations(*STAMPLESS) | work)
    assert ending(one) == ("NODE2", "suspected", "snapshot_remove_stun", "likely", None)


def test_three_stuns_of_one_removal_do_not_add_up(tmp_path: Path) -> None:
    """6.5 s in all, but the VM ran 2 s between them: the longest, 3.7 of 5.0 s, counts."""
    stuns = (
        "2011-11-20T01:05:03.711Z| vmx| Checkpoint_Unstun: vm stopped for 3711025 us",
        "2011-11-20T01:05:06.286Z| vmx| Checkpoint_Unstun: vm stopped for 574655 us",
        "2011-11-20T01:05:10.477Z| vmx| Checkpoint_Unstun: vm stopped for 2191061 us",
    )
    one = verdict(tmp_path, iterations(*stuns))
    assert ending(one) == ("NODE2", "unknown", "unknown", "unknown", None)
    assert ms(one) == 3711


# https://knowledge.broadcom.com/external/article/311905: a USB device removed
def test_a_usb_device_removed_is_innocent(tmp_path: Path) -> None:
    guest = log(
        new("2025-05-05T10:00:00.000Z", "vmx", "Tools"),
        new("2025-05-05T10:05:00.100Z", "vcpu-0", "Destroying virtual dev for scsi0:0 vscsi=61959"),
        new("2025-05-05T10:05:00.101Z", "vcpu-0", "Closing all the disks of the VM."),
        new("2025-05-05T10:05:00.112Z", "vcpu-0", "Checkpoint_Unstun: vm stopped for 11223 us"),
        new("2025-05-05T10:20:00.000Z", "vmx", "Tools"),
    )
    files = {
        "cluster.json": cluster("NODE1", "NODE2"),
        "vms/NODE2/vmware.log": guest,
        NODE1: removed("2025-05-05T10:05:10.300Z", "NODE1", "NODE2"),
    }
    one = verdict(tmp_path, files)
    assert ending(one) == ("NODE2", "cleared", "unknown", "unknown", None)
    assert ms(one) == 11


# https://knowledge.broadcom.com/external/article/432796: the new process prints 18.5 ms although
# the VM hung for minutes between the two logs
def hot_add() -> dict[str, str]:
    before = log(
        new("2026-01-10T09:00:00.000Z", "vmx", "Tools"),
        new("2026-01-10T10:00:00.100Z", "vmx", "memoryHotplug: Change of memory size from 32768 to"
            " 65536 was requested"),
        new("2026-01-10T10:00:00.551Z", "vmx", "Migrate: VM starting stun, waiting 100 seconds for"
            " go/no-go message."),
        new("2026-01-10T10:00:00.560Z", "vcpu-0", "Migrate: VM successfully stunned"),
        "2026-01-10T10:00:01.000Z Wa(03) vmx - VMX has left the building: 0.",
    )  # fmt: skip
    after = log(
        new("2026-01-10T10:00:00.300Z", "vmx", "Log for VMware ESX"),
        new("2026-01-10T10:03:20.536Z", "vcpu-0", "Checkpoint_Unstun: vm stopped for 18500 us"),
        new("2026-01-10T12:00:00.000Z", "vmx", "Tools"),
    )
    return {
        "cluster.json": cluster("NODE1", "NODE2"),
        "vms/NODE2/vmware-7.log": before,
        "vms/NODE2/vmware.log": after,
        NODE1: removed("2026-01-10T10:00:11.000Z", "NODE1", "NODE2"),
    }


def test_the_short_stun_of_a_hot_add_clears_nobody(tmp_path: Path) -> None:
    one = verdict(tmp_path, hot_add())
    assert ending(one) == ("NODE2", "unknown", "unknown", "unknown", None)


def test_a_hot_add_is_no_backup_where_the_tasks_show_none(tmp_path: Path) -> None:
    work = tasks(start="2026-01-10T09:00:00Z", end="2026-01-10T11:00:00Z")
    one = verdict(tmp_path, hot_add() | work | {"vcenter/inventory.json": INVENTORY})
    assert ending(one)[:2] == ("NODE2", "cleared")


INVENTORY = json.dumps([
    {"name": name, "moref": f"vm-{number}", "guest_host_name": name, "host": f"esx{number}",
     "datastores": []}
    for number, name in enumerate(("NODE1", "NODE2"))
])  # fmt: skip


# https://knowledge.broadcom.com/external/article/435078: a failed vMotion stops the VM for 100 s
def switchover(*end: str) -> dict[str, str]:
    guest = log(
        new("2026-02-02T20:00:00.000Z", "vmx", "Tools"),
        new("2026-02-02T20:30:00.000Z", "vmx", "Migrate: VM starting stun, waiting 100 seconds for"
            " go/no-go message."),
        new("2026-02-02T20:30:00.010Z", "vcpu-0", "Migrate: VM successfully stunned"),
        new("2026-02-02T20:31:40.020Z", "vmx", "MigrateSetState: Transitioning from state"
            " MIGRATE_TO_VMX_WAIT_HANDSHAKE (5) to MIGRATE_TO_VMX_FINISHED (6)."),
        new("2026-02-02T20:31:40.021Z", "vmx", "[msg.checkpoint.migration.maxSwitchoverTimeExceeded"
            "] The migration has exceeded the maximum switchover time of 100 second(s)."),
        *end,
        new("2026-02-02T22:00:00.000Z", "vmx", "Tools"),
    )  # fmt: skip
    return {
        "cluster.json": cluster("NODE1", "NODE2"),
        "vms/NODE2/vmware.log": guest,
        NODE1: removed("2026-02-02T20:30:10.300Z", "NODE1", "NODE2"),
    }


def test_a_failed_vmotion_is_no_backup(tmp_path: Path) -> None:
    ran = new(
        "2026-02-02T20:31:40.050Z", "vcpu-0", "Checkpoint_Unstun: vm stopped for 100040000 us"
    )
    one = verdict(tmp_path, switchover(ran))
    assert ending(one) == ("NODE2", "cleared", "migration_stun", "confirmed", "heartbeat")


def test_a_stun_whose_end_was_never_printed_is_not_taken_for_none(tmp_path: Path) -> None:
    one = verdict(tmp_path, switchover())
    assert one.stun is None
    assert not any("no stun at all" in reason for reason in one.reasons)


# A public test fixture of 2026-06-04, address not recorded: a removal cancelled after 15 min
CANCELLED = log(
    new("2026-06-04T01:00:00.000Z", "vmx", "Tools"),
    new("2026-06-04T02:13:53.334Z", "vcpu-0", "SnapshotVMX_ConsolidateCancel: Requesting snapshot"
        " consolidate cancel."),
    new("2026-06-04T02:29:13.924Z", "worker-94624005", "DISKLIB-VMFS_SPARSE : Canceling vmfs"
        " combine."),
    new("2026-06-04T02:29:15.214Z", "vcpu-0", "ConsolidateItemComplete: Cancelling in-progress"
        " online consolidate."),
    new("2026-06-04T02:29:15.464Z", "vcpu-0", "ConsolidateEnd: Snapshot consolidate complete:"
        " Cancelled (34)."),
    new("2026-06-04T03:00:00.000Z", "vmx", "Tools"),
)  # fmt: skip


@pytest.mark.parametrize(("guest", "expected"), [
    (CANCELLED, ("NODE2", "cleared", "unknown", "unknown", None)),
    ("", ("NODE2", "suspected", "snapshot_remove_stun", "likely", None)),
])  # fmt: skip
def test_a_cancelled_removal_is_suspected_until_its_log_is_read(
    tmp_path: Path, guest: str, expected: tuple[str, str, str, str, None]
) -> None:
    row = task("NODE2", "VirtualMachine.removeAllSnapshots", "2026-06-04T01:58:00Z",
               "2026-06-04T02:29:16Z")  # fmt: skip
    files = {
        "cluster.json": cluster("NODE1", "NODE2"),
        NODE1: removed("2026-06-04T02:20:00.300Z", "NODE1", "NODE2"),
    } | tasks(row, start="2026-06-04T01:00:00Z", end="2026-06-04T03:00:00Z")
    if guest:
        files["vms/NODE2/vmware.log"] = guest
    assert ending(verdict(tmp_path, files)) == expected
