"""Times as vCenter, Veeam and people write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.stamps import as_utc, is_empty, read_stamp, settle

WINTER = timezone(timedelta(hours=1))
SUMMER = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-01T02:14:11Z", datetime(2026, 3, 1, 2, 14, 11, tzinfo=UTC)),
        ("2026-03-01T02:14:11.5z", datetime(2026, 3, 1, 2, 14, 11, 500_000, tzinfo=UTC)),
        ("2026-03-01 03:14:11 +01:00", datetime(2026, 3, 1, 2, 14, 11, tzinfo=UTC)),
        ("2026-02-28T20:14:11-0600", datetime(2026, 3, 1, 2, 14, 11, tzinfo=UTC)),
        ("2026-02-28T20:14:11-06", datetime(2026, 3, 1, 2, 14, 11, tzinfo=UTC)),
        ("2026-03-01T02:14Z", datetime(2026, 3, 1, 2, 14, tzinfo=UTC)),
    ],
)
def test_offsets_are_understood(text: str, meant: datetime) -> None:
    assert read_stamp(text) == meant


def test_more_decimals_than_microseconds_are_cut_off() -> None:
    # Veeam's REST reference, SessionLogResult example: seven decimals
    stamp = read_stamp("2023-11-05T06:03:08.2098022+01:00")
    assert stamp == datetime(2023, 11, 5, 5, 3, 8, 209_802, tzinfo=UTC)


def test_a_stamp_without_offset_stays_naive_and_can_be_taken_as_utc() -> None:
    stamp = read_stamp("2024-11-13T18:00:45.528604")
    assert stamp.tzinfo is None
    assert as_utc(stamp) == datetime(2024, 11, 13, 18, 0, 45, 528_604, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-03-01T25:00:00Z",
        "2026-03-01T02:14:11+15:00",
        "2026-03-01T02:14:11Zulu",
        "9999-12-31T23:59:59Z",
        "1601-01-01T00:00:00Z",
        "٢٠٢٦-03-01T02:14:11Z",
        "1" * 5000,
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|years|offset|range|must be"):
        read_stamp(text)


def test_the_zeros_of_dotnet_and_sql_server_mean_no_time_yet() -> None:
    assert is_empty("0001-01-01T00:00:00")
    assert is_empty("1900-01-01T00:00:00+01:00")
    assert is_empty(" ")
    assert not is_empty("2026-03-01T02:14:11Z")
    assert not is_empty("1")


def test_a_local_stamp_takes_the_offset_nearest_to_it_through_a_change_to_summer_time() -> None:
    before = datetime(2026, 3, 29, 1, 30, tzinfo=WINTER)
    after = datetime(2026, 3, 29, 4, 0, tzinfo=SUMMER)
    early = datetime(2026, 3, 29, 1, 40)  # noqa: DTZ001 - local on purpose
    late = datetime(2026, 3, 29, 3, 50)  # noqa: DTZ001 - local on purpose
    assert settle(early, [before, after]) == datetime(2026, 3, 29, 0, 40, tzinfo=UTC)
    assert settle(late, [before, after]) == datetime(2026, 3, 29, 1, 50, tzinfo=UTC)


def test_a_local_stamp_that_nothing_explains_is_refused() -> None:
    local = datetime(2026, 3, 1, 2, 14)  # noqa: DTZ001 - local on purpose
    with pytest.raises(ValueError, match="time zone"):
        settle(local, [local])


@given(
    moment=st.datetimes(datetime(1991, 1, 1), datetime(2199, 1, 1)),  # noqa: DTZ001 - zoned below
    minutes=st.integers(-14 * 60, 14 * 60),
)
def test_whatever_python_prints_is_read_back(moment: datetime, minutes: int) -> None:
    stamp = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read_stamp(stamp.isoformat()) == stamp
    assert read_stamp(str(stamp)) == stamp
    assert settle(stamp, []) == stamp


@given(text=st.text(max_size=60))
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    try:
        as_utc(read_stamp(text))
    except ValueError:
        return
