"""The chart of a VM's stuns draws what is known, and hatches what is not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from commands.reply import Card, Tone
from commands.stun_chart import StunChart
from tests.bot.drawn import picture
from tests.storage.told import DAY, ZERO, stun
from verdict.facts import Phase

SECOND = timedelta(seconds=1)
STUNS = (
    stun(-86400, 0.3, phase=Phase.CREATE), stun(0, 12.4), stun(7200, 0.7, phase=Phase.MIGRATION),
    stun(9000, 0, phase=Phase.UNKNOWN), stun(9900, 3, phase=Phase.OTHER),
)  # fmt: skip
CHART = StunChart(
    ZERO - 29 * DAY, ZERO + DAY, STUNS, (("Tolerance", 10 * SECOND), ("Health", 30 * SECOND)),
    ((ZERO - 20 * DAY, ZERO),), frozenset({ZERO}),
)  # fmt: skip
CARD = Card(Tone.RED, "Longest stun 12.4 s", ("sql01",), ("sql01 was stunned.",), chart=CHART)


def test_it_is_a_png_of_1600_columns(tmp_path: Path) -> None:
    data = picture(CARD, tmp_path / "chart.png")
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20]) == 1600


def test_limits_phases_failovers_and_what_was_not_read_are_named(tmp_path: Path) -> None:
    text = picture(CARD, tmp_path / "chart.svg").decode()
    for said in (
        "Tolerance", "10.0 s", "Half of that", "5.0 s", "snapshot removed, 1", "migration, 1",
        "with a failover, 1", "12.4 s", "log not read", "20:00 to 06:00",
    ):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    "odd",
    [
        replace(CHART, stuns=(), limits=(), read=(), failed=frozenset()),
        replace(CHART, stuns=(stun(0, 86400),)),
        replace(CHART, limits=(("a", SECOND), ("b", SECOND), ("c", 1.01 * SECOND))),
        replace(CHART, since=ZERO - SECOND, until=ZERO + SECOND),
        replace(CHART, stuns=tuple(stun(-n * 600, 1) for n in range(2000))),
    ],
)
def test_empty_huge_and_crowded_pasts_are_drawn(tmp_path: Path, odd: StunChart) -> None:
    assert picture(replace(CARD, chart=odd), tmp_path / "chart.png")
