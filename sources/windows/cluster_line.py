"""What one line of a cluster.log means."""

import re
from collections.abc import Iterator
from datetime import timedelta

from sources.names import short
from sources.windows.cluster_rules import EVENT_RULES, RULES
from sources.windows.sighting import Sighting
from verdict.sign import Kind

VIEW = re.compile(r"New View is <ViewChanged joiners=\([^)]*\) downers=\(([\d ]+)\)")
MOVE = re.compile(
    r"move of group (?P<group>.+) from (?P<old>[^\s(]+)\((?P<a>\d+)\) to (?P<new>[^\s(]+)"
    r"\((?P<b>\d+)\) of type MoveType::(?P<type>\w+)"
)
HISTORY = re.compile(
    r"Route history \d+: Old: (?:(?P<minutes>\d{1,4}):)?(?P<seconds>\d{1,5}\.\d{1,6}),"
    r".*counter/threshold: (?P<counter>\d{1,4})/(?P<threshold>\d{1,4})"
)
"""How long the route had been silent, and how many heartbeats that was of how many tolerated."""

MOVES = (
    (re.compile(r"Manual"), Kind.MOVE_ASKED),
    (re.compile(r"(Node)?Drain"), Kind.DRAINED),
    (re.compile(r"Failback"), Kind.ROLE_FAILING_BACK),
    (re.compile(r"NodeDown|Failover|Failure"), Kind.ROLE_FAILING_OVER),
)
"""MoveType by what its name begins with; Manual and NodeDown are published, the others are read
by their plain meaning, and any further one is a move without a reason."""

ALL_RULES = RULES + EVENT_RULES
SPECIAL = ("New View is", "MoveType::", "Route history ")


def sightings(text: str) -> Iterator[Sighting]:
    """Give what a line says, its ids and level taken off."""
    if match := VIEW.search(text):
        for number in match[1].split():
            yield Sighting(Kind.NODE_REMOVED, "a view without it", number=number)
    elif match := MOVE.search(text):
        kinds = (kind for name, kind in MOVES if name.match(match["type"]))
        kind = next(kinds, Kind.ROLE_MOVING)
        subject = short(match["old"]) if kind is Kind.DRAINED else match["group"]
        phrase = f"a move of {match['group']} of type {match['type']}"
        yield Sighting(kind, phrase, subject=subject, detail=match["type"])
    elif match := HISTORY.search(text):
        yield from _history(match)
    else:
        for rule in ALL_RULES:
            if rule.needle in text:
                yield from rule.read(text)


def _history(match: re.Match[str]) -> Iterator[Sighting]:
    """A route at its threshold was lost; below it the entry only tells of single misses."""
    if int(match["counter"]) >= int(match["threshold"]) > 0:
        silence = timedelta(minutes=int(match["minutes"] or 0), seconds=float(match["seconds"]))
        detail = f"threshold={match['threshold']}"
        phrase = f"a heartbeat route silent for {silence / timedelta(seconds=1):.1f} s"
        yield Sighting(Kind.HEARTBEATS_MISSED, phrase, detail=detail, value=silence)


NEEDLES = (*SPECIAL, *dict.fromkeys(rule.needle for rule in ALL_RULES))
"""Plain texts; a line with none of them means nothing here."""
