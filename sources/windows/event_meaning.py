"""What one event means, before it has a time line: the row of a provider's table."""

from dataclasses import dataclass
from datetime import timedelta

from sources.names import short
from sources.windows.event_xml import WindowsEvent
from verdict.sign import Kind


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one event says; fields as in Sign.

    `about` goes on with "event 1069 on SQL02"; of several meanings with the same `once` only
    the first counts.
    """

    kind: Kind
    subject: str | None = None
    detail: str | None = None
    value: timedelta | None = None
    about: str = ""
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """How to read one event id. Numbers are positions, the n of the message's %n.

    `node` and `thing` say where the subject stands, a node or anything else; with neither, the
    event is about the node that wrote it, unless `nobody`. `says` is a fixed detail, `detail`
    the position of one, `seconds` of a whole number of seconds.
    """

    kind: Kind
    node: int = 0
    thing: int = 0
    nobody: bool = False
    says: str | None = None
    detail: int = 0
    seconds: int = 0

    def read(self, event: WindowsEvent, writer: str) -> Meaning:
        """Apply the rule to an event that the node `writer` logged."""
        subject: str | None = None if self.nobody else writer
        if self.node or self.thing:
            text = event.at(self.node or self.thing)
            subject = (host(text) if self.node else text) or None
        length = event.at(self.seconds)
        return Meaning(
            self.kind,
            subject,
            self.says or event.at(self.detail) or None,
            timedelta(seconds=int(length)) if whole(length) else None,
        )


DIGITS = 6
"""More digits than these are no duration in seconds that an event reports."""


def whole(text: str) -> bool:
    """Tell whether the text is a whole number small enough for a duration."""
    return text.isascii() and text.isdigit() and len(text) <= DIGITS


def host(name: str) -> str:
    r"""Cut a computer or instance to the computer's short name: sql01.corp.local, SQL01\INST."""
    return short(name.partition("\\")[0])
