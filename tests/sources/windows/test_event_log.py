"""Every format people send event logs in, whole and damaged."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.raw import RawFile
from sources.windows.event_log import EventLog, read_events
from tests.peers.evtx_writer import evtx
from tests.sources.logged import CLUSTER, logged

REMOVED = logged(CLUSTER, 1135, named={"NodeName": "SQL01"}, record=7)
LOG = [logged(CLUSTER, 1135, f"SQL{n}", record=n, at=f"2026-03-01T02:14:0{n}Z") for n in range(5)]


def read(data: bytes | str, name: str = "System.xml") -> EventLog:
    return read_events(RawFile.in_memory(name, data if isinstance(data, bytes) else data.encode()))


def records(log: EventLog) -> list[int]:
    return [event.record for event in log.events if event.record is not None]


def test_an_event_keeps_all_that_is_not_localised() -> None:
    (event,) = read(REMOVED).events
    assert (event.channel, event.provider, event.id) == ("System", CLUSTER, 1135)
    assert (event.version, event.level, event.record) == (0, 2, 7)
    assert event.computer == "SQL02.corp.local"
    assert event.time == datetime(2026, 3, 1, 2, 14, 10, 612345, UTC)
    assert event.data == (("NodeName", "SQL01"),)
    assert (event.at(1), event.at(2), event.named("NodeName")) == ("SQL01", "", "SQL01")


@pytest.mark.parametrize(
    "text",
    [
        "\r\n".join(LOG),
        "".join(LOG),
        "<Events>" + "".join(LOG) + "</Events>",
        '<?xml version="1.0" encoding="utf-8"?>\n<Events>\n' + "\n".join(LOG) + "\n</Events>\n",
        "\n".join('<?xml version="1.0"?>' + event for event in LOG),
        "\n".join(LOG).replace("'", '"'),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_roots_declarations_and_encodings_make_no_difference(text: str, encoding: str) -> None:
    log = read(text.encode(encoding))
    assert records(log) == [0, 1, 2, 3, 4]
    assert not log.damage


@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "cp1252"])
def test_umlauts_survive_the_code_pages_of_consoles(encoding: str) -> None:
    log = read(logged(CLUSTER, 1153, "Prüfstände für Böden", "SQL01", "SQL02").encode(encoding))
    assert log.events[0].at(1) == "Prüfstände für Böden"


def test_user_data_and_nested_strings_keep_their_order() -> None:
    inner = (
        "<UserData><EventXML xmlns='x'><UniqueId>u1</UniqueId><A/><B>b</B></EventXML></UserData>"
    )
    start, end = REMOVED.index("<EventData>"), REMOVED.index("</Event>")
    (event,) = read(REMOVED[:start] + inner + REMOVED[end:]).events
    assert event.data == (("UniqueId", "u1"), ("A", ""), ("B", "b"))
    inner = "<EventData><Data><string>a</string><string>b</string></Data></EventData>"
    (event,) = read(REMOVED[:start] + inner + REMOVED[end:]).events
    assert event.data == ((None, "a"), (None, "b"))


def test_rendered_texts_are_passed_over() -> None:
    rendered = (
        "<RenderingInfo Culture='de-DE'><Message>Der Knoten</Message></RenderingInfo></Event>"
    )
    (event,) = read(REMOVED.replace("</Event>", rendered)).events
    assert event.data == (("NodeName", "SQL01"),)


def test_control_characters_cost_no_event() -> None:
    log = read(logged(CLUSTER, 1135, "SQL01", "x").replace(">x<", ">&#x1;\x02&#11;&#65;<"))
    assert log.events[0].data[1] == (None, "\ufffd\ufffd\ufffdA")
    assert not log.damage


@pytest.mark.parametrize(
    "broken",
    [
        LOG[2][:-30],
        LOG[2][40:],
        LOG[2].replace("</System>", "</Sys>"),
        LOG[2].replace("SQL2", "&bomb;"),
        LOG[2].replace("SQL2", "SQ\0\0"),
        LOG[2].replace("1135", "x"),
        LOG[2].replace("2026-03", "1601-01"),
        LOG[2].replace("2026-03", "2926-03"),
        "\0" * 4096,
        "Access is denied.",
    ],
)
def test_damage_costs_one_event_is_named_and_splits_what_was_covered(broken: str) -> None:
    log = read("\r\n".join([*LOG[:2], broken, *LOG[3:]]))
    assert records(log) == [0, 1, 3, 4]
    assert log.damage
    assert [(span.start.second, span.end.second) for span in log.spans] == [(0, 1), (3, 4)]


def test_an_entity_bomb_is_damage_and_is_never_expanded() -> None:
    bomb = "<!DOCTYPE x [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;'>]>"
    log = read(f"{bomb}<Events>{LOG[0]}{LOG[1].replace('SQL1', '&b;')}</Events>")
    assert records(log) == [0]
    assert any("document type" in damage for damage in log.damage)


def test_a_root_that_never_ends_is_damage() -> None:
    assert read("<Events>" + "".join(LOG)).damage == ("the file ends before its last line",)


@pytest.mark.parametrize("data", [b"", b" \r\n", b"<Events></Events>"])
def test_an_empty_file_is_damage(data: bytes) -> None:
    assert read(data).damage == ("there is no event in it",)


def test_a_file_of_nothing_but_damage_is_given_up() -> None:
    log = read("<Event " * 20_000 + LOG[0])
    assert not log.events
    assert any("given up" in damage for damage in log.damage)


def test_a_week_without_an_event_is_not_covered() -> None:
    late = logged(CLUSTER, 1135, "SQL01", at="2026-03-11T00:00:00Z")
    assert len(read(LOG[0] + late).spans) == 2


def test_unwanted_events_count_as_read() -> None:
    file = RawFile.in_memory("System.xml", "".join(LOG).encode())
    log = read_events(file, lambda _provider, event_id, _xml: event_id != 1135)
    assert not log.events
    assert log.spans == read("".join(LOG)).spans


def test_a_file_that_cannot_be_opened_is_damage() -> None:
    def refuse() -> None:
        raise PermissionError(13, "Permission denied")

    log = read_events(RawFile("System.evtx", 0, refuse))  # type: ignore[arg-type] # never returns
    assert "Permission denied" in log.damage[0]


def test_evtx_tells_the_same_as_xml() -> None:
    log = read(evtx(LOG), "System.evtx")
    assert log == read("".join(LOG))


def test_a_cut_evtx_file_is_named() -> None:
    whole = evtx(LOG)
    for end in (100, 4096, 4096 + 512 + 1000, 4096 + 60000):
        assert read(whole[:end], "System.evtx").damage


def test_a_wiped_record_of_an_evtx_file_is_missed() -> None:
    data = bytearray(evtx(LOG))
    start = data.rindex(b"**\0\0")
    data[start : start + 64] = bytes(64)
    log = read(bytes(data), "System.evtx")
    assert records(log) == [0, 1, 2, 3]
    assert "evtx" in log.damage[0]


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"ElfFile\0", b"<Event ", b"\xff\xfe", LOG[0].encode()]),
)
def test_no_bytes_raise(data: bytes, before: bytes) -> None:
    log = read(before + data)
    assert log.events or log.damage


@given(st.data(), st.sampled_from(["utf-8", "utf-16", "utf-16-le"]))
@settings(max_examples=60)
def test_a_cut_costs_at_most_the_event_it_went_through(data: st.DataObject, encoding: str) -> None:
    whole = ("<Events>\r\n" + "\r\n".join(LOG) + "\r\n</Events>").encode(encoding)
    cut = data.draw(st.integers(0, len(whole)))
    first, second = read(whole[:cut]), read(whole[cut:])
    kept = records(first) + records(second)
    assert kept == sorted(kept)
    assert len(kept) >= len(LOG) - 1
    assert len(kept) == len(LOG) or (first.damage and second.damage)
    assert first.damage or cut == len(whole)


@given(st.binary(min_size=1, max_size=64), st.integers(0, 4000))
def test_overwritten_evtx_never_raises(noise: bytes, place: int) -> None:
    data = bytearray(evtx(LOG))
    data[4096 + place : 4096 + place + len(noise)] = noise
    log = read(bytes(data), "System.evtx")
    assert len(log.events) == len(LOG) or log.damage
