"""What people and tools do in the workspace."""

from dataclasses import dataclass, field, replace

from demo.slack import payload
from demo.slack.channel import Channel
from demo.slack.delivery import ACKNOWLEDGED, Delivery
from demo.slack.form import Answer, filled, held, used
from demo.slack.hook import respond
from demo.slack.message import Message
from demo.slack.modal import close, submitted, top
from demo.slack.refused import ImpossibleError, Row
from demo.slack.sockets import Sockets
from demo.slack.team import Team
from demo.slack.user import User
from demo.slack.view import View

INTERACTIVE, COMMANDS, EVENTS = "interactive", "slash_commands", "events_api"


@dataclass(slots=True)
class People:
    """Acts of people and tools, each of which the app is told of as Slack would."""

    team: Team = field(default_factory=Team)
    escapes: bool = True
    """Whether commands come with ids for names, as the manifest says with should_escape."""
    sockets: Sockets = field(init=False)

    def __post_init__(self) -> None:
        self.sockets = Sockets(self.team)
        self.team.announce = self._announce

    def says(
        self, user: User | str, channel: Channel | str, text: str, thread: Message | None = None
    ) -> Message:
        """Post as a person, in a thread if its message is given."""
        who, where = self.user(user), self.channel(channel, of=user)
        with self.team.changed:
            message = Message(where.id, self.team.ts(), who.id, text)
            return self.team.post(replace(message, thread_ts=_root(thread)))

    def posts_as_tool(
        self,
        tool: str,
        channel: Channel | str,
        text: str = "",
        attachments: tuple[Row, ...] = (),
        blocks: tuple[Row, ...] = (),
    ) -> Message:
        """Post as a monitoring tool; many leave the text empty and fill attachments only."""
        where = self.channel(channel)
        with self.team.changed:
            message = Message(where.id, self.team.ts(), "", text, username=tool)
            sender = replace(message, bot_id=f"B{tool.upper()[:8]}", subtype="bot_message")
            return self.team.post(replace(sender, attachments=attachments, blocks=blocks))

    def edits(
        self, message: Message, text: str | None = None, attachments: tuple[Row, ...] | None = None
    ) -> Message:
        """Change a message as its author."""
        with self.team.changed:
            kept = self.now(message)
            text = kept.text if text is None else text
            attachments = kept.attachments if attachments is None else attachments
            edited = self.team.ts()
            return self.team.edit(replace(kept, text=text, attachments=attachments, edited=edited))

    def deletes(self, message: Message) -> None:
        """Delete a message, the app's, too, as an administrator may."""
        with self.team.changed:
            self.team.delete(self.now(message))

    def slash(self, user: User | str, channel: Channel | str, line: str) -> Delivery:
        """Type a slash command; Slack shows the answer, or its failure, to that person."""
        who, where = self.user(user), self.channel(channel, of=user)
        with self.team.changed:
            row = payload.command(self.team, who.id, where.id, line, escaped=self.escapes)

        def done(delivery: Delivery) -> None:
            if delivery.outcome != ACKNOWLEDGED:
                text = f"{row['command']} failed with the error {delivery.outcome!r}"
                notice = Message(where.id, self.team.ts(), "USLACKBOT", text, only_to=who.id)
                self.team.whisper(notice)
            elif delivery.reply:
                respond(self.team, where.id, who.id, delivery.reply)

        return self.sockets.send(Delivery(COMMANDS, row, done))

    def clicks(
        self,
        user: User | str,
        place: Message | View,
        action_id: str,
        option: Answer = "",
        block_id: str = "",
        answers: dict[str, Answer] | None = None,
    ) -> Delivery:
        """Use a button, a select or another element, as it looks to the person now or then.

        `answers` is what stands in the inputs of a view at that moment, by block_id; what is
        chosen or typed with this very act stands there, too.

        ImpossibleError: it is not there, or the person does not see it.
        """
        who = self.user(user)
        self._sees(who, place)
        with self.team.changed:
            action = used(place, action_id, option, block_id)
            row = payload.click(self.team, who.id, place, action)
            if isinstance(place, View):
                values = filled(place, answers or {}, complete=False)
                row["view"] |= {"state": {"values": held(values, action)}}
        return self.sockets.send(Delivery(INTERACTIVE, row))

    def shortcut(self, user: User | str, message: Message, callback_id: str) -> Delivery:
        """Take a message shortcut."""
        who = self.user(user)
        self._sees(who, message)
        with self.team.changed:
            row = payload.shortcut(self.team, who.id, message, callback_id)
        return self.sockets.send(Delivery(INTERACTIVE, row))

    def submits(self, view: View, answers: dict[str, Answer] | None = None) -> Delivery:
        """Fill in a modal, by block_id, and send it off.

        ImpossibleError: it is not the topmost modal, or an input is left empty or not there.
        """
        team = self.team
        with team.changed:
            if top(team, view.user).id != view.id:
                raise ImpossibleError("the modal is covered by another")
            seen = top(team, view.user)
            row = payload.submission(team, seen, filled(seen, answers or {}))
        return self.sockets.send(
            Delivery(INTERACTIVE, row, lambda delivery: submitted(team, seen, delivery))
        )

    def closes(self, view: View) -> None:
        """Close a modal; the app is told if it asked for that."""
        with self.team.changed:
            close(self.team, view)
            row = payload.closing(self.team, view)
        if view.body.get("notify_on_close"):
            self.sockets.send(Delivery(INTERACTIVE, row))

    def opens_home(self, user: User | str) -> None:
        """Open the app's home tab."""
        who = self.user(user)
        if "app_home_opened" not in self.team.events:
            return
        with self.team.changed:
            row = {"type": "app_home_opened", "user": who.id, "tab": "home"}
            row |= {"channel": self.team.direct(who.id).id, "event_ts": self.team.ts()}
            self._announce(row)

    def user(self, user: User | str) -> User:
        """Find a person by name or id."""
        if isinstance(user, User):
            return user
        for known in self.team.users.values():
            if user in {known.name, known.id}:
                return known
        raise ImpossibleError(f"nobody is called {user}")

    def channel(self, channel: Channel | str, of: User | str = "") -> Channel:
        """Find a channel by name or id; with `of`, one that this person is in."""
        found = channel if isinstance(channel, Channel) else self.team.named(channel)
        if found is None or (of and self.user(of).id not in found.members):
            raise ImpossibleError(f"no channel {channel} to be in")
        return found

    def now(self, message: Message) -> Message:
        """Give a message as it is now. ImpossibleError: it is gone."""
        channel = self.team.channels[message.channel]
        found = channel.messages.get(message.ts) or channel.whispers.get(message.ts)
        if found is None:
            raise ImpossibleError("the message is gone")
        return found

    def _sees(self, user: User, place: Message | View) -> None:
        if isinstance(place, View):
            seen = place.user == user.id and self.team.shown(place.id) is not None
        else:
            inside = user.id in self.team.channels[place.channel].members
            seen = inside and place.only_to in {"", user.id}
        if not seen:
            raise ImpossibleError(f"{user.name} does not see that")

    def _announce(self, row: Row) -> None:
        self.sockets.send(Delivery(EVENTS, payload.event(self.team, row)))


def _root(thread: Message | None) -> str:
    return (thread.thread_ts or thread.ts) if thread else ""
