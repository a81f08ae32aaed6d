"""Failovers of clusters, found in their logs; each once, however often the logs are read."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from storage.rows import Row, text
from storage.times import duration, length, micros, moment
from verdict.failover import SAME_NODE, TOGETHER, Failover, Loss

if TYPE_CHECKING:
    from sqlite_utils.db import Database

    from storage.store import Store

_NEAR = """
SELECT id, at, uncertainty_us, loss, lost, suspects, until, by_victim FROM failovers
WHERE cluster = ?1 AND at BETWEEN ?2 - ?3 AND ?2 + ?3 ORDER BY abs(at - ?2)
"""

_INSERT = """
INSERT INTO failovers (at, uncertainty_us, loss, lost, suspects, until, by_victim, cluster)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""

_UPDATE = """
UPDATE failovers SET
    at = ?, uncertainty_us = ?, loss = ?, lost = ?, suspects = ?, until = ?, by_victim = ?
WHERE id = ?
"""

_LINK = "UPDATE failovers SET incident = ? WHERE id = ?"

_SINCE = """
SELECT at, uncertainty_us, loss, lost, suspects, until, by_victim FROM failovers f
WHERE cluster = ? AND at >= ? AND NOT (? AND EXISTS (
    SELECT 1 FROM verdicts d WHERE d.incident = f.incident AND d.cause = 'planned'
        AND d.revision = (SELECT max(revision) FROM verdicts o WHERE o.incident = f.incident)))
ORDER BY at
"""


def add_failovers(
    store: "Store", cluster: str, failovers: Iterable[Failover], incident: str | None = None
) -> int:
    """Store failovers of a cluster; give how many were new. Raises UserError.

    One that is there already is replaced where the new reading knows more: the node, a survivor's
    clock, a better measured one. A bare moment somebody asked about is no failover. `incident` is
    the one they belong to. Their signs stay in the evidence.
    """
    with store.writing() as db:
        return sum(
            _add(db, text(cluster), failover, incident)
            for failover in failovers
            if failover.loss is not Loss.ASKED
        )


def _add(db: "Database", cluster: str, failover: Failover, incident: str | None) -> bool:
    row = _row(failover)
    near = db.execute(_NEAR, [cluster, row[0], length(SAME_NODE)]).fetchall()
    known = [(old[0], _failover(old[1:])) for old in near]
    same = [(number, old) for number, old in known if _same(old, failover)]
    if not same:
        number = db.execute(_INSERT, [*row, cluster]).lastrowid
    else:
        number, old = same[0]
        if _worth(failover) > _worth(old):
            db.execute(_UPDATE, [*row, number])
    if incident is not None:
        db.execute(_LINK, [incident, number])
    return not same


def _same(one: Failover, other: Failover) -> bool:
    """Whether two readings tell of one disturbance, as `verdict.failover` would join them."""
    apart = abs(one.at - other.at)
    return apart <= TOGETHER or (one.lost is not None and one.lost == other.lost)


def _worth(failover: Failover) -> tuple[bool, bool, float]:
    uncertainty = failover.uncertainty.total_seconds()
    return failover.lost is not None, not failover.by_victim, -uncertainty


def _row(failover: Failover) -> Row:
    return (
        micros(failover.at),
        length(failover.uncertainty),
        failover.loss.value,
        None if failover.lost is None else text(failover.lost),
        json.dumps(failover.suspects),
        micros(failover.until),
        int(failover.by_victim),
    )


def _failover(row: Sequence[Any]) -> Failover:
    at, uncertainty, loss, lost, suspects, until, by_victim = row
    return Failover(
        at=moment(at),
        uncertainty=duration(uncertainty),
        loss=Loss(loss),
        lost=lost,
        suspects=tuple(json.loads(suspects)),
        signs=(),
        until=moment(until),
        by_victim=bool(by_victim),
    )


def failovers_of(
    store: "Store", cluster: str, since: datetime, *, without_planned: bool = False
) -> tuple[Failover, ...]:
    """Give the failovers of a cluster since a moment, in order, without their signs.

    `without_planned` leaves out those whose last verdict says that somebody asked for them.
    """
    with store.reading() as db:
        rows = db.execute(_SINCE, [text(cluster), micros(since), int(without_planned)])
        return tuple(_failover(row) for row in rows)
