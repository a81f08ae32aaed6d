"""Times that contradict the rest of a log are found, whatever the order they come in."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sources.windows.course import MOST, Course

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def course(*days: float) -> Course:
    log = Course()
    for day in days:
        log.note(START + day * DAY)
    return log


def believed(log: Course) -> list[float]:
    return [(log.stretches[index].first - START) / DAY for index in log.believed()]


def test_quiet_days_are_believed() -> None:
    assert believed(course(0, 0.1, 9, 9.1)) == [0, 9]


def test_a_time_that_the_log_goes_back_from_is_wrong() -> None:
    assert believed(course(0, 0.1, 900, 0.2, 0.3)) == [0, 0.2]
    assert believed(course(900, 0, 0.1)) == [0]
    assert believed(course(0, 0.1, -900, 0.2, 0.3)) == [0, 0.2]


def test_a_lone_time_far_ahead_at_the_end_is_wrong() -> None:
    assert believed(course(0, 0.1, 900)) == [0]
    assert believed(course(0, 0.1, 900, 900.1, 900.2)) == [0, 900]


def test_damage_parts_what_stands_around_it() -> None:
    log = course(0, 0.1)
    log.tear()
    log.note(START + 0.2 * DAY)
    assert believed(log) == [0, 0.2]


def test_a_log_that_only_jumps_is_not_believed_at_all() -> None:
    log = course(*(day % 2 * 900 for day in range(MOST + 5)))
    assert log.torn
    assert log.believed() == ()


@given(st.lists(st.floats(-50, 50), max_size=60))
def test_what_is_believed_goes_forward(days: list[float]) -> None:
    log = course(*days)
    firsts = believed(log)
    assert all(b >= a - 2 for a, b in pairwise(firsts))
    assert bool(days) is bool(firsts)
