"""What is known about a failover: facts with their source and their clock.

Every time is an aware datetime in UTC, already shifted by the offset of the clock that stamped
it. Every duration is a timedelta. Names of nodes are as the cluster spells them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from verdict.clock import Clock


class Phase(StrEnum):
    """What a stun was for."""

    CREATE = "create"
    REMOVE = "remove"
    MIGRATION = "migration"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stun:
    """A time in which ESXi did not run the VM at all, measured in its vmware.log.

    vmware.log stamps the END and prints microseconds: start = end - duration
    (facts: KB 417644, virten.net 2015/10).
    """

    vm: str
    start: datetime
    end: datetime
    phase: Phase
    clock: Clock
    snapshot: str | None = None

    @property
    def duration(self) -> timedelta:
        """How long the VM did not run."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Operation:
    """A snapshot created, removed or consolidated, or a VM migrated, as a task or a job step.

    It says when the work ran, never how long the VM stood still: a removal of 40 s is not a
    stun of 40 s. `end` is None while it is running. `by` is the account that asked for it.
    """

    vm: str
    phase: Phase
    start: datetime
    end: datetime | None
    clock: Clock
    source: str
    """`vcenter` (its task) or `veeam` (the step in the job's log)."""
    title: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Backup:
    """One VM's part in a run of a backup job. `end` is None while it is running."""

    product: str
    job: str
    vm: str
    start: datetime
    end: datetime | None
    clock: Clock
    session: str | None = None
    proxy: str | None = None
    transport: str | None = None
    """Transport mode as the product writes it: hotadd, nbd, san."""
    steps: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Freeze:
    """VSS froze the databases of a node: SQL Server messages 3197 to 3198. `end` None: no thaw."""

    node: str
    start: datetime
    end: datetime | None
    clock: Clock
    databases: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    """A guest-side measure of standing still: at least `length`, somewhere in [start, end].

    `how` is a phrase for people, "vmtoolsd set the clock forward by 12.1 s".
    """

    node: str
    start: datetime
    end: datetime
    length: timedelta
    how: str
    clock: Clock


@dataclass(frozen=True, slots=True)
class Coverage:
    """An interval that was really read, of one source about one subject (a VM, a node)."""

    source: str
    subject: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be had: which source, about whom, why, and how to get it."""

    source: str
    subject: str
    why: str
    remedy: str | None = None
