"""A picture of a card: its headline and proof on top, room for a drawing below."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import wrap

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from bot.plain import plain
from commands.reply import Card, Tone

TONES = {
    Tone.RED: "#B3261E",
    Tone.GREEN: "#00734F",
    Tone.YELLOW: "#9A6700",
    Tone.GREY: "#57606A",
}
"""Dark enough to be read as letters on white; the headline says the same in words."""

INK, FAINT = "#222222", "#D5D8DC"

WIDTH, DPI = 10.0, 160
"""Inches and dots: 1600 pixels wide, sharp on a good screen, small enough for Slack."""

HEAD, LINE = 0.68, 0.18
"""Heights in inches: the headline, a line of the proof."""

RIGHT = 0.97
"""Where a drawing ends, in parts of the width."""

HEADLINE, ROOM = 17, 59
"""Points of a headline, and how many letters of it and its context fit side by side."""

PROOF_COLUMNS, PROOF_LINES = 122, 2
"""Letters of the proof on one line, and lines of it."""

FAMILY = "DejaVu Sans"
"""Ships with matplotlib, so the picture is the same on every machine."""


@contextmanager
def picture(card: Card, drawing: float, target: Path) -> Iterator[tuple[Figure, float]]:
    """Give a figure with a card's headline, `drawing` inches of it free, and its whole height.

    It is written to `target` at the end; the suffix chooses PNG, SVG or PDF. Raises OSError where
    the file cannot be written.
    """
    proof = _proof(card)
    height = HEAD + LINE * len(proof) + drawing
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
    with rc_context({"font.family": FAMILY, "text.parse_math": False, "svg.fonttype": "none"}):
        yield figure, height
        _headline(figure, card, proof, height)
        figure.savefig(target)


def _headline(figure: Figure, card: Card, proof: list[str], height: float) -> None:
    """Headline, cluster and time, and the proof in a sentence or two."""
    letters = len(card.headline) + len(", ".join(card.context)) // 2
    figure.text(
        0.02, 1 - 0.36 / height, drawable(card.headline), fontweight="bold",
        fontsize=min(HEADLINE, HEADLINE * ROOM / letters), color=TONES[card.tone],
    )  # fmt: skip
    figure.text(
        RIGHT, 1 - 0.36 / height, drawable(", ".join(card.context)), fontsize=10, ha="right",
        color=INK,
    )  # fmt: skip
    figure.text(
        0.02, 1 - 0.55 / height, "\n".join(proof), fontsize=9.5, va="top", color=INK,
        linespacing=1.35,
    )  # fmt: skip


def _proof(card: Card) -> list[str]:
    """Give as many whole sentences of the proof as two lines hold, else what fits."""
    text = drawable(card.paragraphs[0] if card.paragraphs else "")
    lines = wrap(text, PROOF_COLUMNS)
    while len(lines) > PROOF_LINES and ". " in text:
        text = f"{text.rpartition('. ')[0]}."
        lines = wrap(text, PROOF_COLUMNS)
    return wrap(text, PROOF_COLUMNS, max_lines=PROOF_LINES, placeholder=" …")


def drawable(text: str) -> str:
    """Make a text from outside safe, and replace letters that the font has no picture of."""
    known = get_font(findfont(FAMILY)).get_charmap()
    return "".join(letter if ord(letter) in known else "?" for letter in plain(text))
