"""The server: what it tells of itself, and what it does not let anybody do to it."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot import connection
from bot.health import Health
from bot.metrics import Metrics
from bot.server import Server
from sources.errors import UserError
from tests.bot.served import TOKEN, Served, Store, served, settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALERT = "/webhook/alert"


@pytest.fixture(name="one", scope="module")
def _one() -> Iterator[Served]:
    with served() as one:
        yield one


@pytest.fixture(autouse=True)
def _empty(one: Served) -> None:
    one.store.fails = False


@pytest.fixture(name="fresh")
def _fresh() -> Iterator[Served]:
    with served() as fresh:
        yield fresh


def test_a_bot_whose_parts_are_well_is_ok(fresh: Served) -> None:
    fresh.health.well("sockets")
    answer = fresh.http.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "parts": {"sockets": "ok"}}
    assert "server" not in answer.headers


def test_an_ill_part_is_told_in_words_until_it_is_well(fresh: Served) -> None:
    fresh.health.ill("sockets", "no socket for 45 s", NOON)
    fresh.health.ill("sockets", "no socket for 60 s", NOON.replace(minute=1))
    answer = fresh.http.get("/healthz")
    assert answer.status_code == 503
    told = "no socket for 60 s (since 2026-03-01T12:00:00+00:00)"
    assert answer.json() == {"status": "ill", "parts": {"sockets": told}}
    fresh.health.well("sockets")
    assert fresh.http.get("/healthz").status_code == 200


def test_a_probe_is_asked_each_time(fresh: Served) -> None:
    words: list[str | None] = ["locked", None]
    fresh.health.probe("database", lambda: words.pop(0))
    assert fresh.http.get("/healthz").json()["parts"] == {"database": "locked"}
    assert fresh.http.get("/healthz").json()["parts"] == {"database": "ok"}


def test_a_probe_that_is_well_does_not_hide_what_the_part_said(fresh: Served) -> None:
    fresh.health.probe("sockets", lambda: None)
    fresh.health.ill("sockets", "refused", NOON)
    assert fresh.http.get("/healthz").status_code == 503


def test_a_probe_that_breaks_is_ill_and_tells_no_secret(
    fresh: Served, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str | None:
        raise ValueError("xoxb-1")

    fresh.health.probe("slack", broken)
    answer = fresh.http.get("/healthz")
    assert answer.status_code == 503
    assert "xoxb" not in answer.text
    assert "slack cannot say how it is" in caplog.text


def test_metrics_are_served_in_prometheus_format(one: Served) -> None:
    one.metrics.alerts.labels("webhook").inc()
    answer = one.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'stuncheck_alerts_total{way="webhook"} 1.0' in answer.text


def test_an_address_in_use_says_what_to_do(one: Served) -> None:
    second = Server(settings(port=one.server.port), Health(), Metrics(), Store().take)
    with pytest.raises(UserError, match=r"127\.0\.0\.1, port \d+, is in use") as raised:
        second.start()
    assert "another stuncheck" in str(raised.value.hint)
    second.stop()


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-host.invalid"])
def test_an_address_that_is_not_ours_says_so(host: str) -> None:
    with pytest.raises(UserError, match="is no address of this machine"):
        Server(settings(host=host), Health(), Metrics(), Store().take).start()


def test_a_stopped_server_leaves_no_thread_and_no_port(one: Served) -> None:
    before = {*threading.enumerate()}
    with served() as other:
        assert other.post(ALERT, {"text": "SQL01 failed over"}).status_code == 200
        assert {*threading.enumerate()} > before
        port = other.server.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    assert {*threading.enumerate()} <= before
    assert one.http.get("/healthz").status_code == 200


def test_a_stop_waits_for_what_is_being_stored(fresh: Served) -> None:
    fresh.store.gate.clear()
    answers: list[int] = []
    body = {"text": "SQL01 failed over"}
    caller = threading.Thread(target=lambda: answers.append(fresh.post(ALERT, body).status_code))
    caller.start()
    assert fresh.store.entered.wait(5)
    ending = threading.Thread(target=fresh.server.stop)
    ending.start()
    fresh.store.gate.set()
    for thread in (caller, ending):
        thread.join()
    assert answers == [200]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /healthz HTTP/1.1\r\nHost: a\r\n",  # a header without an end
        b"G",
        b"",
        b"POST /webhook/alert HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n{",
        b"POST /none HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ],
)
def test_a_request_that_does_not_end_is_closed(
    sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection.Connection, "patience", 0.3)
    with served() as one, one.wire() as wire:
        wire.sendall(sent)
        assert _ends(wire)
        assert one.http.get("/healthz").status_code == 200


def test_a_slow_second_request_is_closed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.Connection, "patience", 0.3)
    with served() as one, one.wire() as wire:
        wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b" 200 " in wire.recv(4000)
        wire.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        assert _ends(wire)


def test_dripping_does_not_buy_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.Connection, "patience", 0.3)
    with served() as one, one.wire() as wire:
        wire.settimeout(0.05)
        wire.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        drips = 0
        while drips < 100 and not _closed(wire):
            drips += 1
        assert 1 < drips < 100


def test_a_request_that_takes_long_to_answer_is_not_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection.Connection, "patience", 0.2)
    with served() as one:
        one.store.gate.clear()
        threading.Timer(0.6, one.store.gate.set).start()
        assert one.post(ALERT, {"text": "SQL01 failed over"}).status_code == 200


def test_a_flood_of_connections_does_not_eat_the_descriptors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "MOST", 5)
    with served() as one:
        wires = [one.wire() for _ in range(6)]
        assert _ends(wires[5])
        for wire in wires:
            wire.close()
        wires = [one.wire()]
        wires[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert b" 200 " in wires[0].recv(4000)
        wires[0].close()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01",  # somebody speaks TLS
        b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"POST /webhook/alert HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /webhook/alert HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 6000 + b"\r\n\r\n",
        b"POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET /healthz\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(one: Served, sent: bytes) -> None:
    with one.wire() as wire:
        wire.sendall(sent)
        assert b" 400 " in wire.recv(4000)
    assert one.http.get("/healthz").status_code == 200


def test_no_header_opens_a_websocket_or_another_path(one: Served) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    assert one.http.get("/healthz", headers=upgrade).status_code == 200
    for path in ("/", "/healthz/../webhook/alert", "/docs", "//healthz"):
        assert one.http.get(path).status_code in {404, 405}
    assert one.http.request("TRACE", "/healthz").status_code == 405


def test_nothing_secret_is_logged(one: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    one.store.fails = True
    assert one.post(ALERT, {"text": "SQL01 failed over"}).status_code == 503
    one.http.post(ALERT, headers={"Authorization": "Bearer guess-1"})
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    logged = " ".join(str(vars(record)) for record in ours)
    assert "could not be stored" in logged
    assert "guess-1" not in logged
    assert TOKEN not in logged


def _ends(wire: socket.socket) -> bool:
    """Wait until the server has closed, with or without an answer before."""
    try:
        while wire.recv(4000):
            pass
    except ConnectionResetError:
        pass
    return True


def _closed(wire: socket.socket) -> bool:
    """Send one more byte, and see for a moment whether the server has closed."""
    try:
        wire.sendall(b"y")
        return not wire.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True
