"""The trade-off: what heartbeat values would have survived, and how late a failure is seen then."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache, partial
from math import ceil

from verdict.advice import MARGIN, TOO_LONG
from verdict.cluster import Cluster
from verdict.facts import Stun
from verdict.heartbeat import (
    Heartbeats,
    Pace,
    default,
    for_migration,
    heartbeats,
    least_default,
    ranges,
    relaxed,
)
from verdict.lint import Lint, Weight, half_lease, lint
from verdict.silence import silences
from verdict.tolerance import MS

NO_TIME = timedelta(0)
SECOND = timedelta(seconds=1)

Lengths = Callable[[timedelta], tuple[timedelta, ...]]
"""Gives the silences at a delay: at a longer one more stuns run together."""


class Kind(StrEnum):
    """Whose values a candidate holds."""

    CURRENT = "current"
    DEFAULT = "default"
    VMWARE = "vmware"
    SMALLEST = "smallest"
    RELAXED = "relaxed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What values would have made of the silences that were measured.

    A node is removed between tolerance - delay and tolerance after it fell silent: a silence in
    between is `doubtful`, for it depends on when the last heartbeat before it was sent.
    """

    removed: int
    doubtful: int
    survived: int
    leases: int
    """Of those not surely removed, how many break the lease, should the node hold the group."""

    @property
    def lost(self) -> int:
        """Silences that cost a failover, or may."""
        return self.removed + self.doubtful


@dataclass(frozen=True, slots=True)
class Candidate:
    """Values one could set, and what they would have meant. `kinds`: several may ask for them."""

    kinds: tuple[Kind, ...]
    heartbeats: Heartbeats
    outcome: Outcome
    lints: tuple[Lint, ...]

    @property
    def tolerance(self) -> timedelta:
        """How long a node may be silent, which is also how late a real failure is seen."""
        return self.heartbeats.applies.tolerance

    @property
    def blocked(self) -> bool:
        """Whether a rule forbids these values."""
        return any(one.weight is Weight.BLOCK for one in self.lints)


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """A cluster's own stuns weighed against heartbeat values."""

    lengths: tuple[timedelta, ...]
    """The silences at the current delay, the shortest first."""
    candidates: tuple[Candidate, ...]
    """The shortest tolerance first; the current values are always among them."""
    recommended: Candidate | None
    """Values to change to; None where a change of heartbeats is not needed or does not help."""
    lease_timeout: timedelta | None
    """LeaseTimeout that the availability group needs; None where it has enough or is none."""
    too_long: int
    """Silences that no heartbeat value should survive."""

    @property
    def current(self) -> Candidate:
        """What is set."""
        return next(one for one in self.candidates if Kind.CURRENT in one.kinds)


def tradeoff(cluster: Cluster, stuns: Iterable[Stun]) -> Tradeoff:
    """Weigh the stuns of a cluster's nodes against its heartbeat values and the usual others."""
    lengths = lru_cache(partial(lengths_at, stuns=tuple(stuns)))
    now = heartbeats(cluster)
    known = lengths(now.applies.delay)
    longest = longest_bearable(known)
    lease = _lease_needed(cluster, longest)
    wanted = {
        Kind.CURRENT: now,
        Kind.DEFAULT: default(cluster),
        Kind.VMWARE: for_migration(cluster),
        Kind.RELAXED: relaxed(cluster),
    }
    wanted.update((Kind.SMALLEST, one) for one in _smallest(cluster, lengths, lease))
    candidates = tuple(_candidates(wanted, cluster, lengths, longest))
    needed = _needed(now.applies, longest, lease)
    return Tradeoff(
        known,
        candidates,
        _recommended(candidates, now) if needed else None,
        lease,
        sum(length > TOO_LONG for length in known),
    )


def lengths_at(delay: timedelta, stuns: Iterable[Stun]) -> tuple[timedelta, ...]:
    """Give how long the cluster heard nothing, each time, the shortest first."""
    return tuple(sorted(silence.length for silence in silences(stuns, delay)))


