"""What goes wrong: Slack, the sockets, the sources, ourselves. Nothing is lost, nothing twice."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sockets import Sockets
from commands.wording import HEADLINES
from demo.alerts import prtg
from demo.recorded import Recorded
from demo.slack.message import Message
from demo.slack.pace import Fault
from demo.slack.refused import RefusedError
from demo.slack.team import Team
from demo.stories import CHANNEL
from sources.material import Material
from sources.pull import Request, Told
from storage.alerts import alerts_of
from storage.posts import backlog
from storage.verdicts import history
from tests.stories.bot_scene import SOON, BotScene, Pull, bot_scene, post_name
from verdict.verdict import Blame

CAUSED, CLEARED = (HEADLINES[one] for one in (Blame.CAUSED, Blame.CLEARED))
BACKOFF = timedelta(seconds=11)
"""After it the sender tries again what Slack did not take."""


@pytest.fixture(name="scene")
def _scene() -> Iterator[BotScene]:
    with bot_scene() as scene:
        yield scene


def once(scene: BotScene) -> None:
    """Nothing that the bot posted stands there twice, nothing waits."""
    names = Counter(post_name(one) or one.files[0]["name"] for one in scene.ours())
    assert set(names.values()) <= {1}, names
    assert backlog(scene.store) == (0, 0)


def test_an_event_that_is_delivered_twice_is_one_alert(scene: BotScene) -> None:
    alerts = scene.plays("innocent-network")
    scene.quiet()
    delivery = next(one for one in scene.workspace.sockets.deliveries)
    scene.workspace.waits_for_answer(scene.workspace.redelivers(delivery))
    scene.quiet()
    scene.card(alerts[0], CLEARED)
    (judged,) = history(scene.store)
    assert len(alerts_of(scene.store, judged.incident)) == 1
    once(scene)


def test_a_mention_that_is_delivered_twice_is_answered_once(scene: BotScene) -> None:
    scene.workspace.says("anna", CHANNEL, "<@U0BOT> help")
    scene.says("What can be asked")
    scene.workspace.settles()
    (delivery,) = (
        one
        for one in scene.workspace.sockets.deliveries
        if one.payload["event"]["type"] == "app_mention"
    )
    scene.workspace.waits_for_answer(scene.workspace.redelivers(delivery))
    scene.workspace.says("anna", CHANNEL, "<@U0BOT> status")
    scene.says("to be sent to Slack")
    scene.quiet()
    assert len(scene.ours()) == 2


@contextmanager
def another_socket(scene: BotScene) -> Iterator[None]:
    """Let a second socket of the same bot take every other event."""
    slack = scene.bot.sockets
    assert slack
    second = Sockets(scene.bot.app, scene.settings.running(), lambda: None)
    second.start()
    scene.workspace.waits_for_sockets(2)
    try:
        yield
    finally:
        scene.workspace.hangs_up()
        second.stop()


def test_two_sockets_share_the_events(scene: BotScene) -> None:
    with another_socket(scene):
        alerts = scene.plays("removal-stun")
        scene.card(alerts, CAUSED)
        scene.quiet()
        (judged,) = history(scene.store)
        assert len(alerts_of(scene.store, judged.incident)) == 3
        links = {link for one in scene.workspace.sockets.deliveries for link in one.tries}
        assert len(links) == 2
        once(scene)


@pytest.mark.parametrize("end", ["cuts", "refreshes"])
def test_what_no_socket_heard_is_caught_up(scene: BotScene, end: str) -> None:
    workspace = scene.workspace
    announce, workspace.team.announce = workspace.team.announce, lambda _: None
    (alert,) = scene.plays("innocent-network")
    workspace.team.announce = announce
    assert scene.below(alert) == []
    {"cuts": workspace.cuts, "refreshes": workspace.refreshes}[end]()
    scene.card(alert, CLEARED)
    scene.quiet()
    once(scene)


def test_what_was_posted_before_the_start_is_caught_up() -> None:
    with bot_scene(begins=False) as scene:
        alerts = scene.plays("innocent-network")
        scene.starts()
        scene.card(alerts[0], CLEARED)


@pytest.mark.parametrize(
    "method", ["chat.postMessage", "chat.update", "files.getUploadURLExternal"]
)
def test_too_many_calls_cost_time_only(scene: BotScene, method: str) -> None:
    scene.workspace.limits_rate(method, times=2)
    alerts = scene.plays("innocent-network")
    scene.card(alerts[0], CLEARED)
    scene.quiet()
    assert scene.workspace.calls(method) >= 3
    once(scene)


def test_answers_come_in_order_after_too_many_calls(scene: BotScene) -> None:
    asked = ("vm", "cluster", "history", "status")
    scene.workspace.limits_rate("chat.postMessage", retry_after=3)
    for number, name in enumerate(asked, 1):
        scene.types("anna", f"help {name}")
        wanted(scene, number)
    scene.quiet()
    said = [one.words for one in scene.ours()]
    assert [name for name, words in zip(asked, said, strict=True) if name in words] == [*asked]


def wanted(scene: BotScene, number: int) -> None:
    scene.workspace.waits(lambda: backlog(scene.store)[0] == number, "the answer", SOON)


def test_a_card_that_was_deleted_is_posted_anew_once(scene: BotScene) -> None:
    (alert,) = scene.plays("innocent-network")
    card = scene.card(alert, CLEARED)
    scene.quiet()
    scene.workspace.deletes(card)
    zabbix = scene.workspace.posts_as_tool("PRTG", CHANNEL, again(scene))
    scene.quiet()
    scene.card(alert, "PRTG, ")
    assert scene.workspace.thread(zabbix) == []
    once(scene)


def again(scene: BotScene) -> str:
    """Give another tool's words of the same failover."""
    return prtg(scene.clock(), "SQL11", "SQLAG02").text


