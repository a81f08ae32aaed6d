"""Words from outside made harmless for Slack: nobody is pinged, nothing is formatted, no link.

Slack reads `<`, `>` and `&` as its own in every text object, and decodes exactly these three
(https://docs.slack.dev/messaging/formatting-message-text). In mrkdwn it reads `*_~` and backticks
and `:names:` too, and has no way to escape them; so a text that holds one is plain_text.
"""

import re
from collections.abc import Callable

from bot.plain import plain

ELLIPSIS = "…"

FORMATTING = re.compile(
    r"[*~`]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # between letters an underscore is only that: sql_prod_01
    r"|^(?:>|&gt;)"  # a quotation; older clients take it escaped as well
    r"|:(?!\d{1,2}:)[\w+'-]+:",  # an emoji by its name; the minutes of 02:14:10 are none
    re.MULTILINE,
)

ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}

OUTSIDE_THE_BASIC_PLANE = 0xFFFF
"""Slack may count UTF-16 units, of which a letter beyond takes two; we count the larger."""


def escape(text: str) -> str:
    """Write the three characters that Slack reads as its own as it wants them."""
    return text.translate(ENTITIES)


def unescape(text: str) -> str:
    """Read what a person typed as they typed it: Slack sends its three characters as entities."""
    for written, letter in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(written, letter)
    return text


def formats(text: str) -> bool:
    """Whether mrkdwn would make something else of a text than what it says."""
    return FORMATTING.search(text) is not None


def units(text: str) -> int:
    """Measure a text as Slack may, in UTF-16 units."""
    return len(text) + sum(ord(letter) > OUTSIDE_THE_BASIC_PLANE for letter in text)


def fit(text: str, most: int) -> str:
    """Give a text on one line, escaped, in at most so many characters.

    One that is too long ends at a word, with an ellipsis, and never inside an entity.
    """
    line = plain(text).strip()
    whole = escape(line)
    return whole if units(whole) <= most else escape(_cut(line, most - 1, escape)) + ELLIPSIS


def clip(text: str, most: int) -> str:
    """Do the same to a text that Slack does not decode, such as the words for a picture."""
    line = plain(text).strip()
    return line if units(line) <= most else _cut(line, most - 1, str) + ELLIPSIS


def _cut(line: str, room: int, written: Callable[[str], str]) -> str:
    """Keep what fits into the room as it is written; up to the last blank, unless that is far."""
    kept = 0
    for letter in line:
        room -= units(written(letter))
        if room < 0:
            break
        kept += 1
    blank = line.rfind(" ", 0, kept + 1)
    return line[: blank if 2 * blank > kept else kept].rstrip()
