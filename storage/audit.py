"""The audit: who did what, when and why, in a table that only grows.

Each row carries a hash of itself and of the row before it, so that an edit shows: storage/proof.py.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sources.errors import UserError
from storage.people import Person
from storage.rows import Value, text
from storage.times import micros, micros_or_none, moment

if TYPE_CHECKING:
    from storage.store import Store

_ADD = """
INSERT INTO audit
    (id, at, what, who, who_name, cluster, proposal, "before", "after", why, detail, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_GROW = "UPDATE audit_head SET entries = ?, hash = ?"

_AFTER = """
SELECT id, at, what, who, who_name, cluster, proposal, "before", "after", why, detail, hash
FROM audit WHERE id > ? ORDER BY id
"""

_LAST = """
SELECT * FROM (
    SELECT id, at, what, who, who_name, cluster, proposal, "before", "after", why, detail, hash
    FROM audit
    WHERE (?1 IS NULL OR at >= ?1) AND (?2 IS NULL OR cluster = ?2)
    ORDER BY id DESC LIMIT ?3)
ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit. `at` is in UTC, values are by Microsoft's names.

    `detail` holds what JSON can hold. `number`, from 1, and `digest` are given when it is stored.
    """

    at: datetime
    what: str
    who: Person
    cluster: str | None = None
    proposal: str | None = None
    before: Mapping[str, int] | None = None
    after: Mapping[str, int] | None = None
    why: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the audit ends: how many entries there are, and the hash of the last."""

    entries: int
    digest: str


def add_entry(store: "Store", entry: Entry) -> Entry:
    """Store an entry behind all others; give it with its number and hash. Raises UserError.

    Within `store.writing()` it is stored with what else is written there, or not at all.
    """
    with store.writing() as db:
        last = head(store)
        number = last.entries + 1
        row = (number, *_row(entry))
        hashed = digest(last.digest, row)
        db.execute(_ADD, [*row, hashed])
        db.execute(_GROW, [number, hashed])
        return replace(entry, number=number, digest=hashed)


def entries(
    store: "Store",
    since: datetime | None = None,
    cluster: str | None = None,
    limit: int | None = None,
) -> tuple[Entry, ...]:
    """Give entries as they were written, the oldest first; with a limit only the last of them.

    Raises UserError.
    """
    named = None if cluster is None else text(cluster)
    most = -1 if limit is None else limit
    with store.reading() as db:
        rows = db.execute(_LAST, [micros_or_none(since), named, most]).fetchall()
    return tuple(_entry(row) for row in rows)


def entries_after(store: "Store", number: int) -> tuple[Entry, ...]:
    """Give the entries behind one, by its number, the oldest first. Raises UserError."""
    with store.reading() as db:
        return tuple(_entry(row) for row in db.execute(_AFTER, [number]).fetchall())


def head(store: "Store") -> Head:
    """Give the end of the audit. Noted elsewhere, it shows later that nothing before was changed.

    Raises UserError where somebody removed it.
    """
    with store.reading() as db:
        row = db.execute("SELECT entries, hash FROM audit_head").fetchone()
    if row is None:
        raise UserError(
            "The audit has no end any more: somebody edited the file.",
            "Put the last copy of the file back, and find out who edited it.",
        )
    return Head(*row)


def digest(previous: str, row: Sequence[Any]) -> str:
    """Give the hash of a row as stored, without its own hash, behind the hash of another."""
    told = json.dumps([previous, *row], default=repr)
    return hashlib.sha256(told.encode()).hexdigest()


def _row(entry: Entry) -> tuple[Value, ...]:
    values = (
        micros(entry.at),
        entry.what,
        entry.who.id,
        entry.who.name,
        entry.cluster,
        entry.proposal,
        None if entry.before is None else _canonical(entry.before),
        None if entry.after is None else _canonical(entry.after),
        entry.why,
        _canonical(entry.detail),
    )
    return tuple(text(value) if isinstance(value, str) else value for value in values)


def _canonical(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), sort_keys=True, ensure_ascii=False, allow_nan=False)


def _entry(row: Sequence[Any]) -> Entry:
    number, at, what, who, name, cluster, proposal, before, after, why, detail, hashed = row
    return Entry(
        at=moment(at),
        what=what,
        who=Person(who, name),
        cluster=cluster,
        proposal=proposal,
        before=None if before is None else json.loads(before),
        after=None if after is None else json.loads(after),
        why=why,
        detail=json.loads(detail),
        number=number,
        digest=hashed,
    )
