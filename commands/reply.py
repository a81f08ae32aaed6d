"""The reply: what a command has to say, knowing neither Slack nor the terminal."""

from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum, auto
from typing import Any

from commands.stun_chart import StunChart
from commands.timeline import Timeline
from commands.tradeoff_chart import TradeoffChart

Payload = dict[str, Any]
"""What `--json` prints; any JSON value may stand in it."""


class Tone(StrEnum):
    """The colour of an answer, always shown with its word beside it."""

    RED = "RED"
    GREEN = "GREEN"
    YELLOW = "YELLOW"
    GREY = "GREY"


class Exit(IntEnum):
    """What the program says to the shell (wrong use is 2 and never reaches a command)."""

    ANSWERED = 0
    NOT_ANSWERED = 1


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a limit, drawn as a bar: 1.0 is all of it."""

    part: float


@dataclass(frozen=True, slots=True)
class Toned:
    """Words with a colour."""

    text: str
    tone: Tone


Cell = str | Share | Toned


class Room(Enum):
    """What becomes of a column where a table is too wide."""

    KEPT = auto()
    CUT = auto()
    """Its cells lose their ends: names that are known anyway."""
    FOLDED = auto()
    """Its cells take several lines: paths, sentences."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, whether its figures stand flush right, and what room it needs."""

    title: str
    right: bool = False
    room: Room = Room.KEPT


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; every row has one cell for each column."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences under one title: why, rivals, what is missing, advice."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One answer that a person takes in at a glance: headline, proof, time line, the rest.

    `context` stands beside the headline (cluster, time), `figures` are pairs of name and value.
    `chart` is what to draw where there is no time line; it is shown only as a picture.
    """

    tone: Tone
    headline: str
    context: tuple[str, ...]
    paragraphs: tuple[str, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()
    timeline: Timeline | None = None
    sections: tuple[Section, ...] = ()
    chart: StunChart | TradeoffChart | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be answered, and what to do about it."""

    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """All that a command answers; a renderer shows it, `payload` is the same for machines."""

    payload: Payload
    cards: tuple[Card, ...] = ()
    tables: tuple[Table, ...] = ()
    closing: tuple[str, ...] = ()
    """Sentences after everything else."""
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> Exit:
        """Anything that could not be answered makes the whole not answered."""
        return Exit.NOT_ANSWERED if self.problems else Exit.ANSWERED
