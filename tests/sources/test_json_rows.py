"""JSON that was written by others, and damaged on the way."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.json_rows import Row, UnreadableError, load, read_each

ROWS = b'[{"name": "sql01"}]'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_any_unicode_encoding_is_read(encoding: str) -> None:
    assert load('[{"name": "süd01"}]'.encode(encoding)) == [{"name": "süd01"}]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\x00" * 4096, "empty"),
        (ROWS[:-3], "cut or damaged at line 1"),
        (ROWS + b"\x00" * 100, "damaged"),
        ('["süd01"]'.encode("cp1252"), "no Unicode"),
        (b"[" * 200_000, "nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", "beyond all measure"),
    ],
)
def test_damage_is_named(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        load(data)


def test_not_a_number_is_nothing() -> None:
    assert load(b'[{"total": NaN}, -Infinity]') == [{"total": None}, None]


def test_control_characters_and_lone_surrogates_are_replaced() -> None:
    row = Row({"name": " sql\x1b[31m01\ud800\x00 "})
    assert row.text("name") == "sql?[31m01??"


def test_a_time_that_cannot_be_read_is_not_a_time_yet_to_come() -> None:
    assert Row({"completeTime": None}).stamp("completeTime") is None
    for value in ("soon", 1718000000, ["2026-03-01T02:14:11Z"]):
        with pytest.raises(UnreadableError, match="completeTime is no time"):
            Row({"completeTime": value}).stamp("completeTime")


def test_unreadable_rows_are_counted_with_their_reasons() -> None:
    entries = [{"name": "a"}, 7, None, {"name": ""}]
    found, gaps = read_each(entries, lambda row: row.needed("name"), "vcenter", "tasks")
    assert found == ["a"]
    assert gaps[0].why == "3 of 4 rows were unreadable: no object (2), no name (1)"


@given(data=st.binary(max_size=200))
def test_any_bytes_are_json_or_unreadable(data: bytes) -> None:
    try:
        load(data)
    except UnreadableError:
        return


@given(cut=st.integers(1, 200))
def test_a_cut_file_never_passes_for_a_whole_one(cut: int) -> None:
    data = json.dumps([{"name": "sql01"}] * 20).encode()
    with pytest.raises(UnreadableError):
        load(data[:-cut])


def test_millions_of_empty_values_are_not_unfolded() -> None:
    """12 MB of empty lists would take 500 MB of memory."""
    with pytest.raises(UnreadableError, match="more values"):
        load(b"[" + b"[]," * 4_000_000 + b"1]")
