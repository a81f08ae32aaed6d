"""A message's words are read wherever its tool has put them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alert_text import LONGEST, moment, said, spoken


def test_attachments_blocks_and_fields_are_read() -> None:
    message = {
        "text": "",
        "attachments": [
            {
                "pretext": "p",
                "title": "t",
                "fallback": "f",
                "fields": [{"title": "Severity", "value": "High", "short": True}],
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "nested"}}],
            }
        ],
        "blocks": [
            {"type": "rich_text", "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "rich"}]}]},
        ],
    }  # fmt: skip
    assert set(said(message).lines) == {"p", "t", "f", "Severity: High", "nested", "rich"}


def test_a_mail_to_the_channel_is_read() -> None:
    mail = {"subtype": "file_share", "files": [{"subject": "Down", "plain_text": "sql01 is lost"}]}
    assert said(mail).lines == ("Down", "sql01 is lost")


def test_what_is_said_twice_is_read_once() -> None:
    assert said({"text": "a", "attachments": [{"fallback": "a", "text": "b"}]}).lines == ("a", "b")


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("<http://sql01.corp|sql01.corp> &amp; &lt;b&gt;", "sql01.corp & <b>"),
        ("<https://mon/graph?failover>x", " x"),
        ("<!channel> <@U1|bob>", "  bob"),
        ("sq\u200bl0\u202e1", "sql01"),
    ],
)
def test_words_are_read_as_people_see_them(written: str, seen: str) -> None:
    assert spoken(written) == seen


@pytest.mark.parametrize(
    ("colour", "green"),
    [("good", True), ("#36a64f", True), ("2eb886", True), ("#009900", True), ("danger", False),
     ("#FFC859", False), ("#7499FF", False), ("#97AAB3", False), ("#xyzxyz", False), (7, False)],
)  # fmt: skip
def test_green_is_told_from_other_colours(colour: object, green: bool) -> None:
    assert said({"attachments": [{"color": colour, "text": "x"}]}).green is green


def test_one_red_attachment_is_enough() -> None:
    assert not said({"attachments": [{"color": "good"}, {"color": "danger"}]}).green


def test_a_ts_is_a_time_in_utc() -> None:
    assert moment("1772331251.000200") == datetime(2026, 3, 1, 2, 14, 11, 200, tzinfo=UTC)


@pytest.mark.parametrize("ts", [None, 7, "", "1e9", "-1", "9" * 30, "17723312510.", "١٧٧٢٣٣١٢٥١"])
def test_what_is_no_ts_is_none(ts: object) -> None:
    assert moment(ts) is None


def test_a_huge_or_deep_message_is_cut() -> None:
    deep: dict[str, Any] = {"text": "bottom"}
    for _ in range(5000):
        deep = {"elements": [deep]}
    lines = said({"text": "x " * 10**6, "blocks": [deep]}).lines
    assert [len(line) for line in lines] == [LONGEST]


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["text", "blocks", "attachments", "fields", "title", "value", "elements",
                         "color", "ts"]), inner),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["text", "blocks", "attachments", "files"]), anything))
def test_whatever_comes_is_read_without_a_crash(message: dict[str, object]) -> None:
    assert len(said(message).text) <= 2 * LONGEST
