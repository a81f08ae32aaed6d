"""Coverage: never more than was read, and nothing forgotten that was."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from storage.coverage import add_coverage, covered, read_until
from storage.store import Store
from tests.storage.told import DAY, ZERO, at, fresh, log_read, tasks_read
from verdict.facts import Coverage

spans = st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda s: (s[0], s[0] + s[1]))


def seconds(parts: tuple[Coverage, ...]) -> set[int]:
    """Give the whole seconds that lie in the intervals, counted from ZERO in halves."""
    step = timedelta(seconds=0.5)
    return {
        half
        for part in parts
        for half in range((part.start - ZERO) // step, (part.end - ZERO) // step + 1)
    }


@given(told=st.lists(spans, min_size=1, max_size=8))
def test_what_is_covered_is_what_was_read_and_no_hole_is_closed(
    shared: Store, told: list[tuple[int, int]]
) -> None:
    vm = f"vm {next(fresh)}"
    parts = tuple(log_read(start, end, vm) for start, end in told)
    for part in parts:
        add_coverage(shared, "vc1", [part], ZERO + DAY)
    found = covered(shared, "VC1", "vmware.log", vm.upper(), ZERO - DAY, ZERO + DAY)
    assert seconds(found) == seconds(parts)
    assert all(one.end < other.start for one, other in pairwise(found))


def test_nothing_is_covered_beyond_the_moment_it_was_read(store: Store) -> None:
    """A line stamped in 2099 must not keep the next survey from reading until then."""
    add_coverage(store, "", [log_read(0, 9e8), log_read(8e8, 9e8)], at(60))
    assert read_until(store, "", "vmware.log", "sql01") == at(60)


def test_a_survey_goes_on_where_the_last_one_ended(store: Store) -> None:
    assert read_until(store, "SQLAG01", "vcenter", "tasks") is None
    for hour in range(3):
        part = tasks_read(hour * 3600, (hour + 1) * 3600)
        add_coverage(store, "SQLAG01", [part], ZERO + DAY)
    assert read_until(store, "sqlag01", "vcenter", "tasks") == at(3 * 3600)
    assert covered(store, "SQLAG01", "vcenter", "tasks", at(60), at(99)) == (tasks_read(60, 99),)


def test_coverage_of_one_cluster_is_not_that_of_another(store: Store) -> None:
    add_coverage(store, "SQLAG01", [tasks_read(0, 60)], ZERO + DAY)
    assert covered(store, "SQLAG02", "vcenter", "tasks", ZERO, at(60)) == ()
    assert covered(store, "SQLAG01", "veeam", "tasks", ZERO, at(60)) == ()
