"""Slack's HTTP mode: real Bolt, real signatures, and nobody else's requests."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx
import pytest
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot import slack_http
from sources.access import Secret
from tests.bot.served import Served, all_of, served

SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
COMMAND = urlencode({"command": "/stuncheck", "text": "vm s\u00e9l01", "user_id": "U1"})
FORM = "application/x-www-form-urlencoded"


@dataclass
class Talk:
    """A server with a Bolt app, and what its listener was told."""

    one: Served
    heard: list[str] = field(default_factory=list)
    slow: float = 0.0

    def send(
        self, body: bytes, at: float | None = None, signature: str | None = None, kind: str = FORM
    ) -> httpx.Response:
        """Send as Slack does, unless another time or signature is given."""
        stamp = str(int(time.time() if at is None else at))
        if signature is None:
            verifier = SignatureVerifier(SIGNING)
            signature = verifier.generate_signature(timestamp=stamp, body=body) or ""
        headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp}
        return self.raw(body, headers | {"X-Slack-Signature": signature})

    def raw(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """Send anything."""
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        return self.one.http.post(slack_http.PATH, content=body, headers=sent)


@pytest.fixture(name="talk", scope="module")
def _talk() -> Iterator[Talk]:
    app = App(
        signing_secret=SIGNING,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1"),  # noqa: S106
    )
    told: list[Talk] = []

    @app.command("/stuncheck")
    def command(ack: Ack, command: dict[str, str]) -> None:
        time.sleep(told[0].slow)
        told[0].heard.append(command["text"])
        ack("Checking")

    with served(more=slack_http.routes(app, Secret(SIGNING))) as one:
        told.append(Talk(one))
        yield told[0]
    app.listener_runner.listener_executor.shutdown()


@pytest.fixture(autouse=True)
def _silent(talk: Talk) -> None:
    talk.heard.clear()
    talk.slow = 0.0


def test_what_slack_signed_is_acknowledged(talk: Talk) -> None:
    answer = talk.send(COMMAND.encode())
    assert (answer.status_code, answer.text) == (200, "Checking")
    assert talk.heard == ["vm s\u00e9l01"]


def test_slack_can_verify_the_address(talk: Talk) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()
    answer = talk.send(body, kind="application/json")
    assert (answer.status_code, answer.json()) == (200, {"challenge": "3eZbrw1a"})


@pytest.mark.parametrize("seconds", [-301, 301, -3600])
def test_an_old_request_is_refused_though_it_is_signed(talk: Talk, seconds: int) -> None:
    assert talk.send(COMMAND.encode(), at=time.time() + seconds).status_code == 401
    assert talk.heard == []


@pytest.mark.parametrize("signature", ["", "v0=", "v0=" + "0" * 64, "v0=\u00e9", "v1=x"])
def test_a_wrong_signature_is_refused(talk: Talk, signature: str) -> None:
    assert talk.send(COMMAND.encode(), signature=signature).status_code == 401
    assert talk.heard == []


def test_a_signature_of_another_body_is_refused(talk: Talk) -> None:
    stamp = str(int(time.time()))
    right = SignatureVerifier(SIGNING).generate_signature(timestamp=stamp, body=COMMAND) or ""
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": right}
    assert talk.raw(COMMAND.encode() + b"&user_id=U2", headers).status_code == 401
    assert talk.heard == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Signature": "v0=x"},
        {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v0=x"},
        {"X-Slack-Request-Timestamp": "9" * 5000, "X-Slack-Signature": "v0=x"},
        {"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "command"},
    ],
)
@pytest.mark.parametrize(
    "body",
    [COMMAND.encode(), b"\xff\xfe", b"{" * 100_000, b"[1]", b"payload=[", b"ssl_check=1", b""],
)
def test_nothing_unsigned_is_even_parsed(talk: Talk, body: bytes, headers: dict[str, str]) -> None:
    assert talk.raw(body, headers).status_code == 401
    assert talk.heard == []


def test_a_signed_request_gives_bolt_no_orders(talk: Talk) -> None:
    stamp = str(int(time.time()))
    right = SignatureVerifier(SIGNING).generate_signature(timestamp=stamp, body=COMMAND) or ""
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": right}
    headers |= {"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "command"}
    answer = talk.raw(COMMAND.encode(), headers | {"Content-Type": FORM})
    assert (answer.status_code, answer.text) == (200, "Checking")


def test_a_body_that_is_too_long_is_refused_before_its_signature(talk: Talk) -> None:
    assert talk.send(b"a" * (slack_http.MOST + 1)).status_code == 413


def test_a_listener_that_takes_its_time_does_not_hold_the_server(talk: Talk) -> None:
    talk.slow = 1.0
    with talk.one.wire() as wire:
        stamp = str(int(time.time()))
        right = SignatureVerifier(SIGNING).generate_signature(timestamp=stamp, body=COMMAND)
        wire.sendall(
            f"POST {slack_http.PATH} HTTP/1.1\r\nHost: a\r\n"
            f"Connection: close\r\nContent-Type: {FORM}\r\n"
            f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: {right}\r\n"
            f"Content-Length: {len(COMMAND)}\r\n\r\n{COMMAND}".encode()
        )
        assert talk.one.http.get("/healthz").status_code == 200
        assert talk.heard == []
        assert all_of(wire).endswith(b"Checking")


def test_an_empty_secret_is_no_secret() -> None:
    with pytest.raises(ValueError, match="empty"):
        slack_http.routes(App(signing_secret="", authorize=AuthorizeResult), Secret(""))
