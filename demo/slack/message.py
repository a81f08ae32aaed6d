"""A message as it stands in a channel now."""

from collections.abc import Iterator
from dataclasses import dataclass

from demo.slack.refused import Row

READABLE = ("pretext", "title", "text", "fallback", "value", "footer", "alt_text", "alt_txt")
"""Fields of blocks and attachments that hold words for people."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message; an edit makes a new one with the same channel and ts."""

    channel: str
    ts: str
    user: str
    text: str = ""
    bot_id: str = ""
    app_id: str = ""
    username: str = ""
    subtype: str = ""
    blocks: tuple[Row, ...] = ()
    attachments: tuple[Row, ...] = ()
    files: tuple[Row, ...] = ()
    metadata: Row | None = None
    thread_ts: str = ""
    edited: str = ""
    """The ts of the last edit that shows as one."""
    reactions: tuple[tuple[str, str], ...] = ()
    """Emoji and who gave it."""
    only_to: str = ""
    """The one person who sees it, if it is ephemeral."""

    @property
    def is_reply(self) -> bool:
        """Say whether it stands in a thread, below another."""
        return bool(self.thread_ts) and self.thread_ts != self.ts

    @property
    def words(self) -> str:
        """Give all that a person can read in it, one piece a line."""
        parts = [self.text, *_words([*self.blocks, *self.attachments, *self.files])]
        return "\n".join(part for part in parts if part)

    def row(self, *, with_metadata: bool = False) -> Row:
        """Give it as the Web API and the events show it."""
        row: Row = {"type": "message", "ts": self.ts, "user": self.user, "text": self.text}
        for name in ("bot_id", "app_id", "username", "subtype", "thread_ts"):
            if value := getattr(self, name):
                row[name] = value
        for name in ("blocks", "attachments", "files"):
            if value := getattr(self, name):
                row[name] = [*value]
        if self.edited:
            row["edited"] = {"user": self.user, "ts": self.edited}
        if self.reactions:
            row["reactions"] = self._reactions()
        if with_metadata and self.metadata:
            row["metadata"] = self.metadata
        return row

    def _reactions(self) -> list[Row]:
        users: dict[str, list[str]] = {}
        for name, user in self.reactions:
            users.setdefault(name, []).append(user)
        return [{"name": name, "users": who, "count": len(who)} for name, who in users.items()]


def _words(thing: object) -> Iterator[str]:
    if isinstance(thing, list):
        for inner in thing:
            yield from _words(inner)
    elif isinstance(thing, dict):
        for name, inner in thing.items():
            if isinstance(inner, str) and name in READABLE:
                yield inner
            else:
                yield from _words(inner)
