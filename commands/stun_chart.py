"""The chart of a VM's stuns: every one of them in its time, against what it could break."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from verdict.facts import Stun


@dataclass(frozen=True, slots=True)
class StunChart:
    """What to draw between `since` and `until` (UTC). `read` are the times that a log vouches for.

    `limits` are names and lengths, the shortest first; `failed` are the stuns that a failover of
    the node followed.
    """

    since: datetime
    until: datetime
    stuns: tuple[Stun, ...]
    limits: tuple[tuple[str, timedelta], ...]
    read: tuple[tuple[datetime, datetime], ...]
    failed: frozenset[datetime]
    """When those began."""
