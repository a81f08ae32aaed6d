"""The verdict: the judgement on one failover, with its proof."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from verdict.facts import Backup, Gap, Stun


class Blame(StrEnum):
    """The first axis: did the backup do it?"""

    CAUSED = "caused"
    SUSPECTED = "suspected"
    CLEARED = "cleared"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """The second axis: what did it?"""

    SNAPSHOT_REMOVE_STUN = "snapshot_remove_stun"
    SNAPSHOT_CREATE_STUN = "snapshot_create_stun"
    SNAPSHOT_STUN = "snapshot_stun"
    MIGRATION_STUN = "migration_stun"
    QUIESCE = "quiesce"
    PLANNED = "planned"
    GUEST_RESTART = "guest_restart"
    HOST_FAILURE = "host_failure"
    NETWORK = "network"
    STORAGE = "storage"
    STARVATION = "starvation"
    SOFTWARE = "software"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure the second axis is."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Larger is surer."""
        return ("unknown", "possible", "likely", "confirmed").index(self.value)


class Mechanism(StrEnum):
    """What made the cluster act first."""

    HEARTBEAT = "heartbeat"
    LEASE = "lease"
    HEALTH_CHECK = "health_check"
    HANG_DETECTION = "hang_detection"


@dataclass(frozen=True, slots=True)
class Rival:
    """Another cause that could explain the same failover.

    `excludes_stun` is True where it, once confirmed, leaves no room for a stun: a crash dump
    other than 0x9E, a host gone, a graceful shutdown (DESIGN 4, rule 6).
    """

    cause: Cause
    confidence: Confidence
    reasons: tuple[str, ...]
    at: datetime
    excludes_stun: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to do next. `kind` is a stable word, `text` is for people."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of the time line: a moment (`end` None) or an interval, in UTC.

    `kind` is one of stun, silence, removal, task, job, step, rival, sign.
    """

    kind: str
    label: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on one failover of one cluster."""

    cluster: str
    at: datetime
    """The moment of the removal or loss by a survivor's clock, UTC."""
    lost_node: str | None
    backup: Blame
    cause: Cause
    confidence: Confidence
    mechanism: Mechanism | None
    stun: Stun | None
    """The stun that did it, or else the longest one measured near the failover."""
    tolerance: timedelta
    tolerance_known: bool
    limit: timedelta
    """What the stun broke, by the mechanism; the tolerance where nothing else is known."""
    job: Backup | None
    reasons: tuple[str, ...]
    rivals: tuple[Rival, ...]
    missing: tuple[Gap, ...]
    advice: tuple[Advice, ...]
    timeline: tuple[Mark, ...]
    odds: str | None = None
    """A sentence, where the cluster's history allows one."""
