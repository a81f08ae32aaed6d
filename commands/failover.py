"""`failover CLUSTER [TIME]` and `collect CLUSTER`: investigate now, from the running systems."""

from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from commands.context import Context
from commands.incident import card, entry
from commands.reply import Reply
from sources.access import Site
from sources.bundle.writer import write_bundle
from sources.errors import UserError
from sources.gather import gather
from sources.material import Material
from sources.pull import Request, Told, pull
from storage.clocks import add_clocks
from storage.evidence import add_evidence
from storage.incidents import amend, open_or_join
from storage.keep import keep
from storage.verdicts import add_verdict
from verdict.evidence import Evidence
from verdict.failover import failovers
from verdict.judge import judge
from verdict.verdict import Verdict

LOOK_BACK = timedelta(hours=24)
"""How far back the event logs are searched where nobody says when it was."""

JOIN = timedelta(minutes=5)
"""Questions this close to a known incident are about that one."""


def investigate(context: Context, request: Request, told: Told) -> Reply:
    """Pull, judge, store and answer one failover: the moment in the request, give or take."""
    material = context.pull(request, told)
    evidence = gather(material, context.now())
    verdicts = judge(evidence)
    for verdict in verdicts:
        _keep(context, material, evidence, verdict)
    label = f"{request.cluster.name} at {request.at:%Y-%m-%d %H:%M:%S} UTC, live"
    return Reply(
        payload={"incidents": [entry(verdict, label) for verdict in verdicts]},
        cards=tuple(card(verdict) for verdict in verdicts),
    )


def last_failover(request: Request, told: Told) -> datetime:
    """Find the last failover in the nodes' own event logs of the last day.

    Raises UserError where there is none, or where no log could be read.
    """
    narrow = replace(request, site=Site(), before=LOOK_BACK, after=timedelta(0))
    evidence = gather(pull(narrow, told), request.at)
    found = failovers(evidence)
    if found:
        return found[-1].at
    unread = [gap for gap in evidence.gaps if gap.source in ("winrm", "events", "cluster")]
    if unread:
        raise UserError(
            f"{request.cluster.name} could not be asked: {unread[0].subject}: {unread[0].why}.",
            unread[0].remedy or "Run: stuncheck doctor",
        )
    raise UserError(
        f"The event logs of {request.cluster.name} hold no failover of the last 24 h.",
        f"Name a moment: stuncheck failover {request.cluster.name} 02:14",
    )


def collect(request: Request, folder: Path, told: Told) -> Reply:
    """Pull everything about one moment and write it as a bundle; `analyze` judges it the same."""
    material = pull(request, told)
    write_bundle(material, folder)
    missing = [f"{gap.source}, {gap.subject}: {gap.why}" for gap in material.gaps]
    return Reply(
        payload={
            "bundle": str(folder),
            "missing": [
                {"source": gap.source, "subject": gap.subject, "why": gap.why}
                for gap in material.gaps
            ],
        },
        closing=(f"Written to {folder}. Judge it with: stuncheck analyze {folder}", *missing),
    )


def _keep(context: Context, material: Material, evidence: Evidence, verdict: Verdict) -> None:
    """Store the incident, its evidence, its verdict and the clocks that were measured."""
    store, now = context.store, context.now()
    incident = open_or_join(store, verdict.cluster, verdict.at, JOIN, now)
    amend(store, incident.id, verdict.at, verdict.lost_node)
    stored = add_evidence(store, incident.id, material, now)
    add_verdict(
        store, incident.id, verdict, entry(verdict, incident.id), now, version("stuncheck"), stored
    )
    keep(store, evidence, now, incident=incident.id)
    add_clocks(store, material.incident.clocks, now)