def test_nothing_is_posted_anew_while_nothing_changes(scene: BotScene) -> None:
    (alert,) = scene.plays("innocent-network")
    scene.workspace.deletes(scene.card(alert, CLEARED))
    scene.quiet()
    assert scene.below(alert) == []


def test_a_message_that_may_not_be_edited_any_more_is_posted_anew(scene: BotScene) -> None:
    (alert,) = scene.plays("innocent-network")
    scene.card(alert, CLEARED)
    scene.quiet()
    scene.workspace.fails(Fault("chat.update", "edit_window_closed"))
    scene.workspace.posts_as_tool("PRTG", CHANNEL, again(scene))

    def both() -> bool:
        return ["PRTG, " in one.words for one in scene.below(alert)] == [False, True]

    scene.quiet()
    scene.workspace.waits(both, "the new card", SOON)
    assert backlog(scene.store) == (0, 0)


def test_a_lost_channel_gives_way_to_the_configured_one() -> None:
    with bot_scene(channel="#general") as scene:
        answer = threading.Event()
        recorded = scene.sources.recorded

        def slow(request: Request, told: Told) -> Material:
            answer.wait(SOON.total_seconds())
            return recorded(request, told)

        scene.sources.pull = slow
        (alert,) = scene.plays("innocent-network")
        scene.card(alert, "Checking this failover")
        scene.workspace.channel(CHANNEL).members.discard(scene.workspace.team.bot.id)
        answer.set()
        card = scene.says(CLEARED, "general")
        sent(scene)
        assert not card.is_reply
        thread = scene.workspace.thread(card)
        assert sum(post_name(one).startswith("evidence ") for one in thread) == 1
        assert sum(len(one.files) for one in thread) == 1
        assert backlog(scene.store) == (0, 0)


def sent(scene: BotScene) -> None:
    """Let time pass until nothing waits: what was refused before the card moved goes after it."""

    def found() -> bool:
        scene.passes(timedelta(seconds=1))
        return backlog(scene.store)[0] == 0

    scene.workspace.waits(found, "the rest", SOON)


def test_without_any_channel_left_the_loss_is_counted() -> None:
    with bot_scene(channel="") as scene:
        scene.workspace.fails(Fault("chat.postMessage", "is_archived", times=9))
        scene.plays("innocent-network")
        scene.quiet()
        scene.workspace.waits(lambda: backlog(scene.store)[1], "the count", SOON)
        scene.workspace.team.faults.clear()
        scene.types("anna", "status")
        scene.says("could not be sent")


@pytest.mark.parametrize(
    "fault",
    [
        Fault("chat.postMessage", "internal_error"),
        Fault("chat.update", "internal_error"),
        Fault("chat.postMessage", "internal_error", status=503),
        Fault("chat.update", "fatal_error", status=500),
        Fault("chat.postMessage", "missing_scope"),
    ],
    ids=lambda fault: f"{fault.method} {fault.error} {fault.status}",
)
def test_what_slack_could_not_take_it_is_given_later(scene: BotScene, fault: Fault) -> None:
    scene.workspace.fails(replace(fault))
    (alert,) = scene.plays("innocent-network")
    refused(scene)
    scene.passes(BACKOFF)
    scene.card(alert, CLEARED)
    scene.quiet()
    once(scene)


class Forgetful(Team):
    """A Slack that takes our first message and says that it did not, as it happens to do."""

    forgot = False

    def forgets(self, message: Message) -> bool:
        return message.user == self.bot.id

    def post(self, message: Message) -> Message:
        posted = super().post(message)
        if self.forgets(message) and not self.forgot:
            Forgetful.forgot = True
            raise RefusedError("internal_error")
        return posted


