"""A view: a modal in front of a person, or the app's home tab."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from demo.slack.blocks import accepted
from demo.slack.elements import optional_faults, text_faults
from demo.slack.refused import RefusedError, Row

BODY_MAX = 250_000
"""Bytes of a view."""


@dataclass(frozen=True, slots=True)
class View:
    """One view; an update makes a new one with the same id and another hash."""

    id: str
    user: str
    body: Row
    hash: str
    root: str = ""
    below: str = ""
    """The id of the modal that it covers."""
    errors: Row = field(default_factory=dict)
    """What the app found wrong with the last submission, by block_id."""

    @property
    def title(self) -> str:
        """Give the words at its top."""
        return str(self.body.get("title", {}).get("text", ""))

    @property
    def blocks(self) -> tuple[Row, ...]:
        """Give its blocks."""
        return tuple(self.body["blocks"])

    def row(self, team: str, app: str, bot: str, values: Row | None = None) -> Row:
        """Give it as the Web API and the payloads show it."""
        row: Row = {"id": self.id, "team_id": team, "app_id": app, "bot_id": bot, "hash": self.hash}
        row |= {"root_view_id": self.root or self.id, "previous_view_id": self.below or None}
        defaults = {"callback_id": "", "external_id": "", "private_metadata": ""}
        return row | defaults | self.body | {"state": {"values": values or {}}}


def checked(view: object, kinds: set[str]) -> Row:
    """Give the view's body with the ids that Slack adds.

    RefusedError: `invalid_arguments` with every fault, or `invalid_blocks`.
    """
    if not isinstance(view, dict):
        raise RefusedError("invalid_arguments", ("missing required field: view",))
    if faults := tuple(_faults(view, kinds)):
        raise RefusedError("invalid_arguments", faults)
    if len(json.dumps(view)) > BODY_MAX:
        raise RefusedError("view_too_large")
    surface = "home" if view["type"] == "home" else "modal"
    return view | {"blocks": [*accepted(view.get("blocks"), surface)]}


def _faults(view: Row, kinds: set[str]) -> Iterator[str]:
    if view.get("type") not in kinds:
        yield f"type must be one of {', '.join(sorted(kinds))} [json-pointer:/view/type]"
    limits = {"private_metadata": 3000, "callback_id": 255, "external_id": 255}
    yield from optional_faults(view, "/view", limits)
    if view.get("type") != "modal":
        return
    yield from text_faults(view.get("title"), "/view/title", 24, plain=True)
    for name in ("submit", "close"):
        if view.get(name) is not None:
            yield from text_faults(view[name], f"/view/{name}", 24, plain=True)
    blocks = view.get("blocks")
    rows = blocks if isinstance(blocks, list) else []
    if view.get("submit") is None and any(row.get("type") == "input" for row in rows):
        yield "submit is required when blocks hold an input [json-pointer:/view]"
