"""Incidents: one for each disturbance of a cluster that somebody wants to know about."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from storage.rows import text
from storage.times import length, micros, moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from storage.store import Store

_NEAREST = """
SELECT id, cluster, at, lost_node, opened FROM incidents
WHERE cluster = ?1 AND at BETWEEN ?2 - ?3 AND ?2 + ?3 ORDER BY abs(at - ?2) LIMIT 1
"""

_JUDGED = """
SELECT id, cluster, at, lost_node, opened FROM incidents i
WHERE cluster = ?1 AND at BETWEEN ?2 - ?3 AND ?2 + ?3
    AND ?4 = EXISTS (SELECT 1 FROM verdicts d WHERE d.incident = i.id)
ORDER BY abs(at - ?2) LIMIT 1
"""

_INSERT = "INSERT INTO incidents (id, cluster, at, lost_node, opened) VALUES (?, ?, ?, NULL, ?)"

_BY_ID = "SELECT id, cluster, at, lost_node, opened FROM incidents WHERE id = ?"

_AMEND = "UPDATE incidents SET at = ?, lost_node = coalesce(?, lost_node) WHERE id = ?"


@dataclass(frozen=True, slots=True)
class StoredIncident:
    """An incident, and whether it was there before. `at` is the best known moment, UTC."""

    id: str
    cluster: str
    at: datetime
    lost_node: str | None
    opened: datetime
    joined: bool = True


def open_or_join(
    store: "Store", cluster: str, at: datetime, within: timedelta, now: datetime
) -> StoredIncident:
    """Join the incident of a cluster that is nearest to a moment, or open one.

    `within` is how far apart the two may be. Whoever asks at the same time, from whichever
    process, gets the same incident. Raises UserError.
    """
    with store.writing() as db:
        row = db.execute(_NEAREST, [text(cluster), micros(at), length(within)]).fetchone()
        if row:
            return _incident(row)
        return open_incident(store, cluster, at, now)


def open_incident(store: "Store", cluster: str, at: datetime, now: datetime) -> StoredIncident:
    """Open an incident whatever others there are. Raises UserError."""
    with store.writing() as db:
        # random, not counted: a message in Slack carries it, and a store begun anew must not
        # give an old message's number to a new incident
        key = secrets.token_hex(6)
        db.execute(_INSERT, [key, text(cluster), micros(at), micros(now)])
        return StoredIncident(key, cluster, at, None, now, joined=False)


def near(
    store: "Store", cluster: str, at: datetime, within: timedelta, *, judged: bool
) -> StoredIncident | None:
    """Give the nearest incident of a cluster that was judged, or of those that were not yet."""
    with store.reading() as db:
        key = [text(cluster), micros(at), length(within), int(judged)]
        row = db.execute(_JUDGED, key).fetchone()
    return _incident(row) if row else None


def close_unjudged(store: "Store", incident: str) -> None:
    """Take an incident away that turned out to be another one. Raises UserError."""
    with store.writing() as db:
        db.execute("DELETE FROM incidents WHERE id = ?", [incident])


def amend(store: "Store", incident: str, at: datetime, lost_node: str | None) -> None:
    """Set the moment of an incident, and the node once it is known.

    Raises KeyError for an incident that is not there, UserError.
    """
    with store.writing() as db:
        node = None if lost_node is None else text(lost_node)
        if db.execute(_AMEND, [micros(at), node, incident]).rowcount != 1:
            raise KeyError(incident)


def incident_of(store: "Store", incident: str) -> StoredIncident:
    """Give an incident by its id. Raises KeyError where it is not there, UserError."""
    with store.reading() as db:
        row = db.execute(_BY_ID, [incident]).fetchone()
    if row is None:
        raise KeyError(incident)
    return _incident(row)


def _incident(row: "Sequence[Any]") -> StoredIncident:
    key, cluster, at, lost_node, opened = row
    return StoredIncident(key, cluster, moment(at), lost_node, moment(opened))
