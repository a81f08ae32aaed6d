"""Bytes become text whatever wrote them, and a huge or damaged file is read line by line."""

from hypothesis import given
from hypothesis import strategies as st

from sources.raw import RawFile
from sources.text import CHUNK, LONGEST_LINE, Lines, decode

TEXT = "2026-03-01 02:14:11.00 Server Größe\r\n2026-03-01 02:14:12.00 Server 上海\r\n"


def read(data: bytes) -> list[str]:
    return list(Lines(RawFile.in_memory("some.log", data)))


def test_every_mark_is_understood() -> None:
    for encoding, mark in (
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
    ):
        data = mark + TEXT.encode(encoding)
        assert decode(data) == TEXT
        assert read(data) == [*TEXT.replace("\r", "").split("\n")]


def test_utf16_is_known_by_its_nuls_where_the_mark_is_missing() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert decode(TEXT.encode(encoding)) == TEXT
        assert read(TEXT.encode(encoding))[0] == "2026-03-01 02:14:11.00 Server Größe"


def test_what_is_not_utf8_is_western_windows_text() -> None:
    assert decode("Größe".encode("cp1252")) == "Größe"
    assert read("Größe\n".encode("cp1252") + "Größe\n".encode()) == ["Größe", "Größe", ""]


def test_a_chinese_letter_with_the_code_of_a_line_feed_in_it_ends_no_line() -> None:
    # U+4E0A is 0A 4E in UTF-16LE.
    assert read("\ufeff上海\r\n上海\r\n".encode("utf-16-le")) == ["上海", "上海", ""]


def test_eight_bit_text_appended_to_utf16_is_read_too() -> None:
    data = "\ufefffirst\r\n".encode("utf-16-le") + b"second\r\nthird\r\n"
    assert read(data) == ["first", "second", "third", ""]


def test_nul_bytes_are_taken_out_and_told() -> None:
    lines = Lines(RawFile.in_memory("some.log", b"one\n" + bytes(9000) + b"two\nthree\n"))
    assert list(lines) == ["one", "two", "three", ""]
    assert lines.trouble == "1 line held NUL bytes"


def test_a_line_without_end_is_cut_and_costs_no_memory() -> None:
    lines = Lines(RawFile.in_memory("some.log", b"x" * (3 * CHUNK) + b"\nnext\n"))
    first, *rest = lines
    assert len(first) == LONGEST_LINE
    assert rest == ["next", ""]
    assert lines.trouble == "1 line had to be cut"


def test_lines_across_the_edge_of_a_chunk_stay_whole() -> None:
    for encoding in ("utf-8", "utf-16-le"):
        written = [f"line {number} " + "x" * (number % 97) for number in range(40_000)]
        data = "\n".join(written).encode(encoding)
        assert len(data) > CHUNK
        assert read(data) == written


@given(st.binary(max_size=400), st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"]))
def test_no_bytes_are_too_strange(data: bytes, mark: bytes) -> None:
    assert isinstance(decode(mark + data), str)
    assert all("\0" not in line for line in read(mark + data))
