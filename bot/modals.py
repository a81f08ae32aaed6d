"""Modals: opened for a person within Slack's three seconds, and changed while they are open."""

from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from sources.errors import UserError

if TYPE_CHECKING:
    from slack_sdk import WebClient

LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})
"""A trigger_id lives three seconds (docs.slack.dev, interactivity)."""

GONE = frozenset({"not_found", "hash_conflict"})
"""The person has closed it, or something newer is shown already."""


class Modals:
    """Opens and changes modals. Raises SlackApiError where Slack refuses for a reason of ours."""

    def __init__(self, client: "WebClient") -> None:
        self._client = client

    def open(self, trigger: str, view: dict[str, Any]) -> str:
        """Open a modal, and give its id. Raises UserError where the click is too long ago."""
        try:
            return str(self._client.views_open(trigger_id=trigger, view=view)["view"]["id"])
        except SlackApiError as error:
            if error.response.get("error") in LATE:
                raise UserError(
                    "Slack waits only three seconds for a form, and they were over.", "Click again."
                ) from None
            raise

    def change(self, ident: str, view: dict[str, Any], of: str | None = None) -> None:
        """Have a modal show something else, unless it is closed; `of` is the hash it still has."""
        newer = {"hash": of} if of else {}
        try:
            self._client.views_update(view_id=ident, view=view, **newer)
        except SlackApiError as error:
            if error.response.get("error") not in GONE:
                raise
