"""A real Bolt app talks with the stand-in over HTTP and Socket Mode."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from demo.slack.delivery import ACKNOWLEDGED, NO_SOCKET, TIMED_OUT
from demo.slack.limits import Limits
from demo.slack.refused import ImpossibleError
from demo.slack.workspace import Workspace
from tests.demo.bolt_app import Told, running

SHORT = timedelta(seconds=0.3)
FAST = Limits(
    acknowledge=SHORT, redeliver=(timedelta(0), SHORT), posts_per_minute=6000, leaving=SHORT
)
ALERT = {"color": "danger", "title": "SQLAG01", "text": "SQLAG01 failed over", "fallback": "x"}


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    before = {*threading.enumerate()}
    with Workspace() as place:
        people = [place.adds_user("ada"), place.adds_user("bob")]
        place.adds_channel("alerts", people)
        yield place
    assert not [t for t in {*threading.enumerate()} - before if t.name == "slack stand-in"]


@pytest.fixture
def fast(workspace: Workspace) -> Workspace:
    workspace.team.limits = FAST
    return workspace


@pytest.fixture
def told() -> Told:
    return Told()


def test_a_command_is_answered_to_its_author_and_in_the_channel(
    workspace: Workspace, told: Told
) -> None:
    with running(workspace, told):
        sent = workspace.waits_for_answer(workspace.slash("ada", "alerts", "/stuncheck vm <a>"))
        assert sent.outcome == ACKNOWLEDGED
        assert sent.took < 3
        workspace.waits_for_words("alerts", "Not the backup")
    assert [m.text for m in workspace.whispers("ada", "alerts")] == ["Checking vm &lt;a&gt;"]
    assert workspace.whispers("bob", "alerts") == []


def test_a_button_edits_the_message_and_thanks_through_the_response_url(
    workspace: Workspace, told: Told
) -> None:
    with running(workspace, told):
        workspace.slash("ada", "alerts", "/stuncheck vm sql01")
        card = workspace.waits_for_words("alerts", "Not the backup")
        workspace.clicks("bob", card, "approve")
        edited = workspace.waits_for_words("alerts", "Approved by")
        workspace.waits(lambda: workspace.whispers("bob", "alerts"), "thanks")
    assert (edited.ts, edited.edited) == (card.ts, "")
    assert len(workspace.messages("alerts")) == 1
    with pytest.raises(ImpossibleError):
        workspace.clicks("bob", edited, "approve")


def test_a_modal_refuses_then_takes_a_reason_and_answers_in_the_thread(
    workspace: Workspace, told: Told
) -> None:
    with running(workspace, told):
        workspace.slash("ada", "alerts", "/stuncheck vm sql01")
        card = workspace.waits_for_words("alerts", "Not the backup")
        workspace.clicks("bob", card, "reject")
        modal = workspace.waits(lambda: workspace.modal("bob"), "the modal")
        with pytest.raises(ImpossibleError):
            workspace.submits(modal)
        workspace.waits_for_answer(workspace.submits(modal, {"reason": "no"}))
        shown = workspace.modal("bob")
        assert shown is not None
        assert shown.errors == {"reason": "Say why"}
        workspace.waits_for_answer(workspace.submits(modal, {"reason": "too early"}))
        workspace.waits_for_words("alerts", "Rejected: too early")
    assert workspace.modal("bob") is None
    assert [m.text for m in workspace.thread(card)] == ["Rejected: too early"]


def test_a_shortcut_puts_a_file_into_the_thread(workspace: Workspace, told: Told) -> None:
    with running(workspace, told):
        alert = workspace.posts_as_tool("Alertmanager", "alerts", attachments=(ALERT,))
        workspace.shortcut("ada", alert, "check_alert")
        (share,) = workspace.waits(lambda: workspace.thread(alert), "the file")
    assert share.files[0]["alt_txt"] == "One stun of 12.4 s"
    assert workspace.file(share.files[0]["id"]) == b"\x89PNG stun"


def test_the_app_is_told_of_messages_edits_and_deletions(workspace: Workspace, told: Told) -> None:
    with running(workspace, told):
        alert = workspace.posts_as_tool("Alertmanager", "alerts", attachments=(ALERT,))
        workspace.waits(lambda: len(told.events) == 1, "the alert")
        workspace.edits(alert, text="resolved")
        workspace.waits(lambda: len(told.events) == 2, "the edit")
        workspace.deletes(alert)
        workspace.waits(lambda: len(told.events) == 3, "the deletion")
    words = [words for words, _ in told.events]
    assert "SQLAG01 failed over" in words[0]
    assert words[1:] == ["message_changed", "message_deleted"]


def test_a_mention_gets_a_reaction_and_the_home_tab_is_published(
    workspace: Workspace, told: Told
) -> None:
    workspace.team.scopes |= {"reactions:write"}
    with running(workspace, told):
        asked = workspace.says("ada", "alerts", f"{workspace.team.bot.mention} help")
        workspace.opens_home("ada")
        workspace.waits(lambda: workspace.home("ada"), "the home tab")
        workspace.waits(lambda: workspace.now(asked).reactions, "the reaction")
    assert workspace.now(asked).reactions == (("eyes", workspace.team.bot.id),)


def test_an_event_without_acknowledgement_comes_again_with_its_number(
    fast: Workspace, told: Told
) -> None:
    with running(fast, told):
        told.gate.clear()
        fast.says("ada", "alerts", "SQL01 down")
        delivery = fast.sockets.deliveries[-1]
        fast.waits(lambda: len(delivery.tries) >= 2, "the second try")
        told.gate.set()
        fast.waits(lambda: len(told.events) >= 2, "both")
        assert fast.waits_for_answer(delivery).outcome == ACKNOWLEDGED
    assert {retry for _, retry in told.events} >= {"0", "1"}
    assert len({*told.ids}) == 1


def test_an_acknowledged_event_can_come_twice(fast: Workspace, told: Told) -> None:
    with running(fast, told):
        fast.says("ada", "alerts", "SQL01 down")
        fast.settles()
        fast.redelivers(fast.sockets.deliveries[-1])
        fast.waits(lambda: len(told.ids) == 2, "the second")
    assert len({*told.ids}) == 1


def test_two_sockets_share_what_comes(fast: Workspace, told: Told) -> None:
    with running(fast, told, sockets=2):
        for number in range(6):
            fast.says("ada", "alerts", f"alert {number}")
        fast.waits(lambda: len(told.events) == 6, "all of them")
    tries = [delivery.tries for delivery in fast.sockets.deliveries]
    assert all(len(one) == 1 for one in tries)
    assert all(one != other for one, other in pairwise(tries))


@pytest.mark.parametrize("end", ["refresh", "cut"])
def test_a_socket_that_ends_is_opened_anew(fast: Workspace, told: Told, end: str) -> None:
    with running(fast, told):
        before = fast.sockets.links[0]
        if end == "refresh":
            fast.refreshes()
        else:
            fast.cuts()
        within = timedelta(seconds=15)
        fast.waits(lambda: [li for li in fast.sockets.links if li is not before], "it", within)
        fast.waits_for_sockets(1)
        fast.says("ada", "alerts", "still there")
        fast.waits(lambda: told.events, "the event")


def test_without_a_socket_the_person_is_told(fast: Workspace) -> None:
    sent = fast.waits_for_answer(fast.slash("ada", "alerts", "/stuncheck status"))
    assert sent.outcome == NO_SOCKET
    assert "dispatch_failed" in fast.whispers("ada", "alerts")[0].text


def test_a_command_that_nobody_acknowledges_times_out(fast: Workspace, told: Told) -> None:
    with running(fast, told):
        sent = fast.waits_for_answer(fast.slash("ada", "alerts", "/unknown"))
    assert sent.outcome == TIMED_OUT
    assert "operation_timeout" in fast.whispers("ada", "alerts")[0].text


def test_people_see_no_channel_they_are_not_in(workspace: Workspace) -> None:
    workspace.adds_user("eve")
    with pytest.raises(ImpossibleError):
        workspace.says("eve", "alerts", "hello")
    with pytest.raises(TimeoutError):
        workspace.waits_for_words("alerts", "hello", within=timedelta(seconds=0.05))
