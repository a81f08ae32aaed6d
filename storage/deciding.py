"""Deciding on a proposal: approved by another person, rejected, or expired."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sources.errors import UserError
from storage.people import Person
from storage.proposal_steps import Deed, LostRaceError, alone, move, ready, required
from storage.proposals import Proposal, State

if TYPE_CHECKING:
    from storage.store import Store


class DriftError(UserError):
    """The cluster no longer has the values that were shown to whoever is to approve."""


def approve(
    store: "Store",
    key: str,
    *,
    who: Person,
    fingerprint: str,
    at: datetime,
    break_glass: str | None = None,
) -> Proposal:
    """Approve a proposal whose `fingerprint`, of values just read, is that of the values shown.

    Nobody approves their own, whatever else they may do, unless they break the glass and type
    the reason; that they may, the caller has to see to. Raises UserError for that, DriftError,
    LostRaceError where it is decided or expired, KeyError.
    """
    with store.writing():
        found = _undecided(store, key, State.APPROVED, at)
        if break_glass is None and who.same(found.asked_by):
            raise UserError(
                "Nobody approves what they asked for themselves.", "Ask another approver."
            )
        why = "" if break_glass is None else required(break_glass, "why it cannot wait")
        if fingerprint != found.fingerprint:
            raise DriftError(
                f"The values of {found.cluster} are no longer those shown here; nothing was done.",
                "Look at the values as they are now, and decide on those.",
            )
        alone(store, found)
        now = replace(
            found,
            state=State.APPROVED,
            decided_by=who,
            decided_at=at,
            decided_why=why or None,
            break_glass=break_glass is not None,
        )
        detail = {"break_glass": 1} if break_glass is not None else {}
        return move(store, found, now, Deed(at, who, why, detail=detail))


def reject(store: "Store", key: str, *, who: Person, at: datetime, why: str = "") -> Proposal:
    """Reject a proposal; whoever asked for it may do so too. Raises as `approve` does."""
    with store.writing():
        found = _undecided(store, key, State.REJECTED, at)
        why = why.strip()
        now = replace(
            found, state=State.REJECTED, decided_by=who, decided_at=at, decided_why=why or None
        )
        return move(store, found, now, Deed(at, who, why))


def expire(store: "Store", key: str, *, at: datetime) -> Proposal:
    """Close a proposal that nobody decided in time.

    Raises ValueError before that time, LostRaceError, KeyError, UserError.
    """
    with store.writing():
        found = ready(store, key, State.EXPIRED)
        if at < found.expires_at:
            raise ValueError(f"{key} can be decided until {found.expires_at}")
        return move(store, found, replace(found, state=State.EXPIRED), Deed(at))


def _undecided(store: "Store", key: str, state: State, at: datetime) -> Proposal:
    found = ready(store, key, state)
    if at >= found.expires_at:
        raise LostRaceError(replace(found, state=State.EXPIRED))
    return found
