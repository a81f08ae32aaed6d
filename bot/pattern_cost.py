"""How long a regular expression may take at worst, found by reading it, not by trying.

Python's `re` tries one way after the other and cannot be stopped; a pattern from a configuration
that has too many ways would stop the bot at the first unlucky message
(https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS). Every
repeat, option and alternative multiplies or adds ways; too many of them is too slow.
"""

import re
import warnings
from math import inf

WINDOW = 300
"""Characters that are searched at once."""

MOST = 1e5
"""Ways from one starting point: two `.*` have (300 + 1)^2. A window then takes some tenths of a
second at worst."""

LONGEST = 1000
"""Characters of a pattern."""

REPEAT = re.compile(r"\{(\d*)(,?)(\d*)\}")
GROUP = re.compile(r"\?(?:P<\w+>|<[=!]|[:=!>]|[imsau]*(?:-[ims]+)?:|[imsau]+(?=\)))")
"""What may stand after the parenthesis of a group; a comment, a condition, `(?x)` and a
reference to another group may not."""


class CostlyError(ValueError):
    """A pattern that is wrong or may take too long, with the reason."""


def check(pattern: str) -> None:
    """Raise CostlyError for a pattern that cannot be used or may take too long."""
    if len(pattern) > LONGEST:
        raise CostlyError(f"it is longer than {LONGEST} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
        ways = _Reader(pattern).whole()
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise CostlyError(f"it is no regular expression: {error}") from None
    if ways > MOST:
        raise CostlyError(
            "it may take too long; at most two open repeats such as .* are taken, and none "
            "around another repeat or around alternatives"
        )


class _Reader:
    """Reads a pattern that `re` has accepted, and counts the ways to match it."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def whole(self) -> float:
        return self._alternatives()

    def _next(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _alternatives(self) -> float:
        ways = self._sequence()
        while self._next() == "|":
            self.at += 1
            ways += self._sequence()
        return ways

    def _sequence(self) -> float:
        ways = 1.0
        while self._next() not in {"", "|", ")"}:
            ways *= self._repeated(self._item())
        return ways

    def _item(self) -> float:
        first = self._next()
        self.at += 1
        if first == "(":
            return self._group()
        if first == "[":
            self._letters()
        elif first == "\\":
            if self._next() in "123456789":
                raise CostlyError("it refers back to a group, which may take too long")
            self.at += 1
        return 1.0

    def _group(self) -> float:
        if self._next() == "?":
            kind = GROUP.match(self.pattern, self.at)
            if kind is None:
                raise CostlyError("(?x), comments, conditions and references are not taken")
            self.at = kind.end()
        ways = self._alternatives()
        self.at += 1
        return ways

    def _letters(self) -> None:
        """Go behind a class of letters, in which a bracket that comes first is a letter."""
        self.at += self._next() == "^"
        self.at += self._next() == "]"
        while self._next() != "]":
            self.at += 2 if self._next() == "\\" else 1
        self.at += 1

    def _repeated(self, ways: float) -> float:
        """Multiply by how often what was just read may be repeated."""
        least, most = self._times()
        if (least, most) == (1, 1):
            return ways
        if self._next() in {"?", "+"}:  # lazy or possessive: other order, not more ways
            self.at += 1
        if ways == 1:
            return most - least + 1
        if most > WINDOW / 10:
            return inf
        return float(sum(ways**times for times in range(least, most + 1)))

    def _times(self) -> tuple[int, int]:
        signs = {"*": (0, WINDOW), "+": (1, WINDOW), "?": (0, 1)}
        if self._next() in signs:
            self.at += 1
            return signs[self.pattern[self.at - 1]]
        counted = REPEAT.match(self.pattern, self.at)
        if counted is None or not (counted[1] or counted[2]):
            return 1, 1
        self.at = counted.end()
        least = int(counted[1] or 0)
        most = int(counted[3]) if counted[3] else WINDOW if counted[2] else least
        return min(least, WINDOW), min(max(most, least), WINDOW)
