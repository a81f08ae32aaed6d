"""What a person wants the heartbeat values to be, read as they typed it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sources.errors import UserError
from sources.names import nearest, plain, shown
from verdict.heartbeat import RANGES

USAGE = "Say for example: SameSubnetThreshold=20 for 8h because the stuns reach 12 s"

BECAUSE = re.compile(r"(?:^|\s)because(?=\s|$)", re.IGNORECASE)

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=30)
"""For how long a change may be wanted; what is to stand longer is for good."""

LONGEST_REASON = 500
"""Characters of a reason; it stands on a card and in the audit, not instead of a report."""

NUMBER = re.compile(r"[0-9]{1,9}")
LENGTH = re.compile(r"([0-9]{1,5})(min|m|h|d)", re.IGNORECASE)
UNITS = {
    "min": timedelta(minutes=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}

_SPELT = {name.casefold(): name for name in RANGES}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Values by Microsoft's names, for how long (None: for good), and why if that was said."""

    values: Mapping[str, int]
    lasts: timedelta | None = None
    why: str = ""


def read_wanted(text: str) -> Wanted:
    """Read `NAME=VALUE ... [for 8h] [because WHY]`. Raises UserError naming what is allowed."""
    found = BECAUSE.search(text)
    said, why = (text[: found.start()], text[found.end() :]) if found else (text, "")
    words = said.split()
    folded = [word.casefold() for word in words]
    cut = folded.index("for") if "for" in folded else len(words)
    values: dict[str, int] = {}
    for word in words[:cut]:
        name, value = _pair(word)
        if name in values:
            raise UserError(f"{name} is given twice.", USAGE)
        values[name] = value
    if not values:
        raise UserError("No value to change is named.", USAGE)
    return Wanted(values, _lasts(words[cut:]), why.strip())


def read_value(name: str, value: str) -> tuple[str, int]:
    """Read one value; its name in any case. Raises UserError naming what is allowed."""
    spelt = _SPELT.get(name.casefold()) if name.isascii() else None
    if spelt is None:
        near = nearest(name, RANGES)
        hint = f"Perhaps {near} is meant." if near else f"Those are {', '.join(RANGES)}."
        raise UserError(f"{shown(name)} is no heartbeat property.", hint)
    least, most = RANGES[spelt]
    if not NUMBER.fullmatch(value) or not least <= int(value) <= most:
        raise UserError(f"{spelt} takes whole numbers from {least} to {most}.", USAGE)
    return spelt, int(value)


def read_lasts(text: str) -> timedelta:
    """Read for how long: 30min, 8h, 3d. Raises UserError."""
    found = LENGTH.fullmatch("".join(text.split()))
    length = int(found[1]) * UNITS[found[2].casefold()] if found else None
    if length is None or not SHORTEST <= length <= LONGEST:
        raise UserError(
            "A change for a time stands from 5min to 30d.",
            "Say for example: for 30min, for 8h, for 3d; without it the change is for good.",
        )
    return length


def read_reason(text: str, what: str = "why the values should change") -> str:
    """Read a reason, as one printable line. Raises UserError where there is none, or a report."""
    said = " ".join(plain(text).split())
    if not said:
        raise UserError(f"Say {what}.", "It stands in the audit for good.")
    if len(said) > LONGEST_REASON:
        raise UserError(f"A reason has at most {LONGEST_REASON} characters.", "Say it shorter.")
    return said


def lasting(lasts: timedelta | None) -> str:
    """Say exactly for how long: "8 h", "90 min", "3 days", "good"."""
    if lasts is None:
        return "good"
    for unit, size in (("day", UNITS["d"]), ("h", UNITS["h"])):
        number, rest = divmod(lasts, size)
        if number and not rest:
            return f"{number} {unit}{'s' if unit == 'day' and number > 1 else ''}"
    return f"{lasts / UNITS['min']:.0f} min"


def _pair(word: str) -> tuple[str, int]:
    name, equals, value = word.partition("=")
    if not equals:
        raise UserError(f"{shown(word)} is not NAME=VALUE.", USAGE)
    return read_value(name, value)


def _lasts(words: Sequence[str]) -> timedelta | None:
    return read_lasts(" ".join(words[1:])) if words else None
