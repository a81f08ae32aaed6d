"""A channel: who is in it and what was said."""

from dataclasses import dataclass, field

from demo.slack.message import Message
from demo.slack.refused import Row


@dataclass(slots=True)
class Channel:
    """A public or private channel, or the conversation of the app with one person."""

    id: str
    name: str
    private: bool = False
    direct_to: str = ""
    """The person, if it is a direct conversation."""
    archived: bool = False
    members: set[str] = field(default_factory=set)
    messages: dict[str, Message] = field(default_factory=dict)
    """By ts, oldest first."""
    whispers: dict[str, Message] = field(default_factory=dict)
    """Ephemeral messages by ts."""

    @property
    def kind(self) -> str:
        """Give "channel", "group" or "im", as events name it."""
        if self.direct_to:
            return "im"
        return "group" if self.private else "channel"

    def replies(self, root: str) -> list[Message]:
        """Give the thread's replies without its root, oldest first."""
        return [m for m in self.messages.values() if m.thread_ts == root and m.is_reply]

    def row(self, asking: str) -> Row:
        """Give what conversations.info tells a member or a stranger."""
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": self.kind == "im",
            "is_private": self.private,
            "is_archived": self.archived,
            "is_member": asking in self.members,
            "num_members": len(self.members),
        }

    def message_row(self, message: Message, *, with_metadata: bool = False) -> Row:
        """Give a message with what a root tells of its thread."""
        row = message.row(with_metadata=with_metadata)
        if not message.is_reply and (replies := self.replies(message.ts)):
            row |= {"thread_ts": message.ts, "reply_count": len(replies)}
            row["latest_reply"] = replies[-1].ts
        return row
