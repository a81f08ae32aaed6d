"""Settling: a verdict finds its incident, and is stored there with what it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version

from commands.context import Context
from commands.incident import entry
from commands.values_then import values_then
from commands.wording import HEADLINES
from sources.gather import gather
from sources.material import Material
from storage.alerts import JOIN
from storage.clocks import add_clocks
from storage.evidence import Packed, add_evidence, pack
from storage.incidents import StoredIncident, amend, near, open_incident
from storage.keep import keep
from storage.past import past
from storage.verdicts import Judgement, add_verdict, revisions
from verdict.cluster import Cluster
from verdict.evidence import Evidence
from verdict.odds import odds
from verdict.verdict import Blame, Verdict
from verdict.words import clock_time

SAME = timedelta(seconds=60)
"""Two readings of one failover lie this close; two failovers do not (verdict.failover.CHAIN)."""

PAST = timedelta(days=365)
"""How far back failovers count for the odds."""

CERTAINTY: Mapping[Blame, int] = {
    Blame.UNKNOWN: 0,
    Blame.SUSPECTED: 1,
    Blame.CLEARED: 2,
    Blame.CAUSED: 2,
}


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was pulled, what the parsers made of it, and how it is kept.

    `material` and `evidence` hold the heartbeat values of the failover's time, by which it is
    judged; `read` is the cluster as it was read now.
    """

    material: Material
    evidence: Evidence
    packed: Packed
    read: Cluster

    @classmethod
    def of(cls, context: Context, material: Material, at: datetime) -> "Gathered":
        """Gather what was pulled about a moment (UTC). Raises UserError where it cannot be kept."""
        evidence = gather(material, context.now())
        read = evidence.cluster
        then = values_then(context, read, at)
        gaps = (then.gap,) if then.gap else ()
        if then.cluster != read or gaps:
            configured = replace(material.cluster, properties=then.cluster.properties)
            material = replace(material, cluster=configured, gaps=(*material.gaps, *gaps))
            evidence = replace(evidence, cluster=then.cluster, gaps=(*evidence.gaps, *gaps))
        return cls(material, evidence, pack(material), read)


@dataclass(frozen=True, slots=True)
class Settled:
    """A verdict in its incident. `news` says what is new about it; empty the first time.

    `kept` is False where an earlier verdict knew more, or the same, and stays.
    """

    incident: StoredIncident
    verdict: Verdict
    revision: int
    news: str
    kept: bool


def settle(
    context: Context, gathered: Gathered, verdict: Verdict, expected: StoredIncident | None = None
) -> Settled:
    """Store a verdict, its evidence and its facts. All or nothing. Raises UserError.

    `expected` is the incident that was checked; it is taken if no other one is known to be this
    failover. What is judged anew from less than before does not replace what was known.
    """
    store, now = context.store, context.now()
    with store.writing():
        incident = _home(context, verdict, expected)
        before = revisions(store, incident.id)
        keep(store, replace(gathered.evidence, cluster=gathered.read), now, incident=incident.id)
        add_clocks(store, gathered.material.incident.clocks, now)
        sentence = odds(*past(store, verdict.cluster, now - PAST, now))
        verdict = replace(verdict, odds=sentence or verdict.odds)
        last = before[-1] if before else None
        if last and not _better(verdict, last):
            news = _nothing_new(context, verdict, last)
            return Settled(incident, verdict, last.revision, news, kept=False)
        amend(store, incident.id, verdict.at, verdict.lost_node)
        stored = add_evidence(store, incident.id, gathered.packed, now)
        said, program = entry(verdict, incident.id), version("stuncheck")
        revision = add_verdict(store, incident.id, verdict, said, now, program, stored)
    return Settled(incident, verdict, revision, _news(context, verdict, last), kept=True)


def _home(context: Context, verdict: Verdict, expected: StoredIncident | None) -> StoredIncident:
    """Find the incident of a failover, or open one."""
    store, cluster, at = context.store, verdict.cluster, verdict.at
    known = near(store, cluster, at, SAME, judged=True)
    if known:
        return known
    if expected and not revisions(store, expected.id):
        return expected
    waiting = None if expected else near(store, cluster, at, JOIN, judged=False)
    return waiting or open_incident(store, cluster, at, context.now())


def _better(verdict: Verdict, last: Judgement) -> bool:
    """Whether a verdict says something new, and not only because less could be read."""
    said = entry(verdict, last.incident)
    if {**said, "bundle": ""} == {**last.entry, "bundle": ""}:
        return False
    poorer = CERTAINTY[verdict.backup] < CERTAINTY[last.backup]
    return not (poorer and verdict.missing)


def _nothing_new(context: Context, verdict: Verdict, last: Judgement) -> str:
    at = f"Checked again {clock_time(context.now())} UTC"
    if CERTAINTY[verdict.backup] < CERTAINTY[last.backup]:
        out = ", ".join(dict.fromkeys(f"{gap.source} {gap.subject}" for gap in verdict.missing))
        return f"{at}: less could be read than before ({out}); what was proven stands."
    return f"{at}: nothing new."


def _news(context: Context, verdict: Verdict, last: Judgement | None) -> str:
    """Say what changed since the verdict before."""
    if last is None:
        return ""
    missing = {(gap.source, gap.subject) for gap in verdict.missing}
    told = [(gap["source"], gap["subject"]) for gap in last.entry.get("missing", [])]
    there = dict.fromkeys(f"{source} of {name}" for source, name in told
                          if (source, name) not in missing)  # fmt: skip
    now = f"Updated {clock_time(context.now())} UTC"
    late = f": {', '.join(there)} could be read now" if there else ""
    was = f"; before: {HEADLINES[last.backup]}" if last.backup is not verdict.backup else ""
    return f"{now}{late}{was}."
