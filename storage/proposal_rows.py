"""Proposals as rows, and those that somebody has to do something about."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from storage.people import Person
from storage.proposals import OPEN, UNFINISHED, Proposal, State
from storage.rows import Value, text
from storage.times import duration, length, micros, micros_or_none, moment, moment_or_none

if TYPE_CHECKING:
    from sqlite_utils.db import Database

    from storage.store import Store

INSERT = """
INSERT INTO proposals (id, cluster, folded, state, "before", wanted, fingerprint, why, asked_by,
    asked_by_name, asked_at, expires_at, lasts_us, incident, break_glass)
VALUES (:id, :cluster, :folded, :state, :before, :wanted, :fingerprint, :why, :asked_by,
    :asked_by_name, :asked_at, :expires_at, :lasts_us, :incident, :break_glass)
"""

UPDATE = """
UPDATE proposals SET state = :state, decided_by = :decided_by, decided_by_name = :decided_by_name,
    decided_at = :decided_at, decided_why = :decided_why, break_glass = :break_glass,
    superseded_by = :superseded_by, begun_at = :begun_at, applied_at = :applied_at,
    revert_at = :revert_at, reverted_by = :reverted_by, reverted_by_name = :reverted_by_name,
    reverted_at = :reverted_at, "after" = :after, trouble = :trouble,
    follow_up_at = :follow_up_at, followed_up_at = :followed_up_at
WHERE id = :id AND state = :was
"""
"""One step: only whoever still finds the proposal in the state it had takes it."""

_LAST = """
SELECT * FROM proposals WHERE ?1 IS NULL OR folded = ?1 ORDER BY asked_at DESC, id LIMIT ?2
"""

_EXPIRING = """
SELECT * FROM proposals WHERE state = 'proposed' AND expires_at <= ? ORDER BY expires_at
"""

_REVERTING = """
SELECT * FROM proposals
WHERE state IN ('applied', 'failed', 'revert_failed') AND revert_at <= ? ORDER BY revert_at
"""

_FOLLOWING = """
SELECT * FROM proposals
WHERE follow_up_at <= ? AND followed_up_at IS NULL ORDER BY follow_up_at
"""


def proposal_of(store: "Store", key: str) -> Proposal:
    """Give a proposal by its id. Raises KeyError where it is not there, UserError."""
    with store.reading() as db:
        found = _found(db, "SELECT * FROM proposals WHERE id = ?", [text(key)])
    if not found:
        raise KeyError(key)
    return found[0]


def proposals_of(
    store: "Store", cluster: str | None = None, most: int = 20
) -> tuple[Proposal, ...]:
    """Give the last proposals, of one cluster in any case or of all, newest first."""
    with store.reading() as db:
        return _found(db, _LAST, [None if cluster is None else folded(cluster), most])


def open_for(store: "Store", cluster: str) -> tuple[Proposal, ...]:
    """Give what of a cluster, in any case, waits for somebody or is under way, oldest first."""
    return tuple(each for each in _in(store, OPEN) if folded(each.cluster) == folded(cluster))


def unfinished(store: "Store") -> tuple[Proposal, ...]:
    """Give what was under way when the program ended, oldest first; read the cluster, then go on.

    Raises UserError.
    """
    return _in(store, UNFINISHED)


def undecided(store: "Store") -> tuple[Proposal, ...]:
    """Give what waits for an approver, oldest first. Raises UserError."""
    return _in(store, {State.PROPOSED})


def in_doubt(store: "Store") -> int:
    """Count the changes of which nobody knows whether they stand, or that could not be put back."""
    return len(_in(store, {State.UNKNOWN, State.REVERT_UNKNOWN, State.REVERT_FAILED}))


def due_to_expire(store: "Store", now: datetime) -> tuple[Proposal, ...]:
    """Give those that nobody decided in time."""
    with store.reading() as db:
        return _found(db, _EXPIRING, [micros(now)])


def due_to_revert(store: "Store", now: datetime) -> tuple[Proposal, ...]:
    """Give the changes whose time is over, and those that are to be tried to revert again."""
    with store.reading() as db:
        return _found(db, _REVERTING, [micros(now)])


def due_follow_ups(store: "Store", now: datetime) -> tuple[Proposal, ...]:
    """Give the applied changes to report on. `state` says whether they still stand."""
    with store.reading() as db:
        return _found(db, _FOLLOWING, [micros(now)])


def folded(cluster: str) -> str:
    """Give the form in which two spellings of a cluster's name are equal."""
    return text(cluster).casefold()


