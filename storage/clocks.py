"""Clocks: how far each was ahead of UTC, every time it was measured."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from storage.rows import many, text
from storage.times import duration, length, micros, moment

if TYPE_CHECKING:
    from storage.store import Store

_INSERT = """
INSERT INTO clocks (name, measured, ahead) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
"""

_SINCE = "SELECT measured, ahead FROM clocks WHERE name = ? AND measured >= ? ORDER BY measured"

_LAST = """
SELECT name, ahead FROM clocks c
WHERE measured = (SELECT max(measured) FROM clocks o WHERE o.name = c.name) ORDER BY name
"""


def add_clocks(store: "Store", offsets: Mapping[str, timedelta], measured: datetime) -> int:
    """Store how far clocks were ahead of UTC at a moment; give how many were new."""
    with store.writing() as db:
        rows = ((name, micros(measured), length(ahead)) for name, ahead in offsets.items())
        return many(db, _INSERT, rows)


def offsets_of(
    store: "Store", name: str, since: datetime
) -> tuple[tuple[datetime, timedelta], ...]:
    """Give every measurement of a clock since a moment, in order."""
    with store.reading() as db:
        rows = db.execute(_SINCE, [text(name), micros(since)])
        return tuple((moment(at), duration(ahead)) for at, ahead in rows)


def last_offsets(store: "Store") -> dict[str, timedelta]:
    """Give the last measurement of every clock."""
    with store.reading() as db:
        return {name: duration(ahead) for name, ahead in db.execute(_LAST)}
