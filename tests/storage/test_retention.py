"""Retention: what is old goes, and with it the claim to know about it."""

from dataclasses import replace
from datetime import timedelta

from sources.material import Material
from storage.backups import add_backups, last_backups
from storage.clocks import add_clocks, last_offsets
from storage.coverage import add_coverage, covered
from storage.evidence import add_evidence, kept, pack
from storage.failovers import add_failovers, failovers_of
from storage.incidents import open_or_join
from storage.posts import Wish, post_named, want
from storage.retention import Keeping, keeping, prune
from storage.seen import claim
from storage.snapshot_tasks import add_tasks, tasks_of
from storage.store import Store
from storage.stuns import add_stuns, stuns_of
from storage.verdicts import add_verdict, history
from storage.vms import vms_named
from tests.commands.sample import CAUSED
from tests.storage.told import (
    DAY,
    ZERO,
    at,
    backup,
    failover,
    log_read,
    stun,
    task,
    tasks_read,
)  # fmt: skip

HOUR = timedelta(hours=1)


def test_old_stuns_go_and_so_does_the_coverage_that_vouched_for_them(store: Store) -> None:
    """Coverage without the stuns would say that there were none: a wrong clearance."""
    add_stuns(store, [stun(0, 12), stun(7200, 4)])
    add_coverage(store, "", [log_read(-60, 9000)], ZERO + DAY)
    assert prune(store, {Keeping.STUNS: HOUR}, at(7200)) == {Keeping.STUNS: 1}
    (vm,) = vms_named(store, "sql01")
    assert stuns_of(store, vm, ZERO - DAY, ZERO + DAY) == (stun(7200, 4),)
    left = covered(store, "", "vmware.log", "sql01", ZERO - DAY, ZERO + DAY)
    assert left == (log_read(3600, 9000),)


def test_coverage_that_ended_before_goes_whole(store: Store) -> None:
    add_coverage(store, "SQLAG01", [tasks_read(0, 60), tasks_read(90, 100)], ZERO + DAY)
    prune(store, {Keeping.SNAPSHOT_TASKS: timedelta(0)}, at(100))
    left = covered(store, "SQLAG01", "vcenter", "tasks", ZERO - DAY, ZERO + DAY)
    assert left == (tasks_read(100, 100),)
    prune(store, {Keeping.SNAPSHOT_TASKS: timedelta(0)}, at(101))
    assert covered(store, "SQLAG01", "vcenter", "tasks", ZERO - DAY, ZERO + DAY) == ()


def test_coverage_of_other_facts_stays(store: Store) -> None:
    add_coverage(store, "SQLAG01", [tasks_read(0, 60)], ZERO + DAY)
    prune(store, {Keeping.STUNS: timedelta(0)}, ZERO + DAY)
    assert covered(store, "SQLAG01", "vcenter", "tasks", at(0), at(60)) == (tasks_read(0, 60),)


def test_everything_older_than_its_time_goes_and_nothing_else(store: Store) -> None:
    for day in (0, 10):
        s = day * 86400
        add_tasks(store, [task(s, s + 9)])
        add_backups(store, [replace(backup(s, s + 9), steps=(task(s, s + 1),))])
        add_failovers(store, "SQLAG01", [failover(s)])
        add_clocks(store, {f"node{day}": timedelta(0)}, at(s))
        incident = open_or_join(store, "SQLAG01", at(s), timedelta(0), at(s)).id
        add_evidence(store, incident, pack(Material("empty")), at(s))
        add_verdict(store, incident, CAUSED, {}, at(s), "0.1.0")
        claim(store, f"trigger {day}", at(s))
        want(store, Wish(f"card {day}", "{}"), at(s))
    gone = prune(store, keeping(5 * DAY), ZERO + 10 * DAY)
    assert gone == {what: what is not Keeping.STUNS for what in Keeping} | {Keeping.EVIDENCE: 0}
    (vm,) = vms_named(store, "sql01")
    span = (ZERO - DAY, ZERO + 20 * DAY)
    assert [one.start for one in tasks_of(store, vm, *span)] == [ZERO + 10 * DAY]
    assert [one.start for one in last_backups(store, vm, span[1])] == [ZERO + 10 * DAY]
    assert [one.at for one in failovers_of(store, "SQLAG01", span[0])] == [ZERO + 10 * DAY]
    assert list(last_offsets(store)) == ["node10"]
    assert len(history(store)) == 1


def test_the_message_of_a_change_that_may_be_put_back_is_kept(store: Store) -> None:
    want(store, Wish("proposal p1", "{}", proposal="p1"), ZERO)
    prune(store, keeping(DAY), ZERO + 900 * DAY)
    assert post_named(store, "proposal p1")


def test_evidence_goes_sooner_and_its_verdict_stays(store: Store) -> None:
    incident = open_or_join(store, "SQLAG01", ZERO, timedelta(0), ZERO).id
    number = add_evidence(store, incident, pack(Material("empty")), ZERO)
    add_verdict(store, incident, CAUSED, {}, ZERO, "0.1.0", number)
    prune(store, keeping(400 * DAY), ZERO + 100 * DAY)
    assert kept(store, incident) == ()
    assert [one.evidence for one in history(store)] == [None]


def test_many_vms_and_rows_go_in_several_transactions(store: Store) -> None:
    add_stuns(store, [stun(i, 1, vm=f"vm{i}") for i in range(120)])
    add_clocks(store, {f"host{i}": timedelta(0) for i in range(1500)}, ZERO)
    gone = prune(store, keeping(DAY), ZERO + 2 * DAY)
    assert (gone[Keeping.STUNS], gone[Keeping.CLOCKS]) == (120, 1500)


def test_what_is_not_named_is_kept(store: Store) -> None:
    add_stuns(store, [stun(0, 12)])
    assert prune(store, {}, ZERO + 9999 * DAY) == {}
    (vm,) = vms_named(store, "sql01")
    assert len(stuns_of(store, vm, ZERO - DAY, ZERO + DAY)) == 1
