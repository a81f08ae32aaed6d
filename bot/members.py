"""Members: who may do what in this workspace, asked of Slack at the moment of a click."""

import time
from threading import Lock
from typing import TYPE_CHECKING

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.bot_settings import TuningSettings
from commands.rights import Rights
from storage.people import Person

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slack_sdk import WebClient

FRESH = 3600.0
"""Seconds for which a name is believed; ids never change, and only they give a right."""

log = structlog.get_logger("members")


class Members:
    """Knows names, and reads user groups anew each time: somebody may have been removed."""

    def __init__(self, client: "WebClient", tuning: TuningSettings, homes: frozenset[str]) -> None:
        self._client = client
        self._tuning = tuning
        self._homes = homes
        self._lock = Lock()
        self._names: dict[str, tuple[str, float]] = {}
        self.called = (*sorted(tuning.approvers), *sorted(tuning.approver_groups))
        """The ids of those who may approve."""

    def rights(self, teams: "Iterable[str]" = ()) -> Rights:
        """Read who may do what; `teams` are the workspaces that Slack names for who clicked.

        A group that cannot be read gives nobody a right, and that is said.
        """
        tuning = self._tuning
        unread: list[str] = []
        approvers = tuning.approvers | self._members(tuning.approver_groups, unread)
        requesters = tuning.requesters | self._members(tuning.requester_groups, unread)
        some = bool(tuning.requesters or tuning.requester_groups)
        named = {team for team in teams if team}
        return Rights(
            approvers=approvers,
            break_glass=tuning.break_glass,
            requesters=requesters if some else None,
            expires=tuning.expires,
            called=self.called,
            doubt=" ".join(unread),
            foreign=bool(named and self._homes and not named & self._homes),
        )

    def person(self, user: str, name: str = "") -> Person:
        """Give a person by id, with the name they have now, else the one that Slack sent along."""
        with self._lock:
            known, since = self._names.get(user, ("", -FRESH))
        if known and time.monotonic() - since < FRESH:
            return Person(user, known)
        try:
            row = self._client.users_info(user=user)["user"]
        except (SlackApiError, SlackClientError, OSError) as error:
            log.info("a name could not be read", user=user, why=_why(error))
            return Person(user, name or user)
        profile = row.get("profile") or {}
        found = str(profile.get("real_name") or row.get("name") or name or user)
        with self._lock:
            self._names[user] = (found, time.monotonic())
        return Person(user, found)

    def _members(self, groups: "Iterable[str]", unread: list[str]) -> frozenset[str]:
        found: set[str] = set()
        for group in sorted(groups):
            try:
                found.update(self._client.usergroups_users_list(usergroup=group)["users"])
            except (SlackApiError, SlackClientError, OSError) as error:
                log.warning("a user group could not be read", group=group, why=_why(error))
                unread.append(f"The user group {group} could not be read: {_why(error)}.")
        return frozenset(found)


def _why(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return f"Slack says {error.response.get('error')}"
    return f"Slack could not be reached ({type(error).__name__})"
