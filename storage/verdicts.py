"""Verdicts: every revision of how an incident was judged, the newest last."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from storage.rows import many, text
from storage.times import length, micros, moment
from verdict.verdict import Blame, Cause, Confidence, Mechanism, Verdict

if TYPE_CHECKING:
    from storage.store import Store

_INSERT = """
INSERT INTO verdicts (
    incident, revision, judged, program, evidence, at, lost_node, backup, cause, confidence,
    mechanism, stun_us, tolerance_us, entry)
SELECT ?1, coalesce(max(revision), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
FROM verdicts WHERE incident = ?1
"""

_HISTORY = """
SELECT d.incident, i.cluster, d.revision, d.judged, d.program, d.evidence, d.at, d.lost_node,
    d.backup, d.cause, d.confidence, d.mechanism, d.entry
FROM incidents i JOIN verdicts d ON d.incident = i.id
    AND d.revision = (SELECT max(revision) FROM verdicts o WHERE o.incident = i.id)
WHERE ?1 IS NULL OR i.cluster = ?1
ORDER BY i.at DESC LIMIT ?2
"""

_REVISIONS = """
SELECT d.incident, i.cluster, d.revision, d.judged, d.program, d.evidence, d.at, d.lost_node,
    d.backup, d.cause, d.confidence, d.mechanism, d.entry
FROM verdicts d JOIN incidents i ON i.id = d.incident
WHERE d.incident = ? ORDER BY d.revision
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One revision of the verdict on an incident. Times are in UTC.

    `entry` is the verdict as `--json` prints it, `program` the version that judged, `evidence`
    the id of what it judged by, None once that was let go.
    """

    incident: str
    cluster: str
    revision: int
    judged: datetime
    program: str
    evidence: int | None
    at: datetime
    lost_node: str | None
    backup: Blame
    cause: Cause
    confidence: Confidence
    mechanism: Mechanism | None
    entry: Mapping[str, Any]


def add_verdict(
    store: "Store",
    incident: str,
    verdict: Verdict,
    entry: Mapping[str, Any],
    judged: datetime,
    program: str,
    evidence: int | None = None,
) -> int:
    """Store the next revision of an incident's verdict; give its number, from 1.

    Raises KeyError for an incident that is not there, UserError.
    """
    row = (
        micros(judged),
        program,
        evidence,
        micros(verdict.at),
        verdict.lost_node,
        verdict.backup.value,
        verdict.cause.value,
        verdict.confidence.value,
        verdict.mechanism.value if verdict.mechanism else None,
        length(verdict.stun.duration) if verdict.stun else None,
        length(verdict.tolerance),
        json.dumps(entry),
    )
    with store.writing() as db:
        if not db.execute("SELECT 1 FROM incidents WHERE id = ?", [incident]).fetchone():
            raise KeyError(incident)
        many(db, _INSERT, [(incident, *row)])
        sql = "SELECT max(revision) FROM verdicts WHERE incident = ?"
        return int(db.execute(sql, [incident]).fetchone()[0])


def history(store: "Store", cluster: str | None = None, most: int = 20) -> tuple[Judgement, ...]:
    """Give the last verdict on each of the last incidents, of one cluster or all, newest first."""
    with store.reading() as db:
        rows = db.execute(_HISTORY, [None if cluster is None else text(cluster), most])
        return tuple(_judgement(row) for row in rows)


def revisions(store: "Store", incident: str) -> tuple[Judgement, ...]:
    """Give every verdict on an incident, in order; none where it was not judged yet."""
    with store.reading() as db:
        return tuple(_judgement(row) for row in db.execute(_REVISIONS, [incident]))


def _judgement(row: Sequence[Any]) -> Judgement:
    incident, cluster, revision, judged, program, evidence, at, lost_node, *rest = row
    backup, cause, confidence, mechanism, entry = rest
    return Judgement(
        incident=incident,
        cluster=cluster,
        revision=revision,
        judged=moment(judged),
        program=program,
        evidence=evidence,
        at=moment(at),
        lost_node=lost_node,
        backup=Blame(backup),
        cause=Cause(cause),
        confidence=Confidence(confidence),
        mechanism=Mechanism(mechanism) if mechanism else None,
        entry=json.loads(entry),
    )
