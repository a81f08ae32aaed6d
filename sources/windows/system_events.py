"""What Windows' own entries in the System log mean: boots, shutdowns, services, adapters, disks."""

import re
from datetime import timedelta

from sources.windows.event_meaning import Meaning, Rule
from sources.windows.event_xml import EventError, WindowsEvent, event_time
from verdict.clock import Clock
from verdict.facts import Pause
from verdict.sign import Kind
from verdict.words import seconds

KERNEL = "microsoft-windows-kernel-general"
POWER = "microsoft-windows-kernel-power"
USER = "user32"
SERVICES = "service control manager"
BUGCHECKS = frozenset({"microsoft-windows-wer-systemerrorreporting", "bugcheck"})
TIME_SET, UNCLEAN, BUGCHECK, ASKED = 1, 41, 1001, 1074
ENDED, CRASHED, STATE, STOPPED = 7024, frozenset({7031, 7034}), 7036, "/1"

RULES = {
    (KERNEL, 12): Rule(Kind.BOOTED),
    (KERNEL, 13): Rule(Kind.SHUTDOWN),
    (POWER, 109): Rule(Kind.SHUTDOWN),
    ("eventlog", 6005): Rule(Kind.BOOTED),
    ("eventlog", 6006): Rule(Kind.SHUTDOWN),
    ("eventlog", 6008): Rule(Kind.UNCLEAN_BOOT),
    ("microsoft-windows-ndis", 10400): Rule(Kind.NIC_DOWN, detail=4),
    ("tcpip", 4202): Rule(Kind.NIC_DOWN, detail=2),
    ("microsoft-windows-resource-exhaustion-detector", 2004): Rule(Kind.STARVED, says="2004"),
}

NTFS_IDS = frozenset({50, 55, 57, 140})
DISK_IDS = frozenset({9, 11, 15, 51, 129, 153})
"""The ids Microsoft's own AGDiag correlates with failovers; 129 is a reset of a whole adapter."""
DISK_IDS_BY_PROVIDER = {
    **dict.fromkeys(("ntfs", "microsoft-windows-ntfs"), NTFS_IDS),
    **dict.fromkeys(("disk", "pvscsi", "lsi_sas", "lsi_scsi", "storahci"), DISK_IDS),
    **dict.fromkeys(("stornvme", "iscsiprt", "vsmraid", "storport"), DISK_IDS),
}
INTEL_ADAPTER = re.compile(r"e1\w{0,20}")
LINK_LOST = 27
"""Intel's drivers, e1iexpress and kin: link disconnected. vmxnet3 logs nothing of the kind."""

CLUSTER_SERVICE = "ClusSvc"
QUORUM = "5925"
"""Exit code of the cluster service when quorum was lost."""
OWN_SERVICES = re.compile(
    r"clussvc|mssqlserver|mssql\$|msexchange|cluster service|sql server \(|microsoft exchange",
    re.IGNORECASE,
)
"""Names, internal or English, of the services a failover can be about."""

JUMP = timedelta(seconds=1)
"""A smaller step is drift of the clock, not a pause."""
NOTICE = timedelta(seconds=60)
"""VMware Tools looks at the clock once a minute, so the pause lies at most so far before."""


def wants(provider: str, event_id: int) -> bool:
    """Tell whether this module reads such an event; the provider's name in lower case."""
    return (
        (provider, event_id) in RULES
        or event_id in DISK_IDS_BY_PROVIDER.get(provider, ())
        or (provider, event_id) in {(KERNEL, TIME_SET), (POWER, UNCLEAN), (USER, ASKED)}
        or (provider in BUGCHECKS and event_id == BUGCHECK)
        or (provider == SERVICES and event_id in {ENDED, STATE, *CRASHED})
        or (event_id == LINK_LOST and INTEL_ADAPTER.fullmatch(provider) is not None)
    )


def meanings(event: WindowsEvent, writer: str) -> tuple[Meaning, ...]:
    """Read one event that `wants` accepts; a time change is a Pause or nothing, see `pause`."""
    provider = event.provider.casefold()
    if rule := RULES.get((provider, event.id)):
        return (rule.read(event, writer),)
    if provider in DISK_IDS_BY_PROVIDER:
        return (Meaning(Kind.DISK_ERROR, writer, f"{provider} {event.id} {event.at(1)}".strip()),)
    reader = READERS.get(provider, _link_lost)
    return () if event.id == TIME_SET else reader(event, writer)