class ForgetfulOfPictures(Forgetful):
    """The same with our first picture."""

    def forgets(self, message: Message) -> bool:
        return bool(message.files)


@pytest.mark.parametrize("team", [Forgetful, ForgetfulOfPictures])
def test_a_post_whose_answer_was_lost_is_not_posted_twice(team: type[Team]) -> None:
    Forgetful.forgot = False
    with bot_scene(team=team) as scene:
        (alert,) = scene.plays("innocent-network")
        refused(scene)
        scene.passes(BACKOFF)
        scene.card(alert, CLEARED)
        scene.quiet()
        once(scene)


def refused(scene: BotScene) -> None:
    scene.workspace.waits(lambda: "Slack refused" in scene.log.getvalue(), "the refusal", SOON)


def test_slack_may_be_down_for_a_while(scene: BotScene) -> None:
    faults = [
        Fault(method, "service_unavailable", 999, 503)
        for method in ("chat.postMessage", "chat.update", "conversations.replies")
    ]
    for fault in faults:
        scene.workspace.fails(fault)
    alerts = [scene.plays(key)[0] for key in ("innocent-network", "lease-lost")]
    scene.workspace.waits(lambda: len(history(scene.store)) == 2, "the verdicts", SOON)
    for _ in range(3):
        tries = scene.log.getvalue().count("Slack refused")
        scene.passes(BACKOFF)
        tried(scene, tries + 2)
    for fault in faults:
        fault.times = 0
    scene.passes(BACKOFF)
    scene.card(alerts[0], CLEARED)
    scene.card(alerts[1], CAUSED)
    scene.quiet()
    once(scene)


def tried(scene: BotScene, times: int) -> None:
    def found() -> bool:
        return scene.log.getvalue().count("Slack refused") >= times

    scene.workspace.waits(found, "the tries", SOON)


def breaks(scene: BotScene, times: int) -> None:
    """Let the next checks end in an exception that nobody expected."""
    left = [None] * times
    recorded = scene.sources.recorded

    def pull(request: Request, told: Told) -> Material:
        if left:
            left.pop()
            raise ZeroDivisionError("secret detail")
        return recorded(request, told)

    scene.sources.pull = pull


def test_an_exception_inside_a_check_is_tried_again(scene: BotScene) -> None:
    breaks(scene, 1)
    (alert,) = scene.plays("innocent-network")
    scene.workspace.waits(lambda: "mishap" in scene.log.getvalue(), "the mishap", SOON)
    scene.passes(timedelta(seconds=31))
    scene.card(alert, CLEARED)


def test_an_exception_that_stays_gives_a_token_that_the_log_has(scene: BotScene) -> None:
    breaks(scene, 3)
    (alert,) = scene.plays("innocent-network")
    for number, pause in enumerate((31, 61, 0), 1):
        logged(scene, number)
        scene.passes(timedelta(seconds=pause))
    card = scene.card(alert, "This failover could not be checked")
    (token,) = set(re.findall(r"E-[A-Z0-9]{6}", card.words))
    assert token in scene.log.getvalue()
    assert "secret detail" not in card.words
    scene.workspace.clicks("anna", card, "check_again")
    scene.card(alert, CLEARED)


def logged(scene: BotScene, number: int) -> None:
    def found() -> bool:
        return scene.log.getvalue().count("mishap=") >= number

    scene.workspace.waits(found, "the mishap", SOON)


def test_a_source_that_hangs_holds_up_only_its_own_cluster() -> None:
    answer = threading.Event()

    def hanging(recorded: Recorded) -> Pull:
        def pull(request: Request, told: Told) -> Material:
            if request.cluster.name == "SQLAG01":
                told("vcenter", "vcenter01", "asked")
                answer.wait(2 * SOON.total_seconds())
            return recorded(request, told)

        return pull

    with bot_scene(pull=hanging) as scene:
        hangs = scene.plays("removal-stun")
        (other,) = scene.plays("innocent-network")
        scene.card(other, CLEARED)
        scene.types("anna", "help")
        scene.says("What can be asked")
        scene.card(hangs, "Checking this failover")
        answer.set()
        scene.card(hangs, CAUSED)


def test_an_exception_in_a_command_gives_a_token(scene: BotScene) -> None:
    with scene.store.writing() as db:
        db.execute("DROP TABLE unmatched")
    scene.types("anna", "status")
    told = scene.whispers("anna", "E-")
    (token,) = set(re.findall(r"E-[A-Z0-9]{6}", told.words))
    assert token in scene.log.getvalue()
