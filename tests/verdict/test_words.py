"""Words: durations and times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from verdict.words import clock_time, listing, milliseconds, seconds, span


@pytest.mark.parametrize(
    ("length", "text"), [(12.43, "12.4 s"), (0.4, "0.4 s"), (0.011, "0.01 s"), (0, "0.0 s")]
)
def test_a_duration_beside_a_limit_is_said_in_seconds(length: float, text: str) -> None:
    assert seconds(timedelta(seconds=length)) == text


@pytest.mark.parametrize(
    ("length", "text"), [(41, "41 s"), (1800, "30 min"), (7200, "2 h"), (8 * 86400, "8 days")]
)
def test_a_length_of_time_is_said_in_one_unit(length: float, text: str) -> None:
    assert span(timedelta(seconds=length)) == text


def test_a_moment_is_rounded_to_the_tenth_and_carries_over() -> None:
    assert clock_time(datetime(2026, 3, 1, 2, 14, 59, 960_000, tzinfo=UTC)) == "02:15:00.0"


def test_names_are_listed_with_an_and() -> None:
    assert [listing(["A"]), listing(["A", "B", "C"])] == ["A", "A, B and C"]


def test_milliseconds_are_rounded_not_cut() -> None:
    assert milliseconds(timedelta(microseconds=12_400_600)) == 12401
