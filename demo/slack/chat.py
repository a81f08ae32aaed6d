"""The methods chat.*: posting, editing, deleting."""

from dataclasses import replace

from demo.slack.channel import Channel
from demo.slack.content import content, flag
from demo.slack.message import Message
from demo.slack.refused import RefusedError, Row
from demo.slack.team import Team


def post_message(team: Team, args: Row) -> Row:
    """Post into a channel (by id or name), a thread, or to a person."""
    channel = _destination(team, args.get("channel"))
    limits = team.limits
    pace = (limits.posts_per_minute, limits.post_burst)
    team.pace.spend(f"chat.postMessage {channel.id}", *pace, team.clock())
    message = from_app(team, channel.id, content(args), thread_of(channel, args))
    if message.is_reply and flag(args, "reply_broadcast"):
        message = replace(message, subtype="thread_broadcast")
    team.post(message)
    row = message.row(with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": row}


def post_ephemeral(team: Team, args: Row) -> Row:
    """Show a message to one member of a channel."""
    channel = team.channel(args.get("channel"))
    user = str(args.get("user", ""))
    if user not in channel.members:
        raise RefusedError("user_not_in_channel")
    message = from_app(team, channel.id, content(args), thread_of(channel, args))
    team.whisper(replace(message, only_to=user))
    return {"message_ts": message.ts}


def update(team: Team, args: Row) -> Row:
    """Edit one of the app's own messages.

    A text without blocks takes the blocks away; attachments and metadata stay unless they are
    sent; with blocks it is not marked as edited.
    """
    channel = team.channel(args.get("channel"))
    message = _own(team, channel, args, "cant_update_message")
    window = team.limits.edit_window
    if window and team.clock() - float(message.ts) > window.total_seconds():
        raise RefusedError("edit_window_closed")
    sent = content(args)
    edited = message.edited if sent.get("blocks") else team.ts()
    changes: Row = {"text": "", "blocks": ()} | sent
    team.edit(replace(message, edited=edited, **changes))
    row = team.channels[channel.id].messages[message.ts].row(with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": row["text"], "message": row}


def delete(team: Team, args: Row) -> Row:
    """Delete one of the app's own messages."""
    channel = team.channel(args.get("channel"))
    message = _own(team, channel, args, "cant_delete_message")
    team.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(team: Team, args: Row) -> Row:
    """Give the address of a message."""
    channel = team.channel(args.get("channel"), member=False)
    ts = str(args.get("message_ts", ""))
    if ts not in channel.messages:
        raise RefusedError("message_not_found")
    link = f"{team.url}/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


def from_app(team: Team, channel: str, sent: Row, thread_ts: str = "") -> Message:
    """Make a message of the app; the caller posts it."""
    message = Message(channel, team.ts(), team.bot.id, thread_ts=thread_ts)
    return replace(message, bot_id=team.bot.bot_id, app_id=team.app_id, **sent)


def thread_of(channel: Channel, args: Row) -> str:
    """Give the root to answer; a root that is gone means the top level, without a word."""
    ts = args.get("thread_ts")
    parent = channel.messages.get(ts) if isinstance(ts, str) else None
    return (parent.thread_ts or parent.ts) if parent else ""


def _destination(team: Team, wanted: object) -> Channel:
    if isinstance(wanted, str) and wanted in team.users and wanted != team.bot.id:
        return team.direct(wanted)
    found = team.named(wanted) if isinstance(wanted, str) else None
    channel = team.channel(found.id if found else wanted)
    if channel.archived:
        raise RefusedError("is_archived")
    return channel


def _own(team: Team, channel: Channel, args: Row, otherwise: str) -> Message:
    message = channel.messages.get(str(args.get("ts", "")))
    if message is None or message.subtype == "tombstone":
        raise RefusedError("message_not_found")
    if message.user != team.bot.id:
        raise RefusedError(otherwise)
    return message
