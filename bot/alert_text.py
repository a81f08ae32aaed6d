"""What a message in Slack says, wherever the tool that posted it has put its words.

Alertmanager and Zabbix leave `text` empty and put all into an attachment; others use blocks, or
blocks in attachments; Zabbix tells a recovery by editing its alert.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

DEEPEST = 12
"""Blocks hold elements that hold texts; a message nested deeper is no message of Slack."""

LONGEST = 8000
"""Characters of a message that are looked at: an alert that says more says it again there."""

SAYING = ("pretext", "author_name", "title", "text", "value", "fallback", "alt_text", "footer",
          "subject", "plain_text")  # fmt: skip
"""Keys whose value is words."""

HOLDING = ("text", "title", "fields", "elements", "blocks", "message_blocks", "message", "rows",
           "accessory", "label", "files")  # fmt: skip
"""Keys whose value holds more of the same."""

LINK = re.compile(r"<(?P<what>[^<>|\n]{0,2000})(?:\|(?P<label>[^<>\n]{0,2000}))?>")
"""A link, a date, a name of a person or channel; of a link only the label is said."""

TIME = re.compile(r"(\d{9,11})(?:\.(\d{1,6})\d*)?")
"""Slack's ts: seconds since 1970 and a running number in the place of microseconds."""

INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\x00-\x08\x0e-\x1f]")
"""Marks that turn text around or have no width: a name is the same with and without them."""

GOOD = "good"
"""Slack's own word for green in an attachment."""

CLEARLY = 1.15
"""By what green must exceed red and blue: #36a64f and #2eb886 do, Zabbix's yellow does not."""

Fields = Mapping[str, Any]
"""An object as it came with an event; anything may stand in it."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message's words, line by line, and whether its colour is green."""

    lines: tuple[str, ...]
    green: bool

    @property
    def text(self) -> str:
        """All lines as one text."""
        return "\n".join(self.lines)


def said(message: Fields) -> Said:
    """Read a message, not the event around it; damaged parts say nothing."""
    lines: dict[str, None] = {}
    room = LONGEST
    for words in _words(message, DEEPEST):
        for line in spoken(words).splitlines():
            kept = " ".join(line.split())[:room]
            if kept and kept not in lines:
                lines[kept] = None
                room -= len(kept)
        if room <= 0:
            break
    return Said(tuple(lines), _green(message))


def spoken(words: str) -> str:
    """Give words as people see them: labels for links, letters for entities, no invisible marks."""
    seen = LINK.sub(_label, words[: 2 * LONGEST])
    return INVISIBLE.sub("", html.unescape(seen))


def moment(ts: object) -> datetime | None:
    """Read a ts as a time in UTC; None where it is none."""
    found = TIME.fullmatch(ts) if isinstance(ts, str) and ts.isascii() else None
    if found is None:
        return None
    microseconds = int((found[2] or "0").ljust(6, "0"))
    return datetime.fromtimestamp(int(found[1]), UTC).replace(microsecond=microseconds)


def mapping(thing: object) -> Fields:
    """Give an object of an event; an empty one where something else stands in its place."""
    return thing if isinstance(thing, dict) else {}


def _words(thing: object, depth: int) -> Iterator[str]:
    """Walk through a message in the order in which it is read: text, attachments, blocks."""
    if depth <= 0:
        return
    if isinstance(thing, list):
        for one in thing:
            yield from _words(one, depth - 1)
        return
    fields = mapping(thing)
    pair = _pair(fields)
    if pair:
        yield pair
    for key in SAYING:
        if not pair and isinstance(fields.get(key), str):
            yield fields[key]
    yield from _words(fields.get("attachments"), depth - 1)
    for key in HOLDING:
        if isinstance(fields.get(key), dict | list):
            yield from _words(fields[key], depth - 1)


def _pair(fields: Fields) -> str:
    """Say an attachment's field in one line: "Severity: High"."""
    title, value = fields.get("title"), fields.get("value")
    return f"{title}: {value}" if isinstance(title, str) and isinstance(value, str) else ""


def _label(link: re.Match[str]) -> str:
    if link["label"]:
        return link["label"]
    return " " if "://" in link["what"] or link["what"][:1] in {"@", "#", "!"} else link["what"]


def _green(message: Fields) -> bool:
    """Whether the attachments have colours and all of them are green."""
    attachments = message.get("attachments")
    held = attachments if isinstance(attachments, list) else []
    colours = [mapping(one).get("color") for one in held]
    told = [colour for colour in colours if isinstance(colour, str) and colour]
    return bool(told) and all(map(_is_green, told))


def _is_green(colour: str) -> bool:
    if colour.casefold() == GOOD:
        return True
    found = re.fullmatch(r"#?([0-9a-fA-F]{6})", colour)
    if found is None:
        return False
    red, green, blue = bytes.fromhex(found[1])
    return green > CLEARLY * max(red, blue)
