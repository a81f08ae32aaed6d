"""The card of a proposal in every state: what is wanted, how far it came, what may be done now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from commands.context import Context
from commands.drift import by_hand
from commands.lint_words import lint_entry, lint_words
from commands.reply import Card, Payload, Reply, Section, Tone
from commands.rights import NOBODY, Rights
from commands.tuning_effect import Effect, effect_of, effect_words
from commands.wanted import lasting
from commands.wording import date_time, iso
from sources.errors import UserError
from storage.proposals import Proposal, State
from verdict.heartbeat import RANGES
from verdict.words import listing


class Button(StrEnum):
    """What may be done with a proposal; the click says only which one."""

    APPROVE = "approve"
    REJECT = "reject"
    OTHER_VALUES = "other_values"
    """What if: other values are weighed, and may be proposed."""
    REVERT = "revert"
    KEEP = "keep"
    """Leave what somebody else has set meanwhile, or a change that was reported on."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a state looks. `headline` is followed by the change."""

    tone: Tone
    headline: str
    buttons: tuple[Button, ...] = ()


DECISION = (Button.APPROVE, Button.REJECT, Button.OTHER_VALUES)

LOOKS: Mapping[State, Look] = MappingProxyType(
    {
        State.PROPOSED: Look(Tone.YELLOW, "Proposed", DECISION),
        State.APPROVED: Look(Tone.YELLOW, "Approved, not yet sent"),
        State.REJECTED: Look(Tone.GREY, "Rejected", (Button.OTHER_VALUES,)),
        State.EXPIRED: Look(Tone.GREY, "Expired", (Button.OTHER_VALUES,)),
        State.SUPERSEDED: Look(Tone.GREY, "Superseded"),
        State.APPLYING: Look(Tone.YELLOW, "Being sent"),
        State.APPLIED: Look(Tone.GREEN, "Applied", (Button.REVERT, Button.OTHER_VALUES)),
        State.FAILED: Look(Tone.RED, "Not done", (Button.OTHER_VALUES,)),
        State.UNKNOWN: Look(Tone.RED, "Sent, and not known whether it was done"),
        State.REVERTING: Look(Tone.YELLOW, "Being put back"),
        State.REVERTED: Look(Tone.GREEN, "Reverted", (Button.OTHER_VALUES,)),
        State.REVERT_FAILED: Look(Tone.RED, "Not put back", (Button.REVERT,)),
        State.REVERT_UNKNOWN: Look(Tone.RED, "Sent back, and not known whether it was done"),
        State.LEFT: Look(Tone.GREY, "Left as it is", (Button.OTHER_VALUES,)),
    }
)

TIMES = (
    *("asked_at", "expires_at", "decided_at", "begun_at", "applied_at"),
    *("revert_at", "reverted_at", "follow_up_at", "followed_up_at"),
)
"""The moments of a proposal, for machines."""

PARTLY = Look(Tone.RED, "Only partly done", (Button.REVERT, Button.OTHER_VALUES))
OVERTAKEN = Look(Tone.RED, "Not put back, somebody changed it meanwhile", (Button.REVERT,))
ASKING = replace(OVERTAKEN, buttons=(Button.REVERT, Button.KEEP))
"""Nothing of the change stands any more, so what stands instead may be left."""


def look_of(proposal: Proposal) -> Look:
    """Say how a proposal looks: by its state, and by what was read last."""
    read = proposal.after
    if proposal.state is State.FAILED and read is not None and proposal.stands(read):
        return PARTLY
    if proposal.state is State.REVERT_FAILED and read is not None and by_hand(proposal, read):
        return OVERTAKEN if proposal.stands(read) else ASKING
    return LOOKS[proposal.state]


def card_of(context: Context, proposal: Proposal, rights: Rights | None = None) -> Reply:
    """Give the card of a proposal as it is; one that waits shows the effect and who may approve."""
    waits = proposal.state is State.PROPOSED
    try:
        effect = (
            effect_of(context, proposal.cluster, proposal.before, proposal.wanted)
            if waits
            else None
        )
    except UserError:  # the cluster is no longer known; the proposal still is
        effect = None
    return proposal_reply(proposal, effect, rights if waits else None)


def proposal_reply(
    proposal: Proposal, effect: Effect | None = None, rights: Rights | None = None, *more: str
) -> Reply:
    """Say a proposal; `more` are sentences to add. What is said to be applied was read back."""
    look = look_of(proposal)
    told = tuple(effect_words(effect)) if effect else ()
    rules = tuple(lint_words(one) for one in effect.lints) if effect else ()
    card = Card(
        look.tone,
        f"{look.headline}: {change_words(proposal)}",
        (proposal.cluster, date_time(proposal.asked_at)),
        paragraphs=(*_course(proposal), *told, *more),
        figures=tuple(_figures(proposal, rights)),
        sections=(Section("Rules", rules),) if rules else (),
    )
    return Reply(payload=_entry(proposal, effect), cards=(card,))


