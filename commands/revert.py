"""Putting a change back: by a person or when its time is over, and never over somebody's hand."""

from collections.abc import Mapping
from datetime import timedelta

from commands.change import again, settled, trouble_of
from commands.cluster_change import LIVE, SENDING, Change, read_now
from commands.context import Context
from commands.decide import Click, recorded
from commands.drift import by_hand
from commands.proposal_card import stands_words
from commands.proposal_lines import KEPT
from commands.wanted import read_reason
from sources.deadline import Deadline
from sources.errors import SourceError, UserError
from sources.windows.apply import Applied, Outcome
from storage.audit import Entry, add_entry
from storage.people import PROGRAM, Person
from storage.proposal_steps import LostRaceError
from storage.proposals import Proposal, State
from storage.reverting import begin_revert, leave, revert_failed, revert_unknown, reverted

ASK_AGAIN = timedelta(days=1)
"""Until a person is asked again about values that somebody else has set."""


def revert(context: Context, click: Click, change: Change = LIVE, why: str = "") -> Proposal:
    """Put a change back because a person says so.

    If the values are others than were read last, nothing is sent: the card shows them, and a
    second click, on that card, puts them back all the same. Raises UserError for who may not,
    LostRaceError where it is not there to be put back.
    """
    with recorded(context, click, "revert") as found:
        click.rights.check_revert(click.who, found)
        said = read_reason(why) if why.strip() else ""
        begun = begin_revert(context.store, found.id, at=context.now(), who=click.who, why=said)
    try:
        return _carry_back(context, begun, change)
    except LostRaceError as error:  # `due` has found out meanwhile what became of it
        return error.now


def revert_due(context: Context, key: str, change: Change = LIVE) -> Proposal:
    """Put a change back because its time is over. Raises LostRaceError, UserError."""
    begun = begin_revert(context.store, key, at=context.now(), why="its time is over")
    return _carry_back(context, begun, change)


def keep(context: Context, click: Click, why: str, change: Change = LIVE) -> Proposal:
    """Leave the values that somebody else has set meanwhile, or a change for good that stands.

    The latter answers the report on it, and is only entered in the audit. Raises UserError for
    who may not, without a reason, and while a change that was to go back still stands;
    LostRaceError where nobody asks.
    """
    with recorded(context, click, "keep") as found:
        click.rights.check_keep(click.who)
        said = read_reason(why, "why the values are left as they are")
        if found.state is State.APPLIED and found.lasts is None:
            return _kept(context, found, click.who, said)
        values = read_now(context, found.cluster, change)
        return leave(
            context.store, found.id, who=click.who, why=said, after=values, at=context.now()
        )


def _kept(context: Context, found: Proposal, who: Person, why: str) -> Proposal:
    entry = Entry(
        at=context.now(),
        what=KEPT,
        who=who,
        cluster=found.cluster,
        proposal=found.id,
        after=found.wanted,
        why=why,
    )
    add_entry(context.store, entry)
    return found


def _carry_back(context: Context, begun: Proposal, change: Change) -> Proposal:
    """Read, and send what is still ours to put back."""
    try:
        access = context.cluster(begun.cluster)
        values = change.values(access)
    except UserError as error:
        return _failed(context, begun, error.message, None)
    except SourceError as error:
        return _failed(context, begun, f"{error.subject}: {error.message}.", None)
    if begun.is_reverted(values):
        return reverted(context.store, begun.id, after=values, at=context.now())
    if trouble := _objection(begun, values):
        return _failed(context, begun, trouble, values, asking=True)
    old = {name: begun.before[name] for name in begun.wanted}
    made = change.apply(access, values, old, Deadline.after(SENDING))
    return _settle(context, begun, made, change)


def _objection(begun: Proposal, values: Mapping[str, int]) -> str | None:
    """Say why the values are not put back unasked; None where they may be.

    A person who was shown just these values and says revert may overwrite them; the program
    never may.
    """
    by_program = begun.reverted_by is None or begun.reverted_by.same(PROGRAM)
    if not by_program and begun.after is not None and dict(begun.after) == dict(values):
        return None
    if by_hand(begun, values):
        return f"Somebody changed the values meanwhile: {stands_words(begun, values)}."
    then = {**values, **{name: begun.before[name] for name in begun.wanted}}
    for what in ("Delay", "Threshold"):
        same, cross = f"SameSubnet{what}", f"CrossSubnet{what}"
        if then[same] > then[cross] and begun.before[same] <= begun.before[cross]:
            return f"Put back, {same} {then[same]} would be larger than {cross} {then[cross]} (R1)."
    return None


def _settle(context: Context, begun: Proposal, made: Applied, change: Change) -> Proposal:
    """Store what became of it: what was read counts."""
    if made.after is not None and begun.is_reverted(made.after):
        return reverted(context.store, begun.id, after=made.after, at=context.now())
    if made.outcome is Outcome.UNKNOWN:
        now = revert_unknown(context.store, begun.id, trouble=made.why, at=context.now())
        return settled(context, now, change)
    asking = made.outcome is Outcome.DRIFTED
    return _failed(context, begun, trouble_of(made), made.after, asking=asking)


def _failed(
    context: Context,
    begun: Proposal,
    trouble: str,
    after: Mapping[str, int] | None,
    *,
    asking: bool = False,
) -> Proposal:
    now = context.now()
    asked = now + ASK_AGAIN if begun.lasts is not None else None
    next_time = asked if asking else again(begun, now)
    return revert_failed(
        context.store, begun.id, trouble=trouble, at=now, again=next_time, after=after
    )
