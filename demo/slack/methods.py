"""The Web API: which methods there are, who may call them and how often."""

from collections.abc import Callable
from dataclasses import dataclass

from demo.slack import chat, conversations, directory, files, views
from demo.slack.refused import RefusedError, Row
from demo.slack.team import Team

TIER_2, TIER_3, TIER_4, SPECIAL = 20, 50, 100, 1000
"""Calls a minute (docs.slack.dev/apis/web-api/rate-limits)."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the Web API."""

    call: Callable[[Team, Row], Row]
    per_minute: int
    scopes: tuple[str, ...] = ()
    """One of these is needed."""


READ = ("channels:read", "groups:read")
HISTORY = ("channels:history", "groups:history")
METHODS = {
    "auth.test": Method(directory.auth_test, SPECIAL),
    "chat.postMessage": Method(chat.post_message, SPECIAL, ("chat:write",)),
    "chat.postEphemeral": Method(chat.post_ephemeral, TIER_4, ("chat:write",)),
    "chat.update": Method(chat.update, TIER_3, ("chat:write",)),
    "chat.delete": Method(chat.delete, TIER_3, ("chat:write",)),
    "chat.getPermalink": Method(chat.get_permalink, SPECIAL),
    "conversations.history": Method(conversations.history, TIER_3, HISTORY),
    "conversations.replies": Method(conversations.replies, TIER_3, HISTORY),
    "conversations.list": Method(conversations.channels, TIER_2, READ),
    "conversations.info": Method(conversations.info, TIER_3, READ),
    "conversations.join": Method(conversations.join, TIER_3, ("channels:join",)),
    "reactions.add": Method(conversations.react, TIER_3, ("reactions:write",)),
    "users.info": Method(directory.user_info, TIER_4, ("users:read",)),
    "users.list": Method(directory.user_list, TIER_2, ("users:read",)),
    "usergroups.users.list": Method(directory.group_users, TIER_2, ("usergroups:read",)),
    "views.open": Method(views.open_view, TIER_4),
    "views.push": Method(views.push, TIER_4),
    "views.update": Method(views.update, TIER_4),
    "views.publish": Method(views.publish, TIER_4),
    "files.info": Method(files.info, TIER_4, ("files:read",)),
    "files.getUploadURLExternal": Method(files.get_upload_url, TIER_4, ("files:write",)),
    "files.completeUploadExternal": Method(files.complete_upload, TIER_4, ("files:write",)),
}
"""All but apps.connections.open, which belongs to the sockets."""


def call(team: Team, name: str, token: str, args: Row) -> Row:
    """Do what a method does and give its answer.

    RefusedError: whatever Slack would say instead.
    """
    with team.changed:
        team.calls.append((name, args))
        admit(team, name, token, team.bot_token)
        method = METHODS.get(name)
        if method is None:
            raise RefusedError("unknown_method")
        team.needs(*method.scopes)
        team.pace.spend(name, method.per_minute, method.per_minute, team.clock())
        return {"ok": True} | method.call(team, args)


def admit(team: Team, name: str, token: str, wanted: str) -> None:
    """Check the token, then let go wrong what was told to go wrong."""
    if not token:
        raise RefusedError("not_authed")
    if token not in {team.bot_token, team.app_token}:
        raise RefusedError("invalid_auth")
    if token != wanted:
        raise RefusedError("not_allowed_token_type")
    for fault in team.faults:
        if fault.method == name and fault.times > 0:
            fault.times -= 1
            after = fault.retry_after
            raise RefusedError(fault.error, status=fault.status, retry_after=after)
