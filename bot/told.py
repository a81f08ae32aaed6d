"""What a monitoring tool told, and how its fields are read: each is what it must be or is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.body import BodyError
from sources.names import plain, shown

LONGEST_NAME = 200
"""Characters of a key or a name; Alertmanager's fingerprints have 16."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before it no tool has watched anything: Go's zero time is in the year 1."""


@dataclass(frozen=True, slots=True)
class Told:
    """One alert that was sent to us.

    `key` is the same whenever the tool tells of it again. `text` is its words, of outside, not
    escaped, printable line by line. `at` is UTC and not in the future.
    """

    key: str
    text: str
    at: datetime
    cluster: str | None
    """Only where the tool said it in so many words."""
    tool: str


def table(value: object, name: str) -> Mapping[str, Any]:
    """Take an object. Raises BodyError."""
    if not isinstance(value, dict):
        raise wrong(name, value, "an object")
    return value


def text(value: object, name: str, longest: int | None = None) -> str:
    """Take a text that is not blank. Raises BodyError."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(name, value, "a text")
    if longest is not None and len(value) > longest:
        raise BodyError(400, f"{name} is longer than {longest} characters.")
    return printable(value)


def optional(fields: Mapping[str, Any], name: str) -> str | None:
    """Take a name that may be missing, null or empty. Raises BodyError."""
    value = fields.get(name)
    return None if value in (None, "") else text(value, name, LONGEST_NAME)


def moment(value: object, name: str) -> datetime:
    """Take a time with its offset, to the microsecond. Raises BodyError."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        if at is not None and at.tzinfo is not None and (at := at.astimezone(UTC)) >= EARLIEST:
            return at
    except (ValueError, OverflowError):
        pass
    raise wrong(name, value, "a time such as 2026-03-01T02:14:11Z, with its offset")


def printable(words: str) -> str:
    """Give words that a database and a screen can take: half characters become question marks."""
    return "\n".join(plain(line) for line in words.splitlines())


def wrong(name: str, value: object, wanted: str) -> BodyError:
    """Say of a field what stands in it and what should."""
    kinds = {dict: "an object", list: "a list", bool: "a truth value", type(None): "missing"}
    kinds |= {int: "a number", float: "a number"}
    found = kinds.get(type(value)) or (f'"{shown(value)}"' if value else "empty")
    return BodyError(400, f"{name} is {found}; wanted: {wanted}.")
