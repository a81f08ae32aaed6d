"""A table as lines of equal columns, for a code block."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap

from rich.cells import cell_len, set_cell_size

from bot.escape import ELLIPSIS
from bot.limits import LINE
from bot.plain import plain
from commands.reply import Cell, Column, Room, Share, Table, Toned

BAR = 10
"""Columns of a share's bar when it is full."""

WIDEST = {Room.KEPT: 40, Room.CUT: 24, Room.FOLDED: 48}
"""Columns that a cell may take. What is longer is cut, or folded where the column says so."""

DEEPEST = 4
"""Lines that a cell may take; of a longer one the end is cut."""

NARROWEST = 8
"""No column is made narrower than this for the sake of the others."""

GAP = "  "

BACKTICK = str.maketrans("`", "\u02cb")
"""Three of them would end the code block; nothing else in it is read by Slack but `<>&`."""


def lines(table: Table, most: int) -> list[str]:
    """Give the titles and at most so many rows, each of one line or more, not escaped."""
    rows = [[column.title for column in table.columns]]
    rows += [[_words(cell) for cell in row] for row in table.rows[:most]]
    cells = [[plain(cell).translate(BACKTICK).strip() for cell in row] for row in rows]
    widths = _widths(table.columns, cells)
    return ["\n".join(_row(row, table.columns, widths)) for row in cells]


def _words(cell: Cell) -> str:
    if isinstance(cell, Share):
        halves = round(min(max(cell.part, 0.0), 1.0) * BAR * 2)
        bar = "█" * (halves // 2) + "▌" * (halves % 2)
        return f"{bar.ljust(BAR, '·')} {cell.part:4.0%}"
    return cell.text if isinstance(cell, Toned) else cell


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> list[int]:
    """Measure the columns; where the line is too long the widest gives way first."""
    widths = [
        min(max(cell_len(row[number]) for row in cells), WIDEST[column.room])
        for number, column in enumerate(columns)
    ]
    while widths and sum(widths) + len(GAP) * len(widths) > LINE:
        yielding = _yielding(columns, widths)
        if widths[yielding] <= NARROWEST:
            break
        widths[yielding] -= 1
    return widths


def _yielding(columns: Sequence[Column], widths: Sequence[int]) -> int:
    """Choose a column that may lose its ends before one that should be kept."""

    def ease(number: int) -> tuple[bool, int]:
        kept = columns[number].room is Room.KEPT
        return widths[number] > NARROWEST and not kept, widths[number]

    return max(range(len(widths)), key=ease)


def _row(row: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> Iterator[str]:
    """Give the lines of a row; what is folded goes on below its beginning."""
    folded = [
        _folded(cell, width) if column.room is Room.FOLDED else [cell]
        for cell, column, width in zip(row, columns, widths, strict=True)
    ]
    for parts in zip_longest(*folded, fillvalue=""):
        placed = (
            _placed(part, width, right=column.right)
            for part, column, width in zip(parts, columns, widths, strict=True)
        )
        yield GAP.join(placed).rstrip()[: 2 * LINE]


def _folded(cell: str, width: int) -> list[str]:
    """Fold a cell at its blanks; of one that is too deep the last line ends in an ellipsis."""
    if cell_len(cell) <= width:
        return [cell]
    found = wrap(cell, max(width, 1))
    return (
        [*found[: DEEPEST - 1], " ".join(found[DEEPEST - 1 :])] if len(found) > DEEPEST else found
    )


def _placed(cell: str, width: int, *, right: bool) -> str:
    if cell_len(cell) > width:
        return set_cell_size(cell, width - 1) + ELLIPSIS if width else ""
    blank = " " * (width - cell_len(cell))
    return blank + cell if right else cell + blank
