"""The XPath of wevtutil, as far as anybody here writes it, applied to events for real."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from xml.etree import ElementTree as ET

NS = {"e": "http://schemas.microsoft.com/win/2004/08/events/event"}
TOKEN = re.compile(
    r"\s*(TimeCreated\[|Provider\[|[()\]]|and\b|or\b|@?\w+\s*(?:>=|<=|=|>|<)\s*(?:'[^']*'|\d+))"
)
COMPARISON = re.compile(r"(@?\w+)\s*(>=|<=|=|>|<)\s*(.+)")
MOST_COMPARISONS = 22
"""More than these, and Windows refuses the query."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One event as it lies in a log."""

    xml: str
    channel: str
    provider: str
    id: int
    record: int
    time: datetime

    @classmethod
    @cache
    def of(cls, xml: str) -> "Logged":
        """Read what the System element says."""
        system = ET.fromstring(xml).find("e:System", NS)  # noqa: S314  a test's own text
        assert system is not None
        text = {child.tag.rpartition("}")[2]: child.text or "" for child in system}
        created, provider = system.find("e:TimeCreated", NS), system.find("e:Provider", NS)
        assert created is not None
        assert provider is not None
        return cls(
            xml,
            text["Channel"],
            provider.get("Name", ""),
            int(text["EventID"]),
            int(text.get("EventRecordID") or 0),
            datetime.fromisoformat(created.get("SystemTime", "")),
        )


def select(xpath: str) -> Callable[[Logged], bool]:
    """Compile `*[System[...]]`. Raises ValueError for what Windows would refuse, or we cannot."""
    match = re.fullmatch(r"\*\[System\[(.*)\]\]", xpath)
    if match is None:
        raise ValueError(xpath)
    tokens, rest = [], match[1]
    while rest.strip():
        token = TOKEN.match(rest)
        if token is None:
            raise ValueError(rest)
        tokens.append(token[1])
        rest = rest[token.end() :]
    if sum(COMPARISON.fullmatch(token) is not None for token in tokens) > MOST_COMPARISONS:
        raise ValueError("too many comparisons")
    return lambda event: _either([*tokens], event)


def _either(tokens: list[str], event: Logged) -> bool:
    found = _both(tokens, event)
    while tokens and tokens[0] == "or":
        tokens.pop(0)
        found = _both(tokens, event) or found
    return found


def _both(tokens: list[str], event: Logged) -> bool:
    found = _one(tokens, event)
    while tokens and tokens[0] == "and":
        tokens.pop(0)
        found = _one(tokens, event) and found
    return found


def _one(tokens: list[str], event: Logged) -> bool:
    token = tokens.pop(0)
    if token.endswith(("(", "[")):
        found = _either(tokens, event)
        if not tokens or tokens.pop(0) not in {")", "]"}:
            raise ValueError("a bracket is not closed")
        return found
    match = COMPARISON.fullmatch(token)
    if match is None:
        raise ValueError(token)
    return _holds(event, *match.groups())


def _holds(event: Logged, name: str, operator: str, value: str) -> bool:
    if name == "@Name":
        return operator == "=" and event.provider == value.strip("'")
    if name == "@SystemTime":
        moment = datetime.fromisoformat(value.strip("'"))
        order = (event.time > moment) - (event.time < moment)
    else:
        number = {"EventID": event.id, "EventRecordID": event.record}[name]
        order = (number > int(value)) - (number < int(value))
    return {">=": order >= 0, "<=": order <= 0, "=": order == 0, ">": order > 0, "<": order < 0}[
        operator
    ]
