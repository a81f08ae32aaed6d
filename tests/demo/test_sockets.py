"""Socket Mode, frame by frame, as a client that is not Bolt would see it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from demo.slack.delivery import ACKNOWLEDGED, TIMED_OUT
from demo.slack.limits import Limits
from demo.slack.refused import RefusedError
from demo.slack.workspace import Workspace

SHORT = timedelta(seconds=0.3)


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace.with_limits(Limits(acknowledge=SHORT, redeliver=(SHORT,))) as place:
        place.adds_channel("alerts", [place.adds_user("ada")])
        yield place


def address(workspace: Workspace) -> str:
    return str(workspace.sockets.open(workspace.team.app_token)["url"])


def heard(link: ClientConnection) -> dict[str, Any]:
    frame = json.loads(link.recv(timeout=5))
    assert isinstance(frame, dict)
    return frame


def test_each_hello_counts_the_sockets_and_the_eleventh_is_sent_away(
    workspace: Workspace,
) -> None:
    with ExitStack() as stack:
        for number in range(10):
            link = stack.enter_context(connect(address(workspace)))
            assert heard(link)["num_connections"] == number + 1
        late = stack.enter_context(connect(address(workspace)))
        assert heard(late)["reason"] == "too_many_websockets"
        with pytest.raises(ConnectionClosed):
            late.recv(timeout=5)


def test_an_address_opens_one_socket(workspace: Workspace) -> None:
    where = address(workspace)
    with connect(where) as link:
        assert heard(link)["type"] == "hello"
        with pytest.raises(InvalidStatus):
            connect(where)


def test_a_late_acknowledgement_does_not_stop_the_next_try(workspace: Workspace) -> None:
    with connect(address(workspace)) as link:
        heard(link)
        workspace.says("ada", "alerts", "down")
        first = heard(link)
        delivery = workspace.sockets.deliveries[-1]
        again = heard(link)
        assert [f["retry_attempt"] for f in (first, again)] == [0, 1]
        assert [f["retry_reason"] for f in (first, again)] == ["", "timeout"]
        assert first["payload"]["event_id"] == again["payload"]["event_id"]
        assert workspace.waits_for_answer(delivery).outcome == TIMED_OUT
        link.send(json.dumps({"envelope_id": again["envelope_id"]}))
        workspace.slash("ada", "alerts", "/stuncheck status")
        assert heard(link)["type"] == "slash_commands"
        assert delivery.outcome == TIMED_OUT


def test_an_acknowledgement_with_bad_blocks_is_shown_to_nobody(workspace: Workspace) -> None:
    with connect(address(workspace)) as link:
        heard(link)
        sent = workspace.slash("ada", "alerts", "/stuncheck #alerts @ada")
        frame = heard(link)
        link.send("rubbish")
        reply = {"text": "x", "blocks": [{"type": "nonsense"}]}
        link.send(json.dumps({"envelope_id": frame["envelope_id"], "payload": reply}))
        workspace.waits_for_answer(sent)
    assert (sent.outcome, "invalid_blocks" in sent.complaint) == (ACKNOWLEDGED, True)
    assert workspace.whispers("ada", "alerts") == []
    channel, who = workspace.channel("alerts").id, workspace.user("ada").id
    assert frame["payload"]["text"] == f"<#{channel}|alerts> <@{who}|ada>"


def test_the_app_hears_nothing_of_channels_it_is_not_in(workspace: Workspace) -> None:
    workspace.adds_channel("secret", [workspace.user("ada")], private=True, bot=False)
    workspace.says("ada", "secret", "down")
    assert workspace.sockets.deliveries == []


def test_openings_need_the_app_token(workspace: Workspace) -> None:
    with pytest.raises(RefusedError, match="not_authed"):
        workspace.sockets.open("")
