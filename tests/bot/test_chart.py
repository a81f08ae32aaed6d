"""The chart is a picture of the card, whatever the names in it."""

import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from bot.chart import draw
from commands.incident import card
from tests.commands.sample import CAUSED, CLEARED, at
from verdict.verdict import Mark, Verdict


def picture(verdict: Verdict, target: Path) -> bytes:
    """Draw with every warning an error: a glyph that is missing warns."""
    said = card(verdict)
    assert said.timeline
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(said, said.timeline, target)
    return target.read_bytes()


@pytest.mark.parametrize("verdict", [CAUSED, CLEARED])
def test_a_chart_is_a_png_of_1600_columns(verdict: Verdict, tmp_path: Path) -> None:
    data = picture(verdict, tmp_path / "chart.png")
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20]) == 1600


def test_a_chart_can_be_vectors_and_says_headline_and_figures(tmp_path: Path) -> None:
    text = picture(CAUSED, tmp_path / "chart.svg").decode()
    for said in ("Backup caused this failover", "12.4 s", "10.0 s", "tolerated", "02:14:10.6"):
        assert said in text


def test_names_that_are_formulas_escapes_or_without_glyphs_are_drawn(tmp_path: Path) -> None:
    label = "$x^{2$ \x1b[31m\n東京 \\frac"
    hostile = replace(CAUSED, cluster=label, timeline=(Mark("stun", label, at(0), at(12)),))
    text = picture(hostile, tmp_path / "chart.svg").decode()
    assert "\x1b" not in text
    assert "$x^{2$" in text
