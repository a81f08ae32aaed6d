"""The workspace's state, as Slack keeps it; every access holds `changed`."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from demo.slack.channel import Channel
from demo.slack.limits import Limits
from demo.slack.message import Message
from demo.slack.pace import Fault, Pace
from demo.slack.refused import RefusedError, Row
from demo.slack.trigger import Triggers
from demo.slack.user import Group, User
from demo.slack.view import View

SCOPES = frozenset({
    "app_mentions:read", "channels:history", "channels:read", "chat:write", "commands",
    "files:write", "groups:history", "groups:read", "metadata.message:read", "usergroups:read",
    "users:read",
})  # fmt: skip
"""What the app may do unless told otherwise: what manifest.yaml asks for."""
EVENTS = frozenset({"app_home_opened", "app_mention", "message.channels", "message.groups"})
"""What the app is told of unless told otherwise: manifest.yaml again."""


@dataclass(slots=True)
class Hook:
    """A response_url: where it leads and how often it was used."""

    channel: str
    user: str
    ts: str
    """The message that was clicked, or nothing."""
    since: float
    uses: int = 0


@dataclass(slots=True)
class Upload:
    """A file on its way in, or arrived."""

    id: str
    name: str
    length: int
    since: float
    alt_text: str = ""
    content: bytes | None = None
    row: Row | None = None
    """As messages and files.info show it, once the upload is completed."""


@dataclass(slots=True)
class Team:
    """Users, channels, messages, views, files: all that Slack knows of one workspace."""

    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""
    scopes: frozenset[str] = SCOPES
    events: frozenset[str] = EVENTS
    id: str = "T0STANDIN"
    name: str = "Corp Example"
    app_id: str = "A0STANDIN"
    bot_token: str = field(default_factory=lambda: f"xoxb-{secrets.token_hex(12)}")
    app_token: str = field(default_factory=lambda: f"xapp-{secrets.token_hex(12)}")
    bot: User = field(default_factory=lambda: User("U0BOT", "stuncheck", bot_id="B0BOT"))
    url: str = ""
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    stacks: dict[str, list[View]] = field(default_factory=dict)
    """The modals in front of each person, the topmost last."""
    homes: dict[str, View] = field(default_factory=dict)
    hooks: dict[str, Hook] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    calls: list[tuple[str, Row]] = field(default_factory=list)
    """Every call of the Web API: the method and its arguments."""
    changed: threading.Condition = field(default_factory=threading.Condition)
    announce: Callable[[Row], object] = field(default=lambda _: None)
    """Sends an event to the app."""
    pace: Pace = field(default_factory=Pace)
    triggers: Triggers = field(init=False)
    _last: int = 0

    def __post_init__(self) -> None:
        self.triggers = Triggers(self.limits.trigger.total_seconds())
        self.users[self.bot.id] = self.bot

    def ts(self) -> str:
        """Give a message id: the time in seconds, never the same twice."""
        self._last = max(self._last + 1, int(self.clock() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def ident(self, letter: str) -> str:
        """Give a new id that begins with Slack's letter for its kind."""
        return letter + secrets.token_hex(5).upper()

    def needs(self, *scopes: str) -> None:
        """Refuse if the app was granted none of these scopes."""
        if scopes and not self.scopes.intersection(scopes):
            raise RefusedError("missing_scope", (f"needed: {' or '.join(scopes)}",))

    def channel(self, ident: object, *, member: bool = True) -> Channel:
        """Find a channel by its id, as the app sees it.

        RefusedError: `channel_not_found` (private ones of others, too) or `not_in_channel`.
        """
        found = self.channels.get(ident) if isinstance(ident, str) else None
        inside = found is not None and self.bot.id in found.members
        if found is None or (found.private and not inside):
            raise RefusedError("channel_not_found")
        if member and not inside:
            raise RefusedError("not_in_channel")
        return found

    def named(self, name: str) -> Channel | None:
        """Find a channel by its name, with or without the sign before it."""
        wanted = name.removeprefix("#")
        rows = [c for c in self.channels.values() if not c.direct_to]
        return next((channel for channel in rows if wanted in {channel.name, channel.id}), None)

    def direct(self, user: str) -> Channel:
        """Give the app's own conversation with a person."""
        for channel in self.channels.values():
            if channel.direct_to == user:
                return channel
        made = Channel(self.ident("D"), "", private=True, direct_to=user)
        made.members = {user, self.bot.id}
        self.channels[made.id] = made
        return made

    def post(self, message: Message) -> Message:
        """Put a message into its channel and tell the app."""
        self.channels[message.channel].messages[message.ts] = message
        self.tell(message.channel, message.row(with_metadata=True))
        if self.bot.mention in message.text and message.user != self.bot.id:
            self._mention(message)
        self.changed.notify_all()
        return message

    def edit(self, message: Message) -> Message:
        """Put another version in a message's place and tell the app."""
        channel = self.channels[message.channel]
        before = channel.messages[message.ts]
        channel.messages[message.ts] = message
        rows = {"message": message.row(), "previous_message": before.row()}
        self.tell(channel.id, {"type": "message", "subtype": "message_changed"} | rows)
        self.changed.notify_all()
        return message

    def delete(self, message: Message) -> None:
        """Take a message away; a root with replies leaves a stone behind."""
        channel = self.channels[message.channel]
        if channel.replies(message.ts):
            stone = Message(channel.id, message.ts, "USLACKBOT", "This message was deleted.")
            channel.messages[message.ts] = replace(stone, subtype="tombstone")
        else:
            del channel.messages[message.ts]
        row = {"type": "message", "subtype": "message_deleted", "deleted_ts": message.ts}
        self.tell(channel.id, row | {"previous_message": message.row()})
        self.changed.notify_all()

    def whisper(self, message: Message) -> Message:
        """Show a message to one person only."""
        self.channels[message.channel].whispers[message.ts] = message
        self.changed.notify_all()
        return message

    def tell(self, channel_id: str, row: Row) -> None:
        """Send a message event, if the app is in the channel and asked for such."""
        channel = self.channels[channel_id]
        subscription = {"channel": "message.channels", "group": "message.groups"}
        wanted = subscription.get(channel.kind, "message.im") in self.events
        if wanted and self.bot.id in channel.members:
            ts = row["ts"] if "ts" in row else self.ts()
            where = {"channel": channel.id, "channel_type": channel.kind}
            self.announce(row | where | {"ts": ts, "event_ts": ts})

    def _mention(self, message: Message) -> None:
        inside = self.bot.id in self.channels[message.channel].members
        if inside and "app_mention" in self.events:
            where = {"channel": message.channel, "event_ts": message.ts}
            self.announce(message.row() | where | {"type": "app_mention"})

    def hook(self, channel: str, user: str, ts: str = "") -> str:
        """Make a response_url for an act of a person."""
        ident = secrets.token_hex(8)
        self.hooks[ident] = Hook(channel, user, ts, self.clock())
        return f"{self.url}/hook/{ident}"

    def shown(self, ident: str) -> View | None:
        """Find an open modal or a home tab by its id or its external id."""
        views = [view for stack in self.stacks.values() for view in stack]
        views += self.homes.values()
        names = ((view, {view.id, view.body.get("external_id")}) for view in views)
        return next((view for view, known in names if ident in known), None)
