"""Cards drawn into files, with every warning an error: a glyph that is missing warns."""

import warnings
from pathlib import Path

from bot.pictures import draw
from commands.reply import Card


def picture(card: Card, target: Path) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(card, target)
    return target.read_bytes()
