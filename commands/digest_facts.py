"""What a week brought to each cluster: failovers, near misses, the longest stun, what was read."""

from dataclasses import dataclass
from datetime import datetime

from commands.context import Context
from commands.known import known_cluster
from commands.reading import ENOUGH, log_reading
from sources.errors import UserError
from storage.clusters import node_vms
from storage.near_misses import NearMiss, near_misses_between
from storage.stuns import stuns_of
from storage.unmatched import unmatched_since
from storage.verdicts import Judgement, history
from storage.vms import Vm
from storage.week import Doubt, doubts, unjudged
from verdict.cluster import Cluster
from verdict.facts import Stun
from verdict.margin import Margin, limits_of, margins
from verdict.verdict import Blame, Cause

MOST = 1000
"""Verdicts of a cluster that are looked through for those of the week."""


@dataclass(frozen=True, slots=True)
class Closest:
    """The longest stun of a cluster's nodes, and what it used of the first limit it could break."""

    vm: Vm
    stun: Stun
    margin: Margin


@dataclass(frozen=True, slots=True)
class ClusterWeek:
    """One cluster's week. `read` is the part of it for which the least read node's log is known."""

    cluster: str
    verdicts: tuple[Judgement, ...]
    """The last on each failover, in order of the failovers."""
    unjudged: tuple[datetime, ...]
    """Failovers that nobody looked into."""
    near_misses: tuple[NearMiss, ...]
    closest: Closest | None
    read: float

    @property
    def failovers(self) -> int:
        """How many there were, asked-for moves too."""
        return len(self.verdicts) + len(self.unjudged)

    @property
    def eventful(self) -> bool:
        """Whether there is anything to tell of but that it was read."""
        return bool(self.failovers or self.near_misses)

    @property
    def telling(self) -> bool:
        """Whether so much was read that a stun would probably have been seen."""
        return self.read >= ENOUGH

    @property
    def used(self) -> float:
        """The part of its limit that the longest stun used up."""
        return self.closest.margin.used if self.closest else 0.0

    def count(self, blame: Blame) -> int:
        """Count the failovers of a verdict; planned ones are none that anybody suffered."""
        mine = (one for one in self.verdicts if one.cause is not Cause.PLANNED)
        return sum(one.backup is blame for one in mine)

    @property
    def planned(self) -> int:
        """Count the failovers that somebody asked for."""
        return sum(one.cause is Cause.PLANNED for one in self.verdicts)


@dataclass(frozen=True, slots=True)
class Week:
    """The time from `since` to before `until` (UTC); the cluster that came closest stands first."""

    since: datetime
    until: datetime
    clusters: tuple[ClusterWeek, ...]
    never: tuple[str, ...]
    """Configured clusters that were never read."""
    doubts: tuple[Doubt, ...]
    unmatched: int
    """Messages that looked like alerts and fitted no pattern."""

    @property
    def eventful(self) -> tuple[ClusterWeek, ...]:
        """The clusters of which there is something to tell."""
        return tuple(one for one in self.clusters if one.eventful)

    def count(self, blame: Blame) -> int:
        """Count the failovers of a verdict."""
        return sum(one.count(blame) for one in self.clusters)


def week_facts(context: Context, since: datetime, until: datetime) -> Week:
    """Read what is stored of a week about every configured cluster. Raises UserError."""
    weeks, never = [], []
    with context.store.reading():
        near = near_misses_between(context.store, since, until)
        for access in context.site.clusters:
            try:
                known = known_cluster(context, access.name)
            except UserError:
                never.append(access.name)
            else:
                mine = tuple(one for one in near if one.cluster == known.name)
                weeks.append(_cluster_week(context, known, since, until, mine))
        weeks.sort(key=lambda one: (-one.count(Blame.CAUSED), -one.used, one.cluster))
        found = doubts(context.store, since, until)
        unmatched = unmatched_since(context.store, since)
    return Week(since, until, tuple(weeks), tuple(never), found, unmatched)


def _cluster_week(
    context: Context,
    cluster: Cluster,
    since: datetime,
    until: datetime,
    near_misses: tuple[NearMiss, ...],
) -> ClusterWeek:
    store, name = context.store, cluster.name
    nodes = [vm for _, vm in node_vms(store, name)]
    verdicts = (one for one in history(store, name, MOST) if since <= one.at < until)
    readings = [log_reading(context, vm, since, until).part for vm in nodes]
    return ClusterWeek(
        name,
        tuple(sorted(verdicts, key=lambda one: one.at)),
        unjudged(store, name, since, until),
        near_misses,
        _closest(context, cluster, nodes, since, until),
        min(readings, default=0.0),
    )


def _closest(
    context: Context, cluster: Cluster, nodes: list[Vm], since: datetime, until: datetime
) -> Closest | None:
    stuns = [(vm, one) for vm in nodes for one in stuns_of(context.store, vm, since, until)]
    if not stuns:
        return None
    vm, stun = max(stuns, key=lambda pair: pair[1].duration)
    held = margins(stun.duration, limits_of(cluster))
    return Closest(vm, stun, held[0]) if held else None
