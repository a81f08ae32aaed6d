"""Unmatched: messages that looked like alerts and fitted no pattern, so that a gap is seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage.rows import text
from storage.times import micros, moment

if TYPE_CHECKING:
    from storage.store import Store

MOST = 1000
"""So many of the last are kept."""

LONGEST = 500
"""Characters that are kept of each."""

_ADD = """
INSERT INTO unmatched ("key", at, channel, why, said) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""

_TRIM = "DELETE FROM unmatched WHERE id <= (SELECT max(id) FROM unmatched) - ?"

_LAST = "SELECT at, channel, why, said FROM unmatched ORDER BY id DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A message that may have been an alert: when (UTC), where, why it was not taken for one."""

    at: datetime
    channel: str
    why: str
    said: str


def add_unmatched(store: "Store", key: str, message: Unmatched) -> None:
    """Keep a message; the same again adds nothing. Raises UserError."""
    said = text(message.said[:LONGEST])
    row = [text(key), micros(message.at), text(message.channel), text(message.why), said]
    with store.writing() as db:
        db.execute(_ADD, row)
        db.execute(_TRIM, [MOST])


def last_unmatched(store: "Store", most: int = 10) -> tuple[Unmatched, ...]:
    """Give the last of them, the newest first. Raises UserError."""
    with store.reading() as db:
        rows = db.execute(_LAST, [most]).fetchall()
    return tuple(Unmatched(moment(at), channel, why, said) for at, channel, why, said in rows)


def unmatched_since(store: "Store", since: datetime) -> int:
    """Count those since a moment. Raises UserError."""
    with store.reading() as db:
        sql = "SELECT count(*) FROM unmatched WHERE at >= ?"
        return int(db.execute(sql, [micros(since)]).fetchone()[0])
