"""Near misses, told unasked: one notice for a cluster and a night."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from commands.context import Context
from commands.heartbeat_facts import heartbeat_facts
from commands.heartbeat_words import headline
from commands.job import job_name, job_of
from commands.known import known_cluster
from commands.limit_words import DURING, stun_entry
from commands.reply import Card, Payload, Reply, Section, Tone
from sources.names import same
from storage.near_misses import NearMiss, near_misses_between
from storage.vm_story import NOON
from verdict.advice import BY_CAUSE
from verdict.facts import Phase
from verdict.verdict import Cause
from verdict.words import clock_time, milliseconds, seconds

SETTLED = timedelta(minutes=10)
"""How long after a stun nobody calls it a near miss: its failover may still be on its way into a
log, or be looked into."""

DAYS = 30
"""The days whose stuns the advice is weighed by, as in `heartbeat`."""

MOST = 10
"""Near misses of one night that are told one by one, the longest."""


@dataclass(frozen=True, slots=True)
class MissedNight:
    """The near misses of a cluster in a night, from noon to noon UTC, the longest first."""

    cluster: str
    evening: date
    """The day it began."""
    misses: tuple[NearMiss, ...]

    @property
    def worst(self) -> NearMiss:
        """The one that used up most of its tolerance."""
        return self.misses[0]

    @property
    def name(self) -> str:
        """Name its notice: it is one, however often it is wanted."""
        return f"near-miss {same(self.cluster)} {self.evening.isoformat()}"


def near_misses(context: Context, since: datetime) -> tuple[MissedNight, ...]:
    """Give the nights since a moment (UTC) in which a stun came close. Raises UserError."""
    nights: dict[tuple[str, date], list[NearMiss]] = defaultdict(list)
    for miss in near_misses_between(context.store, since, context.now() - SETTLED):
        nights[miss.cluster, evening(miss.stun.start)].append(miss)
    return tuple(
        MissedNight(cluster, night, tuple(sorted(misses, key=lambda one: -one.used)))
        for (cluster, night), misses in nights.items()
    )


def evening(moment: datetime) -> date:
    """Give the day on which the night of a moment (UTC) began."""
    return (moment - NOON).date()


def near_miss(context: Context, night: MissedNight) -> Reply:
    """Tell of the near misses of a night. Raises UserError."""
    told = [_told(context, miss) for miss in night.misses[:MOST]]
    more = len(night.misses) - len(told)
    rest = (f"and {more:,} shorter ones",) if more else ()
    single = len(night.misses) == 1
    card = Card(
        Tone.YELLOW,
        _headline(night),
        (night.cluster, f"night of {night.evening.isoformat()}"),
        paragraphs=(*(told if single else ()), _advice(context, night)),
        sections=() if single else (Section("Stuns, the longest first", (*told, *rest)),),
    )
    return Reply(payload=_entry(night), cards=(card,))


def _headline(night: MissedNight) -> str:
    worst = night.worst
    length = f"{seconds(worst.stun.duration)} of the {seconds(worst.tolerance)} tolerated"
    if worst.used >= 1:
        length = f"{seconds(worst.stun.duration)}, {seconds(worst.tolerance)} are tolerated"
    if len(night.misses) == 1:
        return f"Near miss: {worst.vm.name} stood still {length}"
    return f"{len(night.misses):,} near misses: {worst.vm.name} stood still {length}"


def _told(context: Context, miss: NearMiss) -> str:
    """Say what happened, with the job if one is known."""
    stun = miss.stun
    job = job_of(context, miss.vm, stun)
    during = f"{DURING[stun.phase]}{f', by {job_name(job)}' if job else ''}"
    default = "" if miss.known else ", the default of its Windows, for it was not read"
    return (
        f"{miss.vm.name} was stunned {seconds(stun.duration)} from {clock_time(stun.start)} UTC "
        f"{during}. The cluster tolerates {seconds(miss.tolerance)}{default}; no failover is known."
    )


def _advice(context: Context, night: MissedNight) -> str:
    """Say in a line what to do, or that nothing need be done yet."""
    if all(miss.stun.phase is Phase.MIGRATION for miss in night.misses):
        return BY_CAUSE[Cause.MIGRATION_STUN].text
    known = known_cluster(context, night.cluster)
    said = headline(heartbeat_facts(context, known, context.now(), DAYS))[1]
    return f"{said}, by the stuns of {DAYS} days: /stuncheck heartbeat {night.cluster} tells more."


def _entry(night: MissedNight) -> Payload:
    return {
        "cluster": night.cluster,
        "night": night.evening.isoformat(),
        "near_misses": list(entries(night.misses)),
    }


def entries(misses: Iterable[NearMiss]) -> Iterator[Payload]:
    """Give near misses to machines."""
    for miss in misses:
        told = {"node": miss.node, "tolerance_ms": milliseconds(miss.tolerance)}
        yield stun_entry(miss.stun) | told | {"used": round(miss.used, 4)}
