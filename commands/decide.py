"""Deciding on a proposal: who may is checked again at the click, and the cluster is read again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from commands.cluster_change import LIVE, Change, read_now
from commands.context import Context
from commands.proposal_card import Happened, card_of, change_words, stands_words
from commands.rights import Rights
from commands.tune import refuse_blocked
from commands.tuning_effect import effect_of
from commands.wanted import read_reason
from sources.errors import UserError
from storage.audit import Entry, add_entry
from storage.deciding import DriftError
from storage.deciding import approve as approve_stored
from storage.deciding import reject as reject_stored
from storage.people import PROGRAM, Person
from storage.proposal_rows import proposal_of
from storage.proposal_steps import LostRaceError
from storage.proposals import Proposal, State, fingerprint
from storage.proposing import Draft, propose

UNKNOWN = "There is no such proposal."


@dataclass(frozen=True, slots=True)
class Click:
    """Who clicked on which proposal, and what that person may do, read at that moment."""

    key: str
    who: Person
    rights: Rights


def approve(
    context: Context, click: Click, change: Change = LIVE, *, break_glass: str | None = None
) -> Happened:
    """Approve a proposal, if the cluster still has the values that were shown.

    Nothing is sent yet: `commands.change.carry_out` does that. Where the values are others, the
    card that comes back is of a fresh proposal (`fresh`), or of this one, closed, where there is
    nothing left to propose. `break_glass` is the typed reason of somebody who is listed for it.
    Raises UserError for who may not, and where the values cannot be read; LostRaceError where
    somebody was first. What was refused stands in the audit.
    """
    found = found_by(context, click.key)
    with recorded(context, found, click.who, "approve"):
        click.rights.check_approve(click.who, found, break_glass=break_glass is not None)
        said = None if break_glass is None else read_reason(break_glass, "why it cannot wait")
        _still_open(context, found)
        values = read_now(context, found.cluster, change)
        refuse_blocked(effect_of(context, found.cluster, values, found.wanted))
        try:
            done = approve_stored(
                context.store,
                found.id,
                who=click.who,
                fingerprint=fingerprint(found.cluster, values, found.wanted),
                at=context.now(),
                break_glass=said,
            )
        except DriftError:
            return _afresh(context, click, found, values)
    return Happened(done, card_of(context, done), _approved_line(done))


def reject(context: Context, click: Click, why: str = "") -> Happened:
    """Reject a proposal; an approver may, and whoever asked. Raises as `approve` does."""
    found = found_by(context, click.key)
    with recorded(context, found, click.who, "reject"):
        click.rights.check_reject(click.who, found)
        said = read_reason(why) if why.strip() else ""
        done = reject_stored(context.store, found.id, who=click.who, at=context.now(), why=said)
    because = f": {said}" if said else "."
    line = f"{click.who.name} rejected {change_words(done)} on {done.cluster}{because}"
    return Happened(done, card_of(context, done), line)


def found_by(context: Context, key: str) -> Proposal:
    """Find a proposal by what a click carries. Raises UserError for one that there is not."""
    try:
        return proposal_of(context.store, key)
    except KeyError:
        raise UserError(UNKNOWN, "Propose again: `tune CLUSTER NAME=VALUE`.") from None


@contextmanager
def recorded(context: Context, proposal: Proposal, who: Person, what: str) -> Iterator[None]:
    """Enter in the audit what somebody tried and was refused, then have the error go on."""
    try:
        yield
    except UserError as error:
        entry = Entry(
            at=context.now(),
            what=f"{what}_refused",
            who=who,
            cluster=proposal.cluster,
            proposal=proposal.id,
            why=error.message,
        )
        add_entry(context.store, entry)
        raise


def _still_open(context: Context, found: Proposal) -> None:
    """Raise LostRaceError before the cluster is asked for nothing."""
    if found.state is not State.PROPOSED:
        raise LostRaceError(found)
    if context.now() >= found.expires_at:
        raise LostRaceError(replace(found, state=State.EXPIRED))


def _approved_line(done: Proposal) -> str:
    who = done.decided_by.name if done.decided_by else ""
    what = f"{change_words(done)} on {done.cluster}"
    if done.break_glass:
        return f"{who} broke the glass and approved {what} alone: {done.decided_why}"
    return f"{who} approved {what}, asked for by {done.asked_by.name}."


def _afresh(context: Context, click: Click, old: Proposal, values: dict[str, int]) -> Happened:
    """Propose the same again on the values as they are now, in the name of who asked for it."""
    drift = f"Somebody changed the values meanwhile: {stands_words(old, values)}."
    wanted = {name: value for name, value in old.wanted.items() if values[name] != value}
    tried = f"{click.who.name} did not approve it: {drift[0].lower()}{drift[1:]}"
    with context.store.writing():
        _entered(context, old, click.who, drift)
        if not wanted:
            why = "The cluster has these values already."
            done = reject_stored(context.store, old.id, who=PROGRAM, at=context.now(), why=why)
            return Happened(done, card_of(context, done), f"{tried} {why}")
        draft = Draft(
            cluster=old.cluster,
            before=values,
            wanted=wanted,
            why=old.why,
            asked_by=old.asked_by,
            expires_at=old.expires_at,
            lasts=old.lasts,
            incident=old.incident,
        )
        if proposal_of(context.store, old.id).state is not State.PROPOSED:
            raise LostRaceError(proposal_of(context.store, old.id))
        fresh = propose(context.store, draft, at=context.now()).proposal
    line = f"{tried} Nothing was done; a fresh card shows the values as they are now."
    reply = card_of(context, fresh, click.rights)
    return Happened(proposal_of(context.store, old.id), reply, line, fresh)


def _entered(context: Context, old: Proposal, who: Person, drift: str) -> None:
    """Enter in the audit that an approval met other values than were shown."""
    entry = Entry(context.now(), "approve_refused", who, old.cluster, old.id, why=drift)
    add_entry(context.store, entry)
