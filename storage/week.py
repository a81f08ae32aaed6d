"""A week: the failovers that nobody judged in it, and the verdicts that people doubted."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage.rows import text
from storage.times import micros, moment
from verdict.verdict import Blame

if TYPE_CHECKING:
    from storage.store import Store

_UNJUDGED = """
SELECT f.at FROM failovers f
WHERE f.cluster = ?1 AND f.at >= ?2 AND f.at < ?3 AND NOT EXISTS (
    SELECT 1 FROM incidents i JOIN verdicts d ON d.incident = i.id
    WHERE i.cluster = f.cluster
        AND (i.id = f.incident OR i.at BETWEEN f.at - 60000000 AND f.at + 60000000))
ORDER BY f.at
"""
"""A failover and an incident within a minute are one (verdict.failover.CHAIN)."""

_DOUBTS = """
SELECT i.cluster, i.at, d.backup, o.backup, o.why
FROM opinions o
JOIN incidents i ON i.id = o.incident
JOIN verdicts d ON d.incident = o.incident AND d.revision = o.revision
WHERE o.at >= ? AND o.at < ? AND o.backup <> d.backup
    AND o.id = (SELECT max(id) FROM opinions l WHERE l.incident = o.incident AND l."by" = o."by")
ORDER BY o.id
"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A person's last word on an incident (at `at`, UTC) where it is another than ours was."""

    cluster: str
    at: datetime
    ours: Blame
    theirs: Blame
    why: str


def unjudged(
    store: "Store", cluster: str, since: datetime, until: datetime
) -> tuple[datetime, ...]:
    """Give the failovers of a cluster that have no verdict, in order. Raises UserError."""
    with store.reading() as db:
        row = [text(cluster), micros(since), micros(until)]
        return tuple(moment(at) for (at,) in db.execute(_UNJUDGED, row).fetchall())


def doubts(store: "Store", since: datetime, until: datetime) -> tuple[Doubt, ...]:
    """Give what people doubted from one moment (UTC) to before another. Raises UserError."""
    with store.reading() as db:
        rows = db.execute(_DOUBTS, [micros(since), micros(until)]).fetchall()
    return tuple(
        Doubt(cluster, moment(at), Blame(ours), Blame(theirs), why)
        for cluster, at, ours, theirs, why in rows
    )
