"""Backups: a session with its steps, learnt bit by bit while the job runs."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from storage.backups import add_backups, last_backups
from storage.store import Store
from storage.vms import vms_named
from tests.storage.told import DAY, ZERO, at, backup, backups, fresh, task
from verdict.facts import Backup


def all_of(store: Store, name: str) -> tuple[Backup, ...]:
    (vm,) = vms_named(store, name)
    return last_backups(store, vm, ZERO + 60_000 * DAY)


@given(data=st.data())
def test_a_backup_comes_back_with_its_steps_and_once(shared: Store, data: st.DataObject) -> None:
    told = data.draw(backups(f"round {next(fresh)}"))
    assert add_backups(shared, [told]) == 1
    assert add_backups(shared, [told]) == 0
    assert all_of(shared, told.vm) == (told,)


def test_a_running_backup_gains_its_end_and_its_later_steps(store: Store) -> None:
    running = replace(backup(0, None), steps=(task(10, 12), task(50, None)))
    over = replace(backup(0, 100), proxy="p2", transport="nbd", steps=(task(10, 12), task(50, 90)))
    add_backups(store, [running])
    assert add_backups(store, [over]) == 1
    assert all_of(store, "sql01") == (over,)


def test_steps_that_were_told_stay_when_their_log_is_gone(store: Store) -> None:
    told = replace(backup(0, 100), steps=(task(10, 12),))
    add_backups(store, [told])
    assert add_backups(store, [backup(0, 100)]) == 0
    assert all_of(store, "sql01") == (told,)


def test_the_last_backups_are_those_that_had_begun_newest_first(store: Store) -> None:
    add_backups(store, [backup(start, start + 50) for start in (0, 100, 200, 300)])
    (vm,) = vms_named(store, "sql01")
    assert last_backups(store, vm, at(250), most=2) == (backup(200, 250), backup(100, 150))
