"""Rows of JSON that was written by others: read without trusting a single type in it."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sources.names import plain
from sources.stamps import is_empty, read_stamp
from verdict.facts import Gap

LONGEST_TEXT = 1000
"""Characters kept of any one value; a longer name or message is damage."""

MOST_VALUES = 3_000_000
"""Values of one file: 64 MiB of a server's answers hold fewer, and Python needs some 100 bytes for
each of them."""

AGAIN = "Collect it again."

T = TypeVar("T")


class UnreadableError(ValueError):
    """Material or a row of it cannot be read; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Row:
    """One JSON object."""

    fields: Mapping[str, object]

    def text(self, name: str) -> str | None:
        """Give a field as text, or None where it is missing, null, blank or no text at all."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            return None
        return plain(value[:LONGEST_TEXT]).strip() or None

    def needed(self, name: str) -> str:
        """Give a field as text. Raises UnreadableError where there is none."""
        value = self.text(name)
        if value is None:
            raise UnreadableError(f"no {name}")
        return value

    def number(self, name: str) -> int | None:
        """Give a field as a whole number, or None where it is none."""
        value = self.fields.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def stamp(self, name: str) -> datetime | None:
        """Give a field as a time, naive where it names no offset; None where there is no time.

        Raises UnreadableError where something stands there that is no time: a moment that
        cannot be read must not pass for one that has not come yet.
        """
        value = self.fields.get(name)
        if value is None or (isinstance(value, str) and is_empty(value)):
            return None
        try:
            return read_stamp(value if isinstance(value, str) else "")
        except ValueError as error:
            raise UnreadableError(f"{name} is no time") from error


def load(data: bytes) -> object:
    """Parse JSON in any Unicode encoding, with or without a byte order mark.

    NaN and Infinity, which are no JSON, become null. Raises UnreadableError.
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise UnreadableError("it is empty")
    if sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise UnreadableError("it holds more values than any server's answer")
    try:
        parsed: object = json.loads(data, parse_constant=lambda _: None)
    except RecursionError as error:
        raise UnreadableError("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise UnreadableError("it is no Unicode text") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"it is cut or damaged at line {error.lineno}") from error
    except ValueError as error:  # a number of more than 4300 digits (Python, int from text)
        raise UnreadableError("it holds a number beyond all measure") from error
    return parsed


def load_list(data: bytes) -> list[object]:
    """Parse JSON whose outermost value is a list. Raises UnreadableError."""
    parsed = load(data)
    if not isinstance(parsed, list):
        raise UnreadableError("it is no list")
    return parsed


def read_each(
    entries: Sequence[object], read: Callable[[Row], T], source: str, subject: str
) -> tuple[list[T], tuple[Gap, ...]]:
    """Read every entry; those that cannot be read are counted in one Gap.

    An unreadable row may be the very one that matters, so absence proves nothing beside it.
    """
    found: list[T] = []
    reasons: Counter[str] = Counter()
    for entry in entries:
        try:
            found.append(read(_row(entry)))
        except UnreadableError as error:
            reasons[str(error)] += 1
    if not reasons:
        return found, ()
    causes = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common(3))
    why = f"{reasons.total()} of {len(entries)} rows were unreadable: {causes}"
    return found, (Gap(source, subject, why, AGAIN),)


def _row(entry: object) -> Row:
    if not isinstance(entry, dict):
        raise UnreadableError("no object")
    return Row(entry)
