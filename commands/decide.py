"""Deciding on a proposal: who may is checked again at the click, and the cluster is read again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from commands.cluster_change import LIVE, Change, read_now
from commands.context import Context
from commands.proposal_card import card_of, stands_words
from commands.proposal_lines import DRIFTED
from commands.proposal_post import post_of, show
from commands.rights import Rights
from commands.tune import refuse_blocked
from commands.tuning_effect import effect_of
from commands.wanted import read_reason
from sources.errors import UserError
from sources.names import shown
from storage.audit import Entry, add_entry
from storage.deciding import DriftError
from storage.deciding import approve as approve_stored
from storage.deciding import reject as reject_stored
from storage.people import PROGRAM, Person
from storage.posts import ANYWHERE, Place
from storage.proposal_rows import proposal_of
from storage.proposal_steps import LostRaceError
from storage.proposals import Proposal, State, fingerprint
from storage.proposing import Draft, propose
from storage.seen import claim


@dataclass(frozen=True, slots=True)
class Click:
    """Who clicked on which proposal, and what that person may do, read at that moment.

    `delivery` is the same if the click comes again; without it nothing is compared.
    """

    key: str
    who: Person
    rights: Rights
    delivery: str = ""


def approve(
    context: Context, click: Click, change: Change = LIVE, *, break_glass: str | None = None
) -> Proposal:
    """Approve a proposal, if the cluster still has the values that were shown.

    Nothing is sent yet: `commands.change.carry_out` does that. Where the values are others, the
    proposal comes back superseded by a fresh one, which is shown in its place, or closed where
    there is nothing left to propose. `break_glass` is the typed reason of somebody who is listed
    for it. Raises UserError for who may not, and where the values cannot be read; LostRaceError
    where somebody was first. What was refused stands in the audit.
    """
    with recorded(context, click, "approve") as found:
        click.rights.check_approve(click.who, found, break_glass=break_glass is not None)
        said = None if break_glass is None else read_reason(break_glass, "why it cannot wait")
        _still_open(context, found)
        values = read_now(context, found.cluster, change)
        refuse_blocked(effect_of(context, found.cluster, values, found.wanted))
        try:
            return approve_stored(
                context.store,
                found.id,
                who=click.who,
                fingerprint=fingerprint(found.cluster, values, found.wanted),
                at=context.now(),
                break_glass=said,
            )
        except DriftError:
            return _afresh(context, click, found, values)


def needs_glass(context: Context, click: Click) -> bool:
    """Whether somebody could approve this only by breaking the glass, and may do that."""
    try:
        found = found_by(context, click.key)
    except UserError:
        return False
    return found.state is State.PROPOSED and click.rights.needs_glass(click.who, found)


def reject(context: Context, click: Click, why: str = "") -> Proposal:
    """Reject a proposal; an approver may, and whoever asked. Raises as `approve` does."""
    with recorded(context, click, "reject") as found:
        click.rights.check_reject(click.who, found)
        said = read_reason(why) if why.strip() else ""
        return reject_stored(context.store, found.id, who=click.who, at=context.now(), why=said)


def found_by(context: Context, key: str) -> Proposal:
    """Find a proposal by what a click carries. Raises UserError for one that there is not."""
    try:
        return proposal_of(context.store, key)
    except KeyError:
        raise UserError(
            "There is no such proposal.", "Propose again: `tune CLUSTER NAME=VALUE`."
        ) from None


@contextmanager
def recorded(context: Context, click: Click, what: str) -> Iterator[Proposal]:
    """Find the proposal of a click; what is refused from then on is entered in the audit.

    A click that was taken before, or that names a proposal there is not, is refused too.
    """
    found = None
    try:
        found = found_by(context, click.key)
        _take(context, click)
        yield found
    except UserError as error:
        entry = Entry(
            at=context.now(),
            what=f"{what}_refused",
            who=click.who,
            cluster=found.cluster if found else None,
            proposal=found.id if found else None,
            why=error.message,
            detail={} if found else {"said": shown(click.key)},
        )
        add_entry(context.store, entry)
        raise


def _take(context: Context, click: Click) -> None:
    """Raise UserError for a click that was taken before."""
    if click.delivery and not claim(context.store, click.delivery, context.now()):
        raise UserError("This click came twice; it was taken the first time.")


def _still_open(context: Context, found: Proposal) -> None:
    """Raise LostRaceError before the cluster is asked for nothing."""
    if found.state is not State.PROPOSED:
        raise LostRaceError(found)
    if context.now() >= found.expires_at:
        raise LostRaceError(replace(found, state=State.EXPIRED))


def _afresh(context: Context, click: Click, old: Proposal, values: dict[str, int]) -> Proposal:
    """Propose the same again on the values as they are now, in the name of who asked for it."""
    drift = f"Somebody changed the values meanwhile: {stands_words(old, values)}."
    wanted = {name: value for name, value in old.wanted.items() if values[name] != value}
    with context.store.writing():
        now = proposal_of(context.store, old.id)
        if now.state is not State.PROPOSED:
            raise LostRaceError(now)
        add_entry(
            context.store, Entry(context.now(), DRIFTED, click.who, old.cluster, old.id, why=drift)
        )
        if not wanted:
            why = "The cluster has these values already."
            return reject_stored(context.store, old.id, who=PROGRAM, at=context.now(), why=why)
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
        fresh = propose(context.store, draft, at=context.now()).proposal
        _show_beside(context, fresh, old, click.rights)
        return proposal_of(context.store, old.id)


def _show_beside(context: Context, fresh: Proposal, old: Proposal, rights: Rights) -> None:
    """Have a fresh proposal stand where the old one does."""
    post = post_of(context, old.id)
    place = Place(post.channel, post.thread, post.below) if post else ANYWHERE
    show(context, fresh, card_of(context, fresh, rights), place, rights.called)
