"""Margin: how much of each limit the longest stun of a VM used up."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from verdict.cluster import Cluster
from verdict.heartbeat import believable
from verdict.tolerance import limits
from verdict.verdict import Mechanism

NEAR_MISS = 0.5
"""More than this part of a limit, and less than all of it, is a near miss (DESIGN 1)."""


class Room(StrEnum):
    """What a stun leaves of a limit."""

    PLENTY = "plenty"
    NEAR = "near"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a stun can break first to last; `known` is False where a default was taken."""

    mechanism: Mechanism
    length: timedelta
    known: bool


@dataclass(frozen=True, slots=True)
class Margin:
    """The longest stun against one limit."""

    limit: Limit
    longest: timedelta

    @property
    def used(self) -> float:
        """The part of the limit that the stun used up; 1.0 is all of it."""
        return self.longest / self.limit.length

    @property
    def room(self) -> Room:
        """What was left."""
        if self.longest >= self.limit.length:
            return Room.NONE
        return Room.NEAR if self.used > NEAR_MISS else Room.PLENTY


def limits_of(cluster: Cluster) -> tuple[Limit, ...]:
    """Give what a stun of a node can break, the shortest first.

    An availability group adds its lease, which breaks at half of LeaseTimeout, and its health
    check. Hang detection counts only where the node is tolerated for so long.
    """
    found = limits(believable(cluster), has_group=False)
    tolerance = found.tolerance
    mine = [Limit(Mechanism.HEARTBEAT, tolerance.length, tolerance.known)]
    if found.lease:
        mine.append(Limit(Mechanism.LEASE, found.lease, found.lease_known))
        known = all(group.health_check_timeout for group in cluster.groups)
        mine.append(Limit(Mechanism.HEALTH_CHECK, found.health, known))
    if found.hang < tolerance.length:
        known = "ClusSvcHangTimeout" in cluster.properties
        mine.append(Limit(Mechanism.HANG_DETECTION, found.hang, known))
    return tuple(sorted(mine, key=lambda limit: limit.length))


def margins(longest: timedelta, limits: tuple[Limit, ...]) -> tuple[Margin, ...]:
    """Hold a stun against each limit, in their order."""
    return tuple(Margin(limit, longest) for limit in limits if limit.length)
