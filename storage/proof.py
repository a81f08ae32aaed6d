"""Proof that the audit is as it was written, or the first entry from which on it is not."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from storage.audit import Head, digest

if TYPE_CHECKING:
    from sqlite_utils.db import Database

    from storage.store import Store

_ROWS = """
SELECT id, at, what, who, who_name, cluster, proposal, "before", "after", why, detail, hash
FROM audit ORDER BY id
"""


class Fault(StrEnum):
    """What is wrong with an entry."""

    CHANGED = "changed"
    MISSING = "missing"
    MOVED = "moved"
    """It was written as another one."""
    ADDED = "added"
    """It stands behind the end of the audit."""
    END = "end"
    """All entries fit each other, and not what is stored as the end."""


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain of the audit first does not hold. `entry` counts from 1."""

    entry: int
    fault: Fault


def verify(store: "Store") -> Break | None:
    """Read the whole audit; give the first entry that was changed, removed or moved.

    A cut tail shows too, because the count and the last hash stand in a table of their own. What
    a chain within the file cannot show: that somebody who can write the file wrote the whole of
    it anew, end included, or put an older copy of it back. For that compare `audit.head` with one
    that was noted elsewhere. Nor does it show what was done without being written down. Raises
    UserError.
    """
    with store.reading() as db, _any_bytes(db):
        previous, number = "", 0
        for row in db.execute(_ROWS):
            number += 1
            if row[0] != number:
                return Break(number, Fault.MISSING)
            if digest(previous, row[:-1]) != row[-1]:
                return Break(number, _fault(db, row))
            previous = row[-1]
        return _at_end(db, Head(number, previous))


def _at_end(db: "Database", found: Head) -> Break | None:
    stored = db.execute("SELECT entries, hash FROM audit_head").fetchall()
    if stored == [(found.entries, found.digest)]:
        return None
    entries = stored[0][0] if stored else None
    if isinstance(entries, int) and entries > found.entries:
        return Break(found.entries + 1, Fault.MISSING)
    if isinstance(entries, int) and entries < found.entries:
        return Break(entries + 1, Fault.ADDED)
    return Break(found.entries, Fault.END)


def _fault(db: "Database", row: Sequence[Any]) -> Fault:
    """Say whether a row that does not fit would fit elsewhere, under that number."""
    hashes = dict(db.execute("SELECT id, hash FROM audit").fetchall()) | {0: ""}
    for number in hashes:
        # where neighbours changed places, the one before it now has its own number
        for previous in (hashes.get(number - 1), hashes.get(number)):
            if previous is not None and digest(previous, (number, *row[1:-1])) == row[-1]:
                return Fault.MOVED
    return Fault.CHANGED


@contextmanager
def _any_bytes(db: "Database") -> Iterator[None]:
    """Read texts that are no UTF-8 any more, which only an edit can have made."""
    usual = db.conn.text_factory
    db.conn.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        db.conn.text_factory = usual
