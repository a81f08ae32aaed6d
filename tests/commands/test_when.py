"""When: moments as people say them."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.when import read_when
from sources.errors import UserError

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("02:14", "2026-03-02T02:14:00"),
        ("23:59:30", "2026-03-01T23:59:30"),
        ("2026-03-01T02:14:11Z", "2026-03-01T02:14:11"),
        ("2026-03-01 02:14", "2026-03-01T02:14:00"),
        ("2026-03-01 03:14 +01:00", "2026-03-01T02:14:00"),
        ("20min", "2026-03-02T09:10:00"),
        ("2 h ago", "2026-03-02T07:30:00"),
    ],
)
def test_a_moment_is_understood_as_people_say_it(said: str, moment: str) -> None:
    assert read_when(said, NOW) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize("said", ["yesterday", "25:00", "2026-13-01", "", "9999-01-01T00:00Z"])
def test_what_is_no_moment_gets_a_sentence_and_a_hint(said: str) -> None:
    with pytest.raises(UserError) as error:
        read_when(said, NOW)
    assert error.value.hint


@given(st.text())
def test_nothing_a_person_types_raises_anything_else(said: str) -> None:
    with contextlib.suppress(UserError):
        assert read_when(said, NOW).tzinfo is UTC
