"""A Reply shown in a terminal: cards, time lines, tables, problems."""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table as Grid
from rich.text import Text

from bot.lanes import Lanes
from bot.plain import plain
from commands.reply import Card, Cell, Problem, Reply, Room, Section, Share, Table, Tone, Toned

INDENT = 8
"""The colour word and a space: RED, GREEN, YELLOW, GREY stand in a column of their own."""

WIDEST = 120
"""Longer lines are hard to read, however wide the terminal."""

BADGES = {
    Tone.RED: "bold red",
    Tone.GREEN: "bold green",
    Tone.YELLOW: "bold yellow",
    Tone.GREY: "bold bright_black",
}

BAR = 10
"""Columns of a share's bar when it is full."""


def console(*, stderr: bool = False) -> Console:
    """Open standard output or error: colour only on a terminal and without NO_COLOR."""
    opened = Console(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=False)
    opened.width = min(opened.width, WIDEST)
    return opened


def show(reply: Reply, out: Console) -> None:
    """Print everything of a reply but its problems."""
    parts = [_card(card) for card in reply.cards]
    parts += [_table(table, ascii_only=out.options.ascii_only) for table in reply.tables]
    if reply.closing:
        parts.append(Text("\n".join(map(plain, reply.closing))))
    for number, part in enumerate(parts):
        if number:
            out.print()
        out.print(part)


def show_problem(problem: Problem, err: Console) -> None:
    """Print what could not be answered, and what to do about it."""
    err.print(Text(f"stuncheck: {plain(problem.message)}"), soft_wrap=True)
    if problem.hint:
        err.print(Text(f"  {plain(problem.hint)}"), soft_wrap=True)


def _card(card: Card) -> RenderableType:
    return Group(*_parts(card))


def _parts(card: Card) -> Iterator[RenderableType]:
    yield _Trimmed(_heading(card), indent=0)
    for paragraph in card.paragraphs:
        yield _Trimmed(Text(plain(paragraph)))
    if card.timeline:
        yield Text()
        yield _Trimmed(Lanes(card.timeline))
    if card.figures:
        yield Text()
        yield _Trimmed(_figures(card))
    for section in card.sections:
        yield Text()
        yield from map(_Trimmed, _section(section))


class _Trimmed:
    """A renderable moved right, without the blanks at line ends that rich fills up with."""

    def __init__(self, part: RenderableType, indent: int = INDENT) -> None:
        self.part = part
        self.indent = indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        narrowed = options.update_width(max(options.max_width - self.indent, 1))
        for line in console.render_lines(self.part, narrowed, pad=False):
            yield Segment(" " * self.indent)
            yield from _without_blanks(line)
            yield Segment.line()


def _without_blanks(line: list[Segment]) -> list[Segment]:
    kept = list(line)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        last = kept.pop()
        kept.append(Segment(last.text.rstrip(), last.style))
    return kept


def _heading(card: Card) -> Grid:
    grid = Grid.grid(expand=True)
    grid.add_column(width=INDENT)
    grid.add_column(ratio=1)
    grid.add_column(justify="right")
    grid.add_row(
        Text(card.tone.value, style=BADGES[card.tone]),
        Text(plain(card.headline), style=BADGES[card.tone]),
        Text(plain(", ".join(card.context)), style="bold"),
    )
    return grid


def _figures(card: Card) -> Grid:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for name, value in card.figures:
        grid.add_row(Text(plain(name), style="bright_black"), Text(plain(value)))
    return grid


def _section(section: Section) -> Iterator[RenderableType]:
    yield Text(plain(section.title), style="bold")
    for item in section.items:
        grid = Grid.grid()
        grid.add_column(width=2)
        grid.add_column(ratio=1)
        grid.add_row(Text("-"), Text(plain(item)))
        yield grid


def _table(table: Table, *, ascii_only: bool) -> RenderableType:
    grid = Grid(
        title=Text(plain(table.title), style="bold", justify="left"),
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="bright_black",
    )
    for column in table.columns:
        grid.add_column(
            Text(plain(column.title)),
            justify="right" if column.right else "left",
            overflow="fold" if column.room is Room.FOLDED else "ellipsis",
            no_wrap=column.room is Room.KEPT,
        )
    for row in table.rows:
        cells = [_cell(cell, ascii_only=ascii_only) for cell in row]
        for cell, column in zip(cells, table.columns, strict=True):
            cell.no_wrap = column.room is not Room.FOLDED
        grid.add_row(*cells)
    return _Trimmed(grid, indent=0)


def _cell(cell: Cell, *, ascii_only: bool) -> Text:
    if isinstance(cell, Share):
        halves = round(min(cell.part, 1.0) * BAR * 2)
        whole, half, rest = "#+." if ascii_only else "█▌·"
        bar = whole * (halves // 2) + half * (halves % 2)
        return Text(f"{bar.ljust(BAR, rest)} {cell.part:4.0%}")
    if isinstance(cell, Toned):
        return Text(plain(cell.text), style=BADGES[cell.tone])
    return Text(plain(cell))
