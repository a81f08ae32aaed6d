"""Lint: the rules that heartbeat values should keep, R1 to R6, each with its source."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from verdict.cluster import Cluster
from verdict.heartbeat import (
    OLD_RANGES,
    Heartbeats,
    heartbeats,
    least_default,
    ranges,
    were_read,
)
from verdict.tolerance import (
    HEALTH_CHECK_TIMEOUT,
    LEASE_TIMEOUT,
    MS,
    OLD_DEFAULT,
    SESSION_TIMEOUT,
)
from verdict.words import seconds

HADR = "Microsoft, HADR cluster best practices"
LEASE = "Microsoft, AG lease and health check timeouts"
MSCS = "Microsoft, MSCS reference"
PHYSICS = "follows from how leases and heartbeats work"

LARGEST_LEASE = timedelta(seconds=80)
"""With 40 heartbeats of 1 s LeaseTimeout must not be longer (HADR)."""

RELAXED = timedelta(seconds=40)
"""Those 40 heartbeats of 1 s."""

SHORT = OLD_DEFAULT[0] * OLD_DEFAULT[1] * MS
"""What Windows Server 2012 tolerates by default: below the lease of any availability group."""


class Weight(StrEnum):
    """What a rule that is broken means for a change."""

    WARN = "warn"
    """It may be done; whoever does it should know."""
    BLOCK = "block"
    """It must not be done."""


@dataclass(frozen=True, slots=True)
class Lint:
    """A rule that values break: R1 to R6 or `range`, in words, and who says so."""

    rule: str
    weight: Weight
    text: str
    source: str


def lint(wanted: Heartbeats, cluster: Cluster, longest: timedelta) -> tuple[Lint, ...]:
    """Hold values against the rules; `longest` is the longest stun that was measured.

    What the cluster has already is only warned of: it is there.
    """
    now = heartbeats(cluster)
    found = (
        *_ranges(wanted, now, cluster),
        *_order(wanted, now),
        *_lease(wanted, cluster),
        *_steps(wanted, now, cluster),
        *_defaults(wanted, now, cluster),
        *_sql_first(wanted, cluster, longest),
    )
    return tuple(sorted(found, key=lambda one: one.weight is Weight.WARN))


def half_lease(cluster: Cluster) -> timedelta | None:
    """Give after how long the first lease breaks; None without an availability group."""
    leases = [group.lease_timeout or LEASE_TIMEOUT for group in cluster.groups]
    return min(leases) / 2 if leases else None


def _ranges(wanted: Heartbeats, now: Heartbeats, cluster: Cluster) -> Iterator[Lint]:
    """Refuse what Windows does not take."""
    allowed = ranges(cluster)
    source = HADR if allowed is OLD_RANGES else MSCS
    for name, value in wanted.properties.items():
        least, most = allowed[name]
        if not least <= value <= most:
            there = now.properties[name] == value and were_read(cluster)
            weight = Weight.WARN if there else Weight.BLOCK
            text = f"{name} {value} is outside of {least} to {most}."
            yield Lint("range", weight, text, source)


def _order(wanted: Heartbeats, now: Heartbeats) -> Iterator[Lint]:
    """R1: there is never less time across subnets than within one."""
    values, before = wanted.properties, now.properties
    for what in ("Delay", "Threshold"):
        same, cross = values[f"SameSubnet{what}"], values[f"CrossSubnet{what}"]
        there = before[f"SameSubnet{what}"] > before[f"CrossSubnet{what}"]
        if same > cross:
            text = f"SameSubnet{what} {same} is larger than CrossSubnet{what} {cross}."
            yield Lint("R1", Weight.WARN if there else Weight.BLOCK, text, LEASE)


def _lease(wanted: Heartbeats, cluster: Cluster) -> Iterator[Lint]:
    """R2 and R3: half of LeaseTimeout stays below the tolerance; at 40 s that makes 80 s."""
    tolerance = wanted.applies.tolerance
    for group in cluster.groups:
        lease = group.lease_timeout or LEASE_TIMEOUT
        if tolerance == RELAXED and lease > LARGEST_LEASE:
            text = (
                f"LeaseTimeout of {group.name} is {seconds(lease)}; with a tolerance of "
                f"{seconds(tolerance)} it must not be longer than {seconds(LARGEST_LEASE)}."
            )
            yield Lint("R3", Weight.WARN, text, HADR)
        elif lease / 2 >= tolerance:
            text = (
                f"Half of LeaseTimeout of {group.name}, {seconds(lease / 2)}, should be less than "
                f"the tolerance of {seconds(tolerance)}."
            )
            yield Lint("R2", Weight.WARN, text, LEASE)


def _steps(wanted: Heartbeats, now: Heartbeats, cluster: Cluster) -> Iterator[Lint]:
    """R3: values are raised gradually."""
    before, after = now.applies.tolerance, wanted.applies.tolerance
    if after > 2 * before and were_read(cluster):
        text = (
            f"{seconds(after)} is more than twice the {seconds(before)} of today: raise it in "
            "steps and look at what each of them brings."
        )
        yield Lint("R3", Weight.WARN, text, HADR)


def _defaults(wanted: Heartbeats, now: Heartbeats, cluster: Cluster) -> Iterator[Lint]:
    """R4 and R5: nothing is lowered below the default, nor under a lease that already breaks."""
    least, tolerance = least_default(cluster).tolerance, wanted.applies.tolerance
    before = now.applies.tolerance
    lowered = tolerance < before or (wanted != now and not were_read(cluster))
    if tolerance < least:
        text = f"{seconds(tolerance)} is less than the {seconds(least)} its Windows comes with."
        yield Lint("R4", Weight.BLOCK if lowered else Weight.WARN, text, HADR)
    elif tolerance < before and cluster.groups and tolerance <= SHORT:
        text = (
            f"{seconds(tolerance)} is as short as the default of Windows Server 2012, which is too "
            "short for an availability group."
        )
        yield Lint("R5", Weight.BLOCK, text, PHYSICS)


def _sql_first(wanted: Heartbeats, cluster: Cluster, longest: timedelta) -> Iterator[Lint]:
    """R6: what the heartbeats survive may still break what SQL Server waits for."""
    breaks = half_lease(cluster)
    if breaks and breaks <= longest < wanted.applies.tolerance:
        text = (
            f"The lease of the availability group breaks at {seconds(breaks)}: raising heartbeats "
            f"alone does not help it through a stun of {seconds(longest)}."
        )
        yield Lint("R6", Weight.WARN, text, PHYSICS)
    for group in cluster.groups:
        health = group.health_check_timeout or HEALTH_CHECK_TIMEOUT
        if health <= longest < wanted.applies.tolerance:
            text = (
                f"HealthCheckTimeout of {group.name} is {seconds(health)}: the group fails over "
                f"after a stun of {seconds(longest)}, whatever the heartbeats are."
            )
            yield Lint("R6", Weight.WARN, text, LEASE)
    if cluster.groups and longest >= SESSION_TIMEOUT:
        text = (
            f"A stun of {seconds(longest)} outlasts SESSION_TIMEOUT, {seconds(SESSION_TIMEOUT)} "
            "by default: that costs no failover, but the replica is not synchronised until it has "
            "connected again."
        )
        yield Lint("R6", Weight.WARN, text, HADR)
