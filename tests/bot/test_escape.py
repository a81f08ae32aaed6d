"""Names from outside are only names in Slack."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.escape import clip, escape, fit, formats, unescape, units


def test_what_slack_reads_as_its_own_is_escaped_once() -> None:
    assert escape("<!channel> & &lt;") == "&lt;!channel&gt; &amp; &amp;lt;"


def test_a_long_text_is_cut_at_a_word() -> None:
    assert fit("the cluster removed it", 16) == "the cluster…"


def test_a_text_of_one_long_word_is_cut_inside_it() -> None:
    assert fit("a " + "b" * 100, 10) == "a bbbbbbb…"


def test_no_entity_is_cut() -> None:
    assert fit("&&&&", 13) == "&amp;&amp;…"


def test_a_picture_s_words_are_not_escaped() -> None:
    assert clip("a < b & c", 100) == "a < b & c"
    assert clip("a < b & c", 6) == "a < b…"


@pytest.mark.parametrize(
    "name", ["*bold*", "_x_", "~x~", "`x`", "a :fire: b", ":100:", "x\n&gt; y", ">x", "_sql01"]
)
def test_what_mrkdwn_would_format_is_known(name: str) -> None:
    assert formats(name)


@pytest.mark.parametrize(
    "name", ["sql_prod_01", "02:14:00.1 to 02:14:12.5", "SQL-01 (MSSQL$A)", "a &gt; b", "C:\\x"]
)
def test_ordinary_names_are_not_taken_for_formatting(name: str) -> None:
    assert not formats(name)


@given(st.text(), st.integers(1, 60))
def test_whatever_comes_fits_and_is_whole(text: str, most: int) -> None:
    said = fit(text, most)
    assert units(said) <= most
    assert escape(html.unescape(said)) == said


@given(st.text())
def test_what_is_escaped_is_read_back_as_it_was(text: str) -> None:
    assert unescape(escape(text)) == text
