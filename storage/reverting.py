"""Reverting a change: its values of before are put back, by a person or when its time is over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sources.errors import UserError
from storage.people import PROGRAM, Person
from storage.proposal_steps import Deed, LostRaceError, alone, move, ready, required
from storage.proposals import Proposal, State

if TYPE_CHECKING:
    from storage.store import Store


def begin_revert(
    store: "Store", key: str, *, at: datetime, who: Person = PROGRAM, why: str = ""
) -> Proposal:
    """Claim the revert of a change that stands, before anything is sent to the cluster.

    Whoever gets the proposal back is the only one to send it. Raises LostRaceError, also for a
    change that failed as a whole, UserError where another one is under way, KeyError.
    """
    with store.writing():
        found = ready(store, key, State.REVERTING)
        if found.state is State.FAILED and not found.stands(found.after or {}):
            raise LostRaceError(found)
        alone(store, found)
        now = replace(found, state=State.REVERTING, reverted_by=who)
        return move(store, found, now, Deed(at, who, why))


def reverted(store: "Store", key: str, *, after: Mapping[str, int], at: datetime) -> Proposal:
    """Say that the values of before were read back.

    Raises ValueError where `after` lacks one of them, LostRaceError, KeyError, UserError.
    """
    with store.writing():
        found = ready(store, key, State.REVERTED)
        if not found.is_reverted(after):
            raise ValueError(f"{key} is not reverted: {dict(after)} was read")
        now = replace(found, state=State.REVERTED, reverted_at=at, after=after, trouble=None)
        return move(store, found, now, Deed(at, read=after))


def revert_failed(
    store: "Store",
    key: str,
    *,
    trouble: str,
    at: datetime,
    again: datetime | None,
    after: Mapping[str, int] | None = None,
) -> Proposal:
    """Say that the change was not put back, or must not be: somebody changed the values meanwhile.

    `again` is when to try or to ask the next time; a change for a time always has one, so that
    it cannot lose its revert. Raises ValueError without it, where `after` shows the values of
    before, or where it is missing after it was unknown; LostRaceError, KeyError, UserError.
    """
    with store.writing():
        found = ready(store, key, State.REVERT_FAILED)
        if again is None and found.lasts is not None:
            raise ValueError(f"{key} was for {found.lasts}: it must be tried again")
        if after is None and found.state is State.REVERT_UNKNOWN:
            raise ValueError(f"{key} is unknown until the cluster was read")
        if after is not None and found.is_reverted(after):
            raise ValueError(f"{key} is reverted: {dict(after)} was read")
        now = replace(
            found,
            state=State.REVERT_FAILED,
            revert_at=again,
            trouble=trouble,
            after=found.after if after is None else after,
        )
        return move(store, found, now, Deed(at, why=trouble, read=after))


def revert_unknown(store: "Store", key: str, *, trouble: str, at: datetime) -> Proposal:
    """Say that the revert was sent and nobody knows what became of it. Raises LostRaceError."""
    with store.writing():
        found = ready(store, key, State.REVERT_UNKNOWN)
        now = replace(found, state=State.REVERT_UNKNOWN, trouble=trouble)
        return move(store, found, now, Deed(at, why=trouble))


def leave(
    store: "Store", key: str, *, who: Person, why: str, after: Mapping[str, int], at: datetime
) -> Proposal:
    """Leave values that somebody else has set meanwhile, because a person says so.

    `after` are the values as they are now. Raises UserError while a value of the change still
    stands, for that would make a change for a time one for good that nobody approved;
    LostRaceError, KeyError.
    """
    with store.writing():
        found = ready(store, key, State.LEFT)
        if found.stands(after):
            raise UserError(
                f"{found.cluster} still has a value of this change; it cannot be left so.",
                "Revert it, or propose the value for good.",
            )
        said = required(why, "why the values are left as they are")
        now = replace(found, state=State.LEFT, revert_at=None, after=after)
        return move(store, found, now, Deed(at, who, said, read=after))
