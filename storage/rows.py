"""Rows in bulk, and the columns that every fact shares: whose clock stamped it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from storage.times import duration, length, micros
from verdict.clock import Clock

if TYPE_CHECKING:
    from sqlite_utils.db import Database

Value = str | int | bytes | None
Row = Sequence[Value]


def many(db: "Database", sql: str, rows: Iterable[Row]) -> int:
    """Run one statement for every row; give how many rows it changed."""
    return max(0, db.conn.executemany(sql, _storable(rows)).rowcount)


def _storable(rows: Iterable[Row]) -> Iterator[Row]:
    """JSON can smuggle half a surrogate pair into a name, which no SQLite text can hold."""
    for row in rows:
        yield tuple(text(value) if isinstance(value, str) else value for value in row)


def text(value: str) -> str:
    """Give a text in which everything can be stored."""
    if value.isascii():
        return value
    return value.encode("utf-8", "replace").decode("utf-8")


def ahead_of(clock: Clock) -> int | None:
    """Give a clock's offset as stored; NULL where nobody measured it."""
    return None if clock.ahead is None else length(clock.ahead)


def clock_of(name: str, ahead: int | None) -> Clock:
    """Give back the clock that was stored in two columns."""
    return Clock(name, None if ahead is None else duration(ahead))


def stamped(moment: datetime, clock: Clock) -> int:
    """Give a moment as its own clock stamped it.

    That is what identifies a fact that is read again: its UTC time moves a little with every new
    measurement of the clock, the stamp in the log never does.
    """
    return micros(moment) + (ahead_of(clock) or 0)
