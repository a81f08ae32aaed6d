"""Modals that ask why: to reject, to keep what is set, to break the glass."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.views import plain_text
from commands.wanted import LONGEST_REASON

WHY = "why"
"""block_id and action_id of the input."""


class Reason(StrEnum):
    """What a reason is for; the callback_id of its modal."""

    REJECT = "reject"
    KEEP = "keep"
    BREAK_GLASS = "break_glass"


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    told: str
    label: str
    submit: str
    needed: bool = True


WORDS = {
    Reason.REJECT: _Words(
        "Reject", "Nothing is changed on the cluster.", "Why?", "Reject", needed=False
    ),
    Reason.KEEP: _Words(
        "Keep it", "The cluster stays as it is; nothing goes back by itself any more.",
        "Why is it kept?", "Keep",
    ),
    Reason.BREAK_GLASS: _Words(
        "Break the glass",
        "You would approve this without a second person. Every approver is told, with your name "
        "and your reason, and it stands in the audit.",
        "Why can it not wait?", "Approve alone",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reasoned:
    """What a person typed: about which proposal, and in which channel it was clicked."""

    proposal: str
    channel: str
    why: str


def reason_view(reason: Reason, proposal: str, channel: str) -> dict[str, Any]:
    """Ask why."""
    words = WORDS[reason]
    typed = {
        "type": "plain_text_input", "action_id": WHY, "multiline": True,
        "max_length": LONGEST_REASON,
    }  # fmt: skip
    return {
        "type": "modal",
        "callback_id": reason.value,
        "private_metadata": f"{proposal} {channel}",
        "title": plain_text(words.title),
        "submit": plain_text(words.submit),
        "close": plain_text("Cancel"),
        "blocks": [
            {"type": "section", "text": plain_text(words.told)},
            {
                "type": "input", "block_id": WHY, "label": plain_text(words.label),
                "element": typed, "optional": not words.needed,
            },
        ],
    }  # fmt: skip


def reason_in(view: dict[str, Any]) -> Reasoned:
    """Read a filled-in modal."""
    proposal, _, channel = str(view["private_metadata"]).partition(" ")
    return Reasoned(proposal, channel, str(view["state"]["values"][WHY][WHY]["value"] or ""))
