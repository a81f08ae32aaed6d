"""Failovers: one row for one disturbance, better known with every reading."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.failovers import add_failovers, failovers_of
from storage.incidents import open_or_join
from storage.store import Store
from storage.verdicts import add_verdict
from tests.commands.sample import CAUSED
from tests.storage.told import DAY, ZERO, at, failover, fresh, lengths, names, times
from verdict.failover import LAST, Failover, Loss
from verdict.verdict import Cause


@st.composite
def any_failover(draw: st.DrawFn) -> Failover:
    return Failover(
        at=draw(times),
        uncertainty=draw(lengths),
        loss=draw(st.sampled_from([loss for loss in Loss if loss is not Loss.ASKED])),
        lost=draw(st.none() | names),
        suspects=tuple(draw(st.lists(names, max_size=3))),
        signs=(),
        until=draw(times | st.just(LAST)),
        by_victim=draw(st.booleans()),
    )


@given(told=any_failover())
def test_a_failover_comes_back_without_its_signs_and_once(shared: Store, told: Failover) -> None:
    cluster = f"ROUND{next(fresh)}"
    assert add_failovers(shared, cluster, [told]) == 1
    assert add_failovers(shared, cluster, [told]) == 0
    assert failovers_of(shared, cluster.lower(), ZERO - 60_000 * DAY) == (told,)


def test_a_better_reading_replaces_a_worse_one_and_not_the_other_way(store: Store) -> None:
    loose = failover(3)
    exact = replace(failover(0), uncertainty=timedelta(seconds=0.25))
    add_failovers(store, "SQLAG01", [loose])
    assert add_failovers(store, "SQLAG01", [exact]) == 0
    assert add_failovers(store, "SQLAG01", [loose]) == 0
    assert failovers_of(store, "SQLAG01", ZERO - DAY) == (exact,)


def test_another_node_a_minute_later_is_another_failover(store: Store) -> None:
    told = (failover(0), failover(60, "SQL02"))
    assert add_failovers(store, "SQLAG01", told) == 2
    assert add_failovers(store, "OTHER", told[:1]) == 1
    assert failovers_of(store, "SQLAG01", ZERO - DAY) == told


def test_a_bare_moment_that_somebody_asked_about_is_no_failover(store: Store) -> None:
    assert add_failovers(store, "SQLAG01", [failover(0, None, Loss.ASKED)]) == 0


def test_planned_ones_can_be_left_out_by_their_last_verdict(store: Store) -> None:
    planned = replace(CAUSED, cause=Cause.PLANNED)
    for seconds, verdicts in ((0, [CAUSED, planned]), (500, [planned, CAUSED]), (900, [])):
        incident = open_or_join(store, "SQLAG01", at(seconds), timedelta(0), ZERO).id
        add_failovers(store, "SQLAG01", [failover(seconds)], incident)
        for verdict in verdicts:
            add_verdict(store, incident, verdict, {}, ZERO, "0.1.0")
    found = failovers_of(store, "SQLAG01", ZERO - DAY, without_planned=True)
    assert [one.at for one in found] == [at(500), at(900)]
