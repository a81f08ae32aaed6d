"""One step of a proposal: claimed by one conditional UPDATE, together with its audit entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sources.errors import UserError
from storage.audit import Entry, add_entry
from storage.clusters import take_values
from storage.people import PROGRAM, Person
from storage.proposal_rows import UPDATE, folded, proposal_of, row_of, unfinished
from storage.proposals import BACKWARD, NEXT, Proposal, State

if TYPE_CHECKING:
    from storage.store import Store


class LostRaceError(UserError):
    """The step was not there to be taken: somebody else was first, or it came too late.

    `now` is the proposal as it is.
    """

    def __init__(self, now: Proposal) -> None:
        words = now.state.value.replace("_", " ")
        super().__init__(f"This proposal for {now.cluster} is {words} by now; nothing was done.")
        self.now = now


@dataclass(frozen=True, slots=True)
class Deed:
    """Who takes a step, when (UTC) and why; `read` are the values read from the cluster."""

    at: datetime
    who: Person = PROGRAM
    why: str = ""
    read: Mapping[str, int] | None = None
    detail: Mapping[str, str | int | None] = field(default_factory=dict)


def ready(store: "Store", key: str, state: State) -> Proposal:
    """Give a proposal that can go to a state; call it in the transaction that takes the step.

    Raises LostRaceError where there is no such step from where it is, KeyError where it is not
    there, UserError.
    """
    found = proposal_of(store, key)
    if state not in NEXT[found.state]:
        raise LostRaceError(found)
    return found


def alone(store: "Store", proposal: Proposal) -> None:
    """Raise UserError where another change of the cluster is between approval and reading back."""
    for other in unfinished(store):
        if other.id != proposal.id and folded(other.cluster) == folded(proposal.cluster):
            raise UserError(
                f"Another change of {other.cluster} is under way: it is "
                f"{other.state.value.replace('_', ' ')}, asked for by {other.asked_by.name}.",
                "Wait until it is done, then try again.",
            )


def move(store: "Store", was: Proposal, now: Proposal, deed: Deed) -> Proposal:
    """Take a step from what `ready` gave, and enter it in the audit; both or neither.

    Raises LostRaceError, UserError.
    """
    with store.writing() as db:
        if db.execute(UPDATE, row_of(now) | {"was": was.state.value}).rowcount != 1:
            raise LostRaceError(proposal_of(store, was.id))
        add_entry(store, entry_of(now, now.state.value, deed))
        if deed.read is not None:
            take_values(store, now.cluster, deed.read, deed.at)
        return proposal_of(store, was.id)


def entry_of(proposal: Proposal, what: str, deed: Deed) -> Entry:
    """Give the audit entry of a step: of the properties to change, what they were and are to be.

    Where the values were read, what was read takes the place of what was to be.
    """
    old, new = {name: proposal.before[name] for name in proposal.wanted}, proposal.wanted
    before, after = (new, old) if proposal.state in BACKWARD else (old, new)
    return Entry(
        at=deed.at,
        what=what,
        who=deed.who,
        cluster=proposal.cluster,
        proposal=proposal.id,
        before=before,
        after=after if deed.read is None else deed.read,
        why=deed.why,
        detail={name: value for name, value in deed.detail.items() if value is not None},
    )


def required(said: str, what: str) -> str:
    """Give a text without space around it. Raises UserError where nothing was said."""
    if said.strip():
        return said.strip()
    raise UserError(f"Say {what}.", "It stands in the audit for good.")
