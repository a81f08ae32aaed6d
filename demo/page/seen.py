"""What one person sees of the workspace, in rows by key, and what changed between two looks."""

from collections.abc import Iterator

from demo.page.manifest import COMMANDS, SHORTCUTS
from demo.slack.channel import Channel
from demo.slack.message import Message
from demo.slack.refused import Row
from demo.slack.team import Team
from demo.slack.user import User
from demo.slack.view import View

Rows = dict[str, Row]
"""Keys are a kind and what tells the row from others of it: "message C1 1700000000.000100"."""
UNSEEN = {"private_metadata", "callback_id", "external_id"}
"""What of a view is between Slack and the app."""


def rows(team: Team, me: str) -> Rows:
    """Give all that a person sees; the caller holds `changed`."""
    seen: Rows = {"team": _team(team, me)}
    for user in team.users.values():
        seen[f"user {user.id}"] = _user(user)
    for group in team.groups.values():
        seen[f"group {group.id}"] = {"id": group.id, "handle": group.handle}
    for channel in team.channels.values():
        if me in channel.members and not channel.archived:
            seen[f"channel {channel.id}"] = _channel(channel)
            for message in _messages(channel, me):
                seen[f"message {channel.id} {message.ts}"] = _message(message)
    if stack := team.stacks.get(me):
        seen["modal"] = _view(stack[-1]) | {"depth": len(stack)}
    if me in team.homes:
        seen["home"] = _view(team.homes[me])
    return seen


def change(before: Rows, after: Rows) -> Row:
    """Give what is new or other, and the keys of what is gone."""
    new = {key: row for key, row in after.items() if before.get(key) != row}
    return {"set": new, "gone": [key for key in before if key not in after]}


def someone(team: Team) -> str:
    """Give the first person of the workspace, or nothing; the caller holds `changed`."""
    people = (user.id for user in team.users.values() if not user.bot_id)
    return next(people, "")


def _team(team: Team, me: str) -> Row:
    """Tell of the workspace; people write to the app if it asked to be told of that."""
    return {
        "name": team.name,
        "url": team.url,
        "me": me,
        "bot": team.bot.id,
        "direct": team.direct(me).id if me else "",
        "hears_direct": "message.im" in team.events,
        "commands": COMMANDS,
        "shortcuts": SHORTCUTS,
    }


def _user(user: User) -> Row:
    shown = user.real_name or user.name
    return {"id": user.id, "name": user.name, "shown": shown, "bot": bool(user.bot_id)}


def _channel(channel: Channel) -> Row:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "members": len(channel.members),
    }


def _messages(channel: Channel, me: str) -> Iterator[Message]:
    yield from channel.messages.values()
    yield from (m for m in channel.whispers.values() if m.only_to == me)


def _message(message: Message) -> Row:
    row = message.row() | {"channel": message.channel, "only_you": bool(message.only_to)}
    if files := row.get("files"):
        row["files"] = [_file(file) for file in files]
    return row


def _file(file: Row) -> Row:
    kept = ("id", "name", "title", "alt_txt", "mimetype", "size", "original_w", "original_h")
    return {name: file[name] for name in kept if name in file}


def _view(view: View) -> Row:
    body = {name: value for name, value in view.body.items() if name not in UNSEEN}
    return {"id": view.id, "hash": view.hash, "errors": view.errors, "body": body}
