"""The heartbeat values a cluster had, and from when until when they were read so.

A failover is judged by the values of its time: they may have been changed because of it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage.rows import text
from storage.times import micros, moment
from verdict.heartbeat import four

if TYPE_CHECKING:
    from storage.store import Store

_BEFORE = """
SELECT since, until, "values" FROM heartbeat_values WHERE cluster = ? AND since <= ?
ORDER BY since DESC LIMIT 1
"""

_AFTER = """
SELECT since, until, "values" FROM heartbeat_values WHERE cluster = ? AND until >= ?
ORDER BY since LIMIT 1
"""

_AGAIN = """
UPDATE heartbeat_values SET until = max(until, ?) WHERE cluster = ? AND since = ?
"""

_NEW = """
INSERT OR REPLACE INTO heartbeat_values (cluster, since, until, "values") VALUES (?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class Stood:
    """Values by Microsoft's names, and the first and the last time (UTC) they were read so."""

    values: Mapping[str, int]
    since: datetime
    until: datetime


def add_values(store: "Store", cluster: str, read: Mapping[str, int], at: datetime) -> None:
    """Store the values that were read at a moment (UTC); less than all four says too little.

    Raises UserError.
    """
    found = four(read)
    if not found:
        return
    values = json.dumps(found)
    name, read_at = text(cluster), micros(at)
    with store.writing() as db:
        last = db.execute(_BEFORE, [name, read_at]).fetchone()
        if last and last[2] == values:
            db.execute(_AGAIN, [read_at, name, last[0]])
        else:
            db.execute(_NEW, [name, read_at, read_at, values])


def before(store: "Store", cluster: str, at: datetime) -> Stood | None:
    """Give the values as they were last read before a moment (UTC), or at it. Raises UserError."""
    return _found(store, _BEFORE, cluster, at)


def after(store: "Store", cluster: str, at: datetime) -> Stood | None:
    """Give the values as they were first read after a moment (UTC), or at it. Raises UserError.

    The same as `before` where they were read so on both sides of it.
    """
    return _found(store, _AFTER, cluster, at)


def _found(store: "Store", sql: str, cluster: str, at: datetime) -> Stood | None:
    with store.reading() as db:
        row = db.execute(sql, [text(cluster), micros(at)]).fetchone()
    return Stood(json.loads(row[2]), moment(row[0]), moment(row[1])) if row else None
