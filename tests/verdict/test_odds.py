"""Odds: whether failovers fall into removals more often than chance would bring."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verdict.scene import removed, scene, sign, task, tasks_read
from verdict.failover import failovers
from verdict.odds import odds, tail
from verdict.sign import Kind

DAY = 86400


def test_four_of_five_failovers_in_rare_removals_are_no_chance() -> None:
    nights = range(5)
    facts = [removed("SQL01", night * DAY) for night in nights]
    facts += [sign(Kind.NODE_JOINED, night * DAY + 60) for night in nights]
    work = [task(night * DAY - 500, night * DAY + 500) for night in range(4)]
    evidence = scene(*facts, *work, tasks_read(-DAY, 5 * DAY))
    said = odds(evidence, failovers(evidence))
    assert said is not None
    assert said.startswith("4 of the last 5 failovers fell into snapshot removals, which cover")
    assert "0.8 % of the time" in said


def test_too_few_failovers_give_no_odds() -> None:
    evidence = scene(removed("SQL01", 0), tasks_read(-DAY, DAY))
    assert odds(evidence, failovers(evidence)) is None


@given(n=st.integers(1, 30), p=st.floats(0, 1))
def test_the_tail_is_a_probability_that_falls_with_every_hit(n: int, p: float) -> None:
    tails = [tail(n, k, p) for k in range(n + 1)]
    assert tails[0] == pytest.approx(1)
    assert all(later <= earlier + 1e-9 for earlier, later in itertools.pairwise(tails))
