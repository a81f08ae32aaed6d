"""The log: a line an event, in UTC, of ours and of the libraries, that nobody outside can forge."""

import json
import logging
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.log import ALPHABET, QUIET, mishap, set_up
from sources.access import Secret

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
TOKEN = re.compile(rf"E-[{ALPHABET}]{{6}}")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Put back what logging was set to."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def log_to(level: str = "info", *, as_json: bool = False, secret: str = "") -> StringIO:
    """Set the log up to a stream of its own."""
    stream = StringIO()
    set_up(level, stream, as_json=as_json, secrets=[Secret(secret)] if secret else ())
    return stream


def test_a_line_for_a_terminal_is_time_level_event_and_values() -> None:
    stream = log_to()
    structlog.get_logger("checking").info("checked", cluster="SQLAG01", took=1.5, vm="sql 01")
    time, rest = stream.getvalue().split(" ", 1)
    assert STAMP.fullmatch(time)
    assert abs(datetime.fromisoformat(time) - datetime.now(UTC)) < timedelta(minutes=1)
    assert rest == 'info    checked cluster=SQLAG01 took=1.5 vm="sql 01" logger=checking\n'


def test_a_line_elsewhere_is_json() -> None:
    stream = log_to(as_json=True)
    structlog.get_logger("checking").info("checked", cluster="SQLAG01", took=1.5)
    line = json.loads(stream.getvalue())
    assert STAMP.fullmatch(line.pop("timestamp"))
    assert line == {
        "event": "checked",
        "cluster": "SQLAG01",
        "took": 1.5,
        "level": "info",
        "logger": "checking",
    }


@pytest.mark.parametrize("name", ["slack_bolt.App", "slack_sdk.web", "uvicorn.error", "winrm"])
@pytest.mark.parametrize("as_json", [False, True])
def test_libraries_write_the_same_lines_and_are_masked(name: str, as_json: bool) -> None:
    stream = log_to(as_json=as_json)
    logging.getLogger(name).warning("sent %s with %s", "a", {"token": "Zq7hunter2"})
    logging.getLogger(name).warning("to https://hooks.slack.com/services/T/B/Zq7x")
    assert "sent a with" in stream.getvalue()
    assert stream.getvalue().count(name) == 2
    assert "Zq7" not in stream.getvalue()


@pytest.mark.parametrize(
    ("level", "lines"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)]
)
def test_what_is_below_the_level_is_not_written(level: str, lines: int) -> None:
    stream = log_to(level)
    loud = logging.getLogger("loud")
    loud.setLevel("DEBUG")
    for log in (structlog.get_logger("ours"), logging.getLogger("slack_sdk"), loud):
        for name in ("debug", "info", "warning", "error"):
            getattr(log, name)("x")
    assert len(stream.getvalue().splitlines()) == 3 * lines


def test_libraries_that_tell_of_every_request_do_so_only_at_debug() -> None:
    quiet = log_to("info")
    logging.getLogger("httpx").info("HTTP Request: GET ...")
    assert quiet.getvalue() == ""
    loud = log_to("debug")
    logging.getLogger("httpx").info("HTTP Request: GET ...")
    assert "HTTP Request" in loud.getvalue()


def test_set_up_again_it_writes_once_and_to_the_new_stream() -> None:
    old, new = log_to(), log_to()
    structlog.get_logger("x").info("once")
    assert old.getvalue() == ""
    assert new.getvalue().count("once") == 1


FORGE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Controls, marks that turn text around, halves of letters, breaks of lines."""

WORDS = st.text(st.characters(exclude_categories=[]) | st.sampled_from("\n\r\x1b\x85\u2028\u202e="))


@given(WORDS, WORDS, WORDS)
def test_words_from_outside_forge_no_line_on_a_terminal(event: str, value: str, why: str) -> None:
    stream = log_to()
    structlog.get_logger("x").error(event, vm=value, rows=[value], exc_info=ValueError(why))
    first, *below = stream.getvalue().removesuffix("\n").split("\n")
    assert STAMP.match(first)
    assert first.count(" logger=x") >= 1
    assert all(line.startswith("    ") for line in below)
    assert not {unicodedata.category(letter) for line in (first, *below) for letter in line} & FORGE


@given(WORDS, WORDS, WORDS)
def test_words_from_outside_forge_no_line_of_json(event: str, value: str, why: str) -> None:
    stream = log_to(as_json=True)
    structlog.get_logger("x").error(event, vm=value, exc_info=ValueError(why))
    (line,) = stream.getvalue().splitlines()
    assert line.isascii()
    assert json.loads(line)["level"] == "error"


@given(st.text('ab ="\\,', max_size=12))
def test_where_a_value_ends_is_no_question(value: str) -> None:
    stream = log_to()
    structlog.get_logger("x").info("y", vm=value)
    written = stream.getvalue().split(" vm=", 1)[1].removesuffix(" logger=x\n")
    assert written == value or json.loads(written) == value
    assert written.startswith('"') or not set(written) & set(' ="')


VC01 = "S3cret'of \"vc01"


@pytest.mark.parametrize("as_json", [False, True])
def test_a_mishap_is_in_the_log_under_the_token_that_a_person_is_shown(as_json: bool) -> None:
    stream = log_to(as_json=as_json, secret=VC01)
    try:
        int(f"login as svc:{VC01} failed, token=Zq7hunter2")
    except ValueError as error:
        token = mishap(error, incident=7, event="x", error="y", logger="z", level="info")
    assert TOKEN.fullmatch(token)
    said = stream.getvalue()
    assert token in said
    assert "Traceback (most recent call last)" in said
    assert "test_log.py" in said
    assert "login as svc:*** failed" in said
    assert "S3cret" not in said
    assert "Zq7" not in said


def test_no_two_mishaps_share_a_token() -> None:
    log_to()
    assert len({mishap(ValueError()) for _ in range(200)}) == 200


class Broken:
    """An object, and an exception's argument, that cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("Zq7hunter2")


def test_a_mishap_is_logged_even_if_what_it_is_about_cannot_be_shown() -> None:
    stream = log_to()
    token = mishap(ValueError(Broken()), thing=Broken(), rows=[Broken()])
    assert token in stream.getvalue()
    assert "Zq7" not in stream.getvalue()


def test_a_line_that_cannot_be_made_is_told_of_without_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stream = log_to()
    logging.getLogger("winrm").error("%d Zq7hunter2", "no figure")
    assert stream.getvalue() == "a line of winrm was lost: TypeError\n"
    assert capsys.readouterr().err == ""


def test_a_stream_that_was_closed_stops_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    stream = log_to()
    stream.close()
    structlog.get_logger("x").info("y")
    assert capsys.readouterr().err == ""
