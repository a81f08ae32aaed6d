"""The wire to Slack: posting, editing and finding our own messages."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slack_sdk import WebClient

    from bot.blocks import Message

EVENT = "stuncheck_post"
"""The event_type of our messages' metadata; people do not see it, and it survives our database."""

PAGES = 10
"""Pages of 200 messages that are looked through for one of ours."""

SLACK = 120.0
"""Seconds by which Slack's clock and ours may differ when we look for a message."""


class Wire:
    """Calls the Web API. Raises SlackApiError, or OSError where Slack cannot be reached."""

    def __init__(self, client: "WebClient") -> None:
        self.client = client

    def post(
        self, message: "Message", name: str, incident: str | None, channel: str, thread: str | None
    ) -> str:
        """Post a message, below another one if there is a thread; give its ts."""
        answer = self.client.chat_postMessage(
            channel=channel,
            thread_ts=thread,
            metadata=_metadata(name, incident),
            unfurl_links=False,
            unfurl_media=False,
            **message.body(),
        )
        return str(answer["ts"])

    def edit(
        self, message: "Message", name: str, incident: str | None, channel: str, ts: str
    ) -> None:
        """Have a message say something else."""
        body = message.body()
        self.client.chat_update(channel=channel, ts=ts, metadata=_metadata(name, incident), **body)

    def find(self, name: str, channel: str, thread: str | None, since: datetime) -> str | None:
        """Find a message of ours by its name; None where there is none."""
        for row in self.messages(channel, thread, since):
            payload = (row.get("metadata") or {}).get("event_payload") or {}
            if payload.get("post") == name:
                return str(row["ts"])
        return None

    def messages(self, channel: str, thread: str | None, since: datetime) -> list[dict[str, Any]]:
        """Give the messages of a channel, or of a thread, since a moment."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        oldest = f"{since.timestamp() - SLACK:.6f}"
        for _ in range(PAGES):
            args: dict[str, Any] = {
                "channel": channel,
                "oldest": oldest,
                "limit": 200,
                "cursor": cursor,
                "include_all_metadata": True,
            }
            if thread:
                page = self.client.conversations_replies(ts=thread, **args)
            else:
                page = self.client.conversations_history(**args)
            rows += page["messages"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return rows


def _metadata(name: str, incident: str | None) -> dict[str, Any]:
    payload = {"post": name} | ({"incident": incident} if incident else {})
    return {"event_type": EVENT, "event_payload": payload}
