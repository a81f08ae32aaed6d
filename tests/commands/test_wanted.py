"""What was typed: our names, plain numbers, a length; nothing else ever becomes a wanted value."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.wanted import LONGEST, SHORTEST, lasting, read_lasts, read_reason, read_wanted
from sources.errors import UserError
from verdict.heartbeat import RANGES


def test_values_and_a_time_are_read_as_typed() -> None:
    read = read_wanted("samesubnetTHRESHOLD=20 CrossSubnetThreshold=040 FOR 8h")
    assert read.values == {"SameSubnetThreshold": 20, "CrossSubnetThreshold": 40}
    assert read.lasts == timedelta(hours=8)
    assert read_wanted("SameSubnetDelay=2000").lasts is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "No value"),
        ("for 8h", "No value"),
        ("SameSubnetThreshold", "is not NAME=VALUE"),
        ("SameSubnetThreshold=20 samesubnetthreshold=30", "given twice"),
        ("SameSubnetTreshold=20", "no heartbeat property"),
        ("QuorumArbitrationTimeMax=20", "no heartbeat property"),
        ("SameSubnetThreshold=20;calc", "3 to 120"),
        ("SameSubnetThreshold=$(calc)", "3 to 120"),
        ("SameSubnetThreshold='20'", "3 to 120"),
        ("SameSubnetThreshold=2e1", "3 to 120"),
        ("SameSubnetThreshold=+20", "3 to 120"),
        ("SameSubnetThreshold=2_0", "3 to 120"),
        ("SameSubnetThreshold=\u0662\u0660", "3 to 120"),
        ("SameSubnetThreshold=\uff12\uff10", "3 to 120"),
        ("SameSubnetThreshold=2", "3 to 120"),
        ("SameSubnetThreshold=121", "3 to 120"),
        ("SameSubnetDelay=" + "9" * 5000, "250 to 2000"),
        ("\u017fameSubnetThreshold=20", "no heartbeat property"),
        ("SameSubnetThreshold=20 | Remove-Cluster", "is not NAME=VALUE"),
        ("SameSubnetThreshold=20 for", "5min to 30d"),
        ("SameSubnetThreshold=20 for ever", "5min to 30d"),
        ("SameSubnetThreshold=20 for 31d", "5min to 30d"),
        ("SameSubnetThreshold=20 for 4min", "5min to 30d"),
        ("SameSubnetThreshold=20 for -8h", "5min to 30d"),
        ("SameSubnetThreshold=20 for 8h for 9h", "5min to 30d"),
    ],
)
def test_everything_else_is_refused_and_says_what_is_allowed(typed: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        read_wanted(typed)
    assert refused.value.hint


def test_a_name_that_is_nearly_right_is_guessed() -> None:
    with pytest.raises(UserError) as refused:
        read_wanted("SameSubnetTreshold=20")
    assert refused.value.hint == "Perhaps SameSubnetThreshold is meant."


WORDS = st.text() | st.from_regex(r"[A-Za-z]{0,24}=[0-9;$'|&]{0,6}( for [0-9]{1,3}[a-z]{1,3})?")


@given(WORDS | st.sampled_from(sorted(RANGES)).flatmap(lambda n: st.text().map(f"{n}=".__add__)))
def test_whatever_is_typed_only_our_names_and_numbers_in_range_come_out(typed: str) -> None:
    try:
        read = read_wanted(typed)
    except UserError:
        return
    assert read.values
    for name, value in read.values.items():
        assert type(value) is int
        assert RANGES[name][0] <= value <= RANGES[name][1]
    assert read.lasts is None or SHORTEST <= read.lasts <= LONGEST


@given(st.text(max_size=600))
def test_a_reason_is_one_printable_line(typed: str) -> None:
    try:
        said = read_reason(typed)
    except UserError:
        return
    assert said
    assert said.isprintable()


@given(st.integers(5, 30 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)))
def test_a_length_is_said_so_that_it_can_be_typed_again(length: timedelta) -> None:
    said = lasting(length).replace("days", "d").replace("day", "d")
    assert read_lasts(said) == length
