"""The demo's clusters can be tuned: read, set, drift, outlive a process, and show in pulls."""

import json
import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commands.cluster_change import LIVE
from demo.journal import Journal
from demo.recorded import Recorded
from demo.site import HOMES, INCIDENTS, site
from demo.values import RecordedValues
from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.errors import SourceError, UserError
from sources.gather import gather
from sources.pull import Request
from sources.windows.apply import Applied, Outcome
from tests.peers.winrm_scene import running
from verdict.heartbeat import RANGES

SITE = site()
ACCESS = {one.name: one for one in SITE.clusters}
FIRST = ACCESS["SQLAG01"]
BEFORE = {
    "SameSubnetDelay": 1000,
    "SameSubnetThreshold": 10,
    "CrossSubnetDelay": 1000,
    "CrossSubnetThreshold": 20,
}
WANTED = {"SameSubnetThreshold": 15}
AFTER = BEFORE | WANTED
SOON = Deadline.after(60)


@pytest.fixture
def values() -> RecordedValues:
    return RecordedValues(pace=0)


def read(values: RecordedValues, access: ClusterAccess = FIRST) -> dict[str, int]:
    return dict(values.change.values(access))


def apply(
    values: RecordedValues,
    wanted: Mapping[str, int] = WANTED,
    expected: Mapping[str, int] = BEFORE,
    access: ClusterAccess = FIRST,
) -> Applied:
    return values.change.apply(access, expected, wanted, SOON)


def kept(folder: Path) -> RecordedValues:
    return RecordedValues(pace=0, journal=Journal(folder / "values.json"))


@pytest.mark.parametrize("cluster", HOMES)
def test_at_first_every_cluster_has_the_four_values_of_its_recording(
    values: RecordedValues, cluster: str
) -> None:
    recorded = HOMES[cluster].recorded().cluster.properties
    assert read(values, ACCESS[cluster]) == {name: recorded[name] for name in RANGES}
    assert values.read(ACCESS[cluster], SOON).node == HOMES[cluster].names.nodes[0]


def test_what_is_set_stands_and_is_read_back(values: RecordedValues) -> None:
    assert apply(values) == Applied(Outcome.APPLIED, BEFORE, AFTER, node="SQL01")
    assert read(values) == AFTER
    assert read(values, ACCESS["SQLAG02"]) == BEFORE
    assert values.change.doubt(FIRST) is None


def test_what_somebody_changed_meanwhile_is_not_overwritten(values: RecordedValues) -> None:
    values.put("sqlag01", SameSubnetThreshold=12)
    done = apply(values)
    assert done.outcome is Outcome.DRIFTED
    assert "SameSubnetThreshold is 12, not 10" in done.why
    assert read(values) == BEFORE | {"SameSubnetThreshold": 12}


def test_what_stands_already_is_applied_and_not_set_again(values: RecordedValues) -> None:
    apply(values)
    assert apply(values, expected=AFTER).outcome is Outcome.APPLIED
    assert len(values.journal.read()) == 1


@pytest.mark.parametrize(
    "wanted", [{}, {"SameSubnetThreshold": 121}, {"RouteHistoryLength": 20}], ids=str
)
def test_what_must_not_be_sent_fails_and_changes_nothing(
    values: RecordedValues, wanted: dict[str, int]
) -> None:
    done = apply(values, wanted)
    assert done.outcome is Outcome.FAILED
    assert done.why.endswith("Nothing was changed.")
    assert read(values) == BEFORE


def test_it_says_what_a_real_cluster_says(values: RecordedValues, tmp_path: Path) -> None:
    """The same changes over WinRM come to the same outcome in the same words."""
    with running(tmp_path) as scene:
        first = LIVE.values(scene.access)
        values.put("SQLAG01", **first)
        values.put("SQLAG01", SameSubnetThreshold=10)
        scene.server.cluster.put("SameSubnetThreshold", 10)
        shown = first | {"SameSubnetThreshold": 10}
        asked = [
            (shown, WANTED),
            (shown, WANTED),
            (shown | WANTED, WANTED),
            (shown, {"SameSubnetThreshold": 121}),
            (dict(list(shown.items())[:3]), WANTED),
        ]
        deadline = Deadline.after(60)
        for expected, wanted in asked:
            theirs = LIVE.apply(scene.access, expected, wanted, deadline)
            assert apply(values, wanted, expected) == theirs
        assert LIVE.values(scene.access) == read(values)


def test_of_fifty_at_once_one_is_applied(values: RecordedValues) -> None:
    done: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: done.append(apply(values).outcome)) for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [Outcome.APPLIED, *[Outcome.DRIFTED] * 49]
    assert [one.wanted for one in values.journal.read()] == [WANTED]


def test_a_cluster_that_is_none_of_the_demo_s_does_not_answer(values: RecordedValues) -> None:
    elsewhere = replace(FIRST, name="ELSEWHERE")
    with pytest.raises(SourceError, match="no cluster ELSEWHERE"):
        values.read(elsewhere, SOON)
    assert apply(values, access=elsewhere).outcome is Outcome.FAILED
    with pytest.raises(UserError, match="no cluster ELSEWHERE"):
        values.put("ELSEWHERE", SameSubnetThreshold=20)


def test_nodes_take_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    values = RecordedValues()
    read(values)
    assert sum(slept) == pytest.approx(0.3)
    apply(values)
    assert sum(slept) == pytest.approx(0.3 + 0.8)


def test_who_comes_later_meets_what_was_set(tmp_path: Path) -> None:
    apply(kept(tmp_path))
    assert read(kept(tmp_path)) == AFTER
    kept(tmp_path).put("SQLAG01", SameSubnetThreshold=12)
    assert apply(kept(tmp_path), expected=AFTER).outcome is Outcome.DRIFTED
    log = json.loads((tmp_path / "values.json").read_text())["log"]
    assert [(row["cluster"], row["wanted"], row["by_hand"]) for row in log] == [
        ("SQLAG01", {"SameSubnetThreshold": 15}, False),
        ("SQLAG01", {"SameSubnetThreshold": 12}, True),
    ]


def test_a_process_that_is_killed_leaves_a_whole_file(tmp_path: Path) -> None:
    for _ in range(5):
        pid = os.fork()
        if pid == 0:
            values = kept(tmp_path)
            while True:
                apply(values, AFTER, BEFORE)
                apply(values, BEFORE, AFTER)
        watched = kept(tmp_path)
        for _ in range(200):
            assert read(watched) in (BEFORE, AFTER)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert read(kept(tmp_path)) in (BEFORE, AFTER)


def test_a_pull_shows_what_stands_now_whatever_moment_it_asks_about(
    values: RecordedValues,
) -> None:
    recorded = Recorded(pace=0, values=values)
    now = datetime.now(UTC)
    recorded.happen("SQLAG01", INCIDENTS / "removal-stun", now - timedelta(minutes=1))

    def told(ago: timedelta) -> dict[str, int]:
        material = recorded(Request(FIRST, SITE, now - ago), lambda *_: None)
        return gather(material, datetime.now(UTC)).cluster.properties

    before = told(timedelta(0))
    apply(values)
    assert before["SameSubnetThreshold"] == 10
    assert told(timedelta(0)) == told(timedelta(minutes=1)) == before | WANTED
