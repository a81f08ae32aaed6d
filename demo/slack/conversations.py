"""The methods conversations.* and reactions.add."""

from dataclasses import replace

from demo.slack.channel import Channel
from demo.slack.content import flag, page
from demo.slack.message import Message
from demo.slack.refused import RefusedError, Row
from demo.slack.team import Team

HISTORY = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}
READ = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}


def history(team: Team, args: Row) -> Row:
    """Give a channel's messages, newest first, without replies in threads."""
    channel = team.channel(args.get("channel"))
    team.needs(HISTORY[channel.kind])
    broadcast = "thread_broadcast"
    roots = [m for m in channel.messages.values() if not m.is_reply or m.subtype == broadcast]
    return _messages(team, channel, _between(roots, args)[::-1], args)


def replies(team: Team, args: Row) -> Row:
    """Give a thread, its root first, oldest first."""
    channel = team.channel(args.get("channel"))
    team.needs(HISTORY[channel.kind])
    root = channel.messages.get(str(args.get("ts", "")))
    if root is None:
        raise RefusedError("thread_not_found")
    found = [root, *_between(channel.replies(root.ts), args)]
    return _messages(team, channel, found, args)


def channels(team: Team, args: Row) -> Row:
    """List the channels that the app can see."""
    types = str(args.get("types") or "public_channel").split(",")
    kinds = {"public_channel": "channel", "private_channel": "group", "im": "im"}
    wanted = {kinds[name.strip()] for name in types if name.strip() in kinds}
    for kind in wanted:
        team.needs(READ[kind])
    rows = []
    for channel in team.channels.values():
        hidden = channel.private and team.bot.id not in channel.members
        hidden |= channel.archived and flag(args, "exclude_archived")
        if channel.kind in wanted and not hidden:
            rows.append(channel.row(team.bot.id))
    return page(rows, args, "channels")


def info(team: Team, args: Row) -> Row:
    """Tell of one channel."""
    channel = team.channel(args.get("channel"), member=False)
    team.needs(READ[channel.kind])
    return {"channel": channel.row(team.bot.id)}


def join(team: Team, args: Row) -> Row:
    """Go into a public channel."""
    channel = team.channel(args.get("channel"), member=False)
    if channel.archived:
        raise RefusedError("is_archived")
    if channel.kind != "channel":
        raise RefusedError("method_not_supported_for_channel_type")
    channel.members.add(team.bot.id)
    team.changed.notify_all()
    return {"channel": channel.row(team.bot.id)}


def react(team: Team, args: Row) -> Row:
    """Put an emoji on a message."""
    channel = team.channel(args.get("channel"))
    message = channel.messages.get(str(args.get("timestamp", "")))
    name = str(args.get("name", ""))
    if message is None:
        raise RefusedError("message_not_found")
    if not name or ":" in name:
        raise RefusedError("invalid_name")
    if (name, team.bot.id) in message.reactions:
        raise RefusedError("already_reacted")
    reactions = (*message.reactions, (name, team.bot.id))
    channel.messages[message.ts] = replace(message, reactions=reactions)
    team.changed.notify_all()
    return {}


def _between(messages: list[Message], args: Row) -> list[Message]:
    oldest, latest = _moment(args, "oldest", "0"), _moment(args, "latest", "inf")
    if flag(args, "inclusive"):
        return [m for m in messages if oldest <= float(m.ts) <= latest]
    return [m for m in messages if oldest < float(m.ts) < latest]


def _moment(args: Row, name: str, default: str) -> float:
    try:
        return float(args.get(name) or default)
    except ValueError:
        raise RefusedError(f"invalid_ts_{name}") from None


def _messages(team: Team, channel: Channel, found: list[Message], args: Row) -> Row:
    wanted = flag(args, "include_all_metadata")
    with_metadata = wanted and "metadata.message:read" in team.scopes
    rows = [channel.message_row(m, with_metadata=with_metadata) for m in found]
    answer = page(rows, args, "messages")
    return answer | {"has_more": bool(answer["response_metadata"]["next_cursor"])}
