"""A failover is judged by the heartbeat values of its time, whatever was set since."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.context import Context
from commands.values_then import values_then
from storage.values import add_values
from tests.commands.stored import NOW, cluster, opened
from verdict.cluster import Cluster
from verdict.tolerance import tolerances

HOUR = timedelta(hours=1)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    with opened(tmp_path) as made:
        yield made


def read(context: Context, threshold: int, hours: float) -> None:
    """Read the values so many hours before now."""
    add_values(context.store, "SQLAG01", cluster(threshold).properties, NOW - hours * HOUR)


def threshold(told: Cluster) -> int:
    return told.properties["SameSubnetThreshold"]


def test_without_any_other_reading_the_values_of_now_count(context: Context) -> None:
    then = values_then(context, cluster(10), NOW - HOUR)
    assert (threshold(then.cluster), then.gap) == (10, None)


def test_values_read_so_before_and_after_stood_in_between(context: Context) -> None:
    for hours in (5, 3):
        read(context, 10, hours)
    read(context, 20, 2)
    then = values_then(context, cluster(20), NOW - 4 * HOUR)
    assert (threshold(then.cluster), then.gap) == (10, None)


def test_what_was_raised_after_a_failover_does_not_change_what_it_was_judged_by(
    context: Context,
) -> None:
    read(context, 10, 3)
    then = values_then(context, cluster(20), NOW - 3 * HOUR)
    assert (threshold(then.cluster), then.gap) == (10, None)


@pytest.mark.parametrize(("was", "now"), [(10, 20), (20, 10)])
def test_of_values_changed_around_a_failover_the_shorter_tolerance_is_taken_and_said(
    context: Context, was: int, now: int
) -> None:
    read(context, was, 3)
    then = values_then(context, cluster(now), NOW - 2 * HOUR)
    assert threshold(then.cluster) == 10
    assert then.gap
    assert "were changed between 2026-03-01 23:14:00 UTC and 2026-03-02 02:14:00" in then.gap.why


def test_a_cluster_that_could_not_be_read_now_is_as_it_was_read_next(context: Context) -> None:
    read(context, 10, 2)
    bare = replace(cluster(10), properties={})
    assert threshold(values_then(context, bare, NOW - 3 * HOUR).cluster) == 10
    assert values_then(context, bare, NOW - HOUR).cluster.properties == {}


HOURS = st.integers(1, 48)


@given(st.lists(st.tuples(HOURS, st.sampled_from([5, 10, 20])), max_size=6), HOURS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_is_judged_by_a_longer_tolerance_than_any_that_may_have_stood(
    context: Context, readings: list[tuple[int, int]], asked: int
) -> None:
    context.store.db.execute("DELETE FROM heartbeat_values")
    timely = dict(sorted(readings, reverse=True))
    for hours, value in timely.items():
        read(context, value, hours)
    then = values_then(context, cluster(20), NOW - asked * HOUR)
    earlier = [timely[h] for h in sorted(timely) if h >= asked][:1]
    later = [timely[h] for h in sorted(timely, reverse=True) if h <= asked][:1] or [20]
    assert tolerances(then.cluster)[0].threshold <= min(*earlier, *later, 120)
    assert (then.gap is None) == (not earlier or earlier == later)