def pause(event: WindowsEvent, node: str, clock: Clock) -> Pause | None:
    """Measure a pause from Kernel-General 1, the clock set forward by VMware Tools.

    None for every other event, other processes (W32Time sets clocks all day) and small steps.
    The new time is the right one: the guest's clock was behind until then.
    """
    if (event.provider.casefold(), event.id) != (KERNEL, TIME_SET):
        return None
    # v0 and v1 name no process; v4 puts TimeDeltaInMs third and moves the rest back
    process = event.named("ProcessName") or event.at(4) or ""
    if "vmtoolsd.exe" not in process.casefold():
        process = event.at(5)
    if not process.casefold().endswith("\\vmtoolsd.exe"):
        return None
    try:
        new = event_time(event.named("NewTime") or event.at(1))
        old = event_time(event.named("OldTime") or event.at(2))
    except EventError:
        return None
    length = new - old
    if length < JUMP:
        return None
    end = clock.utc(new)
    how = f"vmtoolsd set the clock forward by {seconds(length)}"
    return Pause(node, end - length - NOTICE, end, length, how, clock)


def _unclean(event: WindowsEvent, writer: str) -> tuple[Meaning, ...]:
    """Kernel-Power 41: the stop code is 0 after a reset or a loss of power."""
    code = _stop_code(event.named("BugcheckCode") or event.at(1))
    unclean = Meaning(Kind.UNCLEAN_BOOT, writer)
    if code in {None, "0x0"}:
        return (unclean,)
    return (unclean, Meaning(Kind.BUGCHECKED, writer, code))


def _bugcheck(event: WindowsEvent, writer: str) -> tuple[Meaning, ...]:
    """1001 after a crash: "0x0000009e (parameters)"; logged at the next boot."""
    return (Meaning(Kind.BUGCHECKED, writer, _stop_code(event.at(1).partition(" ")[0])),)


def _stop_code(text: str) -> str | None:
    """Write a stop code as "0x9e", from 158, 0x9e or 0x0000009e."""
    try:
        return hex(int(text, 16) if text.casefold().startswith("0x") else int(text))
    except ValueError:
        return None


def _asked(event: WindowsEvent, writer: str) -> tuple[Meaning, ...]:
    """User32 1074: the user, process, kind, reason and comment of a wanted shutdown."""
    said = (event.at(n) for n in (7, 1, 5, 3, 6))
    return (Meaning(Kind.SHUTDOWN_ASKED, writer, ", ".join(part for part in said if part) or None),)


def _link_lost(event: WindowsEvent, writer: str) -> tuple[Meaning, ...]:
    return (Meaning(Kind.NIC_DOWN, writer, event.at(2) or event.at(1) or None),)


def service_name(event: WindowsEvent) -> tuple[str, str]:
    """Give a service's internal name and the rest of the entry's binary data.

    Service Control Manager adds UTF-16 "ClusSvc/1", name and state, the same in every language;
    without it there is the display name alone, in the language of the server.
    """
    try:
        text = bytes.fromhex(event.named("Binary")).decode("utf-16-le").rstrip("\x00")
    except (ValueError, UnicodeDecodeError):
        text = ""
    name, slash, state = text.partition("/")
    return name or event.at(1), slash + state


def _service(event: WindowsEvent, writer: str) -> tuple[Meaning, ...]:
    name, state = service_name(event)
    if not OWN_SERVICES.match(name):
        return ()
    cluster = name.casefold() in {"clussvc", "cluster service"}
    if event.id in CRASHED:
        return (Meaning(Kind.SERVICE_CRASHED, writer, CLUSTER_SERVICE if cluster else name),)
    if event.id == ENDED:
        lost = cluster and event.at(2).removeprefix("%%") == QUORUM
        return (Meaning(Kind.QUORUM_LOST, writer, QUORUM),) if lost else ()
    stopped = state == STOPPED or (not state and event.at(2).casefold() == "stopped")
    if cluster and stopped:
        return (Meaning(Kind.SERVICE_STOPPED, writer, "cluster"),)
    return ()


READERS = {
    SERVICES: _service,
    POWER: _unclean,
    USER: _asked,
    **dict.fromkeys(BUGCHECKS, _bugcheck),
}
