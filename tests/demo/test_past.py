"""The demo's clusters have a past: what its commands say of it is true and worth reading."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from commands.cluster import cluster
from commands.context import Context
from commands.heartbeat import heartbeat
from commands.history import history
from commands.reply import Tone
from commands.vm import vm
from demo.past import EARLIER, seed
from demo.recorded import Recorded
from demo.site import HOMES, site
from storage.store import Store

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
HOURS = [timedelta(hours=hour) for hour in (0, 3, 23.9)]


def seeded(folder: Path, now: datetime = NOW) -> Context:
    store = Store.open(folder / "store.db")
    seed(store, now)
    return Context(site(), store, lambda: now, Recorded(pace=0))


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    made = seeded(tmp_path_factory.mktemp("past"))
    yield made
    made.store.close()


def told(context: Context, name: str) -> dict[str, Any]:
    (entry,) = vm(context, name).payload["vms"]
    assert isinstance(entry, dict)
    return entry


def test_the_vm_that_failed_over_came_close_before(context: Context) -> None:
    entry = told(context, "sql01")
    assert entry["longest"]["ms"] == 12400
    assert entry["stuns"]["create"] == entry["stuns"]["remove"]
    assert len(entry["near_misses"]) == 3
    assert all(5000 < miss["ms"] < 10_000 for miss in entry["near_misses"])
    assert len(entry["failovers"]) == 2
    assert entry["log"]["days_read"] == entry["log"]["days"] == 30
    assert entry["backups"][0]["job"] == "SQL Nightly"
    assert entry["open_snapshots"] == []
    assert vm(context, "sql01").cards[0].tone is Tone.RED


@pytest.mark.parametrize("name", ["SQL51", "SQL52"])
def test_a_vm_that_nothing_happened_to_has_short_stuns(context: Context, name: str) -> None:
    entry = told(context, name)
    assert entry["longest"]["ms"] < 4000
    assert entry["near_misses"] == entry["failovers"] == []
    assert vm(context, name).cards[0].tone is Tone.GREEN


def test_every_vm_is_stunned_twice_a_night(context: Context) -> None:
    for home in HOMES.values():
        for name in home.names.vms:
            stuns = told(context, name)["stuns"]
            expected = range(27, 31) if home.logs else range(1)
            assert stuns.get("create", 0) in expected, name
            assert stuns.get("remove", 0) in expected, name
            assert len(told(context, name)["backups"]) == 5


def test_stuns_are_spread_as_measured_ones_are(context: Context) -> None:
    stuns = [one["ms"] for name in ("SQL02", "SQL31", "SQL72") for one in removals(context, name)]
    middle = sorted(stuns)[len(stuns) // 2]
    assert 400 < middle < 1500
    assert max(stuns) > 1.5 * middle


def removals(context: Context, name: str) -> list[dict[str, Any]]:
    return [one for one in told(context, name)["last_stuns"] if one["phase"] == "remove"]


def test_what_nobody_may_read_is_not_known(context: Context) -> None:
    assert told(context, "SQL41")["log"]["until"] is None
    assert vm(context, "SQL41").cards[0].tone is Tone.GREY


def test_other_heartbeat_values_are_worth_it(context: Context) -> None:
    payload = heartbeat(context, "sqlag01").payload
    assert payload["recommended"]["SameSubnetThreshold"] > 12
    assert payload["values_read"] is True
    now = next(one for one in payload["candidates"] if "current" in one["kinds"])
    assert now["failovers"] == 1


def test_where_the_lease_breaks_first_no_heartbeat_helps(context: Context) -> None:
    reply = heartbeat(context, "SQLAG07")
    assert reply.cards[0].headline == "Not the heartbeats: the lease breaks first"


def test_a_cluster_tells_its_nodes_and_verdicts(context: Context) -> None:
    payload = cluster(context, "SQLAG01").payload
    assert [node["host"] for node in payload["nodes"]] == [
        "esx04.corp.example", "esx07.corp.example",
    ]  # fmt: skip
    assert [one["backup"] for one in payload["verdicts"]] == ["cleared", "caused"]
    for name in HOMES:
        assert cluster(context, name).payload["properties"]


def test_the_earlier_failovers_were_judged_when_they_happened(context: Context) -> None:
    verdicts = history(context).payload["verdicts"]
    assert len(verdicts) == len(EARLIER)
    for one in verdicts:
        at, judged = (datetime.fromisoformat(one[key]) for key in ("at", "judged"))
        assert timedelta(0) < judged - at < timedelta(minutes=2)
        assert NOW - timedelta(days=30) < at < NOW
    assert {one["backup"] for one in verdicts} == {"caused", "cleared"}


@pytest.mark.parametrize("hour", HOURS, ids=str)
def test_at_any_time_of_the_day_nothing_lies_ahead(tmp_path: Path, hour: timedelta) -> None:
    now = datetime(2024, 3, 1, tzinfo=UTC) + hour
    made = seeded(tmp_path, now)
    try:
        with made.store.reading() as db:
            (stun,) = db.execute("SELECT max(start) FROM stuns").fetchone()
            (covered,) = db.execute("SELECT max(end) FROM coverage").fetchone()
        latest = (now - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)
        day = timedelta(days=1) / timedelta(microseconds=1)
        assert latest - 1.3 * day < stun < latest
        assert covered <= latest
        assert len(told(made, "SQL01")["near_misses"]) == 3
    finally:
        made.store.close()


def test_a_store_that_has_a_past_keeps_it(tmp_path: Path) -> None:
    made = seeded(tmp_path)
    try:
        before = history(made).payload
        seed(made.store, NOW + timedelta(days=3))
        assert history(made).payload == before
    finally:
        made.store.close()


def test_nobody_waits_for_the_past(tmp_path: Path) -> None:
    """Time of the processor, so that a busy machine is no fault."""
    began = time.process_time()
    made = seeded(tmp_path)
    made.store.close()
    assert time.process_time() - began < 3


def test_the_past_is_always_the_same(context: Context, tmp_path: Path) -> None:
    again = seeded(tmp_path)
    try:
        assert told(again, "SQL01")["last_stuns"] == told(context, "SQL01")["last_stuns"]
    finally:
        again.store.close()
