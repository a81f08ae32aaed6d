"""Whatever the round trip, the true offset lies inside what is said of the clock."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sources.windows.node_clock import TICK, Ahead, look, time_of_day, together

SENT = datetime(2026, 3, 1, 23, 59, 59, 500000, tzinfo=UTC)
MS = timedelta(milliseconds=1)
spans = st.integers(0, 5000).map(lambda n: n * MS)
offsets = st.integers(-200_000_000, 200_000_000).map(lambda n: n * MS)
zones = st.integers(-12 * 4, 14 * 4).map(lambda n: timedelta(minutes=15 * n))


@given(offsets, spans, spans)
def test_the_offset_lies_between_both_ends(
    ahead: timedelta, out: timedelta, back: timedelta
) -> None:
    stamp = SENT + out + ahead
    ticked = stamp - timedelta(microseconds=stamp.microsecond % 15625)
    seen = look(ticked, SENT, SENT + out + back)
    assert seen.least <= ahead <= seen.most
    assert seen.give <= (out + back + TICK) / 2


@given(offsets, zones, spans, st.sampled_from(".,:"))
def test_a_time_of_day_is_put_on_its_day(
    ahead: timedelta, zone: timedelta, out: timedelta, mark: str
) -> None:
    true = SENT + out
    local = true + ahead + zone
    printed = f"{local.hour:2d}:{local:%M:%S}{mark}{local.microsecond // 10000:02d}\r\n"
    near = SENT + ahead + timedelta(seconds=3)
    told = time_of_day(printed.encode(), zone, near)
    assert told is not None
    assert timedelta() <= true + ahead - told < timedelta(milliseconds=10)


def test_what_is_no_time_of_day_is_not_used() -> None:
    for printed in (b"", b"%TIME%\r\n", b"2:3:4", b"\xff\xfe1\x002\x00"):
        assert time_of_day(printed, timedelta(), SENT) is None


def test_looks_sharpen_each_other_and_the_sharpest_wins_a_quarrel() -> None:
    wide, narrow = Ahead(-1000 * MS, 500 * MS), Ahead(100 * MS, 200 * MS)
    assert together([wide, narrow]) == narrow
    assert together([wide, Ahead(700 * MS, 720 * MS)]) == Ahead(700 * MS, 720 * MS)
    assert together([]) is None


def test_a_blurred_clock_counts_only_if_it_is_far_off() -> None:
    assert Ahead(-200 * MS, 200 * MS).worth
    assert not Ahead(-2000 * MS, 2000 * MS).worth
    assert Ahead(3_598_000 * MS, 3_602_000 * MS).worth
