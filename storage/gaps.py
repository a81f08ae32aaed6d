"""Gaps: what the last survey of each cluster could not read, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage.rows import many, text
from storage.times import micros, moment
from verdict.facts import Gap

if TYPE_CHECKING:
    from storage.store import Store

_NEW = """
INSERT INTO gaps (cluster, position, source, subject, why, remedy, at) VALUES (?, ?, ?, ?, ?, ?, ?)
"""

_ALL = """
SELECT cluster, source, subject, why, remedy, at FROM gaps ORDER BY cluster, position LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class KnownGap:
    """What could not be read of a cluster when it was last surveyed (UTC)."""

    cluster: str
    gap: Gap
    at: datetime


def set_gaps(store: "Store", cluster: str, gaps: Iterable[Gap], at: datetime) -> None:
    """Store what a survey could not read, in the place of what an earlier one could not.

    Raises UserError.
    """
    rows = [
        (cluster, number, gap.source, gap.subject, gap.why, gap.remedy, micros(at))
        for number, gap in enumerate(gaps)
    ]
    with store.writing() as db:
        db.execute("DELETE FROM gaps WHERE cluster = ?", [text(cluster)])
        many(db, _NEW, rows)


def known_gaps(store: "Store", most: int) -> tuple[KnownGap, ...]:
    """Give at most so many gaps, by cluster, in the order they were told. Raises UserError."""
    with store.reading() as db:
        rows = db.execute(_ALL, [most]).fetchall()
    return tuple(KnownGap(row[0], Gap(*row[1:5]), moment(row[5])) for row in rows)
