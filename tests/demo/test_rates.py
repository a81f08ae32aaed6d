"""Too many calls get a 429 that a real client understands."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from demo.slack.pace import Fault
from demo.slack.workspace import Workspace


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as place:
        place.adds_channel("alerts")
        yield place


@pytest.fixture
def client(workspace: Workspace) -> WebClient:
    return WebClient(token=workspace.team.bot_token, base_url=workspace.api_url)


def test_a_refused_call_says_when_to_come_again(workspace: Workspace, client: WebClient) -> None:
    workspace.limits_rate("auth.test", retry_after=7)
    with pytest.raises(SlackApiError, match="ratelimited") as caught:
        client.auth_test()
    assert caught.value.response.headers["retry-after"] == "7"
    assert client.auth_test()["ok"]


def test_a_client_that_waits_gets_through(workspace: Workspace, client: WebClient) -> None:
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=3))
    for number in range(4):
        client.chat_postMessage(channel="#alerts", text=str(number))
    assert [message.text for message in workspace.messages("alerts")] == ["0", "1", "2", "3"]
    assert workspace.calls("chat.postMessage") > 4


def test_a_server_error_can_be_told_to_happen(workspace: Workspace, client: WebClient) -> None:
    workspace.fails(Fault("chat.postMessage", "internal_error", status=503))
    with pytest.raises(SlackApiError, match="internal_error"):
        client.chat_postMessage(channel="#alerts", text="x")
    client.chat_postMessage(channel="#alerts", text="x")
    assert len(workspace.messages("alerts")) == 1


def test_forms_and_json_are_read_alike(client: WebClient) -> None:
    form = {"channel": "alerts", "blocks": '[{"type": "divider"}]'}
    json = {"channel": "alerts", "blocks": [{"type": "divider"}]}
    for answer in (
        client.api_call("chat.postMessage", data=form),
        client.api_call("chat.postMessage", json=json),
    ):
        assert answer["message"]["blocks"][0]["type"] == "divider"
    broken = {"channel": "alerts", "blocks": "[{"}
    with pytest.raises(SlackApiError, match="invalid_blocks_format"):
        client.api_call("chat.postMessage", data=broken)
