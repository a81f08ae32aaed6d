"""Telling: Slack is told of every step of a proposal, once, from the audit.

The audit holds each step from the moment that it was taken, so whoever is killed between a step
and its message goes on from the last entry that was told of.
"""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from commands.context import Context
from commands.follow_up import buttons_of, report
from commands.kept import written
from commands.proposal_card import card_of, change_words
from commands.proposal_lines import KEPT, line_of
from commands.proposal_post import below, show
from commands.reply import Reply
from commands.wording import date_time
from storage.applying import FOLLOWED_UP
from storage.audit import Entry, entries_after
from storage.bookmarks import bookmark, set_bookmarks
from storage.posts import Wish, post_named, want
from storage.proposal_rows import proposal_of, undecided
from storage.proposals import Proposal, State
from verdict.words import span

TOLD = "audit told"
"""The bookmark: the number of the last entry of the audit that Slack was told of."""

REMINDED = (Fraction(1, 2), Fraction(7, 8))
"""The parts of its time after which a proposal that nobody decided calls its approvers again."""


def tell(context: Context, called: Sequence[str]) -> bool:
    """Want the messages of every step that was taken since the last time; say if there was any.

    `called` are the ids of those who may approve. Raises UserError.
    """
    store = context.store
    if not _news(context):  # the usual case, in which nobody who writes has to wait
        return False
    with store.writing():
        news = _news(context)
        for entry in news:
            if entry.proposal is not None and not entry.what.endswith("_refused"):
                _step(context, entry, proposal_of(store, entry.proposal), called)
        if news:
            set_bookmarks(store, {TOLD: str(news[-1].number)}, context.now())
    return bool(news)


def _news(context: Context) -> tuple[Entry, ...]:
    """Give the steps that Slack was not told of yet."""
    return entries_after(context.store, int(bookmark(context.store, TOLD) or 0))


def remind(context: Context, called: Sequence[str]) -> None:
    """Call the approvers again where nobody has decided for long, each time once."""
    now, store = context.now(), context.store
    for one in undecided(store):
        whole = one.expires_at - one.asked_at
        due = [part for part in REMINDED if now >= one.asked_at + whole * float(part)]
        name = f"reminder {len(due)} {one.id}"
        if due and now < one.expires_at and post_named(store, name) is None:
            said = _reminder(one, one.expires_at - now)
            place = below(context, one)
            wish = Wish(name, _line(said), place=place, proposal=one.id, called=tuple(called))
            want(store, wish, now)


def _step(context: Context, entry: Entry, proposal: Proposal, called: Sequence[str]) -> None:
    """Want the card as it is by now, and a line about the step."""
    if proposal.state is not State.PROPOSED:  # what waits is shown by whoever proposed it
        show(context, proposal, card_of(context, proposal))
        _offer_less(context, entry, proposal)
    place = below(context, proposal)
    if entry.what == FOLLOWED_UP:
        wish = Wish(
            _report(proposal), written(report(context, proposal)), place=place, urgent=False,
            offered=tuple(buttons_of(proposal)), proposal=proposal.id,
        )  # fmt: skip
        want(context.store, wish, context.now())
    elif line := line_of(entry, proposal):
        everybody = tuple(called) if _concerns_all(entry, proposal) else ()
        wish = Wish(
            f"audit {entry.number}", _line(line), place=place, proposal=proposal.id,
            called=everybody,
        )  # fmt: skip
        want(context.store, wish, context.now())


def _concerns_all(entry: Entry, proposal: Proposal) -> bool:
    """Whether the approvers are called: the glass was broken, or somebody has to decide."""
    alone = entry.what == State.APPROVED and proposal.break_glass
    return alone or entry.what in {State.UNKNOWN, State.REVERT_FAILED, State.REVERT_UNKNOWN}


def _offer_less(context: Context, entry: Entry, proposal: Proposal) -> None:
    """Have a report offer what can still be done, once somebody did something from it."""
    post = post_named(context.store, _report(proposal))
    if post is None or entry.what == FOLLOWED_UP:
        return
    offered = tuple(buttons_of(proposal, kept=entry.what == KEPT))
    if offered != post.offered:
        wish = Wish(post.name, post.reply, offered=offered, proposal=proposal.id)
        want(context.store, wish, context.now())


def _report(proposal: Proposal) -> str:
    return f"report {proposal.id}"


def _line(words: str) -> str:
    return written(Reply(payload={}, closing=(words,)))


def _reminder(one: Proposal, left: timedelta) -> str:
    return (
        f"Nobody has decided yet on {change_words(one)} on {one.cluster}, asked for by "
        f"{one.asked_by.name}. It expires in {span(left)}, at {date_time(one.expires_at)}."
    )
