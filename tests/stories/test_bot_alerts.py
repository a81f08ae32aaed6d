"""Alerts come in, verdicts go out: the real bot in a workspace of stand-ins."""

import threading
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from commands.wording import HEADLINES
from demo.alerts import prtg, redgate
from demo.recorded import Recorded
from demo.site import INCIDENTS
from demo.slack.message import Message
from demo.stories import CHANNEL, SCENES, Scene
from sources.material import Material, VCenterAnswers, VeeamAnswers
from sources.pull import Request, Told
from storage.alerts import alerts_of
from storage.incidents import incident_of
from storage.unmatched import unmatched_since
from storage.verdicts import history
from tests.stories.bot_scene import SOON, TOKEN, BotScene, Pull, bot_scene, post_name
from verdict.facts import Gap
from verdict.verdict import Blame
from verdict.words import clock_time

CAUSED, CLEARED, UNKNOWN = (HEADLINES[one] for one in (Blame.CAUSED, Blame.CLEARED, Blame.UNKNOWN))
CHECKING = "Checking this failover"
BOT = "<@U0BOT>"


@pytest.fixture(name="scene")
def _scene() -> Iterator[BotScene]:
    with bot_scene() as scene:
        yield scene


@pytest.fixture(name="all_day", scope="module")
def _all_day() -> Iterator[BotScene]:
    with bot_scene() as scene:
        yield scene


def wanted(key: str) -> str:
    """Give the headline that a recorded incident asks for."""
    story = tomllib.loads((INCIDENTS / key / "story.toml").read_text("utf-8"))
    return HEADLINES[Blame(story["incidents"][0]["backup"])]


@pytest.mark.parametrize("story", SCENES, ids=lambda scene: scene.key)
def test_a_story_ends_in_its_headline_below_its_alert(all_day: BotScene, story: Scene) -> None:
    alerts = all_day.plays(story.key)
    card = all_day.card(alerts, wanted(story.key))
    all_day.quiet()
    (incident,) = (one for one in history(all_day.store) if one.entry["cluster"] == story.cluster)
    told = {alert.ts for alert in alerts_of(all_day.store, incident.incident)}
    assert told == {alert.ts for alert in alerts}
    names = all_day.workspace.now(card).words.partition("Told by")[2]
    assert all(alert.tool in names for alert in alerts_of(all_day.store, incident.incident))
    thread = [reply for alert in alerts for reply in all_day.workspace.thread(alert)]
    assert {reply.thread_ts for reply in thread} == {card.thread_ts}
    assert [post_name(one).split()[0] for one in thread if not one.files] == ["card", "evidence"]
    assert sum(len(one.files) for one in thread) == 1


def test_something_stands_below_an_alert_within_a_second_and_becomes_the_verdict() -> None:
    answer = threading.Event()

    def slow(recorded: Recorded) -> Pull:
        def pull(request: Request, told: Told) -> Material:
            answer.wait(SOON.total_seconds())
            return recorded(request, told)

        return pull

    with bot_scene(pull=slow) as scene:
        began = time.monotonic()
        (alert,) = scene.plays("innocent-network")
        placeholder = scene.card(alert, CHECKING)
        assert time.monotonic() - began < 1
        answer.set()
        assert scene.card(alert, CLEARED).ts == placeholder.ts


def test_progress_is_told_while_sources_are_slow() -> None:
    answer = threading.Event()

    def slow(recorded: Recorded) -> Pull:
        def pull(request: Request, told: Told) -> Material:
            told("vcenter", "vcenter01", "asked")
            time.sleep(1.1)  # one word of progress a second, not more
            told("veeam", "veeam01", "asked")
            answer.wait(SOON.total_seconds())
            return recorded(request, told)

        return pull

    with bot_scene(pull=slow) as scene:
        (alert,) = scene.plays("innocent-network")
        assert "Veeam, veeam01: asked" in scene.card(alert, "vCenter, vcenter01: asked").words
        answer.set()
        scene.card(alert, CLEARED)


RECOVERY = "[RESOLVED] WindowsClusterNodeDown SQLAG01 sql01: node SQL01 of SQLAG01 is up again"
CHATTER = "Lunch at SQL01's place? Bring SQLAG01 stickers."


