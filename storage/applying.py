"""Applying an approved change: written down before it is sent, and applied only when read back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from storage.audit import add_entry
from storage.people import PROGRAM, Person
from storage.proposal_rows import proposal_of
from storage.proposal_steps import Deed, LostRaceError, entry_of, move, ready
from storage.proposals import Proposal, State
from storage.rows import text
from storage.times import micros

if TYPE_CHECKING:
    from storage.store import Store

FOLLOW_UP = timedelta(days=7)
"""How long after a change the bot reports on it unasked (DESIGN 7)."""

FOLLOWED_UP = "followed_up"
"""What the audit calls the report."""

_FOLLOWED_UP = """
UPDATE proposals SET followed_up_at = ?
WHERE id = ? AND followed_up_at IS NULL AND follow_up_at IS NOT NULL
"""


def begin_applying(store: "Store", key: str, *, at: datetime) -> Proposal:
    """Claim an approved change, before anything is sent to the cluster.

    Whoever gets the proposal back is the only one to send it; from the approval on no other
    change of the cluster begins. Raises LostRaceError, KeyError, UserError.
    """
    with store.writing():
        found = ready(store, key, State.APPLYING)
        return move(store, found, replace(found, state=State.APPLYING, begun_at=at), Deed(at))


def applied(
    store: "Store",
    key: str,
    *,
    after: Mapping[str, int],
    at: datetime,
    follow_up: timedelta = FOLLOW_UP,
) -> Proposal:
    """Say that the wanted values were read back; `follow_up` later they are to be reported on.

    A change for a time goes back that long after it was begun: one that was only found after a
    day's outage is due at once, and does not stand that day and its time. Raises ValueError where
    `after` lacks a wanted value, LostRaceError, KeyError, UserError.
    """
    with store.writing():
        found = ready(store, key, State.APPLIED)
        if not found.is_applied(after):
            raise ValueError(f"{key} is not applied: {dict(after)} was read")
        now = replace(
            found,
            state=State.APPLIED,
            applied_at=at,
            revert_at=_end(found, at),
            after=after,
            trouble=None,
            follow_up_at=at + follow_up,
        )
        return move(store, found, now, Deed(at, read=after))


def failed(
    store: "Store", key: str, *, trouble: str, at: datetime, after: Mapping[str, int] | None = None
) -> Proposal:
    """Say that the change was not made; `after` is what was read, None where nothing was sent.

    If a part of it stands, it can be reverted, and one for a time will be. Raises ValueError where
    `after` shows the whole change, or is missing after it was unknown; LostRaceError, KeyError,
    UserError.
    """
    with store.writing():
        found = ready(store, key, State.FAILED)
        if after is None and found.state is State.UNKNOWN:
            raise ValueError(f"{key} is unknown until the cluster was read")
        if after is not None and found.is_applied(after):
            raise ValueError(f"{key} is applied: {dict(after)} was read")
        partly = after is not None and found.stands(after)
        now = replace(
            found,
            state=State.FAILED,
            trouble=trouble,
            after=after,
            revert_at=_end(found, at) if partly else None,
        )
        return move(store, found, now, Deed(at, why=trouble, read=after))


def unknown(store: "Store", key: str, *, trouble: str, at: datetime) -> Proposal:
    """Say that the change was sent and nobody knows what became of it. Raises LostRaceError."""
    with store.writing():
        found = ready(store, key, State.UNKNOWN)
        now = replace(found, state=State.UNKNOWN, trouble=trouble)
        return move(store, found, now, Deed(at, why=trouble))


def followed_up(store: "Store", key: str, *, at: datetime, who: Person = PROGRAM) -> Proposal:
    """Claim the report on a change that was applied; whoever gets it back is to send it.

    Raises LostRaceError, KeyError, UserError.
    """
    with store.writing() as db:
        if db.execute(_FOLLOWED_UP, [micros(at), text(key)]).rowcount != 1:
            raise LostRaceError(proposal_of(store, key))
        found = proposal_of(store, key)
        add_entry(store, entry_of(found, FOLLOWED_UP, Deed(at, who, read=found.after)))
        return found


def _end(proposal: Proposal, at: datetime) -> datetime | None:
    if proposal.lasts is None:
        return None
    return (proposal.begun_at or at) + proposal.lasts
