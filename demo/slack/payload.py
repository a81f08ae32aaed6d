"""What goes into envelopes: events, commands, clicks, shortcuts, submissions."""

import re

from demo.slack.message import Message
from demo.slack.refused import Row
from demo.slack.team import Team
from demo.slack.view import View

NAMED = re.compile(r"(?<![\w<])([#@])([\w.-]+)")


def event(team: Team, row: Row) -> Row:
    """Wrap an event for the app."""
    who = {"team_id": team.id, "user_id": team.bot.id, "is_bot": True, "enterprise_id": None}
    return {
        "type": "event_callback",
        "team_id": team.id,
        "api_app_id": team.app_id,
        "event": row,
        "event_id": team.ident("Ev"),
        "event_time": int(team.clock()),
        "authorizations": [who],
    }


def command(team: Team, user: str, channel: str, line: str, *, escaped: bool) -> Row:
    """Tell of a slash command with all that was typed after it."""
    name, _, text = line.strip().partition(" ")
    text = text.strip()
    found = team.channels[channel]
    return {
        "team_id": team.id,
        "api_app_id": team.app_id,
        "user_id": user,
        "user_name": team.users[user].name,
        "channel_id": channel,
        "channel_name": "directmessage" if found.direct_to else found.name,
        "command": name,
        "text": _escaped(team, text) if escaped else text,
        "response_url": team.hook(channel, user),
        "trigger_id": team.triggers.new(user, team.clock()),
    }


def click(team: Team, user: str, place: Message | View, action: Row) -> Row:
    """Tell of an element that was used, in a message or in a view."""
    row = _act(team, "block_actions", user)
    row["actions"] = [action | {"action_ts": team.ts()}]
    if isinstance(place, View):
        row["view"] = place.row(team.id, team.app_id, team.bot.bot_id)
        return row | {"container": {"type": "view", "view_id": place.id}}
    container: Row = {"type": "message", "message_ts": place.ts, "channel_id": place.channel}
    container["is_ephemeral"] = bool(place.only_to)
    if place.thread_ts:
        container["thread_ts"] = place.thread_ts
    return row | {"container": container, "state": {"values": {}}} | _around(team, user, place)


def shortcut(team: Team, user: str, message: Message, callback_id: str) -> Row:
    """Tell of a shortcut taken on a message."""
    row = _act(team, "message_action", user) | _around(team, user, message)
    return row | {
        "callback_id": callback_id,
        "message_ts": message.ts,
        "action_ts": team.ts(),
    }


def submission(team: Team, view: View, values: Row) -> Row:
    """Tell of a modal that was sent off."""
    row = _act(team, "view_submission", view.user) | {"response_urls": []}
    return row | {"view": view.row(team.id, team.app_id, team.bot.bot_id, values)}


def closing(team: Team, view: View) -> Row:
    """Tell of a modal that was closed by the person."""
    row = _act(team, "view_closed", view.user) | {"is_cleared": False}
    del row["trigger_id"]
    return row | {"view": view.row(team.id, team.app_id, team.bot.bot_id)}


def _act(team: Team, kind: str, user: str) -> Row:
    name = team.users[user].name
    who = {"id": user, "username": name, "name": name, "team_id": team.id}
    row: Row = {"type": kind, "team": {"id": team.id}, "user": who, "api_app_id": team.app_id}
    return row | {"trigger_id": team.triggers.new(user, team.clock())}


def _around(team: Team, user: str, message: Message) -> Row:
    channel = team.channels[message.channel]
    return {
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "message": channel.message_row(message),
        "response_url": team.hook(channel.id, user, message.ts),
    }


def _escaped(team: Team, text: str) -> str:
    """Write names as ids, as Slack does where the manifest says should_escape."""

    def ident(match: re.Match[str]) -> str:
        sign, name = match.groups()
        if sign == "#" and (channel := team.named(name)):
            return f"<#{channel.id}|{name}>"
        users = [user for user in team.users.values() if user.name == name]
        return f"<@{users[0].id}|{name}>" if sign == "@" and users else match[0]

    for char, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.items():
        text = text.replace(char, entity)
    return NAMED.sub(ident, text)
