"""Notices: near misses and the weekly digest, in a workspace, by a clock that is turned."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient

from bot.bot_settings import NoticeSettings
from bot.channels import Channels
from bot.configuration import Settings
from bot.health import Health
from bot.notices import Notices, last
from bot.pace import Pace
from bot.places import Places
from bot.sender import Sender
from bot.wire import Wire
from commands.context import Context
from demo.settings import settings as configured
from demo.slack.workspace import Workspace
from sources.errors import UserError
from sources.material import Incident, Material
from sources.pull import Request, Told
from storage.alerts import StoredAlert, Way, take
from storage.posts import backlog
from storage.store import Store
from storage.stuns import add_stuns
from tests.commands.stored import SITE, cluster, fill
from tests.storage.told import ZERO, stun
from verdict.facts import Stun

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""When the digest is due; ZERO, the night of the stuns, is the day before at 02:14."""

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WEEK = timedelta(days=7)

NIGHT = MONDAY - timedelta(days=1, hours=4)
"""A little less than two hours after the stun."""

BEGAN = MONDAY - timedelta(days=6)
"""When there was a bot first."""


@dataclass(slots=True)
class Running:
    """A workspace, a store, and notices that look when they are told to."""

    workspace: Workspace
    store: Store
    settings: Settings
    now: datetime
    pulled: list[str] = field(default_factory=list)
    health: Health = field(default_factory=Health)
    meanwhile: Callable[[], None] = lambda: None
    """What happens while a source is asked."""

    def notices(self, **told: Any) -> Notices:  # noqa: ANN401 - keys of [notices]
        """Begin anew, as after a restart, perhaps configured otherwise."""
        settings = replace(self.settings, notices=NoticeSettings(**told))
        context = Context(SITE, self.store, lambda: self.now, self._pull)
        client = WebClient(self.workspace.team.bot_token, base_url=self.workspace.api_url)
        return Notices(context, settings, Channels(client), lambda: None, self.health, 0.0)

    def _pull(self, request: Request, _: Told) -> Material:
        self.pulled.append(request.cluster.name)
        self.meanwhile()
        return Material("", Incident(request.cluster.name, request.at))

    def looks(self, moment: datetime, **told: Any) -> None:  # noqa: ANN401 - as above
        """Look at a moment."""
        self.now = moment
        self.notices(**told).look()

    def sent(self, channel: str = "sql-alerts") -> list[str]:
        """Send what is wanted; give what people read in a channel."""
        slack = self.settings.running()
        client = WebClient(self.workspace.team.bot_token, base_url=self.workspace.api_url)
        places = Places(self.store, slack, Channels(client), lambda: self.now)
        pace = Pace(speed=1000)
        sender = Sender(self.store, Wire(client), places, lambda: self.now, pace)
        sender.start()
        try:
            self.workspace.waits(lambda: backlog(self.store)[0] == 0, "the posts")
        finally:
            sender.stop()
        return [message.words for message in self.workspace.messages(channel)]

    def ill(self) -> dict[str, str]:
        """Give the parts that are not well."""
        parts: dict[str, str] = self.health.report()["parts"]
        return {part: word for part, word in parts.items() if word != "ok"}


def reads(store: Store, late: Stun) -> None:
    """Read a stun from a log."""
    add_stuns(store, [late], {"sql01": "vc01"})


@contextmanager
def staged(folder: Path) -> Iterator[Running]:
    with Workspace() as workspace, Store.open(folder / "stuncheck.db") as store:
        people = [workspace.adds_user("ada")]
        workspace.adds_channel("sql-alerts", people)
        workspace.adds_channel("backups", people)
        yield Running(workspace, store, configured(workspace, folder), MONDAY - WEEK)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with staged(tmp_path) as made:
        fill(Context(SITE, made.store), cluster(), stun(0, 6.5))
        yield made


def test_a_near_miss_of_the_night_is_told_once(running: Running) -> None:
    for hour in range(3):
        running.looks(NIGHT + hour * HOUR)
    (words,) = running.sent()
    assert "Near miss: sql01 stood still 6.5 s of the 10.0 s tolerated" in words


def test_another_stun_of_that_night_edits_the_notice(running: Running) -> None:
    running.looks(NIGHT)
    assert len(running.sent()) == 1
    add_stuns(running.store, [stun(3600, 8.5, vm="sql02")], {"sql02": "vc01"})
    running.looks(NIGHT + HOUR)
    (words,) = running.sent()
    assert "2 near misses: sql02 stood still 8.5 s" in words


def test_the_digest_comes_on_its_day_and_hour_once(running: Running) -> None:
    running.looks(BEGAN)
    for minute in (-1, 0, 1, 61, 300):
        running.looks(MONDAY + minute * MINUTE, near_misses=False)
    (words,) = running.sent()
    assert "No failover; 1 near miss" in words
    running.looks(MONDAY + WEEK, near_misses=False)
    assert len(running.sent()) == 2
    assert "2026-03-02 to 2026-03-09" in running.sent()[-1]


def test_a_digest_waits_for_a_survey_that_saw_the_end_of_the_week(running: Running) -> None:
    """The last survey was a minute before; a stun of that minute would be told by no digest."""
    running.looks(MONDAY - MINUTE, near_misses=False)
    late = stun((MONDAY - ZERO - MINUTE / 2).total_seconds(), 9.1)
    running.meanwhile = lambda: reads(running.store, late)
    running.looks(MONDAY, near_misses=False)
    assert "2 near misses" in running.sent()[0]


