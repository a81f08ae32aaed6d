"""The story of a VM, as `vm NAME` tells it."""

from datetime import date, timedelta

from storage.backups import add_backups
from storage.clusters import add_cluster
from storage.failovers import add_failovers
from storage.snapshot_tasks import add_tasks
from storage.store import Store
from storage.stuns import add_stuns
from storage.vm_story import VmStory, vm_story
from storage.vms import vms_named
from tests.storage.told import DAY, ZERO, at, backup, cluster, failover, stun, task
from verdict.facts import Phase

TEN = timedelta(seconds=10)
HOUR = 3600


def story(store: Store, utc_offset: timedelta = timedelta(0)) -> VmStory:
    (vm,) = vms_named(store, "sql01")
    return vm_story(store, vm, ZERO + DAY, TEN, utc_offset)


def test_a_night_runs_from_noon_to_noon_and_keeps_its_longest_stun(store: Store) -> None:
    evening = -4 * HOUR  # 22:14 of the day before ZERO's 02:14
    add_stuns(store, [stun(evening, 3), stun(0, 7), stun(HOUR, 2), stun(12 * HOUR, 1)])
    nights = [(night.evening, night.longest / TEN, night.stuns) for night in story(store).nights]
    assert nights == [(date(2026, 2, 28), 0.7, 3), (date(2026, 3, 1), 0.1, 1)]


def test_nights_follow_the_local_noon(store: Store) -> None:
    """At UTC+9, 02:14 UTC is 11:14 in the morning and 04:14 UTC past noon."""
    add_stuns(store, [stun(0, 1), stun(2 * HOUR, 2)])
    nights = story(store, timedelta(hours=9)).nights
    assert [night.evening for night in nights] == [date(2026, 2, 28), date(2026, 3, 1)]


def test_the_last_stuns_come_newest_first_and_phases_are_counted(store: Store) -> None:
    add_stuns(store, [stun(i * 60, 1, phase=Phase.CREATE) for i in range(11)])
    add_stuns(store, [stun(700, 2), stun(-40 * 86400, 9)])
    told = story(store)
    assert told.last[0] == stun(700, 2)
    assert len(told.last) == 10
    assert dict(told.phases) == {Phase.CREATE: 11, Phase.REMOVE: 1}


def test_a_near_miss_used_over_half_of_the_tolerance_and_cost_nothing(store: Store) -> None:
    add_cluster(store, cluster(), ZERO)
    cost, miss, short = stun(0, 12), stun(HOUR, 5.1), stun(2 * HOUR, 5)
    add_stuns(store, [cost, miss, short, stun(3 * HOUR, 9, vm="sql02")])
    add_failovers(store, "SQLAG01", [failover(10.6), failover(HOUR + 6, "SQL02")])
    assert story(store).near_misses == (miss,)


def test_a_failover_of_a_node_that_is_not_known_is_taken_for_its_price(store: Store) -> None:
    add_cluster(store, cluster(), ZERO)
    add_stuns(store, [stun(0, 12)])
    add_failovers(store, "SQLAG01", [failover(10.6, None)])
    assert story(store).near_misses == ()


def test_recent_tasks_and_backups_are_told(store: Store) -> None:
    add_stuns(store, [stun(0, 1)])
    add_tasks(store, [task(-3 * 86400, -3 * 86400 + 9), task(0, 40)])
    add_backups(store, [backup(-50, 100)])
    told = story(store)
    assert told.tasks == (task(0, 40),)
    assert told.backups == (backup(-50, 100),)


def test_what_comes_later_is_not_part_of_the_story(store: Store) -> None:
    add_stuns(store, [stun(0, 1), stun(2 * 86400, 30)])
    told = story(store)
    assert told.last == (stun(0, 1),)
    assert (told.near_misses, len(told.nights)) == ((), 1)


def test_a_vm_without_stuns_has_an_empty_story(store: Store) -> None:
    add_tasks(store, [task(0, 40)])
    told = story(store)
    assert (told.last, told.nights, told.near_misses, dict(told.phases)) == ((), (), (), {})
    assert told.since == at(0) + DAY - timedelta(days=30)