def test_recoveries_chatter_and_our_own_posts_are_no_alerts(scene: BotScene) -> None:
    scene.workspace.posts_as_tool("Alertmanager", CHANNEL, RECOVERY)
    scene.workspace.posts_as_tool("Lunch", CHANNEL, CHATTER)
    scene.workspace.says("anna", CHANNEL, "SQL01 failed over tonight, did anybody see that?")
    scene.bot.app.client.chat_postMessage(
        channel=scene.workspace.channel(CHANNEL).id, text="Availability group failover on AG-SHOP"
    )
    scene.quiet()
    assert scene.cards() == []
    assert history(scene.store) == ()
    assert unmatched_since(scene.store, scene.clock() - SOON) == 0


def test_an_alert_with_unknown_names_is_counted_and_shown(scene: BotScene) -> None:
    post = redgate(scene.clock(), "NOBODYS", "AG-UNHEARD")
    scene.workspace.posts_as_tool(post.tool, CHANNEL, post.text, post.attachments)
    scene.quiet()
    assert scene.cards() == []
    scene.types("anna", "status")
    told = scene.says("1 message of the last day looked like alerts")
    assert "Availability group" in told.words


def test_an_edit_can_make_an_alert_of_a_message(scene: BotScene) -> None:
    at = scene.happens("SQLAG02", "innocent-network", timedelta(seconds=20))
    message = scene.workspace.posts_as_tool("PRTG", CHANNEL, "SQL11: being looked at")
    scene.quiet()
    assert scene.cards() == []
    edited = scene.workspace.edits(message, prtg(at, "SQL11", "SQLAG02").text)
    scene.card(edited, CLEARED)
    scene.workspace.edits(edited, edited.text + " (acknowledged)")
    scene.quiet()
    assert len(scene.cards()) == 1


@pytest.mark.parametrize("nested", [False, True])
def test_an_alert_may_stand_in_an_attachment_alone(scene: BotScene, nested: bool) -> None:
    scene.happens("SQLAG02", "innocent-network", timedelta(seconds=20))
    words = "Cluster node SQL11 in cluster SQLAG02 is not running."
    section = {"type": "section", "text": {"type": "mrkdwn", "text": words}}
    attachment = {"blocks": [section]} if nested else {"fallback": words, "text": words}
    alert = scene.workspace.posts_as_tool("SCOM", CHANNEL, "", (attachment,))
    scene.card(alert, CLEARED)


def test_a_webhook_is_answered_in_the_channel_once(scene: BotScene) -> None:
    at = scene.happens("SQLAG02", "innocent-network", timedelta(seconds=20))
    sent = {"text": "SQL11 left the cluster", "at": at.isoformat(), "id": "4711"}
    url = f"http://127.0.0.1:{scene.bot.server.port}/webhook/alert"
    refused = httpx.post(url, json=sent, headers={"Authorization": "Bearer guessed"})
    assert refused.status_code == httpx.codes.UNAUTHORIZED
    for _ in range(2):
        taken = httpx.post(url, json=sent, headers={"Authorization": f"Bearer {TOKEN}"})
        assert taken.json() == {"taken": 1}
    card = scene.says(CLEARED)
    scene.quiet()
    assert not card.is_reply
    assert len(scene.cards()) == 1
    assert "webhook, " in scene.cards()[0].words


def test_a_webhook_and_a_message_of_one_failover_make_one_card(scene: BotScene) -> None:
    (alert,) = scene.plays("innocent-network")
    scene.card(alert, CLEARED)
    url = f"http://127.0.0.1:{scene.bot.server.port}/webhook/alert"
    sent = {"text": "SQL12 failed over"}
    httpx.post(url, json=sent, headers={"Authorization": f"Bearer {TOKEN}"})
    scene.quiet()
    assert "webhook, " in scene.card(alert, "Zabbix, ").words
    assert len(scene.cards()) == 1


def test_a_person_asks_about_a_time(scene: BotScene) -> None:
    at = scene.happens("SQLAG01", "removal-stun", timedelta(hours=3))
    scene.types("anna", f"failover sqlag01 {at:%H:%M}")
    card = scene.says(CAUSED)
    assert not card.is_reply
    assert "a person, " in card.words


def test_a_person_asks_about_the_last_failover(scene: BotScene) -> None:
    scene.happens("SQLAG01", "removal-stun", timedelta(minutes=15))
    scene.types("anna", "failover SQLAG01")
    scene.says(CAUSED)


