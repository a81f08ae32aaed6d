"""`survey`: read what is new of every cluster's stuns, snapshot work and failovers into storage."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from commands.context import Context
from commands.incident import gap_words
from commands.reply import Column, Payload, Problem, Reply, Room, Table
from sources.access import ClusterAccess
from sources.gather import gather
from sources.pull import Request, Told
from storage.clocks import add_clocks
from storage.clusters import node_vms
from storage.coverage import read_until
from storage.gaps import set_gaps
from storage.keep import Added, keep
from storage.snapshot_tasks import first_unfinished
from verdict.evidence import Evidence
from verdict.facts import Gap
from verdict.tolerance import tolerances
from verdict.words import seconds

FIRST = timedelta(days=7)
"""How far back the first survey of a cluster reads; vmware.log itself rarely reaches further."""

FARTHEST = timedelta(days=30)
"""How far back a survey reads after a long pause: vCenter keeps its tasks 30 days."""

OVERLAP = timedelta(hours=1)
"""Read again: work that was running, and what was logged late."""

MARGIN = timedelta(minutes=1)
"""Read this long before running work began: its clock may have been measured anew."""

AT_ONCE = 4
"""Clusters that are surveyed side by side."""

EACH, WHOLE = 120.0, 180.0
"""Seconds for one source and for one cluster; days are read, not minutes, and nobody waits."""

SOURCES = (("vcenter", "tasks"), ("veeam", "sessions"))
"""What is read without a hole as long as surveys run; the one read least tells where to go on."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What one survey of one cluster brought. Times in UTC; `near` are near misses."""

    cluster: str
    since: datetime
    added: Added
    near: int
    longest: timedelta
    gaps: tuple[Gap, ...]
    blank: bool
    """True where no source could be read at all."""

    @property
    def entry(self) -> Payload:
        """The same for machines."""
        return {
            "cluster": self.cluster,
            "since": self.since.isoformat().replace("+00:00", "Z"),
            "stuns": self.added.stuns,
            "snapshot_tasks": self.added.tasks,
            "backups": self.added.backups,
            "failovers": self.added.failovers,
            "near_misses": self.near,
            "longest_stun_ms": round(self.longest / timedelta(milliseconds=1)),
            "missing": [
                {"source": gap.source, "subject": gap.subject, "why": gap.why} for gap in self.gaps
            ],
        }


COLUMNS = (
    Column("Cluster", room=Room.FOLDED),
    Column("Since, UTC"),
    Column("New stuns", right=True),
    Column("Longest", right=True),
    Column("Near misses", right=True),
    Column("Snapshot work", right=True),
    Column("Failovers", right=True),
)


def survey(context: Context, told: Callable[[str], Told]) -> Reply:
    """Read every configured cluster, several side by side. What could not be had is told.

    `told` gives, for a cluster, who is told of its sources.
    """
    clusters = context.site.clusters
    with ThreadPoolExecutor(AT_ONCE, "survey") as pool:
        done = list(pool.map(lambda one: survey_cluster(context, one, told(one.name)), clusters))
    rows = tuple(
        (s.cluster, f"{s.since:%Y-%m-%d %H:%M}", str(s.added.stuns), seconds(s.longest),
         str(s.near), str(s.added.tasks), str(s.added.failovers))
        for s in done
    )  # fmt: skip
    return Reply(
        payload={"clusters": [s.entry for s in done]},
        tables=(Table("Survey", COLUMNS, rows),) if rows else (),
        closing=tuple(f"{s.cluster}: {gap_words(gap)}" for s in done for gap in s.gaps),
        problems=tuple(
            Problem(f"Nothing of {s.cluster} could be read.", "Run: stuncheck doctor")
            for s in done
            if s.blank
        ),
    )


def survey_cluster(context: Context, access: ClusterAccess, told: Told) -> Surveyed:
    """Read what is new of one cluster and store it. Raises UserError where storing fails."""
    now = context.now()
    since = _since(context, access.name, now)
    request = Request(access, context.site, now, before=now - since, after=timedelta(0),
                      each=EACH, whole=WHOLE)  # fmt: skip
    material = context.pull(request, told)
    evidence = gather(material, now)
    added = keep(context.store, evidence, now)
    add_clocks(context.store, material.incident.clocks, now)
    set_gaps(context.store, access.name, evidence.gaps, now)
    return Surveyed(
        access.name,
        since,
        added,
        near=_near_misses(evidence),
        longest=max((s.duration for s in evidence.stuns), default=timedelta(0)),
        gaps=evidence.gaps,
        blank=not evidence.coverage and not evidence.signs,
    )


def _since(context: Context, cluster: str, now: datetime) -> datetime:
    """Go on where the least read source ended, or where work was seen running."""
    store = context.store
    ends = [read_until(store, cluster, source, subject) for source, subject in SOURCES]
    known = [end - OVERLAP for end in ends if end]
    if not known:
        return now - FIRST
    for _, vm in node_vms(store, cluster):
        running = first_unfinished(store, vm, now - FARTHEST)
        known += [running - MARGIN] if running else []
    return max(min(known), now - FARTHEST)


def _near_misses(evidence: Evidence) -> int:
    """Count stuns beyond half of the tolerance; storage tells which cost a failover."""
    half = tolerances(evidence.cluster)[0].length / 2
    vms = {node.vm for node in evidence.cluster.nodes}
    return sum(stun.vm in vms and stun.duration > half for stun in evidence.stuns)
