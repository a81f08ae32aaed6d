"""`failover CLUSTER [TIME]` and `collect CLUSTER`: investigate now, from the running systems."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from commands.context import Context
from commands.incident import card, entry
from commands.reply import Reply
from commands.settle import Gathered, settle
from sources.access import Site
from sources.bundle.writer import write_bundle
from sources.errors import UserError
from sources.gather import gather
from sources.material import Material
from sources.pull import Request, Told, pull
from verdict.failover import failovers
from verdict.judge import judge

Pull = Callable[[Request, Told], Material]

LOOK_BACK = timedelta(hours=24)
"""How far back the event logs are searched where nobody says when it was."""


def investigate(context: Context, request: Request, told: Told) -> Reply:
    """Pull, judge, store and answer one failover: the moment in the request, give or take."""
    material = context.pull(request, told)
    gathered = Gathered.of(context, material, request.at)
    found = judge(gathered.evidence)
    verdicts = [settle(context, gathered, verdict).verdict for verdict in found]
    label = f"{request.cluster.name} at {request.at:%Y-%m-%d %H:%M:%S} UTC, live"
    return Reply(
        payload={"incidents": [entry(verdict, label) for verdict in verdicts]},
        cards=tuple(card(verdict) for verdict in verdicts),
    )


def last_failover(request: Request, told: Told, pulled: Pull = pull) -> datetime:
    """Find the last failover in the nodes' own event logs of the last day.

    Raises UserError where there is none, or where no log could be read.
    """
    narrow = replace(request, site=Site(), before=LOOK_BACK, after=timedelta(0))
    evidence = gather(pulled(narrow, told), request.at)
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
