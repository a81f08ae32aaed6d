"""What looks like a secret, or is one that was configured, is masked wherever it stands."""

import string
import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mask import LONGEST, MASKED, Mask, mask
from sources.access import Secret

LETTERS = string.ascii_letters + string.digits
GRAPHIC = "".join(set(string.printable) - set(string.whitespace) - set("\"'\\"))


def secret(alphabet: str) -> st.SearchStrategy[str]:
    """Give a secret that is in no text by chance."""
    return st.text(alphabet, min_size=6, max_size=40).map("Zq7".__add__)


LOOKS: list[tuple[str, str]] = [
    # how it looks, of which characters the secret may be
    ("xoxb-{}", LETTERS + "-"),
    ("xapp-1-A01-{}", LETTERS + "-"),
    ("xoxe.xoxb-1-{}", LETTERS + "-"),
    ("xoxe-1-{}", LETTERS),
    ("Bearer {}", LETTERS + "-._~+/="),
    ("Authorization: Basic {}", LETTERS + "+/="),
    ('{{"Authorization": "Negotiate {}"}}', LETTERS + "+/="),
    ("Cookie: a=1; vmware_soap_session={}", LETTERS),
    ("password={}", GRAPHIC),
    ("PASSWORD: {}", GRAPHIC),
    ("client_secret = '{}'", GRAPHIC + " "),
    ('{{"access_token":"{}","x":1}}', GRAPHIC + " "),
    (r"{{\"refresh_token\": \"{}\"}}", GRAPHIC + " "),
    ("Login(user='a', password='{}')", GRAPHIC + " "),
    ("Server=sql01;Pwd={};", GRAPHIC),
    ("wss://wss.slack.com/link/?ticket={}&app_id=A", LETTERS + "-"),
    ("stuncheck -Password {}", GRAPHIC),
    ("--token '{}'", GRAPHIC + " "),
    ("https://hooks.slack.com/services/T01/B01/{}", LETTERS),
    ("https://hooks.slack.com/commands/T01/1/{}", LETTERS),
    ("response_url=http://127.0.0.1:1/hook/{}", LETTERS),
    ("https://files.slack.com/upload/v1/{}", LETTERS + "-_"),
    ("https://svc:{}@vc01.corp.example/sdk", LETTERS + "!$&*+=:;,@%-._~"),
    ("eyJhbGciOiJI.{}.c2ln", LETTERS + "-_"),
    ("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", LETTERS + "\n+/="),
]
SECRETS = st.sampled_from(LOOKS).flatmap(
    lambda look: secret(look[1]).map(lambda value: (look[0].format(value), value))
)


@dataclass
class Thing:
    """What a library may log: an object that shows all it holds."""

    inside: object


def nested(leaf: object) -> st.SearchStrategy[object]:
    """Put a value somewhere into other values."""
    return st.recursive(
        st.just(leaf),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | inner.map(lambda one: {"a": one, "b": 1})
            | inner.map(lambda one: (1, one, None))
            | inner.map(Thing)
            | inner.map(lambda one: ValueError("x", one))
            | inner.map(lambda one: {1: {2: {3: {4: {5: one}}}}})
        ),
        max_leaves=4,
    )


AROUND = st.sampled_from(["", "a ", "x=1 ", "(", "\n", '"', "ok, "])


@given(SECRETS, AROUND)
def test_what_looks_like_a_secret_is_masked(case: tuple[str, str], before: str) -> None:
    text, value = case
    said = mask(before + text)
    assert value not in said
    assert MASKED in said


@given(st.data())
def test_it_is_masked_in_every_value_to_any_depth(data: st.DataObject) -> None:
    text, value = data.draw(SECRETS)
    said = Mask().value(data.draw(nested(text) | nested(text.encode())))
    assert value not in repr(said)


@given(secret(string.printable), st.data())
def test_what_was_configured_is_masked_whatever_is_around_it(
    value: str, data: st.DataObject
) -> None:
    text = data.draw(st.text(max_size=9)) + value + data.draw(st.text(max_size=9))
    said = repr(Mask([Secret(value)]).value(data.draw(nested(text))))
    assert value not in said
    assert repr(value)[1:-1] not in said


@pytest.mark.parametrize(
    "name", ["password", "bot_token", "Authorization", "clientSecret", "X-Api-Key", "Set-Cookie"]
)
def test_a_value_with_the_name_of_a_secret_is_masked_whole(name: str) -> None:
    masking = Mask()
    assert masking.value({name: "short", "n": [(name, 7)]}) == {name: MASKED, "n": [[name, MASKED]]}
    assert masking.value({name: None}) == {name: None}


def test_a_secret_stays_one() -> None:
    assert Mask().value({"a": Secret("hunter2")}) == {"a": "Secret(***)"}


@pytest.mark.parametrize(
    "text",
    [
        "SQL01 was stunned 12.4 s from 02:14:00.1; the cluster tolerates 10.0 s",
        "https://vc01.corp.example:443/sdk answered 200",
        "password_file = secrets/vc01",
        "basic authentication, 3 tokens left, mishap=E-7K3QF2",
        r"CORP\svc-stuncheck@vc01 C0123456789 U0123456789 1700000000.000100",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text) == text


def test_figures_and_truths_stay_what_they_are() -> None:
    value = {"n": 1, "f": 1.5, "t": True, "none": None, "list": [1, "two"]}
    assert Mask().value(value) == value


def test_of_a_long_text_both_ends_stay_and_no_half_of_a_secret() -> None:
    text = "begin " + "x " * (LONGEST // 4) + " password=" + "Zq7" * LONGEST + " end"
    said = Mask().text(text + " y" * LONGEST + " the error")
    assert said.startswith("begin ")
    assert said.endswith("the error")
    assert "Zq7" not in said
    assert len(said) < LONGEST + 50


class Broken:
    """An object that cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


def test_what_cannot_be_shown_is_named() -> None:
    assert "Broken instance" in str(Mask().value([Broken()]))


def test_a_value_that_holds_itself_comes_to_an_end() -> None:
    loop: list[object] = ["password=Zq7hunter2"]
    loop.append(loop)
    assert "Zq7" not in repr(Mask().value(loop))


@pytest.mark.parametrize(
    "piece",
    ["a", "token", "eyJ", "://", "password= ", "\"'\\", "Bearer ", "token\\", "x@://", "-- "],
)
def test_the_time_grows_only_with_the_length(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    start = time.perf_counter()
    mask(text)
    assert time.perf_counter() - start < 2  # 0.1 s here; a square of the length takes minutes
