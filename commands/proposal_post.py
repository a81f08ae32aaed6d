"""The message of a proposal: what it is called, where it stands, what can be done from it."""

from commands.check import card_name
from commands.context import Context
from commands.kept import written
from commands.proposal_card import look_of
from commands.reply import Reply
from storage.posts import ANYWHERE, Place, Post, Wish, post_named, want
from storage.proposals import Proposal


def post_of(context: Context, key: str) -> Post | None:
    """Give the message of a proposal; None where there is none, or none any more."""
    return post_named(context.store, post_name(key))


def post_name(key: str) -> str:
    """Name the message of a proposal."""
    return f"proposal {key}"


def show(
    context: Context,
    proposal: Proposal,
    reply: Reply,
    place: Place = ANYWHERE,
    called: tuple[str, ...] = (),
) -> Post:
    """Have a proposal's message say this; `place` and `called` count for a new one."""
    wish = Wish(
        post_name(proposal.id),
        written(reply),
        incident=proposal.incident,
        place=place,
        offered=tuple(button.value for button in look_of(proposal).buttons),
        proposal=proposal.id,
        called=called,
    )
    return want(context.store, wish, context.now())


def place_of(context: Context, incident: str | None, place: Place = ANYWHERE) -> Place:
    """Say where a new proposal goes: into the thread of its incident, or where it was asked for."""
    card = post_named(context.store, card_name(incident)) if incident else None
    return Place(below=card.id) if card else place


def below(context: Context, proposal: Proposal) -> Place:
    """Say where goes what is to be said about a proposal: into its thread."""
    post = post_of(context, proposal.id)
    return Place(below=post.id) if post else ANYWHERE