def row_of(proposal: Proposal) -> dict[str, Value]:
    """Give a proposal as the parameters of `INSERT` and `UPDATE`."""
    decided, reverted = proposal.decided_by, proposal.reverted_by
    values: dict[str, Value] = {
        "id": proposal.id,
        "cluster": proposal.cluster,
        "folded": folded(proposal.cluster),
        "state": proposal.state.value,
        "before": json.dumps(dict(proposal.before)),
        "wanted": json.dumps(dict(proposal.wanted)),
        "fingerprint": proposal.fingerprint,
        "why": proposal.why,
        "asked_by": proposal.asked_by.id,
        "asked_by_name": proposal.asked_by.name,
        "asked_at": micros(proposal.asked_at),
        "expires_at": micros(proposal.expires_at),
        "lasts_us": None if proposal.lasts is None else length(proposal.lasts),
        "incident": proposal.incident,
        "decided_by": decided.id if decided else None,
        "decided_by_name": decided.name if decided else None,
        "decided_at": micros_or_none(proposal.decided_at),
        "decided_why": proposal.decided_why,
        "break_glass": int(proposal.break_glass),
        "superseded_by": proposal.superseded_by,
        "begun_at": micros_or_none(proposal.begun_at),
        "applied_at": micros_or_none(proposal.applied_at),
        "revert_at": micros_or_none(proposal.revert_at),
        "reverted_by": reverted.id if reverted else None,
        "reverted_by_name": reverted.name if reverted else None,
        "reverted_at": micros_or_none(proposal.reverted_at),
        "after": None if proposal.after is None else json.dumps(dict(proposal.after)),
        "trouble": proposal.trouble,
        "follow_up_at": micros_or_none(proposal.follow_up_at),
        "followed_up_at": micros_or_none(proposal.followed_up_at),
    }
    return {
        name: text(value) if isinstance(value, str) else value for name, value in values.items()
    }


def _in(store: "Store", states: Iterable[State]) -> tuple[Proposal, ...]:
    values: list[Value] = [state.value for state in states]
    marks = ", ".join("?" * len(values))
    sql = f"SELECT * FROM proposals WHERE state IN ({marks}) ORDER BY asked_at, id"  # noqa: S608  question marks only
    with store.reading() as db:
        return _found(db, sql, values)


def _found(db: "Database", sql: str, values: list[Value]) -> tuple[Proposal, ...]:
    cursor = db.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return tuple(_proposal(dict(zip(names, row, strict=True))) for row in cursor.fetchall())


def _proposal(row: Mapping[str, Any]) -> Proposal:
    return Proposal(
        id=row["id"],
        cluster=row["cluster"],
        state=State(row["state"]),
        before=json.loads(row["before"]),
        wanted=json.loads(row["wanted"]),
        fingerprint=row["fingerprint"],
        why=row["why"],
        asked_by=Person(row["asked_by"], row["asked_by_name"]),
        asked_at=moment(row["asked_at"]),
        expires_at=moment(row["expires_at"]),
        lasts=None if row["lasts_us"] is None else duration(row["lasts_us"]),
        incident=row["incident"],
        decided_by=_person(row["decided_by"], row["decided_by_name"]),
        decided_at=moment_or_none(row["decided_at"]),
        decided_why=row["decided_why"],
        break_glass=bool(row["break_glass"]),
        superseded_by=row["superseded_by"],
        begun_at=moment_or_none(row["begun_at"]),
        applied_at=moment_or_none(row["applied_at"]),
        revert_at=moment_or_none(row["revert_at"]),
        reverted_by=_person(row["reverted_by"], row["reverted_by_name"]),
        reverted_at=moment_or_none(row["reverted_at"]),
        after=None if row["after"] is None else json.loads(row["after"]),
        trouble=row["trouble"],
        follow_up_at=moment_or_none(row["follow_up_at"]),
        followed_up_at=moment_or_none(row["followed_up_at"]),
    )


def _person(key: str | None, name: str | None) -> Person | None:
    return None if key is None else Person(key, name or "")
