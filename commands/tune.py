"""`tune CLUSTER NAME=VALUE... [for 8h]`: a proposal, with its effect, for somebody to approve."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from commands.cluster_change import LIVE, Change, read_now
from commands.context import Context
from commands.lint_words import lint_entry, lint_words
from commands.proposal_card import proposal_reply, values_words
from commands.proposal_post import place_of, show
from commands.reply import Card, Reply, Section, Tone
from commands.rights import Rights
from commands.tuning_effect import Effect, effect_of, effect_words
from commands.wanted import Wanted, lasting, read_reason
from sources.errors import UserError
from storage.people import Person
from storage.posts import ANYWHERE, Place
from storage.proposals import Proposal
from storage.proposing import Draft, propose

IN_SLACK = "Nothing is proposed from a terminal: it cannot tell who you are. Type in Slack: {line}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for, why, and where. `lasts` None: for good."""

    cluster: str
    wanted: Mapping[str, int]
    why: str
    who: Person
    lasts: timedelta | None = None
    incident: str | None = None
    place: Place = ANYWHERE


def tune(context: Context, asked: Asked, rights: Rights, change: Change = LIVE) -> Proposal:
    """Propose values, on what the cluster has now, and have the proposal shown.

    Raises UserError for what may not be asked for, by whom, or without a reason; for a rule that
    forbids it, with its source; and where the values cannot be read.
    """
    rights.check_propose(asked.who)
    why = read_reason(asked.why)
    access = context.cluster(asked.cluster)
    before, changes, effect = _weighed(context, access.name, asked.wanted, change)
    refuse_blocked(effect)
    doubt = change.doubt(access)
    now = context.now()
    draft = Draft(
        cluster=access.name,
        before=before,
        wanted=changes,
        why=why,
        asked_by=asked.who,
        expires_at=now + rights.expires,
        lasts=asked.lasts,
        incident=asked.incident,
    )
    with context.store.writing():
        made = propose(context.store, draft, at=now).proposal
        reply = proposal_reply(made, effect, rights, *((doubt,) if doubt else ()))
        show(context, made, reply, place_of(context, asked.incident, asked.place), rights.called)
    return made


def weigh(context: Context, cluster: str, wanted: Wanted, change: Change = LIVE) -> Reply:
    """Say what values would mean, on what the cluster has now; nothing is proposed.

    Raises UserError for a stranger, and where the values cannot be read.
    """
    access = context.cluster(cluster)
    before, changes, effect = _weighed(context, access.name, wanted.values, change)
    rules = tuple(lint_words(one) for one in effect.lints)
    said = " ".join(f"{name}={value}" for name, value in changes.items())
    lasts = f" for {lasting(wanted.lasts)}" if wanted.lasts else ""
    line = f"/stuncheck tune {access.name} {said}{lasts}"
    card = Card(
        Tone.RED if effect.blocks else Tone.GREY,
        f"{'Forbidden' if effect.blocks else 'What if'}: {values_words(before, changes)}",
        (access.name,),
        paragraphs=tuple(effect_words(effect)),
        sections=(Section("Rules", rules),) if rules else (),
    )
    return Reply(
        payload={
            "cluster": access.name,
            "before": before,
            "wanted": changes,
            "blocked": bool(effect.blocks),
            "lint": [lint_entry(one) for one in effect.lints],
            "stuns": effect.stuns,
            "survived": effect.would.survived,
            "later_s": effect.later.total_seconds(),
        },
        cards=(card,),
        closing=() if effect.blocks else (IN_SLACK.format(line=line),),
    )


def refuse_blocked(effect: Effect) -> None:
    """Raise UserError for a change that a rule forbids."""
    if effect.blocks:
        message = " ".join(lint_words(one) for one in effect.blocks)
        raise UserError(message, "Nothing was done. `heartbeat CLUSTER` advises values.")


def _weighed(
    context: Context, name: str, wanted: Mapping[str, int], change: Change
) -> tuple[dict[str, int], dict[str, int], Effect]:
    """Read the values of now, and give them, what would change, and its effect.

    Raises UserError.
    """
    before = read_now(context, name, change)
    changes = _changes(before, wanted)
    return before, changes, effect_of(context, name, before, changes)


def _changes(before: Mapping[str, int], wanted: Mapping[str, int]) -> dict[str, int]:
    """Leave out what is so already. Raises UserError where nothing is left."""
    changes = {name: value for name, value in wanted.items() if before.get(name) != value}
    if not changes:
        raise UserError("The cluster has these values already; nothing was proposed.")
    return changes
