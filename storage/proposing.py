"""Proposing: a wanted change is written down before anybody is asked to approve it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sources.errors import UserError
from storage.audit import add_entry
from storage.people import Person
from storage.proposal_rows import INSERT, open_for, proposal_of, row_of
from storage.proposal_steps import Deed, entry_of, move, required
from storage.proposals import UNFINISHED, Proposal, State, fingerprint
from storage.times import length
from verdict.heartbeat import RANGES

if TYPE_CHECKING:
    from storage.store import Store

LONGEST = timedelta(days=365)
"""A change that is to stand longer is not for a time, it is for good."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants: `wanted` instead of what is in `before`, for a time or for good."""

    cluster: str
    before: Mapping[str, int]
    """The values that are shown: at least those that are to change, better all four."""
    wanted: Mapping[str, int]
    why: str
    asked_by: Person
    expires_at: datetime
    lasts: timedelta | None = None
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A new proposal, and those that nobody needs to decide any more because of it."""

    proposal: Proposal
    superseded: tuple[Proposal, ...]


def propose(store: "Store", draft: Draft, *, at: datetime) -> Proposed:
    """Store a proposal; it supersedes those not yet decided that touch the same property.

    One that is approved or under way is not superseded: then nothing is stored and UserError
    says which it is. Raises UserError also for a property or a value that is not allowed, and
    where nothing changes or nobody says why.
    """
    new = _new(draft, at)
    _check(new)
    with store.writing() as db:
        rivals = [other for other in open_for(store, new.cluster) if _touches(new, other)]
        _refuse(new, [other for other in rivals if other.state in UNFINISHED])
        older = tuple(
            _supersede(store, other, new) for other in rivals if other.state is State.PROPOSED
        )
        db.execute(INSERT, row_of(new))
        add_entry(store, entry_of(new, new.state.value, _deed(new)))
        return Proposed(proposal_of(store, new.id), older)


def _new(draft: Draft, at: datetime) -> Proposal:
    return Proposal(
        id=secrets.token_hex(16),
        cluster=draft.cluster,
        state=State.PROPOSED,
        before=draft.before,
        wanted=draft.wanted,
        fingerprint=fingerprint(draft.cluster, draft.before, draft.wanted),
        why=required(draft.why, "why the values should change"),
        asked_by=draft.asked_by,
        asked_at=at,
        expires_at=draft.expires_at,
        lasts=draft.lasts,
        incident=draft.incident,
    )


def _check(new: Proposal) -> None:
    """Raise UserError for a change that must never reach a script, whoever approves it."""
    if not new.wanted:
        raise UserError("No value would change.")
    for name, value in new.wanted.items():
        _check_value(name, value)
        if new.before.get(name) is None:
            raise UserError(f"{name} was not read, so it could not be put back.")
        if new.before[name] == value:
            raise UserError(f"{name} is {value} already.")
    if new.expires_at <= new.asked_at:
        raise UserError("The proposal would have expired before it was made.")
    if new.lasts is not None and not timedelta(0) < new.lasts <= LONGEST:
        raise UserError("A change stands for at most a year, or for good.", "For example: for 8h")


def _check_value(name: str, value: int) -> None:
    if name not in RANGES:
        raise UserError(f"{name} is no heartbeat property.", f"Those are {', '.join(RANGES)}.")
    least, most = RANGES[name]
    if type(value) is not int or not least <= value <= most:
        raise UserError(f"{name} takes whole numbers from {least} to {most}.")


def _touches(new: Proposal, other: Proposal) -> bool:
    return not new.wanted.keys().isdisjoint(other.wanted)


def _refuse(new: Proposal, busy: list[Proposal]) -> None:
    for other in busy:
        names = ", ".join(name for name in new.wanted if name in other.wanted)
        raise UserError(
            f"Another change of {names} on {other.cluster} is "
            f"{other.state.value.replace('_', ' ')}: {other.asked_by.name} asked for it at "
            f"{other.asked_at:%Y-%m-%d %H:%M} UTC.",
            "Wait until it is done, then look at the values again.",
        )


def _supersede(store: "Store", other: Proposal, new: Proposal) -> Proposal:
    now = replace(other, state=State.SUPERSEDED, superseded_by=new.id)
    detail = {"superseded_by": new.id}
    return move(store, other, now, Deed(new.asked_at, new.asked_by, detail=detail))


def _deed(new: Proposal) -> Deed:
    lasts = None if new.lasts is None else length(new.lasts) // 1_000_000
    return Deed(
        new.asked_at,
        new.asked_by,
        new.why,
        detail={
            "fingerprint": new.fingerprint,
            "expires_at": new.expires_at.isoformat(),
            "lasts_s": lasts,
            "incident": new.incident,
        },
    )