def change_words(proposal: Proposal) -> str:
    """Say the change: "SameSubnetThreshold 10 to 20"."""
    return values_words(proposal.before, proposal.wanted)


def values_words(before: Mapping[str, int], wanted: Mapping[str, int]) -> str:
    """Say which values become what: "SameSubnetThreshold 10 to 20"."""
    return listing(
        [f"{name} {before[name]} to {wanted[name]}" for name in RANGES if name in wanted]
    )


def stands_words(proposal: Proposal, values: Mapping[str, int]) -> str:
    """Say how what was to change stands now: "SameSubnetThreshold is 30"."""
    names = [name for name in RANGES if name in proposal.wanted and name in values]
    return listing([f"{name} is {values[name]}" for name in names] or ["nothing was read"])


def _course(proposal: Proposal) -> Iterator[str]:
    """Say how the proposal came to be where it is, in the order in which it happened."""
    yield from _decision(proposal)
    if proposal.state is State.SUPERSEDED:
        yield "A newer proposal for the same property took its place; nothing was changed."
    if proposal.state is State.EXPIRED:
        until = date_time(proposal.expires_at)
        yield f"Nobody decided until {until}; nothing was changed."
    if proposal.applied_at is not None:
        read = proposal.wanted if proposal.after is None else proposal.after
        was = "Read back" if proposal.state is State.APPLIED else "It was read back as applied"
        more = f": {stands_words(proposal, read)}" if proposal.state is State.APPLIED else ""
        yield f"{was} at {date_time(proposal.applied_at)}{more}."
    if proposal.trouble:
        yield proposal.trouble
    if proposal.state in {State.FAILED, State.REVERT_FAILED, State.LEFT} and proposal.after:
        stands = stands_words(proposal, proposal.after)
        if stands not in (proposal.trouble or ""):
            yield f"Read last: {stands}."
    yield from _way_back(proposal)


def _decision(proposal: Proposal) -> Iterator[str]:
    if proposal.decided_by is None or proposal.decided_at is None:
        return
    verb = "rejected" if proposal.state is State.REJECTED else "approved"
    alone = " without a second person (break-glass)" if proposal.break_glass else ""
    why = f": {proposal.decided_why}" if proposal.decided_why else ""
    when = date_time(proposal.decided_at)
    yield f"{proposal.decided_by.name} {verb} it{alone} at {when}{_stopped(why)}"


def _way_back(proposal: Proposal) -> Iterator[str]:
    if proposal.revert_at is not None and proposal.state in {State.APPLIED, State.FAILED}:
        yield f"It goes back by itself at {date_time(proposal.revert_at)}."
    elif proposal.revert_at is not None and proposal.state is State.REVERT_FAILED:
        yield f"It is looked at again at {date_time(proposal.revert_at)}."
    if proposal.state is State.REVERTED and proposal.reverted_by and proposal.reverted_at:
        at = date_time(proposal.reverted_at)
        yield f"{proposal.reverted_by.name} put it back; the values of before were read at {at}."


def _stopped(words: str) -> str:
    return words if words.endswith(".") else f"{words}."


def _figures(proposal: Proposal, rights: Rights | None) -> Iterator[tuple[str, str]]:
    for name in RANGES:
        if name in proposal.wanted:
            yield name, f"{proposal.before[name]} to {proposal.wanted[name]}"
    yield "Asked by", proposal.asked_by.name
    yield "Why", proposal.why
    yield "For", lasting(proposal.lasts)
    if proposal.state is State.PROPOSED:
        if rights is not None:
            yield "May approve", _approvers(proposal, rights)
        yield "Until", date_time(proposal.expires_at)


def _approvers(proposal: Proposal, rights: Rights) -> str:
    if not rights.approvers:
        return NOBODY
    if not rights.others(proposal):
        return f"nobody: {proposal.asked_by.name} asked, and is the only approver"
    return f"the approvers, but not {proposal.asked_by.name}"


def _entry(proposal: Proposal, effect: Effect | None) -> Payload:
    """Give a proposal to machines."""
    decided, reverted = proposal.decided_by, proposal.reverted_by
    times = {name: iso(moment) if (moment := getattr(proposal, name)) else None for name in TIMES}
    return {
        "proposal": proposal.id,
        "cluster": proposal.cluster,
        "state": proposal.state.value,
        "before": dict(proposal.before),
        "wanted": dict(proposal.wanted),
        "after": None if proposal.after is None else dict(proposal.after),
        "why": proposal.why,
        "asked_by": proposal.asked_by.id,
        "lasts_s": None if proposal.lasts is None else round(proposal.lasts.total_seconds()),
        "incident": proposal.incident,
        "decided_by": decided.id if decided else None,
        "decided_why": proposal.decided_why,
        "break_glass": proposal.break_glass,
        "superseded_by": proposal.superseded_by,
        "reverted_by": reverted.id if reverted else None,
        "trouble": proposal.trouble,
        **times,
        "lint": [lint_entry(one) for one in effect.lints] if effect else [],
        "buttons": [button.value for button in look_of(proposal).buttons],
    }
