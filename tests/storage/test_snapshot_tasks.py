"""Snapshot tasks: once each, and an end that is learnt later is kept."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.snapshot_tasks import add_tasks, first_unfinished, tasks_of
from storage.store import Store
from storage.vms import vms_named
from tests.storage.told import DAY, ZERO, at, fresh, operations, task
from verdict.clock import Clock
from verdict.facts import Operation


def all_of(store: Store, name: str) -> tuple[Operation, ...]:
    (vm,) = vms_named(store, name)
    return tasks_of(store, vm, ZERO - 60_000 * DAY, ZERO + 60_000 * DAY)


@given(data=st.data())
def test_an_operation_comes_back_as_it_was_told_and_once(
    shared: Store, data: st.DataObject
) -> None:
    told = data.draw(operations(f"round {next(fresh)}"))
    assert add_tasks(shared, [told]) == 1
    assert add_tasks(shared, [told]) == 0
    assert all_of(shared, told.vm) == (told,)


def test_an_operation_that_was_running_gains_its_end_and_keeps_it(store: Store) -> None:
    add_tasks(store, [task(0, None)])
    assert add_tasks(store, [task(0, 40)]) == 1
    assert add_tasks(store, [task(0, None)]) == 0
    assert all_of(store, "sql01") == (task(0, 40),)


def test_a_clock_measured_later_is_taken_over(store: Store) -> None:
    add_tasks(store, [task(0, 40, clock=Clock("vcenter"))])
    measured = task(-1, 39, clock=Clock("vcenter", timedelta(seconds=1)))
    assert add_tasks(store, [measured]) == 1
    assert all_of(store, "sql01") == (measured,)


def test_an_interval_gives_what_ran_in_it_even_if_it_began_before(store: Store) -> None:
    add_tasks(store, [task(-500, -400), task(-100, 5), task(20, None), task(99, 100)])
    (vm,) = vms_named(store, "sql01")
    assert tasks_of(store, vm, at(0), at(50)) == (task(-100, 5), task(20, None))


def test_the_next_look_goes_back_to_what_was_still_running(store: Store) -> None:
    add_tasks(store, [task(0, 40), task(60, None), task(90, None)])
    (vm,) = vms_named(store, "sql01")
    assert first_unfinished(store, vm, at(-100)) == at(60)
    add_tasks(store, [task(60, 80), task(90, 95)])
    assert first_unfinished(store, vm, at(-100)) is None
