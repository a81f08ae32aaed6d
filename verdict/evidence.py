"""The evidence: everything gathered, and what could not be had."""

from dataclasses import dataclass
from datetime import datetime

from verdict.cluster import Cluster
from verdict.facts import Backup, Coverage, Freeze, Gap, Operation, Pause, Stun
from verdict.sign import Sign


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything gathered about the failovers of one cluster, and what could not be had."""

    cluster: Cluster
    stuns: tuple[Stun, ...] = ()
    operations: tuple[Operation, ...] = ()
    backups: tuple[Backup, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    pauses: tuple[Pause, ...] = ()
    signs: tuple[Sign, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    gaps: tuple[Gap, ...] = ()
    at: datetime | None = None
    """The moment somebody asked about, if they did."""
