"""Carrying out an approved change, and finding out what became of one that was interrupted."""

from datetime import datetime, timedelta

from commands.cluster_change import LIVE, SENDING, Change
from commands.context import Context
from commands.decide import found_by
from commands.proposal_card import stands_words
from sources.deadline import Deadline
from sources.errors import SourceError, UserError
from sources.windows.apply import Applied, Outcome
from storage.applying import applied, begin_applying, failed, unknown
from storage.audit import entries
from storage.proposals import BACKWARD, Proposal, State
from storage.reverting import revert_failed, reverted

SETTLED = timedelta(minutes=5)
"""After so long nothing that was sent is still at work: a change is given SENDING seconds, and its
script sets four values at most. Only then does an old value mean "not done"."""

STALE = timedelta(hours=1)
"""An approval is for now: one that was kept from being sent for so long is not sent any more."""

AGAIN, AT_MOST = timedelta(minutes=15), timedelta(hours=2)
"""Until a revert that could not be done is tried again; the longer it is overdue, the later."""


def carry_out(context: Context, key: str, change: Change = LIVE) -> Proposal:
    """Send an approved change, once, and give it with what was read back.

    Raises LostRaceError where somebody else has it, or has found out meanwhile what became of it;
    UserError.
    """
    begun = begin_applying(context.store, found_by(context, key).id, at=context.now())
    if begun.decided_at is not None and context.now() - begun.decided_at > STALE:
        trouble = "It was not sent in time after the approval. Nothing was changed; propose again."
        return failed(context.store, begun.id, trouble=trouble, at=context.now())
    try:
        access = context.cluster(begun.cluster)
    except UserError as error:
        trouble = f"{error.message} Nothing was changed."
        return failed(context.store, begun.id, trouble=trouble, at=context.now())
    made = change.apply(access, begun.before, begun.wanted, Deadline.after(SENDING))
    return settled(context, _forward(context, begun, made), change)


def take_up(context: Context, one: Proposal, change: Change = LIVE) -> Proposal | None:
    """Take up what was under way when the program ended; None while its end is not certain.

    What was approved is sent, if it is not stale; of what was being sent the cluster is read.
    May be called at any time, also while others are at work: a change is only called not done
    when nothing can be at work on it any more. Raises LostRaceError, UserError.
    """
    if one.state is State.APPROVED:
        return carry_out(context, one.id, change)
    return look(context, one, change)


def _forward(context: Context, begun: Proposal, made: Applied) -> Proposal:
    """Store what became of a change: what was read counts, whoever did it."""
    store, at = context.store, context.now()
    if made.after is not None and begun.is_applied(made.after):
        return applied(store, begun.id, after=made.after, at=at, follow_up=context.follow_up)
    if made.outcome is Outcome.UNKNOWN:
        return unknown(store, begun.id, trouble=made.why, at=at)
    return failed(store, begun.id, trouble=trouble_of(made), at=at, after=made.after)


def again(one: Proposal, now: datetime) -> datetime | None:
    """Say when a revert is tried again; None for a change for good, where a person decides."""
    if one.lasts is None:
        return None
    late = now - (one.begun_at or now) - one.lasts
    return now + min(max(AGAIN, late), AT_MOST)


def trouble_of(made: Applied) -> str:
    """Say what went wrong, and what to do."""
    return f"{made.why} {made.hint}" if made.hint else made.why


def settled(context: Context, now: Proposal, change: Change) -> Proposal:
    """Give what became of a change just sent; of one that is unknown the cluster is read once."""
    if now.state not in {State.UNKNOWN, State.REVERT_UNKNOWN}:
        return now
    return look(context, now, change) or now


def look(context: Context, one: Proposal, change: Change) -> Proposal | None:
    """Read the cluster, and say what became of a change; None while that is not certain."""
    try:
        values = change.values(context.cluster(one.cluster))
    except (SourceError, UserError):
        return None
    store, now = context.store, context.now()
    back = one.state in BACKWARD
    if back and one.is_reverted(values):
        return reverted(store, one.id, after=values, at=now)
    if not back and one.is_applied(values):
        return applied(store, one.id, after=values, at=now, follow_up=context.follow_up)
    if now - _sent_at(context, one) < SETTLED:
        return None
    why = f"It was interrupted; {stands_words(one, values)}."
    if back:
        late = again(one, now)
        return revert_failed(store, one.id, trouble=why, at=now, again=late, after=values)
    return failed(store, one.id, trouble=why, at=now, after=values)


def _sent_at(context: Context, one: Proposal) -> datetime:
    """Say when the change was last begun, there or back, by the audit."""
    begun = {State.APPLYING.value, State.REVERTING.value}
    found = [
        entry.at
        for entry in entries(context.store, one.begun_at, one.cluster)
        if entry.proposal == one.id and entry.what in begun
    ]
    return found[-1] if found else context.now()