@pytest.mark.parametrize(("hours", "told"), [(0, 1), (3, 1), (24, 1), (25, 0), (72, 0)])
def test_a_missed_hour_is_made_up_for_within_a_day(running: Running, hours: int, told: int) -> None:
    running.looks(BEGAN)
    running.looks(MONDAY + hours * HOUR, near_misses=False)
    assert len(running.sent()) == told


def test_a_bot_that_was_not_there_yet_missed_nothing(running: Running) -> None:
    running.looks(MONDAY + HOUR, near_misses=False)
    assert running.sent() == []


def test_a_near_miss_of_days_ago_is_left_to_the_digest(running: Running) -> None:
    running.looks(BEGAN)
    running.looks(MONDAY + timedelta(days=2))
    assert running.sent() == []


def test_two_bots_at_once_post_once(running: Running) -> None:
    running.looks(BEGAN)
    running.now = MONDAY
    bots = [threading.Thread(target=running.notices().look) for _ in range(4)]
    for bot in bots:
        bot.start()
    for bot in bots:
        bot.join()
    near_miss, digest = running.sent()
    assert ("stood still" in near_miss, "2026-02-23 to" in digest) == (True, True)
    assert running.ill() == {"survey": NOTHING_READ.format(since=f"{BEGAN:%Y-%m-%d}")}


NOTHING_READ = (
    "nothing of any cluster could be read; stuncheck doctor says why (since {since}T08:00:00+00:00)"
)


@pytest.mark.parametrize("switched", [{"digest": False}, {"near_misses": False}])
def test_each_can_be_switched_off(running: Running, switched: dict[str, bool]) -> None:
    running.looks(BEGAN)
    for hour in (-28, 0):
        running.looks(MONDAY + hour * HOUR, **switched)
    words = running.sent()
    assert len(words) == 1
    assert ("stood still" in words[0]) == ("digest" in switched)


def test_both_go_to_a_channel_of_their_own(running: Running) -> None:
    running.looks(BEGAN)
    for hour in (-28, 0):
        running.looks(MONDAY + hour * HOUR, channel="#backups")
    assert running.sent() == []
    assert len(running.sent("backups")) == 2


def test_without_a_channel_nothing_is_posted(running: Running) -> None:
    slack = replace(running.settings.running(), channel="")
    running.settings = replace(running.settings, slack=slack)
    running.looks(BEGAN)
    for hour in (-28, 0):
        running.looks(MONDAY + hour * HOUR)
    assert backlog(running.store) == (0, 0)
    assert list(running.ill()) == ["survey"]


def test_a_channel_that_is_not_there_is_said_and_looked_for_again(running: Running) -> None:
    running.looks(BEGAN)
    running.looks(MONDAY, channel="#reports", near_misses=False)
    assert running.ill()["digest"].startswith("there is no channel #reports")
    running.workspace.adds_channel("reports", [])
    running.looks(MONDAY + HOUR, channel="#reports", near_misses=False)
    assert "digest" not in running.ill()
    assert len(running.sent("reports")) == 1


def test_clusters_are_surveyed_once_an_hour_across_restarts(running: Running) -> None:
    for minute in (0, 1, 30, 59, 60, 61):
        running.looks(MONDAY - timedelta(days=3) + minute * MINUTE)
    assert running.pulled.count("SQLAG01") == 2


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UserError("The disk is full."), "The disk is full."),
        (RuntimeError("nobody thought of it"), "something went wrong here: E-"),
    ],
    ids=str,
)
def test_a_survey_that_fails_keeps_nothing_else_from_its_turn(
    running: Running, error: Exception, words: str
) -> None:
    def fails() -> None:
        raise error

    running.meanwhile = fails
    running.looks(NIGHT)
    assert running.ill()["survey"].startswith(words)
    assert "nobody thought of it" not in str(running.ill())
    assert len(running.sent()) == 1


def test_what_is_old_is_let_go(running: Running) -> None:
    running.settings = replace(running.settings, keep=timedelta(hours=1))
    running.looks(MONDAY)
    assert running.store.db["stuns"].count == 0


def test_a_survey_gives_way_to_an_alert_that_waits(running: Running) -> None:
    """The thread waits; when the bot is stopped it ends without having asked a source."""
    at = MONDAY - timedelta(days=1)
    alert = StoredAlert("k", Way.WEBHOOK, "SQLAG01", at, at, "Zabbix", "SQL01 down")
    take(running.store, alert)
    notices = running.notices()
    notices.start()
    notices.stop()
    assert running.pulled == []
    assert "notices" not in {thread.name for thread in threading.enumerate()}


def test_a_bot_that_ends_stores_nothing_of_a_survey_under_way(running: Running) -> None:
    asked, stopped = threading.Event(), threading.Event()

    def slow() -> None:
        asked.set()
        assert stopped.wait(10)

    running.meanwhile, running.now = slow, NIGHT
    notices = running.notices()
    notices.start()
    assert asked.wait(10)
    ending = threading.Thread(target=notices.stop)
    ending.start()
    threading.Timer(0.1, stopped.set).start()
    ending.join()
    assert backlog(running.store) == (0, 0)
    assert running.ill() == {}


@given(
    st.timedeltas(-WEEK, 60 * WEEK).map(lambda later: MONDAY + later),
    st.integers(0, 6),
    st.integers(0, 23),
)
def test_the_last_hour_of_a_weekday_is_less_than_a_week_ago(
    now: datetime, weekday: int, hour: int
) -> None:
    due = last(now, weekday, hour)
    assert (due.weekday(), due.hour, due.minute, due.second) == (weekday, hour, 0, 0)
    assert timedelta(0) <= now - due < WEEK
