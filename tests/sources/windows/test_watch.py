"""What is new on the nodes, over real pywinrm and NTLM: nothing lost, nothing invented."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sources.deadline import Deadline
from sources.windows.event_log import read_events
from sources.windows.node_watch import WATCHED
from sources.windows.watch import Look, Mark, Roster, Seen, read_new
from sources.windows.watch_mark import Mark as Written
from tests.peers.cluster_model import ClusterModel, NodeModel
from tests.peers.winrm_scene import Scene, running
from tests.peers.winrm_server import PASSWORD
from tests.sources.logged import CLUSTER, logged

pytestmark = pytest.mark.timed

NODES = {"SQL01": "127.0.0.1", "SQL02": "127.0.0.2", "SQL03": "127.0.0.3"}
SYSTEM = "SQL02/System"
FIRST = timedelta(minutes=15)


def ago(seconds: float) -> str:
    return f"{datetime.now(UTC) - timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%f}Z"


def event(record: int, seconds: float, event_id: int = 1135) -> str:
    """Give an event of SQL02 that was logged so many seconds ago."""
    return logged(
        CLUSTER, event_id, "SQL01", at=ago(seconds), record=record, computer="SQL02.corp.example"
    )


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    nodes = [NodeModel(name, address, uuid=name) for name, address in NODES.items()]
    with running(tmp_path, ClusterModel("SQLAG01", nodes)) as made:
        for node in nodes:
            node.events = [
                logged("EventLog", 6013, at=ago(9000), record=900, channel=c.name)
                for c in WATCHED
                if c.name not in node.missing
            ]
        made.node("SQL02").events += [event(901, 4000), event(902, 60)]
        yield made


def look(
    scene: Scene,
    marks: Mapping[str, Mark] | None = None,
    roster: Roster | None = None,
    seconds: float = 5.0,
    since: float = 900,
) -> Seen:
    now = datetime.now(UTC)
    wanted = Look(marks or {}, now - timedelta(seconds=since), now - FIRST)
    seen = read_new(scene.access, wanted, Deadline.after(seconds), roster)
    assert PASSWORD not in repr(seen)
    return seen


def records(seen: Seen, node: str = "SQL02") -> list[int]:
    files = seen.nodes.get(node, ())
    found = [e for file in files for e in read_events(file).events if e.channel == "System"]
    return sorted(event.record or 0 for event in found)


def test_a_first_look_brings_the_last_minutes_and_marks_the_newest_record(scene: Scene) -> None:
    seen = look(scene)
    assert (records(seen), seen.gaps, seen.whole) == ([902], (), True)
    assert seen.marks[SYSTEM].record == 902
    assert seen.marks["SQL01/System"].record == 900
    assert set(seen.clocks) == set(NODES)


def test_what_is_new_is_what_came_after_the_mark(scene: Scene) -> None:
    seen = look(scene)
    scene.node("SQL02").events.append(event(903, 1))
    later = look(scene, seen.marks, seen.roster, since=0)
    assert records(later) == [902, 903]
    assert later.oldest is not None
    assert later.oldest > datetime.now(UTC) - timedelta(seconds=30)
    assert later.marks[SYSTEM].record == 903
    assert look(scene, later.marks, seen.roster).oldest is None


def test_a_node_that_was_away_for_days_tells_everything_since(scene: Scene) -> None:
    seen = look(scene)
    scene.node("SQL02").events += [event(903, 800), event(904, 700), event(905, 1)]
    assert records(look(scene, seen.marks, seen.roster, since=0)) == [902, 903, 904, 905]


@pytest.mark.parametrize("left", [0, 3, 950])
def test_a_log_that_was_cleared_is_read_from_its_beginning_and_that_is_said(
    scene: Scene, left: int
) -> None:
    """Also where the new log is empty, and where it has already passed the mark."""
    seen = look(scene)
    others = [xml for xml in scene.node("SQL02").events if "<Channel>System<" not in xml]
    scene.node("SQL02").events = others + [event(n, 500 - n / 2) for n in range(1, left + 1)]
    later = look(scene, seen.marks, seen.roster, since=0)
    assert records(later) == [*range(1, left + 1)]
    assert [(gap.subject, "cleared" in gap.why) for gap in later.gaps] == [("SQL02", True)]
    assert later.marks[SYSTEM].record == left
    again = look(scene, later.marks, seen.roster, since=0)
    assert (again.gaps, again.oldest) == ((), None)


def test_a_log_that_rolls_over_beside_a_mark_of_today_is_not_taken_for_a_cleared_one(
    scene: Scene,
) -> None:
    seen = look(scene)
    noise = logged("EventLog", 6013, at=ago(5), record=990, computer="SQL02")
    scene.node("SQL02").events.append(noise)
    moved = look(scene, seen.marks)
    assert moved.marks[SYSTEM].record == 990
    others = [xml for xml in scene.node("SQL02").events if "<Channel>System<" not in xml]
    scene.node("SQL02").events = [*others, noise]
    assert not look(scene, moved.marks, moved.roster).gaps


def test_a_node_that_is_down_is_named_and_keeps_its_marks_and_nobody_waits(scene: Scene) -> None:
    seen = look(scene)
    scene.node("SQL02").events.append(event(903, 1))
    scene.server.refuse("SQL01")
    later = look(scene, seen.marks, seen.roster)
    assert [gap.subject for gap in later.gaps] == ["SQL01"]
    assert records(later)[-1] == 903
    assert not later.whole
    assert later.marks["SQL01/System"] == seen.marks["SQL01/System"]


@pytest.mark.parametrize("fault", ["hang", "cut", "reset", "garbage"])
def test_an_answer_that_breaks_off_moves_no_mark(scene: Scene, fault: str) -> None:
    seen = look(scene)
    scene.node("SQL02").events.append(event(903, 1))
    setattr(scene.node("SQL02").faults, fault, "Receive")
    start = time.monotonic()
    later = look(scene, seen.marks, seen.roster, seconds=1.5)
    assert time.monotonic() - start < 2.5
    assert later.marks == seen.marks
    assert {gap.subject for gap in later.gaps} == {"SQL02"}
    setattr(scene.node("SQL02").faults, fault, "")
    assert 903 in records(look(scene, later.marks, seen.roster))
    scene.server.closing.set()


@pytest.mark.parametrize("lost", [1, 400, 1000])
def test_half_an_answer_moves_no_mark(scene: Scene, lost: int) -> None:
    seen = look(scene)
    scene.node("SQL02").events += [event(903 + n, 1) for n in range(3)]
    scene.node("SQL02").faults.broken_output = lost
    later = look(scene, seen.marks, seen.roster, seconds=2)
    assert later.marks == seen.marks
    assert later.gaps


def test_an_event_nobody_can_read_does_not_hold_up_the_next(scene: Scene) -> None:
    seen = look(scene)
    odd = event(903, 2).replace("<Version>0<", "<Version>none<")
    scene.node("SQL02").events += [odd, event(904, 1)]
    later = look(scene, seen.marks, seen.roster)
    assert records(later) == [902, 904]
    assert later.marks[SYSTEM].record == 904


def test_a_node_that_was_down_at_the_first_look_is_read_from_the_same_beginning(
    scene: Scene,
) -> None:
    scene.node("SQL02").faults.denied = True
    seen = look(scene)
    assert [gap.subject for gap in seen.gaps] == ["SQL02"]
    assert seen.marks[SYSTEM].record == 0
    scene.node("SQL02").faults.denied = False
    later = look(scene, seen.marks, seen.roster, since=0)
    assert records(later) == [902]
    assert later.oldest is not None


def test_the_node_list_comes_from_the_cluster_and_outlives_its_silence(scene: Scene) -> None:
    seen = look(scene)
    assert dict(seen.roster.hosts) == NODES
    scene.server.refuse("SQL01")  # the only one that is configured
    scene.node("SQL02").events.append(event(903, 1))
    old = replace(seen.roster, until=Deadline.after(-1))
    later = look(scene, seen.marks, old)
    assert records(later)[-1] == 903
    assert {gap.source for gap in later.gaps} == {"cluster", "events"}


def test_a_quiet_look_is_cheap(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    seen = look(scene)
    scene.server.counts.requests.clear()
    scene.server.shell.seen.clear()
    start = time.monotonic()
    quiet = look(scene, seen.marks, seen.roster, since=30)
    took = time.monotonic() - start
    trips = Counter(scene.server.counts.requests)
    with capsys.disabled():
        print(f"\nquiet look at 3 nodes: {took * 1000:.0f} ms, round trips {dict(trips)}")  # noqa: T201 - for who runs -s
    assert quiet.oldest is None
    watched = len(WATCHED) - 1  # Exchange is not there, and not asked for until the next roster
    assert trips == {
        "Create": 3, "Command": 3 * watched, "Receive": 3 * watched,
        "Signal": 3 * watched, "Delete": 3,
    }  # fmt: skip
    assert all("wevtutil" in line for line in scene.server.shell.seen)


def test_a_mark_is_read_back_as_it_was_written() -> None:
    mark = Written(4711, datetime(2026, 3, 1, 2, 14, 10, 612345, UTC))
    assert Written.of(str(mark)) == mark
    with pytest.raises(ValueError, match="x"):
        Written.of("x")
