"""Verdicts as the judge would give them, for the commands and renderers to say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from verdict.clock import Clock
from verdict.facts import Backup, Gap, Phase, Stun
from verdict.verdict import (
    Advice,
    Blame,
    Cause,
    Confidence,
    Mark,
    Mechanism,
    Rival,
    Verdict,
)

MIDNIGHT = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Give a moment, in seconds from 02:14:00 UTC."""
    return MIDNIGHT + timedelta(seconds=seconds)


STUN = Stun("sql01", at(0.1), at(12.5), Phase.REMOVE, Clock("esx07"), "VEEAM BACKUP")

JOB = Backup(
    "Veeam", "SQL Nightly", "sql01", at(-5000), at(1300), Clock("veeam"), "id", "p2", "nbd"
)

CAUSED = Verdict(
    cluster="SQLAG01",
    at=at(10.6),
    lost_node="SQL01",
    backup=Blame.CAUSED,
    cause=Cause.SNAPSHOT_REMOVE_STUN,
    confidence=Confidence.CONFIRMED,
    mechanism=Mechanism.HEARTBEAT,
    stun=STUN,
    tolerance=timedelta(seconds=10),
    tolerance_known=True,
    limit=timedelta(seconds=10),
    job=JOB,
    reasons=(
        "SQL01 was stunned 12.4 s while its snapshot was removed; the cluster tolerates 10.0 s.",
        "SQL02 removed SQL01 at 02:14:10.6 (event 1135).",
        "SQL01 wrote event 1177 when it ran again.",
    ),
    rivals=(Rival(Cause.NETWORK, Confidence.POSSIBLE, ("SQL02 lost its link.",), at(-2)),),
    missing=(Gap("vcenter", "events", "vCenter keeps them 30 days", "raise its retention"),),
    advice=(Advice("heartbeat", "SameSubnetThreshold 15 would have survived it."),),
    timeline=(
        Mark("job", 'Veeam "SQL Nightly"', at(-5000), at(1300)),
        Mark("task", "Remove snapshot", at(-11.9), at(30.7)),
        Mark("stun", "sql01 stunned", at(0.1), at(12.5)),
        Mark("silence", "silence", at(0.1), at(10)),
        Mark("removal", "SQL01 removed", at(10.6)),
        Mark("rival", "network", at(-2)),
        Mark("sign", "SQL01 joined", at(71)),
    ),
    odds="4 of the last 5 failovers fell into snapshot removals.",
)

CLEARED = replace(
    CAUSED,
    cluster="EX-DAG",
    at=at(3600),
    backup=Blame.CLEARED,
    cause=Cause.NETWORK,
    confidence=Confidence.LIKELY,
    mechanism=None,
    stun=None,
    job=None,
    tolerance_known=False,
    limit=timedelta(seconds=10),
    reasons=("vmware.log of sql01 holds no stun at all.", "esx07 lost uplink vmnic3."),
    rivals=(),
    missing=(),
    advice=(),
    timeline=(Mark("removal", "SQL01 removed", at(3600)),),
    odds=None,
)
