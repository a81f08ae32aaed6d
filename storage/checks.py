"""Checks: which incidents are to be investigated, and when; what is under way survives a crash."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage.times import micros, moment, moment_or_none

if TYPE_CHECKING:
    from storage.store import Store

_WANT = """
INSERT INTO checks (incident, due, round, wanted, since) VALUES (?1, ?2, 0, 1, ?2)
ON CONFLICT (incident) DO UPDATE SET
    due = min(due, excluded.due), round = 0, wanted = wanted + 1
"""

_LOOK = """
INSERT INTO checks (incident, due, round, wanted, since) VALUES (?1, ?2, 1, 1, ?2)
ON CONFLICT (incident) DO NOTHING
"""

_DUE = """
SELECT c.incident, i.cluster, i.at, c.round, c.wanted, c.due, c.since
FROM checks c JOIN incidents i ON i.id = c.incident WHERE c.due <= ? ORDER BY c.due LIMIT ?
"""

_DONE = "DELETE FROM checks WHERE incident = ? AND wanted = ?"

_LATER = "UPDATE checks SET due = ?, round = ? WHERE incident = ? AND wanted = ?"


@dataclass(frozen=True, slots=True)
class Check:
    """An incident that is to be checked. `round` counts the looks for late evidence, from 0."""

    incident: str
    cluster: str
    at: datetime
    round: int
    wanted: int
    """Which wish this is: one that comes while it is checked is another one."""
    due: datetime
    since: datetime


def want_check(store: "Store", incident: str, due: datetime) -> None:
    """Have an incident checked, once more if it is being checked now. Raises UserError."""
    with store.writing() as db:
        db.execute(_WANT, [incident, micros(due)])


def look_later(store: "Store", incident: str, due: datetime) -> None:
    """Look for late evidence of an incident, unless it is checked anyway. Raises UserError."""
    with store.writing() as db:
        db.execute(_LOOK, [incident, micros(due)])


def due_checks(store: "Store", now: datetime, most: int = 100) -> tuple[Check, ...]:
    """Give what is to be checked now, the longest due first. Raises UserError."""
    with store.reading() as db:
        rows = db.execute(_DUE, [micros(now), most]).fetchall()
    return tuple(
        Check(incident, cluster, moment(at), rnd, wanted, moment(due), moment(since))
        for incident, cluster, at, rnd, wanted, due, since in rows
    )


def next_check(store: "Store") -> datetime | None:
    """Say when the next check is due; None where nothing is to be checked."""
    with store.reading() as db:
        return moment_or_none(db.execute("SELECT min(due) FROM checks").fetchone()[0])


def finish_check(store: "Store", check: Check, again: datetime | None) -> None:
    """Say that a check is done, and when to look again for what was still missing.

    A wish that came meanwhile stays. Raises UserError.
    """
    with store.writing() as db:
        if again is None:
            db.execute(_DONE, [check.incident, check.wanted])
        else:
            row = [micros(again), check.round + 1, check.incident, check.wanted]
            db.execute(_LATER, row)


def postpone(store: "Store", check: Check, due: datetime) -> None:
    """Try a check that failed again at another time, as the same look. Raises UserError."""
    with store.writing() as db:
        db.execute(_LATER, [micros(due), check.round, check.incident, check.wanted])


def checks_waiting(store: "Store") -> tuple[int, datetime | None]:
    """Count the first looks that are still to be done, and say since when the oldest waits."""
    with store.reading() as db:
        row = db.execute("SELECT count(*), min(since) FROM checks WHERE round = 0").fetchone()
    return int(row[0]), moment_or_none(row[1])