def test_a_mention_in_a_thread_is_answered_there(scene: BotScene) -> None:
    at = scene.happens("SQLAG01", "removal-stun", timedelta(hours=3))
    talk = scene.workspace.says("anna", CHANNEL, "What happened tonight?")
    scene.workspace.says("ben", CHANNEL, f"{BOT} failover SQLAG01 {at:%H:%M:%S}", thread=talk)
    scene.card(talk, CAUSED)


def test_the_shortcut_checks_a_person_s_message(scene: BotScene) -> None:
    scene.happens("SQLAG01", "removal-stun", timedelta(seconds=20))
    talk = scene.workspace.says("anna", CHANNEL, "Does anybody know why sql01 hung?")
    scene.quiet()
    assert scene.cards() == []
    scene.workspace.shortcut("ben", talk, "check_alert")
    scene.card(talk, CAUSED)


def test_the_shortcut_on_a_message_without_names_says_what_to_type(scene: BotScene) -> None:
    talk = scene.workspace.says("anna", CHANNEL, "Good morning.")
    scene.workspace.shortcut("ben", talk, "check_alert")
    scene.whispers("ben", "names no cluster, node or VM that is known")
    assert scene.cards() == []


def newest(recorded: Recorded) -> Pull:
    """Make sources that tell of the last failover of a window."""

    def pull(request: Request, told: Told) -> Material:
        return recorded(replace(request, at=request.at + request.after), told)

    return pull


def test_a_second_failover_three_minutes_later_has_a_card_of_its_own() -> None:
    with bot_scene(pull=newest) as scene:
        (first,) = scene.plays("innocent-network")
        card = scene.card(first, CLEARED)
        scene.quiet()
        scene.passes(timedelta(minutes=3))
        (second,) = scene.plays("innocent-network")
        scene.quiet()
        other = scene.card(second, CLEARED)
        assert card.ts != other.ts
        assert len(scene.cards()) == 2
        for alert, shown in ((first, card), (second, other)):
            words = scene.workspace.now(shown).words
            assert f"Zabbix, {scene_time(alert)}" in words
            assert words.count("Zabbix, ") == 1


def scene_time(message: Message) -> str:
    """Give the second of a message, as the card names it."""
    return clock_time(datetime.fromtimestamp(float(message.ts), UTC))


def late(recorded: Recorded) -> Pull:
    """Make sources of which only the nodes answer in the first minute."""
    began = recorded.now()

    def pull(request: Request, told: Told) -> Material:
        whole = recorded(request, told)
        if recorded.now() - began > timedelta(minutes=1):
            return whole
        gaps = tuple(Gap("vmware.log", vm, "the log is locked", "") for vm in whole.vms)
        bare = replace(whole, vms={}, vcenter=VCenterAnswers(), veeam=VeeamAnswers())
        return replace(bare, gaps=(*whole.gaps, *gaps))

    return pull


def test_late_evidence_changes_the_card_and_says_so() -> None:
    with bot_scene(pull=late) as scene:
        alert = scene.plays("removal-stun")
        before = scene.card(alert, UNKNOWN)
        scene.quiet()
        scene.passes(timedelta(minutes=2, seconds=5))
        after = scene.card(alert, CAUSED)
        assert after.ts == before.ts
        assert "vmware.log of SQL01" in after.words
        assert f"could be read now; before: {UNKNOWN}" in after.words


def test_what_is_read_poorer_later_takes_nothing_back() -> None:
    gone = threading.Event()

    def fading(recorded: Recorded) -> Pull:
        poor = late(recorded)

        def pull(request: Request, told: Told) -> Material:
            return (poor if gone.is_set() else recorded)(request, told)

        return pull

    with bot_scene(pull=fading) as scene:
        alert = scene.plays("removal-stun")
        scene.card(alert, CAUSED)
        scene.quiet()
        gone.set()
        card = scene.card(alert, CAUSED)
        scene.workspace.clicks("anna", card, "check_again")
        scene.card(alert, "less could be read than before")
        scene.quiet()
        assert CAUSED in scene.workspace.now(card).words


def test_an_incident_is_known_by_its_failover_not_by_its_alert(scene: BotScene) -> None:
    at = scene.happens("SQLAG02", "innocent-network", timedelta(minutes=4))
    post = prtg(at, "SQL11", "SQLAG02")
    alert = scene.workspace.posts_as_tool(post.tool, CHANNEL, post.text)
    scene.card(alert, CLEARED)
    (judged,) = history(scene.store)
    assert abs(incident_of(scene.store, judged.incident).at - at) < timedelta(seconds=2)
