"""Views: what a person sees who opens the file in Datasette."""

from datetime import timedelta

import pytest

from storage.clusters import add_cluster
from storage.failovers import add_failovers
from storage.incidents import open_or_join
from storage.store import Store
from storage.stuns import add_stuns
from storage.verdicts import add_verdict
from storage.views import VIEWS
from tests.commands.sample import CAUSED
from tests.storage.told import DAY, ZERO, cluster, failover, stun
from verdict.clock import Clock


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_can_be_read(store: Store, view: str) -> None:
    assert store.db[view].exists()
    assert list(store.db[view].rows) == []


def test_times_are_iso_texts_and_lengths_are_milliseconds(store: Store) -> None:
    add_stuns(store, [stun(0.1, 12.4, clock=Clock("esx07")), stun(60, 0.0004)], {"sql01": "vc1"})
    first, second = store.db["stuns_readable"].rows
    assert first == {
        "vcenter": "vc1", "vm": "sql01", "start": "2026-03-01T02:14:00.100Z", "ms": 12_400.0,
        "phase": "remove", "snapshot": None, "host": "esx07", "clock_ahead_ms": None,
    }  # fmt: skip
    assert (second["ms"], second["clock_ahead_ms"]) == (0.4, 0.0)


def test_near_misses_are_measured_against_the_tolerance_of_their_time(store: Store) -> None:
    add_cluster(store, cluster(threshold=10), ZERO - DAY)
    add_cluster(store, cluster(threshold=20), ZERO)
    add_stuns(store, [stun(-3600, 6), stun(3600, 6), stun(7200, 11), stun(-90_000, 8)])
    add_failovers(store, "SQLAG01", [failover(-90_000 + 8.5)])
    found = [(row["ms"], row["tolerance_ms"]) for row in store.db["near_misses"].rows]
    assert found == [(6000, 10_000), (11_000, 20_000)]


def test_a_failover_shows_the_last_verdict_on_it(store: Store) -> None:
    incident = open_or_join(store, "SQLAG01", ZERO, timedelta(0), ZERO).id
    add_failovers(store, "SQLAG01", [failover(0)], incident)
    add_verdict(store, incident, CAUSED, {"cluster": "SQLAG01"}, ZERO, "0.1.0")
    (row,) = store.db["failovers_readable"].rows
    assert (row["at"], row["backup"]) == ("2026-03-01T02:14:00.000Z", "caused")
    (row,) = store.db["verdicts_readable"].rows
    assert (row["cluster"], row["stun_ms"], row["tolerance_ms"]) == ("SQLAG01", 12_400, 10_000)
