"""Modals and the home tab, made of what `bot.blocks` renders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks import Block, render
from bot.escape import clip
from bot.limits import SECTION
from commands.reply import Reply
from commands.wording import HEADLINES
from verdict.verdict import Blame

TITLE = 24
"""Characters of a modal's title, and of its buttons (docs.slack.dev, views)."""

WRONG = "wrong"
"""callback_id of the modal in which a person says what they think."""

WHY, BACKUP = "why", "backup"
"""block_ids of its inputs; each holds one element of the same action_id."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said in the modal: of which incident, in which channel it was clicked."""

    incident: str
    channel: str
    blame: Blame
    why: str


def home_view(reply: Reply) -> dict[str, Any]:
    """Show a reply in the app's home."""
    return {"type": "home", "blocks": list(render(reply).blocks)}


def modal_view(title: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """Show what was rendered in a modal."""
    return {
        "type": "modal",
        "title": plain_text(clip(title, TITLE)),
        "close": plain_text("Close"),
        "blocks": list(blocks),
    }


def loading_view(title: str, told: str = "What is stored is being read.") -> dict[str, Any]:
    """Show at once that something is read; a trigger_id lives three seconds."""
    return said_view(title, "One moment.", told)


def said_view(title: str, *sentences: str) -> dict[str, Any]:
    """Say something in a modal, with nothing to fill in."""
    return modal_view(title, render(Reply(payload={}, closing=sentences)).blocks)


def wrong_view(incident: str, channel: str) -> dict[str, Any]:
    """Ask a person what the backup did, and how they know."""
    options = [
        {"text": plain_text(words), "value": blame.value} for blame, words in HEADLINES.items()
    ]
    chosen = {"type": "static_select", "action_id": BACKUP, "options": options}
    written = {"type": "plain_text_input", "action_id": WHY, "multiline": True, "max_length": 2000}
    return {
        "type": "modal",
        "callback_id": WRONG,
        "private_metadata": f"{incident} {channel}",
        "title": plain_text("This is wrong"),
        "submit": plain_text("Keep this"),
        "close": plain_text("Cancel"),
        "blocks": [
            _input(BACKUP, "What was it?", chosen),
            _input(WHY, "How do you know?", written),
        ],
    }


def said_in(view: dict[str, Any]) -> Said:
    """Read a filled-in modal."""
    values = view["state"]["values"]
    incident, _, channel = str(view["private_metadata"]).partition(" ")
    blame = Blame(values[BACKUP][BACKUP]["selected_option"]["value"])
    return Said(incident, channel, blame, str(values[WHY][WHY]["value"] or "")[:SECTION])


def _input(block: str, label: str, element: Block) -> Block:
    return {"type": "input", "block_id": block, "label": plain_text(label), "element": element}


def plain_text(words: str) -> Block:
    """Make a text in which Slack reads nothing."""
    return {"type": "plain_text", "text": words, "emoji": False}
