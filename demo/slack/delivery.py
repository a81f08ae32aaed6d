"""One envelope on its way to the app: the tries, and what came of them."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.slack.refused import Row

WAITING, ACKNOWLEDGED = "waiting", "acknowledged"
TIMED_OUT, NO_SOCKET = "operation_timeout", "dispatch_failed"
"""Slack's own words to the person who typed a command."""


@dataclass(slots=True, eq=False)
class Delivery:
    """An event, a command or an act, and how the app took it."""

    kind: str
    """events_api, slash_commands or interactive."""
    payload: Row
    done: Callable[["Delivery"], None] | None = None
    """What Slack does about it once it is acknowledged or given up."""
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    outcome: str = WAITING
    reply: Row | None = None
    """What the app sent with its acknowledgement."""
    took: float = 0.0
    """Seconds from the last try to its acknowledgement."""
    tries: list[str] = field(default_factory=list)
    """The sockets it went to, in order."""
    complaint: str = ""
    """Why Slack could not make use of the reply."""
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)

    def frame(self, attempt: int) -> Row:
        """Give the envelope as it goes over a socket; attempt 0 is the first."""
        row: Row = {"envelope_id": self.id, "type": self.kind, "payload": self.payload}
        row["accepts_response_payload"] = self.kind != "events_api"
        if self.kind == "events_api":
            row["retry_attempt"] = attempt
            row["retry_reason"] = "timeout" if attempt else ""
        return row
