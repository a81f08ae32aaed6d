"""`tune CLUSTER NAME=VALUE... [for 8h]`: a proposal, with its effect, for somebody to approve."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from commands.cluster_change import LIVE, Change, read_now
from commands.context import Context
from commands.lint_words import lint_words
from commands.proposal_card import change_words, proposal_reply
from commands.reply import Reply
from commands.rights import Rights
from commands.tuning_effect import Effect, effect_of
from commands.wanted import lasting, read_reason
from sources.errors import UserError
from storage.people import Person
from storage.proposals import Proposal
from storage.proposing import Draft, propose


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for, and why. `lasts` None: for good."""

    cluster: str
    wanted: Mapping[str, int]
    why: str
    who: Person
    lasts: timedelta | None = None
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class Tuned:
    """A new proposal, its card, a line for the thread, and those that it took the place of."""

    reply: Reply
    proposal: Proposal
    line: str
    superseded: tuple[Proposal, ...] = ()


def tune(context: Context, asked: Asked, rights: Rights, change: Change = LIVE) -> Tuned:
    """Propose values, on what the cluster has now.

    Raises UserError for what may not be asked for, by whom, or without a reason; for a rule that
    forbids it, with its source; and where the values cannot be read.
    """
    rights.check_propose(asked.who)
    why = read_reason(asked.why)
    access = context.cluster(asked.cluster)
    before = read_now(context, access.name, change)
    wanted = _changes(before, asked.wanted)
    effect = effect_of(context, access.name, before, wanted)
    refuse_blocked(effect)
    now = context.now()
    draft = Draft(
        cluster=access.name,
        before=before,
        wanted=wanted,
        why=why,
        asked_by=asked.who,
        expires_at=now + rights.expires,
        lasts=asked.lasts,
        incident=asked.incident,
    )
    made = propose(context.store, draft, at=now)
    doubt = change.doubt(access)
    reply = proposal_reply(made.proposal, effect, rights, *((doubt,) if doubt else ()))
    return Tuned(reply, made.proposal, asked_line(made.proposal), made.superseded)


def refuse_blocked(effect: Effect) -> None:
    """Raise UserError for a change that a rule forbids."""
    if effect.blocks:
        message = " ".join(lint_words(one) for one in effect.blocks)
        raise UserError(message, "Nothing was done. `heartbeat CLUSTER` advises values.")


def asked_line(proposal: Proposal) -> str:
    """Say who asks for what."""
    return (
        f"{proposal.asked_by.name} asks for {change_words(proposal)} on {proposal.cluster}, for "
        f"{lasting(proposal.lasts)}: {proposal.why}"
    )


def _changes(before: Mapping[str, int], wanted: Mapping[str, int]) -> dict[str, int]:
    """Leave out what is so already. Raises UserError where nothing is left."""
    changes = {name: value for name, value in wanted.items() if before.get(name) != value}
    if not changes:
        raise UserError("The cluster has these values already; nothing was proposed.")
    return changes
