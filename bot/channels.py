"""The channels of the workspace: ids by name, and which of them we are in."""

import time
from threading import Lock
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from sources.errors import UserError

if TYPE_CHECKING:
    from slack_sdk import WebClient

    from bot.bot_settings import SlackSettings

FRESH = 300.0
"""Seconds for which the list is believed."""

KINDS = "public_channel,private_channel"
PAGE = 200


class Channels:
    """Reads the list of channels when a name is asked for that it does not know."""

    def __init__(self, client: "WebClient") -> None:
        self._client = client
        self._lock = Lock()
        self._ids: dict[str, str] = {}
        self._mine: tuple[str, ...] = ()
        self._read = -FRESH

    def id_of(self, name: str) -> str | None:
        """Give the id of "#name", or an id as it is; None where there is none of that name.

        Raises SlackApiError.
        """
        if not name.startswith("#"):
            return name or None
        with self._lock:
            wanted = name.removeprefix("#").lower()
            if wanted not in self._ids:
                self._refresh()
            return self._ids.get(wanted)

    def mine(self) -> tuple[str, ...]:
        """Give the ids of all channels that we were invited to. Raises SlackApiError."""
        with self._lock:
            self._refresh()
            return self._mine

    def inside(self, ident: str) -> bool:
        """Whether we may post in a channel: we are in it, or it is our own with a person."""
        if ident in self._mine:
            return True
        try:
            row = self._client.conversations_info(channel=ident)["channel"]
        except SlackApiError:
            return False
        return bool(row.get("is_member") or (row.get("is_im") and ident.startswith("D")))

    def _refresh(self) -> None:
        if time.monotonic() - self._read < 1:
            return
        ids, mine, cursor = {}, [], ""
        while True:
            page = self._client.conversations_list(
                types=KINDS, exclude_archived=True, limit=PAGE, cursor=cursor
            )
            for row in page["channels"]:
                ids[row["name"].lower()] = row["id"]
                mine += [row["id"]] if row.get("is_member") else []
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        self._ids, self._mine, self._read = ids, tuple(mine), time.monotonic()


def elsewhere(channels: Channels, settings: "SlackSettings", cluster: str) -> str:
    """Give the channel of a cluster, for what cannot be posted where it was asked for.

    Raises UserError where there is none.
    """
    home = channels.id_of(settings.channel_of(cluster))
    if not home:
        raise UserError(
            "I am not in this channel, and no other one is configured.",
            "Type /invite @stuncheck here, then ask again.",
        )
    return home
