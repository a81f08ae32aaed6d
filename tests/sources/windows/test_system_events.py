"""What Windows' own events mean, in any language."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.sources.logged import found, logged
from verdict.sign import Kind

KERNEL = "Microsoft-Windows-Kernel-General"
SCM = "Service Control Manager"
TOOLS = r"\Device\HarddiskVolume4\Program Files\VMware\VMware Tools\vmtoolsd.exe"
# detection-wiki-dev.pages.dev/microsoft-windows-kernel-general/1, a step of 1289 ms
NEW, OLD = "2023-11-05T22:32:22.2320000Z", "2023-11-05T22:32:20.9426150Z"


@pytest.mark.parametrize(
    ("provider", "event_id", "data", "kind", "detail"),
    [
        ("EventLog", 6005, [], Kind.BOOTED, None),
        ("EventLog", 6006, [], Kind.SHUTDOWN, None),
        ("EventLog", 6008, ["PM 3:32:54", "\u200e2020-\u200e11-\u200e13"], Kind.UNCLEAN_BOOT, None),
        (KERNEL, 12, ["10", "0"], Kind.BOOTED, None),
        (KERNEL, 13, ["2026-03-01T02:00:00Z"], Kind.SHUTDOWN, None),
        ("Microsoft-Windows-Kernel-Power", 109, [], Kind.SHUTDOWN, None),
        ("BugCheck", 1001, ["0x0000009e (0x1, 0x2, 0x3, 0x4)"], Kind.BUGCHECKED, "0x9e"),
        ("Microsoft-Windows-NDIS", 10400, ["a", "b", "c", "vmxnet3"], Kind.NIC_DOWN, "vmxnet3"),
        ("e1iexpress", 27, ["", "Intel(R) 82574L"], Kind.NIC_DOWN, "Intel(R) 82574L"),
        ("disk", 153, [r"\Device\Harddisk2\DR2"], Kind.DISK_ERROR,
         r"disk 153 \Device\Harddisk2\DR2"),
        ("pvscsi", 129, [r"\Device\RaidPort0"], Kind.DISK_ERROR, r"pvscsi 129 \Device\RaidPort0"),
        ("Microsoft-Windows-Resource-Exhaustion-Detector", 2004, [], Kind.STARVED, "2004"),
        (SCM, 7031, ["SQL Server (MSSQLSERVER)", "1"], Kind.SERVICE_CRASHED,
         "SQL Server (MSSQLSERVER)"),
        (SCM, 7034, ["Cluster Service", "1"], Kind.SERVICE_CRASHED, "ClusSvc"),
        (SCM, 7036, ["Cluster Service", "stopped"], Kind.SERVICE_STOPPED, "cluster"),
        (SCM, 7024, ["Service de cluster", "%%5925"], None, None),
    ],
)  # fmt: skip
def test_an_event_means_this(
    provider: str, event_id: int, data: list[str], kind: Kind | None, detail: str | None
) -> None:
    signs = found(logged(provider, event_id, *data)).signs
    assert [(s.kind, s.subject, s.detail) for s in signs] == (
        [(kind, "SQL02", detail)] if kind else []
    )


@pytest.mark.parametrize(
    ("event_id", "values", "binary", "kind"),
    [
        (7036, ("Clusterdienst", "beendet"), "ClusSvc/1\0", Kind.SERVICE_STOPPED),
        (7036, ("Clusterdienst", "gestartet"), "ClusSvc/4\0", None),
        (7036, ("Druckwarteschlange", "beendet"), "Spooler/1\0", None),
        (7031, ("Clusterdienst", "1"), "ClusSvc\0", Kind.SERVICE_CRASHED),
        (7031, ("Druckwarteschlange", "1"), "Spooler\0", None),
        (7024, ("Clusterdienst", "%%5925"), "ClusSvc\0", Kind.QUORUM_LOST),
        (7024, ("Clusterdienst", "%%5"), "ClusSvc\0", None),
    ],
)
def test_services_are_known_by_their_internal_name_in_any_language(
    event_id: int, values: tuple[str, str], binary: str, kind: Kind | None
) -> None:
    signs = found(logged(SCM, event_id, *values, binary=binary)).signs
    assert [s.kind for s in signs] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("code", "detail"), [("158", "0x9e"), ("0x9E", "0x9e"), ("0", None), ("", None)]
)
def test_an_unclean_boot_with_a_stop_code_was_a_crash(code: str, detail: str | None) -> None:
    data = {"BugcheckCode": code, "BugcheckParameter1": "0x0"}
    signs = found(logged("Microsoft-Windows-Kernel-Power", 41, named=data)).signs
    assert signs[0].kind is Kind.UNCLEAN_BOOT
    assert [s.detail for s in signs if s.kind is Kind.BUGCHECKED] == ([detail] if detail else [])


# github.com/EricZimmerman/evtx, evtx/Maps: a real 1074
def test_a_wanted_shutdown_says_who_and_why() -> None:
    data = (
        r"C:\WINDOWS\system32\winlogon.exe (PC)", "PC", "Operating System: Upgrade (Planned)",
        "0x80020003", "restart", "", r"NT AUTHORITY\SYSTEM",
    )  # fmt: skip
    (sign,) = found(logged("User32", 1074, *data)).signs
    assert sign.kind is Kind.SHUTDOWN_ASKED
    assert sign.detail == (
        r"NT AUTHORITY\SYSTEM, C:\WINDOWS\system32\winlogon.exe (PC), restart, "
        "Operating System: Upgrade (Planned)"
    )


def test_a_clock_set_forward_by_vmware_tools_is_a_pause() -> None:
    data = {"NewTime": NEW, "OldTime": OLD, "Reason": "1", "ProcessName": TOOLS}
    (pause,) = found(logged(KERNEL, 1, named=data)).pauses
    assert pause.length == timedelta(microseconds=1289385)
    assert pause.end == datetime(2023, 11, 5, 22, 32, 22, 232000, UTC)
    assert pause.end - pause.start == pause.length + timedelta(seconds=60)
    assert pause.how == "vmtoolsd set the clock forward by 1.3 s"
    assert pause.node == "SQL02"


@pytest.mark.parametrize("data", [(NEW, OLD, "1", TOOLS, "7"), (NEW, OLD, "1289", "1", TOOLS, "7")])
def test_versions_2_to_4_are_read_by_position_where_names_are_missing(data: tuple[str]) -> None:
    assert found(logged(KERNEL, 1, *data)).pauses


@pytest.mark.parametrize(
    "data",
    [
        (NEW, OLD, "1", r"\Device\HarddiskVolume3\Windows\System32\svchost.exe", "7"),
        (OLD, NEW, "1", TOOLS, "7"),
        (NEW, "2023-11-05T22:32:21.9Z", "1", TOOLS, "7"),
        (NEW, "yesterday", "1", TOOLS, "7"),
        (NEW, OLD),
        (NEW, OLD, "1", r"C:\vmtoolsd.exe.bak", "7"),
    ],
)
def test_other_clock_changes_are_no_pause(data: tuple[str]) -> None:
    findings = found(logged(KERNEL, 1, *data))
    assert not findings.pauses
    assert not findings.signs
