"""`stuncheck stuns`: every stun of the logs named, once, with what it was for."""

from datetime import timedelta
from pathlib import Path

from commands.meter import Unwatched
from commands.reply import Reply, Tone, Toned
from commands.stuns import list_stuns

# Snapshot and stun lines as KB 417644 and DFIR notes print them (facts: vmware-log 1 and 2).
START = (
    "2026-03-01T02:13:59.000Z In(05) vmx vim-cmd-09-a45d SnapshotVMX_TakeSnapshot start: "
    "'before patch', deviceState=0, lazy=0, quiesced=0, forceNative=0, tryNative=1, "
    "saveAllocMaps=0\n"
)
STUN = "2026-03-01T02:14:{:06.3f}Z In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for {} us\n"
OTHER = "2026-03-01T02:15:00.000Z In(05) vmx - TOOLS autoupgrade\n"


def listed(*paths: Path, tolerance: float | None = None) -> Reply:
    limit = None if tolerance is None else timedelta(seconds=tolerance)
    return list_stuns(paths, limit, Unwatched())


def write(folder: Path, name: str, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(lines), encoding="utf-8")
    return folder / name


def test_a_snapshot_announced_in_the_log_before_explains_the_stun_after(tmp_path: Path) -> None:
    vm = tmp_path / "sql01"
    write(vm, "vmware-4.log", START)
    write(vm, "vmware.log", STUN.format(1, 400_000), OTHER)
    (stun,) = listed(vm).payload["stuns"]
    assert (stun["phase"], stun["snapshot"]) == ("create", "before patch")
    assert stun["file"] == str(vm / "vmware.log")


def test_a_log_that_is_missing_between_two_explains_nothing(tmp_path: Path) -> None:
    vm = tmp_path / "sql01"
    write(vm, "vmware-4.log", START)
    write(vm, "vmware-6.log", STUN.format(1, 400_000), OTHER)
    (stun,) = listed(vm).payload["stuns"]
    assert stun["phase"] == "unknown"


def test_stuns_of_several_vms_stand_in_order_of_time(tmp_path: Path) -> None:
    write(tmp_path / "a", "vmware.log", STUN.format(1, 1000), STUN.format(9, 1000))
    write(tmp_path / "b", "vmware.log", STUN.format(5, 1000))
    assert [stun["vm"] for stun in listed(tmp_path).payload["stuns"]] == ["a", "b", "a"]


def test_two_vms_stunned_at_the_same_moment_are_two_stuns(tmp_path: Path) -> None:
    write(tmp_path / "a", "vmware.log", STUN.format(1, 1000))
    write(tmp_path / "b", "vmware.log", STUN.format(1, 1000))
    assert len(listed(tmp_path).payload["stuns"]) == 2


def test_half_the_tolerance_is_no_near_miss_and_all_of_it_is_over(tmp_path: Path) -> None:
    lines = [STUN.format(n * 15, us) for n, us in ((1, 5_000_000), (2, 5_000_001), (3, 10_000_000))]
    table = listed(write(tmp_path / "a", "vmware.log", *lines), tolerance=10).tables[0]
    judged = [row[5] for row in table.rows]
    assert judged == ["", Toned("near miss", Tone.YELLOW), Toned("over", Tone.RED)]


def test_a_log_without_a_stun_says_what_was_read(tmp_path: Path) -> None:
    said = listed(write(tmp_path / "a", "vmware.log", OTHER))
    assert said.payload == {"stuns": []}
    assert said.closing[-1] == "No stun in 1 file."
    assert said.tables[0].rows[0][3] == "0"
    assert said.exit_code == 0


def test_an_empty_folder_is_a_problem(tmp_path: Path) -> None:
    said = listed(tmp_path)
    assert said.problems[0].message == f"There is no vmware.log in {tmp_path}."
    assert said.exit_code == 1


def test_a_time_that_the_log_cannot_vouch_for_is_told(tmp_path: Path) -> None:
    future = OTHER.replace("2026", "2096")
    said = listed(write(tmp_path / "a", "vmware.log", STUN.format(1, 1000), future, OTHER))
    assert "says nothing from" in said.closing[0]
