"""A recorded incident that is moved in time stays the same incident."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.shift import FINEST, shift, shifted, whole
from demo.site import INCIDENTS
from sources.bundle import read_bundle
from sources.bundle.writer import files
from sources.gather import gather
from sources.material import Material
from sources.raw import RawFile
from verdict.evidence import Evidence
from verdict.judge import judge
from verdict.verdict import Verdict

BUNDLES = sorted(path.parent.name for path in INCIDENTS.glob("*/story.toml"))
READ = datetime(2026, 6, 1, tzinfo=UTC)
SHIFTS = (
    timedelta(days=17),  # over the end of a month, for all of them
    timedelta(days=-366, hours=-2),
    timedelta(minutes=30),
    timedelta(days=250, hours=9, minutes=46, seconds=40, microseconds=123_456),
)


def moved(thing: Any, by: timedelta) -> Any:  # noqa: ANN401 - whatever evidence is made of
    """Move every time in facts, those within sentences, too."""
    if isinstance(thing, datetime):
        return thing + by
    if isinstance(thing, str):
        return type(thing)(shift(thing, by)) if type(thing) is str else thing
    if isinstance(thing, Mapping):
        return {key: moved(value, by) for key, value in thing.items()}
    if isinstance(thing, tuple | list):
        return tuple(moved(one, by) for one in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        parts = {f.name: moved(getattr(thing, f.name), by) for f in fields(thing) if f.init}
        return replace(thing, **parts)
    return thing


def gathered(bundle: str, by: timedelta = timedelta(0)) -> Evidence:
    material = read_bundle(INCIDENTS / bundle)
    return gather(shifted(material, by) if by else material, READ + whole(by))


def same_incident(bundle: str, by: timedelta) -> None:
    before, after, exact = gathered(bundle), gathered(bundle, by), whole(by)
    assert after == moved(before, exact)
    assert after != before
    judged = zip(judge(before), judge(after), strict=True)
    for old, new in judged:
        assert (new.at - old.at, new.cluster) == (exact, old.cluster)
        assert wordless(new) == moved(wordless(old), exact)


def wordless(verdict: Verdict) -> Verdict:
    """Leave out sentences, which tell the time of day without its date."""
    return replace(verdict, reasons=(), rivals=(), missing=(), advice=())


@pytest.mark.parametrize("by", SHIFTS, ids=str)
@pytest.mark.parametrize("bundle", BUNDLES)
def test_it_is_judged_the_same_and_every_time_moves_by_as_much(bundle: str, by: timedelta) -> None:
    same_incident(bundle, by)


@settings(max_examples=25)
@given(
    bundle=st.sampled_from(BUNDLES),
    by=st.timedeltas(timedelta(days=-2000), timedelta(days=9000)).filter(whole),
)
def test_by_any_time_at_all(bundle: str, by: timedelta) -> None:
    same_incident(bundle, by)


@pytest.mark.parametrize("bundle", BUNDLES)
def test_by_whole_days_even_the_words_are_the_same(bundle: str) -> None:
    before, after = judge(gathered(bundle)), judge(gathered(bundle, timedelta(days=100)))
    assert [v.reasons for v in after] == [v.reasons for v in before]
    assert [len(v.rivals) for v in after] == [len(v.rivals) for v in before]


@pytest.mark.parametrize("bundle", BUNDLES)
def test_the_files_keep_their_shape(bundle: str) -> None:
    """Decimals, separators, offsets and encodings stay; only digits differ, and all come back."""
    by = timedelta(days=59, hours=3, seconds=7, milliseconds=250)
    before = read_bundle(INCIDENTS / bundle)
    there = shifted(before, by)
    assert contents(before) == contents(shifted(there, -by))
    assert masked(contents(before)) == masked(contents(there))
    assert contents(before) != contents(there)


def contents(material: Material) -> dict[tuple[str, ...], bytes]:
    read = {}
    for parts, opened in files(material):
        with opened as stream:
            data = stream.read()
        # a time without decimals is rounded in a sentence, and no sentence is used
        read[parts] = re.sub(rb"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d [AP]M", b"", data)
    return read


def masked(found: dict[tuple[str, ...], bytes]) -> dict[tuple[str, ...], bytes]:
    del found[("incident.toml",)]  # written anew from what was parsed
    return {parts: re.sub(rb"\d", b"9", data) for parts, data in found.items()}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("at = 2026-02-28T23:59:59.604Z", "at = 2026-03-01T00:30:00.854Z"),
        ("2026-02-28T23:59:59.604+01:00", "2026-03-01T00:30:00.854+01:00"),
        ("2026-02-28T23:59:59.604123", "2026-03-01T00:30:00.854123"),
        ("Time='2026-02-28T23:59:59.6040004Z'/>", "Time='2026-03-01T00:30:00.8540004Z'/>"),
        ("00000c94::2026/02/28-23:59:59.604 INFO", "00000c94::2026/03/01-00:30:00.854 INFO"),
        ("2026-02-28 23:59:59.60 spid9s", "2026-03-01 00:30:00.85 spid9s"),
        ("2026-02-28T23:59:59.604Z| vcpu-0| I125:", "2026-03-01T00:30:00.854Z| vcpu-0| I125:"),
        ('"2026-02-28T23:59:59Z"', '"2026-03-01T00:30:00.25Z"'),
        ("at 02/28/2026 11:59:59 PM", "at 03/01/2026 12:30:00 AM"),
        ("2024-02-28T23:59:59.604Z", "2024-02-29T00:30:00.854Z"),
    ],
)  # fmt: skip
def test_each_kind_of_stamp_is_moved(before: str, after: str) -> None:
    assert shift(before, timedelta(minutes=30, seconds=1, milliseconds=250)) == after


@pytest.mark.parametrize(
    "text",
    [
        "creation date(time): 2024/05/14(09:21:07)", "0001-01-01T00:00:00Z", "1601-01-01T00:00:00Z",
        "2026-02-31T02:14:10.604Z", "mid=8743996508480001077", "UTC adjustment: -6:00",
        "99/99/2026 02:10:14 AM", "seq=12026-02-28T23:59:59",
    ],
)  # fmt: skip
def test_what_is_no_time_of_an_event_stays(text: str) -> None:
    assert shift(text, timedelta(days=400)) == text


@given(st.timedeltas(timedelta(days=-9000), timedelta(days=9000)))
def test_what_no_log_can_tell_is_rounded(by: timedelta) -> None:
    assert abs(whole(by) - by) <= FINEST / 2
    assert shift("2026-02-28 23:59:59.60", by) == shift("2026-02-28 23:59:59.60", whole(by))


def test_a_binary_file_is_left_out_and_told() -> None:
    raw = RawFile.in_memory("System.evtx", b"ElfFile\x00" + bytes(99))
    text = RawFile.in_memory("cluster.log", b"2026/02/28-23:59:59.604")
    there = shifted(Material("x", nodes={"SQL01": (raw, text)}), timedelta(days=1))
    assert [file.name for file in there.nodes["SQL01"]] == ["cluster.log"]
    assert [gap.subject for gap in there.gaps] == ["SQL01/System.evtx"]
