"""A cluster node as its guest sees itself: its clock, its event logs, cluster.log and ERRORLOG."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulation.clock import Clock, seconds
from tests.simulation.event import CLUSTERING, KERNEL, OPERATIONAL, SCM, Event, Pairs, Spelling

TOOLS = r"\Device\HarddiskVolume4\Program Files\VMware\VMware Tools\vmtoolsd.exe"  # cluster.md 2.3
W32TIME = r"\Device\HarddiskVolume3\Windows\System32\svchost.exe"


@dataclass(slots=True)
class Node:
    """One node; everything it writes is kept at its true moment and stamped when written out."""

    name: str
    domain: str
    clock: Clock
    utc_offset: int  # whole hours, for ERRORLOG
    spelling: Spelling
    events: list[Event] = field(default_factory=list)
    cluster_log: list[tuple[datetime, str, str]] = field(default_factory=list)
    error_log: list[tuple[datetime, str, str]] = field(default_factory=list)
    frozen: list[tuple[datetime, datetime]] = field(default_factory=list)
    down: list[tuple[datetime, datetime]] = field(default_factory=list)

    def system(self, at: datetime, number: int, *data: tuple[str, str], level: int = 2) -> None:
        """Write a FailoverClustering error into the System channel."""
        self.events.append(Event(at, number, CLUSTERING, "System", data, level))

    def operational(self, at: datetime, number: int, *data: tuple[str, str]) -> None:
        """Write an informational event into FailoverClustering/Operational."""
        self.events.append(Event(at, number, CLUSTERING, OPERATIONAL, data))

    def service(self, at: datetime, number: int, name: str, rest: str) -> None:
        """Write a Service Control Manager event (7031, 7034, 7036)."""
        data = (("param1", name), ("param2", rest))
        self.events.append(Event(at, number, SCM, "System", data, 2))

    def other(self, at: datetime, number: int, provider: str, data: Pairs, level: int = 2) -> None:
        """Write an event of any other provider into the System channel."""
        self.events.append(Event(at, number, provider, "System", data, level))

    def application(self, at: datetime, number: int, provider: str, *values: str) -> None:
        """Write an event into the Application channel."""
        data = tuple(("", value) for value in values)
        self.events.append(Event(at, number, provider, "Application", data))

    def log(self, at: datetime, level: str, text: str) -> None:
        """Write a line into cluster.log."""
        self.cluster_log.append((at, level, text))

    def sql(self, at: datetime, text: str, spid: str = "spid43s", error: str = "") -> None:
        """Write into ERRORLOG; `error` is "number, severity, state" of a line of its own before."""
        if error:
            number, severity, state = error.split(",")
            line = f"Error: {number}, Severity: {severity}, State: {state}."
            self.error_log.append((at, spid, line))
        self.error_log.append((at, spid, text))

    def freeze(self, start: datetime, length: float) -> datetime:
        """Stop the guest for a stun; return when it runs again."""
        end = start + seconds(length)
        self.frozen.append((start, end))
        return end

    def lag(self, awake: datetime, length: float, until: datetime, process: str) -> None:
        """Let the clock stay behind by the stun until it is set right at `until`, with event 1."""
        self.clock.lags.append((awake, until, length))
        self.time_change(until, length, process)

    def time_change(self, at: datetime, jump: float, process: str) -> None:
        """Write Kernel-General 1: the clock was set forward by `jump` seconds."""
        new = self.clock.stamp(at)
        data = (
            ("NewTime", f"{new:%Y-%m-%dT%H:%M:%S.%f}0Z"),
            ("OldTime", f"{new - seconds(jump):%Y-%m-%dT%H:%M:%S.%f}0Z"),
            ("Reason", "1"),
            ("ProcessName", process),
            ("ProcessID", "3308"),
        )
        self.events.append(Event(at + seconds(0.001), 1, KERNEL, "System", data, 4, 2))

    def runs_at(self, moment: datetime) -> bool:
        """Return whether the guest was up and not stunned then."""
        return not any(a <= moment < b for a, b in (*self.frozen, *self.down))

    def written(self, moment: datetime) -> datetime:
        """Return when something due at `moment` is really written: never inside a stun."""
        for start, end in self.frozen:
            if start <= moment < end:
                return end + seconds(0.01) + (moment - start) / 1000
        return moment

    def local(self, moment: datetime) -> datetime:
        """Return the node's local clock reading."""
        return self.clock.stamp(moment) + timedelta(hours=self.utc_offset)
