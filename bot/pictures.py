"""Pictures: the one that belongs to a card, whichever it is."""

from pathlib import Path

from bot import chart, stun_chart, tradeoff_chart
from commands.reply import Card
from commands.stun_chart import StunChart
from commands.tradeoff_chart import TradeoffChart


def has_picture(card: Card) -> bool:
    """Whether there is something to draw."""
    return card.timeline is not None or card.chart is not None


def draw(card: Card, target: Path) -> None:
    """Write the picture of a card to `target`; the suffix chooses PNG, SVG or PDF.

    Raises OSError where the file cannot be written.
    """
    if card.timeline is not None:
        chart.draw(card, card.timeline, target)
    elif isinstance(card.chart, StunChart):
        stun_chart.draw(card, card.chart, target)
    elif isinstance(card.chart, TradeoffChart):
        tradeoff_chart.draw(card, card.chart, target)
