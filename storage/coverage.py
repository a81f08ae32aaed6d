"""Coverage: which interval of which source and subject was really read, without a hole."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from storage.rows import many, text
from storage.times import micros, moment
from verdict.facts import Coverage

if TYPE_CHECKING:
    from sqlite_utils.db import Database

    from storage.store import Store

_TOUCHING = """
SELECT start, "end" FROM coverage
WHERE scope = ? AND source = ? AND subject = ? AND start <= ? AND "end" >= ?
"""

_DELETE = """
DELETE FROM coverage
WHERE scope = ? AND source = ? AND subject = ? AND start <= ? AND "end" >= ?
"""

_INSERT = """
INSERT INTO coverage (scope, source, subject, start, "end") VALUES (?, ?, ?, ?, ?)
"""

_WITHIN = """
SELECT subject, start, "end" FROM coverage
WHERE scope = ? AND source = ? AND subject = ? AND "end" >= ? AND start <= ? ORDER BY start
"""

_LAST = 'SELECT max("end") FROM coverage WHERE scope = ? AND source = ? AND subject = ?'

_SHRINK = """
INSERT OR REPLACE INTO coverage (scope, source, subject, start, "end")
SELECT scope, source, subject, ?1, "end" FROM coverage
WHERE source = ?2 AND start < ?1 AND "end" >= ?1
"""

_DROP = "DELETE FROM coverage WHERE source = ? AND start < ?"


def add_coverage(store: "Store", scope: str, coverage: Iterable[Coverage], read: datetime) -> None:
    """Store what was read; intervals that overlap or touch become one, a hole stays a hole.

    `scope` makes the subject unique: the vCenter of a VM's log, the cluster of everything else.
    `read` is when it was read: nothing later can have been, whatever a source's clock says, and a
    survey that took such an end for its next start would never read what comes. Raises UserError.
    """
    with store.writing() as db:
        for part in coverage:
            start, end = micros(part.start), micros(min(part.end, read))
            if start <= end:
                _join(db, (text(scope), text(part.source), text(part.subject)), start, end)


def _join(db: "Database", key: tuple[str, str, str], start: int, end: int) -> None:
    touching = db.execute(_TOUCHING, [*key, end, start]).fetchall()
    if touching:
        db.execute(_DELETE, [*key, end, start])
    first = min(start, *(low for low, _ in touching)) if touching else start
    last = max(end, *(high for _, high in touching)) if touching else end
    many(db, _INSERT, [(*key, first, last)])


def covered(
    store: "Store", scope: str, source: str, subject: str, start: datetime, end: datetime
) -> tuple[Coverage, ...]:
    """Give what was read of a subject in an interval, cut to it, in order."""
    key = [text(scope), source, text(subject)]
    with store.reading() as db:
        rows = db.execute(_WITHIN, [*key, micros(start), micros(end)]).fetchall()
    return tuple(
        Coverage(source, name, max(start, moment(low)), min(end, moment(high)))
        for name, low, high in rows
    )


def read_until(store: "Store", scope: str, source: str, subject: str) -> datetime | None:
    """Say up to when a subject was read, to go on from there; None where it never was."""
    with store.reading() as db:
        row = db.execute(_LAST, [text(scope), source, text(subject)]).fetchone()
    return None if row[0] is None else moment(row[0])


def forget_before(db: "Database", sources: Iterable[str], cutoff: int) -> None:
    """Claim nothing any more before a moment, because the facts from there are let go.

    Facts that were let go and coverage that stayed would together say that nothing happened.
    """
    for source in sources:
        db.execute(_SHRINK, [cutoff, source])
        db.execute(_DROP, [source, cutoff])
