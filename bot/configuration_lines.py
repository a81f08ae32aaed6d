"""Where in a TOML file a key stands; tomllib gives no lines."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

Place = tuple[str | int, ...]
"""The way to a value: ("cluster", 0, "winrm", "port") is the port of the first [[cluster]]."""

PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
DOTTED = rf"{PART}(?:[ \t]*\.[ \t]*{PART})*"
HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({DOTTED})[ \t]*\]")
KEY = re.compile(rf"[ \t]*({DOTTED})[ \t]*=")
LONG_TEXT = re.compile("'''|\"\"\"")


def find_lines(text: str) -> dict[Place, int]:
    """Give the line, from 1, of every table and key that starts a line. The first one counts."""
    lines: dict[Place, int] = {}
    entries: Counter[Place] = Counter()
    table: Place = ()
    for number, line in _outside_long_texts(text):
        if header := HEADER.match(line):
            parts = _parts(header[2])
            table = _table(parts, entries, many=header[1] == "[[")
            lines.setdefault(table, number)
            lines.setdefault(parts[:1], number)
        elif key := KEY.match(line):
            parts = _parts(key[1])
            for end in range(1, len(parts) + 1):
                lines.setdefault((*table, *parts[:end]), number)
    return lines


def line_of(place: Place, lines: Mapping[Place, int]) -> int | None:
    """Give the line of the place itself or of the nearest table around it."""
    ends = range(len(place), 0, -1)
    return next((lines[place[:end]] for end in ends if place[:end] in lines), None)


def _outside_long_texts(text: str) -> Iterator[tuple[int, str]]:
    """Leave out the inside of texts over several lines: what looks like a key there is none."""
    inside = None
    for number, line in enumerate(text.splitlines(), 1):
        if inside is None:
            yield number, line
        for mark in LONG_TEXT.findall(line):
            if inside is None:
                inside = mark
            elif inside == mark:
                inside = None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(PART, dotted))


def _table(parts: tuple[str, ...], entries: Counter[Place], *, many: bool) -> Place:
    """Number the tables of an array; [cluster.winrm] belongs to the last [[cluster]]."""
    place: Place = ()
    for number, part in enumerate(parts, 1):
        place = (*place, part)
        if many and number == len(parts):
            entries[place] += 1
        if entries[place]:
            place = (*place, entries[place] - 1)
    return place
