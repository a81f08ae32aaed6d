"""How long a node may be silent, and the other limits a stun can break."""

import re
from dataclasses import dataclass
from datetime import timedelta

from verdict.cluster import AvailabilityGroup, Cluster
from verdict.verdict import Mechanism
from verdict.words import seconds

MS = timedelta(milliseconds=1)

OLD_DEFAULT = (1000, 5)
"""Delay in ms and threshold before Windows Server 2016 (Microsoft, HADR cluster best practices)."""

DEFAULTS: dict[str, tuple[tuple[int, int], ...]] = {
    "2008": (OLD_DEFAULT,),
    "2012 R2": (OLD_DEFAULT, (1000, 10)),  # 1000 x 10 with the Hyper-V role or KB3153887
    "2012": (OLD_DEFAULT,),
    "2016": ((1000, 10),),
    "2019": ((1000, 20),),
    "2022": ((1000, 20),),
    "2025": ((1000, 20),),
}
"""Same-subnet defaults by Windows Server version, the likeliest first."""

CROSS_DEFAULTS: dict[str, tuple[tuple[int, int], ...]] = DEFAULTS | {
    "2012 R2": (OLD_DEFAULT, (1000, 20)),
    "2016": ((1000, 20), (1000, 10)),  # Microsoft's pages disagree: KB3153887 20, HADR 10
}
"""Cross-subnet defaults, where they differ."""

UNKNOWN_VERSION = ((1000, 10), (1000, 20), OLD_DEFAULT)
"""When not even the version is known: "by default 10 x 1000 ms" (Microsoft, IaaS thresholds)."""

BUILDS = {
    "6.0": "2008", "6.1": "2008", "6.2": "2012", "6.3": "2012 R2",
    "14393": "2016", "17763": "2019", "20348": "2022", "26100": "2025",
}  # fmt: skip
"""Kernel version or build number to Windows Server version."""

LEASE_TIMEOUT = timedelta(seconds=20)
"""Default LeaseTimeout of an availability group (Microsoft, AG lease and health check)."""

HEALTH_CHECK_TIMEOUT = timedelta(seconds=30)
"""Default HealthCheckTimeout of an availability group or FCI (the same page)."""

SESSION_TIMEOUT = timedelta(seconds=10)
"""Default SESSION_TIMEOUT of a replica; the cluster does not know its value, SQL Server does."""

HANG_TIMEOUT = timedelta(seconds=60)
"""Default ClusSvcHangTimeout, after which NetFT bugchecks with 0x9E (MSCS reference)."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Delay x threshold of the subnet relation that applies."""

    delay: timedelta
    threshold: int
    known: bool
    """False where a Windows default was taken because the value was not to be had."""
    basis: str
    """Where the figures come from, for people."""

    @property
    def length(self) -> timedelta:
        """How long a node may be silent before it is removed."""
        return self.delay * self.threshold


@dataclass(frozen=True, slots=True)
class Limits:
    """Everything a stun of this cluster's nodes can break."""

    tolerances: tuple[Tolerance, ...]
    """The one to judge by first; the others only where the value is not known."""
    lease: timedelta | None
    """Half of the shortest LeaseTimeout; None without an availability group."""
    lease_known: bool
    health: timedelta
    hang: timedelta

    @property
    def tolerance(self) -> Tolerance:
        """The tolerance to judge by."""
        return self.tolerances[0]

    def of(self, mechanism: Mechanism | None) -> timedelta:
        """What a stun must reach to set a mechanism off; the tolerance where none is known."""
        return {
            Mechanism.LEASE: self.lease or LEASE_TIMEOUT / 2,
            Mechanism.HEALTH_CHECK: self.health,
            Mechanism.HANG_DETECTION: self.hang,
        }.get(mechanism or Mechanism.HEARTBEAT, self.tolerance.length)

    @property
    def shortest(self) -> timedelta:
        """The first limit a stun would break, whatever the mechanism."""
        rest = (self.health, self.hang) + ((self.lease,) if self.lease else ())
        return min(*(t.length for t in self.tolerances), *rest)


def windows_version(os: str | None) -> str | None:
    """Find the Windows Server version in a product name or a build number; None if neither."""
    text = os or ""
    named = re.search(r"(2008|2012|2016|2019|2022|2025)(\s*R2)?", text, re.IGNORECASE)
    if named:
        return "2012 R2" if named[1] == "2012" and named[2] else named[1]
    return next(
        (v for build, v in BUILDS.items() if re.search(rf"\b{re.escape(build)}\b", text)), None
    )


def tolerances(cluster: Cluster) -> tuple[Tolerance, ...]:
    """Give the tolerance that applies; several where only defaults can be guessed at."""
    relation = "CrossSubnet" if cluster.crosses_subnets else "SameSubnet"
    delay = cluster.properties.get(f"{relation}Delay")
    threshold = cluster.properties.get(f"{relation}Threshold")
    if delay is not None and threshold is not None:
        basis = f"{relation}Delay {delay} ms x {relation}Threshold {threshold}"
        return (Tolerance(delay * MS, threshold, known=True, basis=basis),)
    version = windows_version(cluster.os)
    table = CROSS_DEFAULTS if cluster.crosses_subnets else DEFAULTS
    pairs = table[version] if version else UNKNOWN_VERSION
    whose = f"the default of Windows Server {version}" if version else "a Windows default"
    return tuple(
        Tolerance((delay or d) * MS, threshold or t, known=False, basis=f"{whose}, {d} ms x {t}")
        for d, t in pairs
    )


def limits(cluster: Cluster, *, has_group: bool) -> Limits:
    """Collect the limits. `has_group`: the evidence speaks of an availability group."""
    groups = cluster.groups or ((AvailabilityGroup(""),) if has_group else ())
    leases = [group.lease_timeout or LEASE_TIMEOUT for group in groups]
    healths = [group.health_check_timeout or HEALTH_CHECK_TIMEOUT for group in groups]
    hang = cluster.properties.get("ClusSvcHangTimeout")
    return Limits(
        tolerances(cluster),
        min(leases) / 2 if leases else None,
        all(group.lease_timeout for group in groups),
        min(healths, default=HEALTH_CHECK_TIMEOUT),
        timedelta(seconds=hang) if hang else HANG_TIMEOUT,
    )


def said(tolerance: Tolerance) -> str:
    """Say what the cluster tolerates and how that is known."""
    length = seconds(tolerance.length)
    if tolerance.known:
        return f"the cluster tolerates {length} ({tolerance.basis})"
    return f"its heartbeat values are not known; {tolerance.basis} tolerates {length}"
