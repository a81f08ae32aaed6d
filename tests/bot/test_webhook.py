"""The webhooks: who may send, what is taken, what is refused and why."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import alertmanager, body, plain_alert
from bot.alert_patterns import Patterns
from bot.alerts import Alert, Ourselves, recognise
from bot.body import BodyError, parsed
from bot.connection import Connection
from bot.inventory import Inventory, Names
from sources.access import Secret
from tests.bot.served import KNOWN, TOKEN, Served, all_of, floods, served, settings

AM, ALERT = "/webhook/alertmanager", "/webhook/alert"
NOW = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
BEGAN = "2026-03-01T03:14:11.739266876+01:00"
SAYS = {"text": "SQL01 failed over"}
HEAD = (
    f"POST {ALERT} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    f"Authorization: {KNOWN['Authorization']}\r\n"
)


def firing(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - wrong types are the matter
    """Give an alert as Alertmanager sends it."""
    return {
        "status": "firing",
        "labels": {"alertname": "ClusterNodeDown", "instance": "sql01.corp.example:9182"},
        "annotations": {"summary": "Node left\nthe cluster", "runbook_url": "https://corp.example"},
        "startsAt": BEGAN,
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.corp.example:9090/graph",
        "fingerprint": "1a30ba71cca2921f",
    } | changes


def group(*alerts: object) -> dict[str, Any]:
    return {"version": "4", "receiver": "stuncheck", "status": "firing", "alerts": [*alerts]}


@pytest.fixture(name="one", scope="module")
def _one() -> Iterator[Served]:
    with served() as one:
        yield one


@pytest.fixture(autouse=True)
def _empty(one: Served) -> None:
    one.store.kept.clear()
    one.store.fails = False


def test_an_alert_of_alertmanager_is_stored_before_it_is_answered(one: Served) -> None:
    answer = one.post(AM, group(firing()))
    assert (answer.status_code, answer.json()) == (200, {"taken": 1})
    [told] = one.store.kept
    assert told.key == "alertmanager 1a30ba71cca2921f 2026-03-01T02:14:11.739266+00:00"
    assert told.at == datetime(2026, 3, 1, 2, 14, 11, 739266, tzinfo=UTC)
    assert (told.cluster, told.tool) == (None, "Alertmanager")
    assert told.text.splitlines() == [
        "[FIRING] ClusterNodeDown Node left the cluster",
        "alertname: ClusterNodeDown",
        "instance: sql01.corp.example:9182",
        "summary: Node left",
        "the cluster",
        "runbook_url: https://corp.example",
    ]


def test_what_is_told_is_recognised_as_an_alert() -> None:
    [told] = alertmanager.read(group(firing()), NOW)
    inventory = Inventory([Names("SQLAG01", ("SQL01", "SQL02"))])
    event = {"subtype": "bot_message", "text": told.text, "ts": f"{told.at.timestamp():.6f}"}
    found = recognise(event, inventory, Patterns.of(), Ourselves())
    assert isinstance(found, Alert)
    assert (found.cluster, found.names) == ("SQLAG01", ("SQL01",))


def test_resolved_ones_are_dropped_and_repeats_taken_once(one: Served) -> None:
    resolved = firing(status="resolved", fingerprint="another")
    answer = one.post(AM, group(firing(), resolved, firing(annotations={"value": "2"})))
    assert answer.json() == {"taken": 1}
    assert len(one.store.kept) == 1
    one.store.fails = True  # there is nothing to store
    assert one.post(AM, group(resolved)).json() == {"taken": 0}


def test_a_key_changes_with_the_alert_and_its_start_and_nothing_else() -> None:
    first = alertmanager.read(group(firing()), NOW)[0].key
    same = firing(startsAt="2026-03-01T02:14:11.739266Z", annotations={})
    assert alertmanager.read(group(same), NOW + timedelta(hours=4))[0].key == first
    for change in ({"startsAt": "2026-03-01T09:00:00Z"}, {"fingerprint": "2b"}):
        assert alertmanager.read(group(firing(**change)), NOW)[0].key != first


def test_an_alert_without_a_fingerprint_is_known_by_its_labels() -> None:
    old = firing()
    del old["fingerprint"]
    turned = old | {"labels": dict(reversed(old["labels"].items()))}
    other = old | {"labels": {"alertname": "Other"}}
    keys = [alertmanager.read(group(alert), NOW)[0].key for alert in (old, turned, other)]
    assert keys[0] == keys[1] != keys[2]


def test_a_script_needs_to_say_no_more_than_a_text(one: Served) -> None:
    began = datetime.now(UTC)
    assert one.post(ALERT, SAYS).json() == {"taken": 1}
    [told] = one.store.kept
    assert (told.text, told.cluster, told.tool) == ("SQL01 failed over", None, "webhook")
    assert began <= told.at <= datetime.now(UTC)


def test_a_script_may_say_all() -> None:
    said = SAYS | {"cluster": "SQLAG01", "at": "2026-03-01T03:14:11+01:00", "id": "4711"}
    [told] = plain_alert.read(said, NOW)
    at = datetime(2026, 3, 1, 2, 14, 11, tzinfo=UTC)
    assert (told.key, told.at, told.cluster) == ("webhook 4711", at, "SQLAG01")


def test_a_script_that_says_the_same_in_the_same_minute_repeats_itself() -> None:
    keys = [
        plain_alert.read(said, at)[0].key
        for said, at in (
            (SAYS, NOW),
            (SAYS, NOW + timedelta(seconds=59)),
            (SAYS, NOW + timedelta(seconds=60)),
            (SAYS | {"cluster": "SQLAG01"}, NOW),
            ({"text": "SQL02 failed over"}, NOW),
        )
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4


def test_nothing_is_told_before_it_happens() -> None:
    future = "2031-01-01T00:00:00Z"
    assert plain_alert.read(SAYS | {"at": future}, NOW)[0].at == NOW
    assert alertmanager.read(group(firing(startsAt=future)), NOW)[0].at == NOW


def test_words_of_any_kind_can_be_stored(one: Served) -> None:
    words = '{"text": "SQL01 \\ud800\\u0000\\u202e\\n\\tfiel aus \U0001f4a5", "id": "\\udfff"}'
    assert one.raw(ALERT, words.encode()).status_code == 200
    [told] = one.store.kept
    assert told.text.encode().decode() == "SQL01 ???\n fiel aus \U0001f4a5"
    told.key.encode()


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_the_token_is_taken_in_any_spelling_of_its_scheme(one: Served, scheme: str) -> None:
    assert one.post(ALERT, SAYS, Authorization=scheme + TOKEN).status_code == 200


def test_the_token_is_taken_as_a_password(one: Served) -> None:
    basic = base64.b64encode(f"any:{TOKEN}".encode()).decode()
    assert one.post(ALERT, SAYS, Authorization=f"Basic {basic}").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "Bearer",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Token {TOKEN}",
        TOKEN,
        "Basic !!!",
        "Basic " + base64.b64encode(TOKEN.encode()).decode(),
        "Basic " + base64.b64encode(f"{TOKEN}:".encode()).decode(),
        "Basic \u00e9",
        "Bearer " + "x" * 10_000,
    ],
)
def test_nobody_else_is_told_more_than_no(one: Served, sent: str | None) -> None:
    headers = [(b"Authorization", sent.encode())] if sent is not None else []
    answer = one.http.post(ALERT, json=SAYS, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": "Not authorised."})
    assert not one.store.kept


def test_two_tokens_are_none(one: Served) -> None:
    right = (b"Authorization", KNOWN["Authorization"].encode())
    for headers in ([right, right], [right, (b"Authorization", b"Bearer x")]):
        assert one.http.post(ALERT, json=SAYS, headers=headers).status_code == 401


@pytest.mark.parametrize("token", [None, Secret("")])
def test_without_a_token_there_is_no_webhook(token: Secret | None) -> None:
    with served(settings(webhook_token=token)) as one:
        for path in (AM, ALERT):
            assert one.post(path, SAYS).status_code == 404
            assert one.post(path, SAYS, Authorization="Bearer").status_code == 404


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_only_json_is_taken(one: Served, kind: str) -> None:
    answer = one.raw(ALERT, json.dumps(SAYS).encode(), **{"Content-Type": kind})
    assert answer.status_code == 415
    assert "application/json" in answer.json()["error"]


def test_json_may_name_its_letters_but_not_be_compressed(one: Served) -> None:
    sent = b"\xef\xbb\xbf" + json.dumps(SAYS).encode()
    named = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert one.raw(ALERT, sent, **named).status_code == 200
    assert one.raw(ALERT, sent, **{"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        json.dumps(SAYS).encode("utf-16"),
        b'{"text": "a"} {}',
        b'{"text": ' + b"9" * 5000 + b"}",
        b'"' + b"\\" * 1001,
        b"[" * 200_000,
        b'{"a":' * 40_000,
        b'{"text": "a", "b": ' + b"[" * 33 + b"]" * 33 + b"}",
    ],
)
def test_what_is_no_plain_json_is_refused(one: Served, content: bytes) -> None:
    answer = one.raw(ALERT, content)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("The body is n")


def test_brackets_in_texts_are_no_depth(one: Served) -> None:
    assert one.post(ALERT, {"text": '[{"' * 100 + "\\"}).status_code == 200


@given(st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.text(), inner), max_leaves=60))  # fmt: skip
def test_depth_is_counted_as_a_parser_counts_it(value: object) -> None:
    text = json.dumps({"text": value}, ensure_ascii=False).encode("utf-8", "replace")
    assert parsed(text) == json.loads(text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "The body is a list; wanted: an object."),
        ({}, "alerts is missing; wanted: a list."),
        ({"alerts": {}}, "alerts is an object; wanted: a list."),
        (group(7), "alerts[0] is a number; wanted: an object."),
        (group(firing(), firing(status="on")), 'alerts[1].status is "on"; wanted: firing or'),
        (group(firing(status=None)), "alerts[0].status is missing"),
        (group(firing(labels=[])), "alerts[0].labels is a list; wanted: an object."),
        (group(firing(labels={"a": 1})), "alerts[0].labels.a is a number; wanted: a text."),
        (group(firing(annotations="x")), 'alerts[0].annotations is "x"; wanted: an object.'),
        (group(firing(startsAt="yesterday")), 'alerts[0].startsAt is "yesterday"; wanted: a ti'),
        (group(firing(startsAt="2026-03-01T02:14:11")), "alerts[0].startsAt is"),
        (group(firing(startsAt="0001-01-01T00:00:00Z")), "alerts[0].startsAt is"),
        (group(firing(startsAt="0001-01-01T00:00:00+14:00")), "alerts[0].startsAt is"),
        (group(firing(startsAt=1772331251)), "alerts[0].startsAt is a number"),
        (group(firing(fingerprint=["a"])), "alerts[0].fingerprint is a list"),
        (group(firing(fingerprint="a" * 201)), "alerts[0].fingerprint is longer than 200 char"),
        (group(firing(status="resolved", labels=None)), "alerts[0].labels is missing"),
    ],
)
def test_a_wrong_field_of_alertmanager_is_named(one: Served, wrong: object, said: str) -> None:
    answer = one.post(AM, wrong)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "text is missing; wanted: a text."),
        ({"text": " \n"}, 'text is "'),
        ({"text": True}, "text is a truth value; wanted: a text."),
        (SAYS | {"at": "2026-03-01 02:14"}, 'at is "2026-03-01 02:14"; wanted: a time such'),
        (SAYS | {"at": False}, "at is a truth value"),
        (SAYS | {"at": "9999-12-31T23:59:59-14:00"}, "at is"),
        (SAYS | {"cluster": ["SQLAG01"]}, "cluster is a list; wanted: a text."),
        (SAYS | {"id": 4711}, "id is a number; wanted: a text."),
        (SAYS | {"id": "x" * 201}, "id is longer than 200 characters."),
    ],
)
def test_a_wrong_field_of_a_script_is_named(one: Served, wrong: object, said: str) -> None:
    answer = one.post(ALERT, wrong)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)


ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["status", "labels", "annotations", "startsAt", "fingerprint"]), ANY)
def test_no_value_of_any_field_does_anything_but_be_taken_or_refused(
    field: str, value: object
) -> None:
    try:
        for told in alertmanager.read(group(firing(**{field: value})), NOW):
            assert told.at <= NOW
            (told.key + told.text).encode()
    except BodyError as error:
        error.message.encode()  # it can be sent


def test_a_thousand_alerts_are_taken_and_no_more(one: Served) -> None:
    small = {"status": "firing", "labels": {}, "startsAt": "2026-03-01T02:14:11Z"}
    many = [small | {"fingerprint": str(number)} for number in range(1001)]
    assert one.post(AM, group(*many[1:])).json() == {"taken": 1000}
    answer = one.post(AM, group(*many))
    assert (answer.status_code, len(one.store.kept)) == (400, 1000)
    assert answer.json()["error"] == "alerts has 1001 entries; at most 1000 are taken."


def test_a_body_may_be_so_long_and_no_longer(one: Served) -> None:
    longest = b'{"text": "a"}'.ljust(256 * 1024)
    assert one.raw(ALERT, longest).status_code == 200
    for sent in (longest + b" ", iter([longest, b" "])):
        answer = one.raw(ALERT, sent)
        assert (answer.status_code, answer.json()) == (
            413,
            {"error": "The body is longer than 256 KiB."},
        )


def test_a_body_without_an_end_is_answered_and_then_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Connection, "patience", 0.5)
    with served() as one, one.wire() as wire:
        wire.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
        piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
        for _ in range(5):
            wire.sendall(piece)
        assert b" 413 " in wire.recv(4000)
        with pytest.raises(ConnectionError):
            floods(wire, piece)
        assert one.post(ALERT, SAYS).status_code == 200


def test_a_body_that_comes_slowly_is_given_up(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "SLOWEST", 0.2)
    with one.wire() as wire:
        wire.sendall(f"{HEAD}Content-Length: 20\r\nConnection: close\r\n\r\n{{".encode())
        answer = all_of(wire)
    assert b" 408 " in answer
    assert b"did not come within 0.2 s" in answer


def test_a_body_that_breaks_off_is_not_stored(
    one: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with one.wire() as wire:
        wire.sendall(f"{HEAD}Content-Length: 40\r\n\r\n{json.dumps(SAYS)}".encode())
    assert one.post(ALERT, {"text": "another"}).status_code == 200
    assert [told.text for told in one.store.kept] == ["another"]
    assert "Exception" not in caplog.text


def test_what_cannot_be_stored_is_to_be_sent_again(one: Served) -> None:
    one.store.fails = True
    answer = one.post(AM, group(firing()))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert "disk" not in answer.text
    one.store.fails = False
    assert one.post(AM, group(firing())).status_code == 200


def test_a_store_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.webhook.STORING", 0.2)
    with served() as one:
        one.store.gate.clear()
        with ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(one.post, ALERT, SAYS) for _ in range(8)]
            assert {answer.result().status_code for answer in answers} == {503}
        assert one.http.get("/healthz").status_code == 200


def test_a_hundred_at_once_are_all_taken(one: Served) -> None:
    with ThreadPoolExecutor(100) as pool:
        bodies = [{"text": "SQL01 failed over", "id": str(number)} for number in range(100)]
        answers = [*pool.map(lambda said: one.post(ALERT, said).status_code, bodies)]
    assert answers == [200] * 100
    assert {told.key for told in one.store.kept} == {f"webhook {number}" for number in range(100)}
