"""Bookmarks: how far a channel or an event log was read, to go on from there after a restart."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from storage.rows import text
from storage.times import micros

if TYPE_CHECKING:
    from storage.store import Store

_SET = """
INSERT INTO bookmarks (what, mark, at) VALUES (?, ?, ?)
ON CONFLICT (what) DO UPDATE SET mark = excluded.mark, at = excluded.at
"""

_ALL = "SELECT what, mark FROM bookmarks WHERE substr(what, 1, ?) = ?"


def bookmark(store: "Store", what: str) -> str | None:
    """Give the mark; None where there is none yet. Raises UserError."""
    with store.reading() as db:
        row = db.execute("SELECT mark FROM bookmarks WHERE what = ?", [text(what)]).fetchone()
    return None if row is None else str(row[0])


def bookmarks(store: "Store", beginning: str) -> dict[str, str]:
    """Give all marks whose name begins so, by the rest of the name. Raises UserError."""
    with store.reading() as db:
        rows = db.execute(_ALL, [len(beginning), text(beginning)]).fetchall()
    return {what.removeprefix(beginning): mark for what, mark in rows}


def set_bookmarks(store: "Store", marks: Mapping[str, str], now: datetime) -> None:
    """Move marks. Raises UserError."""
    with store.writing() as db:
        for what, mark in marks.items():
            db.execute(_SET, [text(what), text(mark), micros(now)])
