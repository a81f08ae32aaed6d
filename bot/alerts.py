"""Alerts of failovers, recognised among the messages of a channel.

A message is an alert if it is worded like one, names something we know, and tells of no recovery.
Whatever else looks like an alert is told apart from chatter, so that a wrong pattern is seen.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.alert_patterns import Pattern, Patterns
from bot.alert_text import Fields, Said, mapping, moment, said
from bot.inventory import Inventory, Sighting
from bot.pattern_cost import WINDOW

SUBTYPES = {None, "bot_message", "message_changed", "file_share", "thread_broadcast", "me_message"}
"""Messages that say something; joining, leaving, topics and deletions do not."""

PATIENCE = 1.0
"""Seconds for one message; a real alert takes a few milliseconds."""

SLACKBOT = "USLACKBOT"
"""In whose name Slack posts the mails that are sent to a channel."""


class Why(StrEnum):
    """Why a message is no alert; the first four need nobody's attention."""

    OWN = "our own post"
    RECOVERY = "a recovery"
    CHANGED = "an edit of an alert that was seen before"
    CHATTER = "not about a failover"
    PERSON = "a person's words"
    STRANGER = "an alert that names nothing we know"
    WORDING = "an alert that no pattern fits"
    TIMELESS = "an alert without a time"
    SLOW = "too slow to search"

    @property
    def alert_like(self) -> bool:
        """Whether it may be an alert that we miss: counted, and worth a look."""
        return self in {Why.PERSON, Why.STRANGER, Why.WORDING, Why.TIMELESS, Why.SLOW}


@dataclass(frozen=True, slots=True)
class Alert:
    """A tool told of a failover. `at` is the time of its message (UTC), later than the failover.

    `clusters` are those that all the names together may mean, or each where they have none in
    common; `said` is the message's words, of outside, not escaped.
    """

    clusters: tuple[str, ...]
    names: tuple[str, ...]
    at: datetime
    said: str
    tool: str

    @property
    def cluster(self) -> str | None:
        """The cluster that is meant; None where it may be one of several."""
        return self.clusters[0] if len(self.clusters) == 1 else None


@dataclass(frozen=True, slots=True)
class NoAlert:
    """A message that is no alert, and why; `said` is its words, of outside, not escaped."""

    why: Why
    said: str = ""


@dataclass(frozen=True, slots=True)
class Ourselves:
    """By what Slack knows our own posts, and where we are at home; what is not known is empty."""

    bot_id: str = ""
    user_id: str = ""
    app_id: str = ""
    homes: frozenset[str] = frozenset()
    """The ids of our workspace and of its organisation (Enterprise Grid)."""

    def wrote(self, message: Fields) -> bool:
        """Whether a message is ours."""
        profile = mapping(message.get("bot_profile"))
        ids = (
            (self.bot_id, message.get("bot_id")),
            (self.user_id, message.get("user")),
            (self.app_id, message.get("app_id")),
            (self.app_id, profile.get("app_id")),
        )
        return any(mine and mine == theirs for mine, theirs in ids)


def recognise(
    event: Fields, inventory: Inventory, patterns: Patterns, ourselves: Ourselves
) -> Alert | NoAlert:
    """Judge a message event as Slack sends it, an edit included. Raises nothing."""
    edited = event.get("subtype") == "message_changed"
    message = mapping(event.get("message")) if edited else event
    if ourselves.wrote(message) or ourselves.wrote(event):
        return NoAlert(Why.OWN)
    if not _says_something(message):
        return NoAlert(Why.CHATTER)
    words = said(message)
    judged = _judge(words, inventory, patterns)
    if isinstance(judged, Why):
        return NoAlert(judged, words.text)
    at = _time(event, message)
    if edited and _was_one(event, inventory, patterns):
        why = Why.CHANGED
    elif not patterns.people and _of_a_person(message):
        why = Why.PERSON
    elif at is None:
        why = Why.TIMELESS
    else:
        tool, sightings = judged
        names = tuple(one.name for one in sightings)
        return Alert(_meant(sightings), names, at, words.text, tool)
    return NoAlert(why, words.text)


def _says_something(message: Fields) -> bool:
    subtype = message.get("subtype")
    return subtype is None or (isinstance(subtype, str) and subtype in SUBTYPES)


def _judge(
    words: Said, inventory: Inventory, patterns: Patterns
) -> Why | tuple[str, tuple[Sighting, ...]]:
    """Give the tool and the names of an alert, or why it is none."""
    search = _Search(words.lines)
    problem = search.first(patterns.problems)
    recovery = search.first(patterns.recoveries)
    failover = search.any(patterns.failovers)
    if search.late:
        return Why.SLOW
    if (recovery and (not problem or recovery <= problem)) or (words.green and not problem):
        return Why.RECOVERY
    sightings = inventory.find(words.text)
    if failover and sightings:
        return failover, sightings
    if failover:
        return Why.STRANGER
    return Why.WORDING if problem and sightings else Why.CHATTER


class _Search:
    """Searches a message's lines piece by piece, and gives up when it takes too long."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.until = time.monotonic() + PATIENCE
        self.late = False

    def first(self, patterns: Sequence[Pattern]) -> tuple[int, int] | None:
        """Say where the first match of any pattern begins: line and letter."""
        found = (self._place(pattern) for pattern in patterns)
        return min((place for place in found if place), default=None)

    def any(self, patterns: Sequence[Pattern]) -> str:
        """Give the tool of the first pattern that matches at all; empty if none does."""
        return next((pattern.tool for pattern in patterns if self._place(pattern)), "")

    def _place(self, pattern: Pattern) -> tuple[int, int] | None:
        """Find a pattern; pieces overlap by half, so that none of their ends hides it."""
        for number, line in enumerate(self.lines):
            for begin in range(0, max(len(line) - WINDOW // 2, 1), WINDOW // 2):
                if time.monotonic() > self.until:
                    self.late = True
                    return None
                if found := pattern.expression.search(line, begin, begin + WINDOW):
                    return number, found.start()
        return None


def _was_one(event: Fields, inventory: Inventory, patterns: Patterns) -> bool:
    """Whether a message was an alert before it was edited."""
    before = said(mapping(event.get("previous_message")))
    return not isinstance(_judge(before, inventory, patterns), Why)


def _of_a_person(message: Fields) -> bool:
    """Whether neither a bot nor an app nor Slack itself wrote it."""
    marks = ("bot_id", "app_id", "bot_profile")
    told = message.get("subtype") == "bot_message" or message.get("user") == SLACKBOT
    return not told and not any(message.get(mark) for mark in marks)


def _time(event: Fields, message: Fields) -> datetime | None:
    """Take the event's time: of an edit it is the time of the edit, not of the message."""
    edit = mapping(message.get("edited")).get("ts")
    told = (event.get("ts"), event.get("event_ts"), edit, message.get("ts"))
    return next((at for at in map(moment, told) if at), None)


def _meant(sightings: Sequence[Sighting]) -> tuple[str, ...]:
    common = frozenset.intersection(*(one.clusters for one in sightings))
    return tuple(sorted(common or frozenset().union(*(one.clusters for one in sightings))))
