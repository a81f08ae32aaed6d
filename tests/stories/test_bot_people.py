"""People ask, click and judge: the real bot in a workspace of stand-ins."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from commands.line import COMMANDS
from commands.wording import HEADLINES
from demo.site import HOMES, site
from demo.slack.message import Message
from demo.slack.pace import Fault
from demo.slack.view import View
from demo.stories import CHANNEL
from sources.access import ClusterAccess
from storage.incidents import close_unjudged
from storage.opinions import opinions_of
from storage.verdicts import history
from tests.stories.bot_scene import SOON, BotScene, bot_scene, post_name, words
from verdict.verdict import Blame

CAUSED = HEADLINES[Blame.CAUSED]
BOT = "<@U0BOT>"
EVIL = "<!channel> *bold* ```code``` <@U0BOT>"

ASKED = {
    "audit": "Nothing was done yet.",
    "vm sql01": "SQL01",
    "cluster SQLAG01": "SQLAG01",
    "heartbeat SQLAG01": "SameSubnetThreshold",
    "history": "2 caused, 3 cleared",
    "history SQLAG03": "1 failover: 1 cleared.",
    "status": "to be sent to Slack",
    "help": "What can be asked",
    "help vm": "Tell how close a VM comes to the edge every night.",
}


@pytest.fixture(name="scene", scope="module")
def _scene() -> Iterator[BotScene]:
    with bot_scene(past=True) as scene:
        yield scene


@pytest.fixture(name="alert", scope="module")
def _alert(scene: BotScene) -> Message:
    (alert,) = scene.plays("lease-lost")
    scene.card(alert, CAUSED)
    scene.quiet()
    return alert


def test_every_command_is_asked_here() -> None:
    asked = {line.split()[0] for line in ASKED}
    assert asked | {"failover", "tune"} == set(COMMANDS)  # test_bot_{alerts,tuning} ask those


@pytest.mark.parametrize("line", ASKED)
def test_a_command_is_answered_in_the_channel(scene: BotScene, line: str) -> None:
    before = {message.ts for message in scene.ours("general")}
    scene.types("anna", line, "general")
    told = new(scene, before, "general")
    assert ASKED[line] in told.words
    assert not told.is_reply


@pytest.mark.parametrize("line", ASKED)
def test_a_mention_is_answered_in_its_thread(scene: BotScene, line: str) -> None:
    before = {message.ts for message in scene.ours("general")}
    talk = scene.workspace.says("ben", "general", f"{BOT} {line}")
    told = new(scene, before, "general")
    assert ASKED[line] in told.words
    assert told.thread_ts == talk.ts


@pytest.mark.parametrize("line", ["vm sql01", "heartbeat SQLAG01"])
def test_what_can_be_drawn_stands_below_the_answer(scene: BotScene, line: str) -> None:
    before = {message.ts for message in scene.ours("general")}
    scene.types("anna", line, "general")
    told = new(scene, before, "general")
    scene.workspace.waits(lambda: [m for m in scene.workspace.thread(told) if m.files], "chart")


def new(scene: BotScene, before: set[str], channel: str) -> Message:
    """Wait for an answer that was not there before."""

    def found() -> Message | None:
        said = (one for one in scene.ours(channel) if one.ts not in before and not one.files)
        return next(said, None)

    return scene.workspace.waits(found, "the answer", SOON)


WRONG = {
    "vm sql011": "Perhaps",
    "cluster SQLAG1": "SQLAG01",
    "heartbeat nobody": "Known: ",
    "failover SQLAG001": "SQLAG01",
    "failover SQLAG01 25:00": "25:00 is no time of day.",
    "failover SQLAG01 tomorrow": "That is no moment.",
    "history SQLAG99": "There is no cluster SQLAG99",
    "clustre SQLAG01": "Perhaps cluster is meant.",
    "help me": "There is no command me",
    "vm": "`vm` was typed with no name.",
    "vm sql01 sql02": "Type: /stuncheck vm NAME",
    'vm "sql01': "A quotation mark is not closed.",
    "vm " + "x" * 1000: "longer than 1000 characters",
}


@pytest.mark.parametrize("line", WRONG, ids=lambda line: line[:30])
def test_wrong_use_is_told_to_the_person_alone(scene: BotScene, line: str) -> None:
    before = len(scene.ours())
    scene.types("ben", line)
    scene.whispers("ben", WRONG[line])
    assert len(scene.ours()) == before
    assert scene.workspace.whispers("anna", CHANNEL) == []


def test_a_command_alone_is_help(scene: BotScene) -> None:
    before = {message.ts for message in scene.ours("general")}
    scene.types("anna", "", "general")
    assert "What can be asked" in new(scene, before, "general").words


def test_where_the_bot_is_not_the_person_alone_is_answered(scene: BotScene) -> None:
    scene.types("anna", "cluster SQLAG01", "elsewhere")
    scene.whispers("anna", "SQL01", "elsewhere")
    assert scene.ours("elsewhere") == []


def test_a_failover_that_can_be_answered_nowhere_is_refused() -> None:
    with bot_scene(channel="") as scene:
        scene.happens("SQLAG01", "removal-stun", timedelta(minutes=15))
        scene.types("anna", "failover SQLAG01", "elsewhere")
        scene.whispers("anna", "Type /invite @stuncheck here", "elsewhere")
        assert history(scene.store) == ()


def test_a_failover_asked_for_where_the_bot_is_not_is_answered_in_its_own_channel() -> None:
    with bot_scene() as scene:
        scene.happens("SQLAG01", "removal-stun", timedelta(minutes=15))
        scene.types("anna", "failover SQLAG01", "elsewhere")
        assert not scene.says(CAUSED).is_reply
        scene.whispers("anna", scene.workspace.channel(CHANNEL).id, "elsewhere")


def test_the_home_tab_shows_every_margin(scene: BotScene) -> None:
    scene.workspace.opens_home("anna")
    home = scene.workspace.waits(lambda: scene.workspace.home("anna"), "the home tab", SOON)
    assert "Margins of" in words(home)
    assert "Last verdicts" in words(home)
    for cluster in HOMES:
        assert cluster in words(home)


def test_evidence_is_there_once_however_often_it_is_asked_for(
    scene: BotScene, alert: Message
) -> None:
    card = scene.card(alert, CAUSED)
    for _ in range(2):
        scene.workspace.clicks("anna", card, "evidence")
    scene.whispers("anna", "The evidence is in the thread of the card.")
    scene.quiet()
    names = [post_name(one) for one in scene.workspace.thread(alert)]
    assert sum(name.startswith("evidence ") for name in names) == 1


def test_what_if_opens_at_once_and_is_filled_then(scene: BotScene, alert: Message) -> None:
    scene.workspace.clicks("anna", scene.card(alert, CAUSED), "what_if")

    def filled() -> View | None:
        view = scene.workspace.modal("anna")
        return view if view and "LeaseTimeout" in words(view) else None

    scene.workspace.waits(filled, "the modal", SOON)
    called = [name for name, _ in scene.workspace.team.calls if name.startswith("views.")]
    assert called[-2:] == ["views.open", "views.update"]


def test_check_again_says_that_nothing_is_new(scene: BotScene, alert: Message) -> None:
    scene.passes(timedelta(hours=2))  # all that comes late was looked for
    card = scene.card(alert, CAUSED)
    scene.workspace.clicks("anna", card, "check_again")
    scene.whispers("anna", "It is being checked again.")
    said = f"Checked again {scene.clock():%H:%M}"
    assert "nothing new" in scene.card(alert, said).words


def test_an_opinion_stands_below_the_card_and_pings_nobody(scene: BotScene, alert: Message) -> None:
    card = scene.card(alert, CAUSED)
    scene.workspace.clicks("ben", card, "wrong")
    view = scene.workspace.waits(lambda: scene.workspace.modal("ben"), "the modal", SOON)
    scene.workspace.submits(view, {"backup": "cleared", "why": f"{EVIL} It was the switch."})

    def found() -> Message | None:
        said = (one for one in scene.workspace.thread(alert) if "It was the switch." in one.words)
        return next(said, None)

    told = scene.workspace.waits(found, "the opinion", SOON)
    assert "ben says: Not the backup." in told.words
    harmless(told)
    incident = post_name(card).split()[1]
    (kept,) = opinions_of(scene.store, incident)
    assert kept.backup is Blame.CLEARED
    assert kept.why == f"{EVIL} It was the switch."
    assert CAUSED in scene.workspace.now(card).words


def harmless(message: Message) -> None:
    """Nothing of it is a ping, a link or formatting to Slack; no code block ends too soon."""
    assert "<!" not in repr(message)
    assert "<@" not in repr(message)
    for block in message.blocks:
        for text in [block.get("text"), *block.get("elements", ()), *block.get("fields", ())]:
            if text and text["type"] == "mrkdwn":
                pieces = text["text"].split("```")
                assert len(pieces) in {1, 3}
                assert "*bold*" not in "".join(pieces[::2])


def test_a_click_on_what_is_gone_says_so() -> None:
    gone = "That incident is not kept any more."
    with bot_scene() as scene:
        (alert,) = scene.plays("innocent-network")
        card = scene.card(alert, HEADLINES[Blame.CLEARED])
        scene.quiet()
        close_unjudged(scene.store, history(scene.store)[0].incident)
        for number, action in enumerate(("what_if", "evidence", "check_again", "wrong"), 1):
            scene.workspace.clicks("anna", card, action)
            scene.workspace.waits(partial(told, scene, gone, number), gone, SOON)


def told(scene: BotScene, words: str, times: int) -> bool:
    """Whether anna was told so that many times."""
    heard = scene.workspace.whispers("anna", CHANNEL)
    return sum(words in one.words for one in heard) == times


def test_an_opinion_on_what_is_gone_is_told_to_be_lost() -> None:
    with bot_scene() as scene:
        (alert,) = scene.plays("innocent-network")
        card = scene.card(alert, HEADLINES[Blame.CLEARED])
        scene.quiet()
        scene.workspace.clicks("ben", card, "wrong")
        view = scene.workspace.waits(lambda: scene.workspace.modal("ben"), "the modal", SOON)
        close_unjudged(scene.store, history(scene.store)[0].incident)
        scene.workspace.submits(view, {"backup": "cleared", "why": "I know it."})
        scene.whispers("ben", "That incident is not kept any more.")


def test_a_modal_that_was_closed_meanwhile_is_no_fault() -> None:
    with bot_scene() as scene:
        (alert,) = scene.plays("innocent-network")
        card = scene.card(alert, HEADLINES[Blame.CLEARED])
        scene.workspace.fails(Fault("views.update", "not_found"))
        scene.workspace.clicks("anna", card, "what_if")
        scene.workspace.waits(lambda: scene.workspace.calls("views.update"), "the answer", SOON)
        scene.workspace.opens_home("anna")
        scene.workspace.waits(lambda: scene.workspace.home("anna"), "the home tab", SOON)
        assert "mishap" not in scene.log.getvalue()


def test_a_click_that_came_too_late_for_its_modal_is_told(scene: BotScene, alert: Message) -> None:
    scene.workspace.fails(Fault("views.open", "expired_trigger_id"))
    scene.workspace.clicks("ben", scene.card(alert, CAUSED), "what_if")
    scene.whispers("ben", "Slack waits only three seconds")


def test_a_hostile_name_of_a_cluster_pings_nobody() -> None:
    there = site()
    first, *rest = there.clusters
    evil = ClusterAccess(EVIL, first.hosts, first.winrm, {"SQL01": EVIL})
    with bot_scene(there=replace(there, clusters=(evil, *rest))) as scene:
        alert = scene.workspace.posts_as_tool("PRTG", CHANNEL, f"SQL01 Cluster Node {EVIL} Down")
        harmless(scene.card(alert, "Not enough evidence"))
        scene.types("anna", "status")
        harmless(scene.says("to be sent to Slack"))
        scene.workspace.opens_home("anna")
        home = scene.workspace.waits(lambda: scene.workspace.home("anna"), "the home tab", SOON)
        assert "<!" not in repr(home.body)


@pytest.mark.parametrize("line", [f"vm '{EVIL}'", f"cluster '{EVIL}'", EVIL, f"help '{EVIL}'"])
def test_a_hostile_line_pings_nobody(scene: BotScene, line: str) -> None:
    before = len(scene.workspace.whispers("ben", CHANNEL))
    scene.types("ben", line)

    def answered() -> list[Message]:
        return scene.workspace.whispers("ben", CHANNEL)[before + 1 :]

    (told,) = scene.workspace.waits(answered, "the answer", SOON)
    for message in (scene.workspace.whispers("ben", CHANNEL)[before], told):
        harmless(message)


def test_a_hostile_line_in_a_thread_pings_nobody(scene: BotScene) -> None:
    talk = scene.workspace.says("anna", "general", f"{BOT} vm '<!channel>'")
    told = scene.whispers("anna", "There is no VM", "general")
    harmless(told)
    assert told.thread_ts == talk.ts


def test_a_click_that_comes_twice_is_one_wish(scene: BotScene, alert: Message) -> None:
    said = "It is being checked again."

    def heard() -> int:
        return sum(said in one.words for one in scene.workspace.whispers("ben", CHANNEL))

    delivery = scene.workspace.clicks("ben", scene.card(alert, CAUSED), "check_again")
    scene.whispers("ben", said)
    scene.workspace.waits_for_answer(delivery)
    scene.workspace.waits_for_answer(scene.workspace.redelivers(delivery))
    scene.types("ben", "nonsense")  # what was asked after it is answered after it
    scene.whispers("ben", "There is no command nonsense.")
    assert heard() == 1
