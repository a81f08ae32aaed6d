"""A watch over real WinRM: each failover is told once, at once where it is loud."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commands.context import Context
from commands.disturbance import SETTLED
from commands.watch import MEMORY, Habits, Watched, watch
from sources.access import Site
from storage.store import Store
from tests.peers.winrm_scene import Scene, running
from tests.peers.winrm_server import PASSWORD
from tests.sources.logged import CLUSTER, logged
from verdict.failover import Loss

OPERATIONAL = f"{CLUSTER}/Operational"


def event(
    node: str,
    event_id: int,
    *data: str,
    ago: float,
    record: int,
    channel: str = "System",
    provider: str = CLUSTER,
) -> str:
    at = datetime.now(UTC) - timedelta(seconds=ago)
    return logged(
        provider, event_id, *data, at=f"{at:%Y-%m-%dT%H:%M:%S.%f}Z",
        record=record, channel=channel, computer=f"{node}.corp.example",
    )  # fmt: skip


def removed(ago: float, record: int = 7) -> str:
    return event("SQL02", 1135, "SQL01", ago=ago, record=record)


def moved(ago: float) -> str:
    return event("SQL02", 1641, "FS", "SQL01", "SQL02", ago=ago, record=9, channel=OPERATIONAL)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with running(tmp_path) as made:
        yield made


@pytest.fixture
def context(tmp_path: Path, scene: Scene) -> Iterator[Context]:
    with Store.open(tmp_path / "stuncheck.db") as store:
        yield Context(Site((scene.access,)), store)


class Bot:
    """Keeps what a look gives back, but for the roster where it is started anew."""

    def __init__(self, scene: Scene, context: Context) -> None:
        self.scene, self.context = scene, context
        self.last: Watched | None = None

    def look(self, later: float = 0, *, restarted: bool = False, within: float = 5) -> Watched:
        now = datetime.now(UTC) + timedelta(seconds=later)
        self.last = watch(
            replace(self.context, now=lambda: now),
            self.scene.access,
            self.last.marks if self.last else {},
            roster=self.last.roster if self.last and not restarted else None,
            habits=Habits(within=within),
        )
        assert PASSWORD not in repr(self.last)
        return self.last


@pytest.fixture
def bot(scene: Scene, context: Context) -> Bot:
    return Bot(scene, context)


def test_a_removal_just_before_the_start_is_told_by_the_first_look_and_once(
    scene: Scene, bot: Bot
) -> None:
    scene.node("SQL02").events = [removed(20)]
    (found,) = bot.look().disturbances
    assert (found.failover.loss, found.failover.lost, found.loud) == (Loss.NODE, "SQL01", True)
    assert found.key.startswith("SQLAG01/SQL02/node_removed/7/")
    assert not bot.look().disturbances
    assert not bot.look(restarted=True).disturbances
    assert not bot.look(3600).disturbances


def test_what_happened_longer_ago_is_not_told_by_the_first_look(scene: Scene, bot: Bot) -> None:
    scene.node("SQL02").events = [removed(1000)]
    assert not bot.look().disturbances
    assert not bot.look().disturbances


def test_a_quiet_night_has_no_disturbances_and_no_gaps(bot: Bot) -> None:
    for _ in range(2):
        seen = bot.look()
        assert (seen.disturbances, seen.gaps) == ((), ())


def test_the_halves_of_one_failover_in_two_looks_are_one(scene: Scene, bot: Bot) -> None:
    lease = event("SQL01", 19407, "AG1", ago=9, record=3, channel="Application",
                  provider="MSSQLSERVER")  # fmt: skip
    scene.node("SQL01").events = [lease]
    (first,) = bot.look().disturbances
    assert (first.failover.loss, first.loud) == (Loss.LEASE, True)
    scene.node("SQL02").events = [removed(1)]
    assert not bot.look().disturbances
    assert not bot.look(600).disturbances


def test_a_role_that_moves_is_quiet_and_waits_until_nothing_can_follow(
    scene: Scene, bot: Bot
) -> None:
    scene.node("SQL02").events = [moved(5)]
    assert not bot.look().disturbances
    before = bot.last
    (found,) = bot.look(SETTLED.total_seconds()).disturbances
    assert (found.failover.loss, found.loud) == (Loss.ROLE, False)
    assert before is not None
    bot.last = before
    scene.node("SQL02").events.append(removed(3))
    (found,) = bot.look().disturbances
    assert (found.failover.loss, found.loud) == (Loss.NODE, True)
    assert not bot.look(SETTLED.total_seconds()).disturbances


def test_a_failover_is_told_though_a_node_is_down_and_once_when_that_is_back(
    scene: Scene, bot: Bot
) -> None:
    bot.look()
    scene.node("SQL01").faults.denied = True
    scene.node("SQL02").events = [removed(1)]
    seen = bot.look()
    assert [found.failover.lost for found in seen.disturbances] == ["SQL01"]
    assert [gap.subject for gap in seen.gaps] == ["SQL01"]
    scene.node("SQL01").faults.denied = False
    scene.node("SQL01").events = [event("SQL01", 1177, ago=0, record=5)]
    assert not bot.look().disturbances
    assert not bot.look(1200).disturbances


def test_a_node_that_was_away_for_an_hour_still_tells_its_failover(scene: Scene, bot: Bot) -> None:
    bot.look(-3700)
    scene.node("SQL02").events = [removed(3000)]
    assert not bot.look().disturbances  # first what the others logged then is read, too
    (found,) = bot.look().disturbances
    assert found.failover.lost == "SQL01"
    assert not bot.look().disturbances


def test_after_a_cleared_log_the_same_record_id_is_another_failover(scene: Scene, bot: Bot) -> None:
    scene.node("SQL02").events = [removed(800)]
    (old,) = bot.look().disturbances or bot.look().disturbances
    scene.node("SQL02").events = [removed(1)]
    seen = bot.look()
    assert [gap.subject for gap in seen.gaps] == ["SQL02"]
    (new,) = seen.disturbances
    assert new.key != old.key


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"begin": "x", "since": 1, "known": 2}'])
def test_marks_that_cannot_be_read_begin_anew(scene: Scene, bot: Bot, text: str) -> None:
    scene.node("SQL02").events = [removed(20)]
    seen = bot.look()
    bad = dict.fromkeys(seen.marks, text)
    bot.last = replace(seen, marks=bad)
    (again,) = bot.look(restarted=True).disturbances
    assert again.key == seen.disturbances[0].key


def test_nothing_can_be_reached_is_gaps_and_no_more(scene: Scene, bot: Bot) -> None:
    seen = bot.look()
    for name in ("SQL01", "SQL02"):
        scene.server.refuse(name)
    blind = bot.look(within=2)
    assert (blind.disturbances, {gap.subject for gap in blind.gaps}) == ((), {"SQL01", "SQL02"})
    logs = {name: mark for name, mark in blind.marks.items() if name != MEMORY}
    assert logs == {name: mark for name, mark in seen.marks.items() if name != MEMORY}
