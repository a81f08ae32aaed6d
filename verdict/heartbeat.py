"""Heartbeat values: what is set, what Windows allows, its defaults, what others ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType

from verdict.cluster import Cluster
from verdict.tolerance import (
    CROSS_DEFAULTS,
    DEFAULTS,
    MS,
    OLD_DEFAULT,
    UNKNOWN_VERSION,
    windows_version,
)

OLDEST = "2008"
"""Windows Server 2008 and 2008 R2, which take fewer missed heartbeats and longer delays."""

RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "SameSubnetDelay": (250, 2000),
        "SameSubnetThreshold": (3, 120),
        "CrossSubnetDelay": (250, 4000),
        "CrossSubnetThreshold": (3, 120),
    }
)
"""Milliseconds and heartbeats that Windows takes (Microsoft, MSCS reference)."""

OLD_RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {**RANGES, "SameSubnetThreshold": (3, 10), "CrossSubnetThreshold": (3, 20)}
)
"""The same on Windows Server 2008 R2 (Microsoft, HADR cluster best practices)."""

BELIEVABLE = 100_000
"""No value of any Windows is larger; one that is was not read, it was damaged on its way."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a heartbeat is sent on one subnet relation, and how many may be missed."""

    delay: timedelta
    threshold: int

    @property
    def tolerance(self) -> timedelta:
        """How long a node may be silent before it is removed."""
        return self.delay * self.threshold


@dataclass(frozen=True, slots=True)
class Heartbeats:
    """The heartbeat values of a cluster; `crosses` where its nodes are in different subnets."""

    same: Pace
    cross: Pace
    crosses: bool = False

    @property
    def applies(self) -> Pace:
        """The pace of the relation that the cluster's nodes have."""
        return self.cross if self.crosses else self.same

    @property
    def properties(self) -> dict[str, int]:
        """The values by Microsoft's names, milliseconds and counts."""
        return {
            "SameSubnetDelay": round(self.same.delay / MS),
            "SameSubnetThreshold": self.same.threshold,
            "CrossSubnetDelay": round(self.cross.delay / MS),
            "CrossSubnetThreshold": self.cross.threshold,
        }

    def at(self, pace: Pace) -> "Heartbeats":
        """Give these with another pace where it applies.

        Across subnets there is never less time than within one (Microsoft, AG lease and health
        check), so that pace goes up with the other.
        """
        if self.crosses:
            return replace(self, cross=pace)
        longer = Pace(max(self.cross.delay, pace.delay), max(self.cross.threshold, pace.threshold))
        return replace(self, same=pace, cross=longer)

    def changes(self, wanted: "Heartbeats") -> dict[str, int]:
        """Name the properties that differ in `wanted`, with the values wanted."""
        mine = self.properties
        return {name: value for name, value in wanted.properties.items() if value != mine[name]}


def believable(cluster: Cluster) -> Cluster:
    """Give a cluster without values that no Windows can have; they count as not read."""
    kept = {name: value for name, value in cluster.properties.items() if 0 < value <= BELIEVABLE}
    return replace(cluster, properties=kept)


def four(properties: Mapping[str, int]) -> dict[str, int]:
    """Give the four values of a cluster's properties; nothing where one of them was not read."""
    found = {name: properties[name] for name in RANGES if name in properties}
    return found if len(found) == len(RANGES) else {}


def heartbeats(cluster: Cluster) -> Heartbeats:
    """Give the values that are set; the default of its Windows for each that was not read."""
    usual, read = default(cluster), believable(cluster).properties
    return Heartbeats(
        _read(read, "SameSubnet", usual.same),
        _read(read, "CrossSubnet", usual.cross),
        cluster.crosses_subnets,
    )


def were_read(cluster: Cluster) -> bool:
    """Say whether the values that apply were read, and not taken from a default."""
    relation = "CrossSubnet" if cluster.crosses_subnets else "SameSubnet"
    read = believable(cluster).properties
    return f"{relation}Delay" in read and f"{relation}Threshold" in read


def default(cluster: Cluster) -> Heartbeats:
    """Give the likeliest default of its Windows version."""
    version = windows_version(cluster.os)
    same = DEFAULTS[version] if version else UNKNOWN_VERSION
    cross = CROSS_DEFAULTS[version] if version else UNKNOWN_VERSION
    return Heartbeats(_pace(same[0]), _pace(cross[0]), cluster.crosses_subnets)


def least_default(cluster: Cluster) -> Pace:
    """Give the shortest default that may apply: what is below it is below any."""
    version = windows_version(cluster.os)
    table = CROSS_DEFAULTS if cluster.crosses_subnets else DEFAULTS
    pairs = table[version] if version else (OLD_DEFAULT,)
    return min((_pace(pair) for pair in pairs), key=lambda pace: pace.tolerance)


def relaxed(cluster: Cluster) -> Heartbeats:
    """Give Microsoft's relaxed values (HADR cluster best practices)."""
    if windows_version(cluster.os) == OLDEST:
        return Heartbeats(_pace((2000, 10)), _pace((2000, 20)), cluster.crosses_subnets)
    return Heartbeats(_pace((1000, 40)), _pace((1000, 40)), cluster.crosses_subnets)


def for_migration(cluster: Cluster) -> Heartbeats:
    """Give what VMware asks for at least before a node is moved by vMotion (vSphere WSFC guide)."""
    now = heartbeats(cluster)
    return Heartbeats(Pace(now.same.delay, 10), Pace(now.cross.delay, 20), cluster.crosses_subnets)


def ranges(cluster: Cluster) -> Mapping[str, tuple[int, int]]:
    """Give the smallest and largest value of each property that its Windows takes."""
    return OLD_RANGES if windows_version(cluster.os) == OLDEST else RANGES


def _read(read: Mapping[str, int], relation: str, usual: Pace) -> Pace:
    delay = read.get(f"{relation}Delay")
    return Pace(
        usual.delay if delay is None else delay * MS,
        read.get(f"{relation}Threshold", usual.threshold),
    )


def _pace(pair: tuple[int, int]) -> Pace:
    return Pace(pair[0] * MS, pair[1])
