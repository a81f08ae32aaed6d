"""Proposals: wanted changes of heartbeat values, and how far each has come."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from storage.people import Person
from verdict.heartbeat import RANGES


class State(StrEnum):
    """How far a proposal has come (DESIGN 7)."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    """Another one for the same property was made before this one was decided."""
    APPLYING = "applying"
    """Written before anything is sent to the cluster."""
    APPLIED = "applied"
    """The wanted values were read back."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Sent, and the connection was lost; only reading tells what became of it."""
    REVERTING = "reverting"
    REVERTED = "reverted"
    """The values of before were read back."""
    REVERT_FAILED = "revert_failed"
    """Tried again later, or a person is asked."""
    REVERT_UNKNOWN = "revert_unknown"
    LEFT = "left"
    """Somebody changed the values meanwhile, and a person decided to leave them so."""


UNFINISHED = frozenset(
    {State.APPROVED, State.APPLYING, State.UNKNOWN, State.REVERTING, State.REVERT_UNKNOWN}
)
"""What is taken up again after a crash, by reading the cluster first. Of one cluster there is
never more than one: two changes at once could not tell their values apart."""

OPEN = UNFINISHED | {State.PROPOSED, State.REVERT_FAILED}
"""Somebody or something is still to act."""

BACKWARD = frozenset(
    {State.REVERTING, State.REVERTED, State.REVERT_FAILED, State.REVERT_UNKNOWN, State.LEFT}
)
"""The states on the way from the wanted values back to those of before."""

NEXT: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.PROPOSED: frozenset(
            {State.APPROVED, State.REJECTED, State.EXPIRED, State.SUPERSEDED}
        ),
        State.APPROVED: frozenset({State.APPLYING}),
        State.APPLYING: frozenset({State.APPLIED, State.FAILED, State.UNKNOWN}),
        State.UNKNOWN: frozenset({State.APPLIED, State.FAILED}),
        State.APPLIED: frozenset({State.REVERTING}),
        State.FAILED: frozenset({State.REVERTING}),
        State.REVERTING: frozenset({State.REVERTED, State.REVERT_FAILED, State.REVERT_UNKNOWN}),
        State.REVERT_UNKNOWN: frozenset({State.REVERTED, State.REVERT_FAILED}),
        State.REVERT_FAILED: frozenset({State.REVERTING, State.LEFT}),
        State.REJECTED: frozenset(),
        State.EXPIRED: frozenset(),
        State.SUPERSEDED: frozenset(),
        State.REVERTED: frozenset(),
        State.LEFT: frozenset(),
    }
)
"""Every step there is. A change that failed is only reverted where a part of it stands."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A wanted change and its record. Times are in UTC; values by Microsoft's names."""

    id: str
    """Random, so that nobody can guess one; a button in Slack carries nothing else."""
    cluster: str
    state: State
    before: Mapping[str, int]
    """The heartbeat values that were shown."""
    wanted: Mapping[str, int]
    """Only those that are to change."""
    fingerprint: str
    why: str
    asked_by: Person
    asked_at: datetime
    expires_at: datetime
    lasts: timedelta | None = None
    """For how long the change is to stand; None: for good."""
    incident: str | None = None
    decided_by: Person | None = None
    decided_at: datetime | None = None
    decided_why: str | None = None
    break_glass: bool = False
    """Approved without a second person, for the reason in `decided_why`."""
    superseded_by: str | None = None
    begun_at: datetime | None = None
    applied_at: datetime | None = None
    """When the wanted values were read back."""
    revert_at: datetime | None = None
    """When it goes back by itself, or is tried again."""
    reverted_by: Person | None = None
    """Who had it go back, from the moment that began."""
    reverted_at: datetime | None = None
    after: Mapping[str, int] | None = None
    """What was read last."""
    trouble: str | None = None
    """What went wrong last, in words."""
    follow_up_at: datetime | None = None
    followed_up_at: datetime | None = None

    def is_applied(self, values: Mapping[str, int]) -> bool:
        """Whether all of the change is in these values."""
        return all(values.get(name) == value for name, value in self.wanted.items())

    def stands(self, values: Mapping[str, int]) -> bool:
        """Whether any part of the change is in these values."""
        return any(values.get(name) == value for name, value in self.wanted.items())

    def is_reverted(self, values: Mapping[str, int]) -> bool:
        """Whether all that was to change is as it was before."""
        return all(values.get(name) == self.before[name] for name in self.wanted)


def fingerprint(cluster: str, values: Mapping[str, int], wanted: Mapping[str, int]) -> str:
    """Give the mark of what is shown to an approver: all four values now, and those wanted.

    The SHA-256, in hex, of the cluster's name in any case, `values` and `wanted` in any order.
    """
    now = {name: values.get(name) for name in RANGES}
    shown = json.dumps([cluster.casefold(), now, dict(wanted)], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()
