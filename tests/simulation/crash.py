"""How a guest goes down and comes up again, in its own event log (facts/cluster.md 2.4)."""

from datetime import datetime

from tests.simulation.clock import seconds
from tests.simulation.event import KERNEL, Event
from tests.simulation.node import Node
from tests.simulation.world import World

WER = "Microsoft-Windows-WER-SystemErrorReporting"
POWER = "Microsoft-Windows-Kernel-Power"
MARK = "\u200e"  # 6008 carries left-to-right marks around its localised date


def crash(node: Node, at: datetime, boot: datetime, code: int = 0, second: int = 0) -> None:
    """Take the guest down without notice and boot it; `code` is the bugcheck, 0 for none."""
    node.down.append((at, boot))
    _start(node, boot)
    data = (
        ("BugcheckCode", str(code)),
        ("BugcheckParameter1", "0xffffe00012345080"),
        ("BugcheckParameter2", hex(second)),
        ("BugcheckParameter3", "0x5"),
        ("BugcheckParameter4", "0x0"),
        ("SleepInProgress", "0"),
        ("PowerButtonTimestamp", "0"),
    )
    node.events.append(Event(boot + seconds(1), 41, POWER, "System", data, 1, 3))
    local = node.local(at)
    day = f"{MARK}{local.year}-{MARK}{local.month:02d}-{MARK}{local.day:02d}"
    shown = (("", f"{local:%H:%M:%S}"), ("", day), ("", ""), ("", ""), ("", "520643"))
    node.other(boot + seconds(9), 6008, "EventLog", shown)
    node.other(boot + seconds(9), 6005, "EventLog", (), 4)
    if code:
        text = (
            f"0x{code:08x} (0xffffe00012345080, 0x{second:016x}, 0x0000000000000005, "
            "0x0000000000000000)"
        )
        dump = (
            ("param1", text),
            ("param2", r"C:\Windows\MEMORY.DMP"),
            ("param3", "6f3a77be-2f11-4c06-a4ce-8d1a92b3c001"),
        )
        node.other(boot + seconds(14), 1001, WER, dump)


def shut_down(
    world: World, node: Node, at: datetime, stop: datetime, boot: datetime | None
) -> None:
    """Take the guest down in order: stopped at `stop`, up again at `boot` if ever."""
    node.down.append((stop, boot or world.until + seconds(3600)))
    node.other(
        at + seconds(0.7),
        109,
        POWER,
        (("ShutdownActionType", "5"), ("ShutdownEventCode", "0"), ("ShutdownReason", "5")),
        4,
    )
    node.other(stop - seconds(1.2), 6006, "EventLog", (), 4)
    stamp = f"{node.clock.stamp(stop):%Y-%m-%dT%H:%M:%S}.1234567Z"
    node.other(stop - seconds(0.4), 13, KERNEL, (("StopTime", stamp),), 4)
    if boot:
        _start(node, boot)
        node.other(boot + seconds(9), 6005, "EventLog", (), 4)


def _start(node: Node, boot: datetime) -> None:
    stamp = f"{node.clock.stamp(boot):%Y-%m-%dT%H:%M:%S}.4981234Z"
    data = (
        ("MajorVersion", "10"),
        ("MinorVersion", "0"),
        ("BuildVersion", "17763"),
        ("QfeVersion", "5458"),
        ("ServiceVersion", "0"),
        ("BootMode", "0"),
        ("StartTime", stamp),
    )
    node.other(boot, 12, KERNEL, data, 4)
