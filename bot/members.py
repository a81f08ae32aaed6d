"""Members: who may do what in this workspace, asked of Slack at the moment of a click."""

import time
from threading import Lock
from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.bot_settings import TuningSettings
from commands.rights import Rights
from storage.people import Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slack_sdk import WebClient

FRESH, POOR = 3600.0, 60.0
"""Seconds for which a name is believed, and the one that Slack sent along where it tells no other;
ids never change, and only they give a right."""

SHARED = 3.0
"""Seconds in which clicks share one look at a group: Slack allows twenty a minute, and nobody shall
use them up by clicking (docs.slack.dev/reference/methods/usergroups.users.list, tier 2)."""

log = structlog.get_logger("members")


class Members:
    """Knows names, and reads user groups anew each time: somebody may have been removed."""

    def __init__(self, client: "WebClient", tuning: TuningSettings, homes: frozenset[str]) -> None:
        self._client = client
        self._tuning = tuning
        self._homes = homes
        self._lock = Lock()
        self._names: dict[str, tuple[str, float]] = {}
        """Each person's name, and until when it is believed."""
        self._reading = Lock()
        self._groups: dict[str, tuple[frozenset[str], float]] = {}
        """Each group's members, and when they were read."""
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
            known, until = self._names.get(user, ("", 0.0))
        if known and time.monotonic() < until:
            return Person(user, known)
        try:
            row = self._client.users_info(user=user)["user"]
            found, lasts = _shown(row) or name or user, FRESH
        except (SlackApiError, SlackClientError, OSError) as error:
            log.info("a name could not be read", user=user, why=_why(error))
            found, lasts = name or user, POOR
        with self._lock:
            self._names[user] = (found, time.monotonic() + lasts)
        return Person(user, found)

    def _members(self, groups: "Iterable[str]", unread: list[str]) -> frozenset[str]:
        found: set[str] = set()
        for group in sorted(groups):
            try:
                found |= self._group(group)
            except (SlackApiError, SlackClientError, OSError) as error:
                log.warning("a user group could not be read", group=group, why=_why(error))
                unread.append(f"The user group {group} could not be read: {_why(error)}.")
        return frozenset(found)

    def _group(self, group: str) -> frozenset[str]:
        """Read a group; whoever waits for that meanwhile is given the same."""
        with self._reading:
            members, read = self._groups.get(group, (frozenset(), -SHARED))
            if time.monotonic() - read >= SHARED:
                began = time.monotonic()
                answer = self._client.usergroups_users_list(usergroup=group)
                members = frozenset(map(str, answer["users"]))
                self._groups[group] = (members, began)
            return members


def _shown(row: "Mapping[str, Any]") -> str:
    profile = row.get("profile") or {}
    return str(profile.get("real_name") or row.get("name") or "")


def _why(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return f"Slack says {error.response.get('error')}"
    return f"Slack could not be reached ({type(error).__name__})"
