"""Modals: opened for a person within Slack's three seconds, and changed while they are open."""

from threading import Lock
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from sources.errors import UserError

if TYPE_CHECKING:
    from slack_sdk import WebClient

LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})
"""A trigger_id lives three seconds (docs.slack.dev, interactivity)."""

GONE = "not_found"
"""The person has closed it."""

MANY = 1000
"""Modals of which it is known what they show; more are not open at once."""


class Modals:
    """Opens and changes modals. Raises SlackApiError where Slack refuses for a reason of ours."""

    def __init__(self, client: "WebClient") -> None:
        self._client = client
        self._lock = Lock()
        self._newest: dict[str, str] = {}

    def open(self, trigger: str, view: dict[str, Any]) -> str:
        """Open a modal, and give its id. Raises UserError where the click is too long ago."""
        try:
            return str(self._client.views_open(trigger_id=trigger, view=view)["view"]["id"])
        except SlackApiError as error:
            if error.response.get("error") in LATE:
                raise UserError(
                    "Slack waits only three seconds for a form, and they were over.", "Once more."
                ) from None
            raise

    def change(self, ident: str, view: dict[str, Any], act: str = "") -> None:
        """Have a modal show something else, unless it is closed.

        `act` is the action_ts of what the person did: of two answers that are ready in the wrong
        order the one to the later act stays.
        """
        with self._lock:
            if act and act < self._newest.get(ident, ""):
                return
            if act:
                self._newest.pop(ident, None)
                self._newest[ident] = act
            for oldest in [*self._newest][:-MANY]:
                del self._newest[oldest]
            self._update(ident, view)

    def _update(self, ident: str, view: dict[str, Any]) -> None:
        try:
            self._client.views_update(view_id=ident, view=view)
        except SlackApiError as error:
            if error.response.get("error") != GONE:
                raise