def longest_bearable(lengths: Sequence[timedelta]) -> timedelta:
    """Give the longest silence that heartbeats should survive; zero where there is none."""
    return max((length for length in lengths if length <= TOO_LONG), default=NO_TIME)


def outcome(pace: Pace, lengths: Sequence[timedelta], lease: timedelta | None) -> Outcome:
    """Say what a pace would have made of silences. `lease` is half of LeaseTimeout, if any.

    More missed heartbeats at the same delay never lose more.
    """
    sure, doubtful = pace.tolerance, pace.tolerance - pace.delay
    removed = sum(length >= sure for length in lengths)
    lost = sum(length >= doubtful for length in lengths)
    leases = sum(lease <= length < sure for length in lengths) if lease else 0
    return Outcome(removed, lost - removed, len(lengths) - lost, leases)


def _lease_needed(cluster: Cluster, longest: timedelta) -> timedelta | None:
    """Give the LeaseTimeout that survives a silence with a margin, in whole seconds."""
    half = half_lease(cluster)
    if half is None or half >= longest * MARGIN:
        return None
    return ceil(2 * longest * MARGIN / SECOND) * SECOND


def _smallest(cluster: Cluster, lengths: Lengths, lease: timedelta | None) -> Iterator[Heartbeats]:
    """Give the smallest values that survive all but what is too long; none if Windows has none.

    The delay stays: with heartbeats as frequent as before a failure is seen to the second. Only
    where Windows counts no further (2008 R2) the longest delay is tried.
    """
    now = heartbeats(cluster)
    relation = "CrossSubnet" if now.crosses else "SameSubnet"
    shortest, slowest = ranges(cluster)[f"{relation}Delay"]
    fewest, most = ranges(cluster)[f"{relation}Threshold"]
    for delay in (min(max(now.applies.delay, shortest * MS), slowest * MS), slowest * MS):
        beats = max(_beats(cluster, delay, longest_bearable(lengths(delay)), lease), fewest)
        if beats <= most:
            yield now.at(Pace(delay, beats))
            return


def _beats(cluster: Cluster, delay: timedelta, longest: timedelta, lease: timedelta | None) -> int:
    """Count the heartbeats that it must be allowed to miss at a delay."""
    beats = max(
        ceil(longest * MARGIN / delay),
        longest // delay + 2 if longest else 0,  # the last heartbeat may be a whole delay old
        ceil(least_default(cluster).tolerance / delay),
    )
    half = lease / 2 if lease else half_lease(cluster)
    if half and half < TOO_LONG:
        beats = max(beats, half // delay + 1)  # R2, verdict/lint.py
    return beats


def _candidates(
    wanted: dict[Kind, Heartbeats], cluster: Cluster, lengths: Lengths, longest: timedelta
) -> Iterator[Candidate]:
    """Give each different set of values once, the shortest tolerance first."""
    lease = half_lease(cluster)
    ordered = sorted(wanted.values(), key=lambda one: (one.applies.tolerance, one.applies.delay))
    for pace in dict.fromkeys(one.applies for one in ordered):
        kinds = tuple(kind for kind in Kind if kind in wanted and wanted[kind].applies == pace)
        values = wanted[kinds[0]]
        made = outcome(pace, lengths(pace.delay), lease)
        yield Candidate(kinds, values, made, lint(values, cluster, longest))


def _needed(pace: Pace, longest: timedelta, lease: timedelta | None) -> bool:
    """Whether the values of today lose something, come near to it, or are outrun by the lease."""
    near = pace.tolerance < longest * MARGIN or pace.tolerance - pace.delay <= longest
    return bool(longest) and (near or (lease is not None and lease / 2 >= pace.tolerance))


def _recommended(candidates: Sequence[Candidate], now: Heartbeats) -> Candidate | None:
    """Recommend the smallest values, never lower ones than today's nor forbidden ones."""
    found = next((one for one in candidates if Kind.SMALLEST in one.kinds), None)
    if found is None or found.blocked or found.tolerance <= now.applies.tolerance:
        return None
    return found
