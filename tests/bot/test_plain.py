"""No name from outside reaches a terminal as anything but letters."""

from hypothesis import given
from hypothesis import strategies as st

from bot.plain import plain


def test_ordinary_names_stay_as_their_owners_write_them() -> None:
    assert plain('Größe "SQL Nightly" 東京 [red]') == 'Größe "SQL Nightly" 東京 [red]'


def test_an_escape_sequence_is_written_out() -> None:
    assert plain("x\x1b[31m") == "x\\x1b[31m"


def test_a_name_cannot_begin_a_line_of_its_own() -> None:
    assert plain("a\r\nRED\u2028b\tc") == "a  RED b c"


def test_text_cannot_be_turned_right_to_left() -> None:
    assert plain("a\u202eb") == "a\\u202eb"


def test_half_a_letter_of_a_file_name_can_be_printed() -> None:
    assert plain("a\udcffb") == "a\\udcffb"


@given(st.text(st.characters()))
def test_whatever_comes_in_what_goes_out_is_safe(text: str) -> None:
    said = plain(text)
    said.encode("utf-8")
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in said)
