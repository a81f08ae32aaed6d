"""Alerts: stored before they are acknowledged, each once, all of one disturbance together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from storage.checks import want_check
from storage.incidents import StoredIncident, incident_of, open_or_join
from storage.rows import text
from storage.times import micros, moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from storage.store import Store

JOIN = timedelta(minutes=5)
"""An alert this close to a known incident of its cluster is taken to be about that one, until the
check has found which failover it tells of."""

MORE = timedelta(seconds=4)
"""How long a known incident waits for further alerts before they are looked into together: tools
tell of one failover within seconds."""

LONGEST = 2000
"""Characters that are kept of what an alert said."""

_INSERT = """
INSERT INTO alerts
    ("key", way, at, received, tool, said, channel, ts, thread, "by", quiet, incident)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_OF = """
SELECT "key", way, at, received, tool, said, channel, ts, thread, "by", quiet
FROM alerts WHERE incident = ? ORDER BY received, id
"""

_KEYED = 'SELECT incident FROM alerts WHERE "key" = ?'


class Way(StrEnum):
    """How an alert came."""

    MESSAGE = "message"
    """A monitoring tool's, in a channel."""
    WATCH = "watch"
    """Found by ourselves in a cluster's event log."""
    WEBHOOK = "webhook"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """One alert: who told it when (`at`, UTC) in which words, and where it stands in Slack.

    `key` tells it from all others, however often it is delivered. `thread` is where an answer
    belongs, where that is not below the message itself. `quiet`: nobody is told before it is
    judged, and nobody at all if it was planned.
    """

    key: str
    way: Way
    cluster: str
    at: datetime
    received: datetime
    tool: str
    said: str
    channel: str | None = None
    ts: str | None = None
    thread: str | None = None
    by: str | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an alert: its incident, and whether the alert itself is new."""

    incident: StoredIncident
    new: bool


def take(store: "Store", alert: StoredAlert) -> Taken:
    """Store an alert, join or open its incident and have that checked. All or nothing.

    The same alert again changes nothing. Raises UserError.
    """
    with store.writing() as db:
        known = db.execute(_KEYED, [text(alert.key)]).fetchone()
        if known:
            return Taken(incident_of(store, known[0]), new=False)
        incident = open_or_join(store, alert.cluster, alert.at, JOIN, alert.received)
        db.execute(_INSERT, [*_row(alert), incident.id])
        wait = MORE if incident.joined else timedelta(0)
        want_check(store, incident.id, alert.received + wait)
        return Taken(incident, new=True)


def alerts_of(store: "Store", incident: str) -> tuple[StoredAlert, ...]:
    """Give the alerts of an incident as they came. Raises UserError."""
    with store.reading() as db:
        rows = db.execute(_OF, [incident]).fetchall()
        if not rows:
            return ()
        cluster = incident_of(store, incident).cluster
        return tuple(_alert(cluster, row) for row in rows)


def move_alerts(store: "Store", source: str, target: str) -> None:
    """Give one incident's alerts to another, for they told of the same failover."""
    with store.writing() as db:
        db.execute("UPDATE alerts SET incident = ? WHERE incident = ?", [target, source])


def move_alert(store: "Store", alert: StoredAlert, target: str) -> None:
    """Give one alert to the incident that it told of. Raises UserError."""
    with store.writing() as db:
        db.execute('UPDATE alerts SET incident = ? WHERE "key" = ?', [target, text(alert.key)])


def _row(alert: StoredAlert) -> tuple[str | int | None, ...]:
    said = (alert.key, alert.way.value, micros(alert.at), micros(alert.received))
    named = (alert.tool, alert.said[:LONGEST], alert.channel, alert.ts, alert.thread, alert.by)
    row = (*said, *named, int(alert.quiet))
    return tuple(text(value) if isinstance(value, str) else value for value in row)


def _alert(cluster: str, row: "Sequence[Any]") -> StoredAlert:
    key, way, at, received, tool, said, channel, ts, thread, by, quiet = row
    return StoredAlert(
        key, Way(way), cluster, moment(at), moment(received), tool, said, channel, ts, thread, by,
        bool(quiet),
    )  # fmt: skip
