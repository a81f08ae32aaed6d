"""The chart of the trade-off: the curve, the candidates on it, the lease."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from commands.reply import Card, Tone
from commands.tradeoff_chart import Point, TradeoffChart
from tests.bot.drawn import picture

SECOND = timedelta(seconds=1)
POINTS = (
    Point("now, Windows 2016", 10 * SECOND, 2, "2 to 3 failovers", current=True),
    Point("smallest", 15 * SECOND, 0, "0 failovers", recommended=True),
    Point("Microsoft relaxed", 40 * SECOND, 0, "0 failovers"),
)
LENGTHS = tuple(sorted(n * 0.07 * SECOND for n in range(1, 180)))
CHART = TradeoffChart(LENGTHS, SECOND, POINTS, 10 * SECOND, 30)
CARD = Card(Tone.RED, "Set SameSubnetThreshold 15", ("SQLAG01",), ("180 stuns.",), chart=CHART)


def test_candidates_and_both_axes_are_named(tmp_path: Path) -> None:
    text = picture(CARD, tmp_path / "chart.svg").decode()
    for said in (
        "now, Windows 2016: 10.0 s, 2 to 3 failovers", "smallest: 15.0 s, 0 failovers",
        "Stuns of 30 days that cost a failover", "Seconds until a real failure is seen",
        "breaks the lease, at 10.0 s",
    ):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    "odd",
    [
        replace(CHART, lengths=(), lease=None),
        replace(CHART, lengths=(SECOND,), lease=SECOND / 2),
        replace(CHART, lengths=(9 * SECOND, 3600 * SECOND), lease=600 * SECOND),
        replace(CHART, delay=4 * SECOND, points=(replace(POINTS[0], tolerance=480 * SECOND),)),
        replace(CHART, points=POINTS * 3),
    ],
)
def test_few_and_far_stuns_are_drawn(tmp_path: Path, odd: TradeoffChart) -> None:
    assert picture(replace(CARD, chart=odd), tmp_path / "chart.png")


def test_a_headline_too_long_is_set_smaller(tmp_path: Path) -> None:
    long = replace(CARD, headline="Set SameSubnetDelay 2000 and SameSubnetThreshold 8 " * 3)
    assert picture(long, tmp_path / "chart.png")
