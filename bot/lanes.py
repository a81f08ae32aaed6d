"""The time line drawn in terminal columns: one lane a line, on a common axis."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from bot.plain import plain
from commands.timeline import Lane, Timeline
from commands.wording import lane_figure
from verdict.verdict import Mark

TICK = 12
"""Columns a tick needs: HH:MM:SS and air."""

NARROWEST, WIDEST = 12, 36
"""Columns for the lanes' labels; two fifths of the width between."""


@dataclass(frozen=True, slots=True)
class Ink:
    """How marks of a kind are drawn: a whole cell, its left and right half, ASCII, style."""

    whole: str
    left: str
    right: str
    ascii: str
    style: str


INKS = {
    "job": Ink("━", "╸", "╺", "-", "blue"),
    "step": Ink("━", "╸", "╺", "-", "cyan"),
    "task": Ink("━", "╸", "╺", "=", "cyan"),
    "stun": Ink("█", "▌", "▐", "#", "red"),
    "tolerance": Ink("─", "╴", "╶", ".", "bright_black"),
    "silence": Ink("▒", "▒", "▒", "%", "magenta"),
    "removal": Ink("▼", "▼", "▼", "v", "bold red"),
    "rival": Ink("━", "╸", "╺", "+", "yellow"),
}
OTHER = Ink("━", "╸", "╺", "+", "bright_black")

POINT = ("◆", "*")
"""A mark without length."""

FENCE = ("┤", "|")
"""Where the tolerance ends."""

BEFORE, AFTER = ("◂", "<"), ("▸", ">")
"""A mark reaches over the edge."""

GUIDE = ("│", "|")
"""The moment of the removal, through all lanes."""


class Lanes:
    """A time line, as wide as the space it is given."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from _lines(self.timeline, options.max_width, ascii_only=options.ascii_only)


def _lines(timeline: Timeline, width: int, *, ascii_only: bool) -> Iterator[Text]:
    longest = max(Text(plain(lane.label)).cell_len for lane in timeline.lanes)
    margin = max(min(longest, WIDEST, width * 2 // 5), NARROWEST)
    columns = max(width - margin - 2, TICK)
    yield Text(" " * (margin + 2)) + _axis(timeline, columns)
    for lane in timeline.lanes:
        label = Text(plain(lane.label))
        label.truncate(margin, overflow="crop" if ascii_only else "ellipsis", pad=True)
        row = _Row(timeline, columns, ascii_only=ascii_only)
        yield Text.assemble(label, "  ", row.draw(lane))
    if timeline.hidden:
        yield Text(f"and {timeline.hidden} more", style="bright_black")


def _axis(timeline: Timeline, columns: int) -> Text:
    cells = [" "] * columns
    for tick in timeline.ticks(columns // TICK):
        words = f"{tick:%H:%M:%S}"
        begin = int(timeline.part(tick) * columns) - len(words) // 2
        if 0 <= begin <= columns - len(words):
            cells[begin : begin + len(words)] = words
    return Text("".join(cells).rstrip(), style="bright_black")


class _Row:
    """The cells of one lane while it is drawn; bars are placed to half a cell."""

    def __init__(self, timeline: Timeline, columns: int, *, ascii_only: bool) -> None:
        self.timeline = timeline
        self.choice = 1 if ascii_only else 0
        self.cells: list[tuple[str, str]] = [(" ", "")] * columns
        self.used: set[int] = set()
        self.guide = self._column(timeline.at)

    def draw(self, lane: Lane) -> Text:
        """Draw the marks, then what they measure where there is room, then the guide."""
        ink = INKS.get(lane.kind, OTHER)
        for mark in lane.marks:
            self._mark(mark, ink)
        self._figure(lane_figure(lane))
        if self.guide not in self.used:
            self.cells[self.guide] = (GUIDE[self.choice], "bright_black")
        return Text.assemble(*self.cells)

    def _mark(self, mark: Mark, ink: Ink) -> None:
        end = mark.end or mark.start
        if end < self.timeline.start:
            self._put(0, BEFORE[self.choice], ink.style)
        elif mark.start > self.timeline.end:
            self._put(len(self.cells) - 1, AFTER[self.choice], ink.style)
        elif mark.end is None:
            point = ink.whole if mark.kind == "removal" else POINT[0]
            self._put(self._column(mark.start), (point, ink.ascii)[self.choice], ink.style)
        else:
            self._bar(mark.start, mark.end, ink)
            if mark.kind == "tolerance" and mark.end <= self.timeline.end:
                self._put(self._column(mark.end), FENCE[self.choice], ink.style)

    def _bar(self, start: datetime, end: datetime, ink: Ink) -> None:
        first, last = self._half(start), max(self._half(end) - 1, self._half(start))
        for column in range(first // 2, last // 2 + 1):
            covers = (first <= 2 * column, last >= 2 * column + 1)
            drawn = ink.whole if all(covers) else ink.left if covers[0] else ink.right
            self._put(column, (drawn, ink.ascii)[self.choice], ink.style)
        if start < self.timeline.start:
            self._put(0, BEFORE[self.choice], ink.style)
        if end > self.timeline.end:
            self._put(len(self.cells) - 1, AFTER[self.choice], ink.style)

    def _figure(self, words: str) -> None:
        """Write right of the marks, else left of them, else between, else into a long bar."""
        room, first, last = len(self.cells), min(self.used), max(self.used)
        after = last + (3 if self.guide == last + 1 else 2)
        between = self._free(len(words) + 2)
        if after + len(words) <= room:
            begin = after
        elif first - 1 - len(words) >= 0:
            begin = first - 1 - len(words)
        elif between is not None:
            begin = between + 1
        else:
            begin = max((room - len(words)) // 2, 1)
            words = f" {words} "
        for column, letter in enumerate(words, begin):
            if column < room:
                self._put(column, letter, "")

    def _free(self, size: int) -> int | None:
        """Find the first run of so many free cells."""
        starts = range(len(self.cells) - size + 1)
        runs = (begin for begin in starts if self.used.isdisjoint(range(begin, begin + size)))
        return next(runs, None)

    def _put(self, column: int, drawn: str, style: str) -> None:
        self.cells[column] = (drawn, style)
        self.used.add(column)

    def _half(self, moment: datetime) -> int:
        """Say in which half cell a moment lies, kept inside the row."""
        halves = 2 * len(self.cells)
        return min(max(int(self.timeline.part(moment) * halves), 0), halves - 1)

    def _column(self, moment: datetime) -> int:
        return self._half(moment) // 2
