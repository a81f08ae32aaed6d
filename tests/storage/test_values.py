"""Heartbeat values keep their time: what was read around a moment tells what stood then."""

from datetime import timedelta

from storage.clusters import add_cluster, clusters_named, take_values
from storage.store import Store
from storage.values import add_values, after, before
from tests.commands.stored import cluster
from tests.storage.told import at

OLD = cluster(10).properties
NEW = cluster(20).properties


def test_the_same_values_read_again_stand_from_the_first_to_the_last_time(store: Store) -> None:
    for minute in (0, 60, 120):
        add_values(store, "SQLAG01", OLD, at(minute * 60))
    found = before(store, "sqlag01", at(3600))
    assert found == after(store, "SQLAG01", at(3600))
    assert found
    assert (dict(found.values), found.since, found.until) == (OLD, at(0), at(7200))


def test_readings_on_both_sides_of_a_moment_are_told_apart(store: Store) -> None:
    add_values(store, "SQLAG01", OLD, at(0))
    add_values(store, "SQLAG01", NEW, at(100))
    earlier, later = before(store, "SQLAG01", at(50)), after(store, "SQLAG01", at(50))
    assert earlier
    assert later
    assert (earlier.values, later.values) == (OLD, NEW)
    assert before(store, "SQLAG01", at(-1)) is None
    assert after(store, "SQLAG01", at(101)) is None


def test_values_that_come_back_are_a_new_time_of_their_own(store: Store) -> None:
    for second, values in ((0, OLD), (100, NEW), (200, OLD)):
        add_values(store, "SQLAG01", values, at(second))
    found = before(store, "SQLAG01", at(300))
    assert found
    assert found.since == at(200)


def test_less_than_all_four_says_too_little(store: Store) -> None:
    add_values(store, "SQLAG01", {"SameSubnetDelay": 1000}, at(0))
    assert after(store, "SQLAG01", at(0)) is None


def test_values_that_were_read_alone_change_nothing_else_of_a_cluster(store: Store) -> None:
    known = cluster(10, "Windows Server 2019")
    add_cluster(store, known, at(0), {"sql01": "vc01", "sql02": "vc01"})
    take_values(store, "sqlag01", NEW, at(60))
    (found,) = clusters_named(store, "SQLAG01")
    assert found.properties == NEW
    assert (found.nodes, found.os) == (known.nodes, known.os)
    tolerances = store.db.execute("SELECT us FROM tolerances ORDER BY since").fetchall()
    assert tolerances == [(10_000_000,), (20_000_000,)]


def test_an_older_reading_does_not_overwrite_a_newer_one(store: Store) -> None:
    add_cluster(store, cluster(20), at(60))
    take_values(store, "SQLAG01", OLD, at(0))
    assert clusters_named(store, "SQLAG01")[0].properties == NEW


def test_a_cluster_that_was_never_read_whole_keeps_its_values_too(store: Store) -> None:
    take_values(store, "SQLAG01", OLD, at(0))
    assert clusters_named(store, "SQLAG01") == ()
    assert after(store, "SQLAG01", at(0) - timedelta(days=1))
