"""What is asked of Veeam covers the window, whichever clock a row was stamped by."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from sources.access import Window
from sources.json_rows import Row, UnreadableError
from sources.veeam.revision import KNOWN, common, offered
from sources.veeam.server_time import ServerTime, read_server_time
from sources.veeam.wish import Span

START = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(minutes=35))
CLOCKS = st.builds(
    ServerTime,
    st.timedeltas(timedelta(days=-400), timedelta(days=400)),
    st.timedeltas(timedelta(), timedelta(seconds=20)),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@given(clock=st.none() | CLOCKS)
def test_what_is_said_to_be_collected_covers_the_window_by_either_clock(
    clock: ServerTime | None,
) -> None:
    span = Span.of(WINDOW, clock)
    shift = clock.ahead if clock else timedelta()
    assert span.covered is not None
    start, end = span.covered
    assert max(start, start - shift) <= WINDOW.start
    assert min(end, end - shift) >= WINDOW.end
    for asked in (start, start + shift, end, end + shift):  # was really asked for, either way
        assert span.start <= asked <= span.end
    assert datetime.fromisoformat(span.wall(span.start)) <= span.start


@given(clock=CLOCKS, minutes=st.integers(0, 34))
def test_no_row_of_the_window_is_left_out(clock: ServerTime, minutes: int) -> None:
    shown = (START + timedelta(minutes=minutes) + clock.ahead).astimezone(clock.zone)
    span = Span.of(WINDOW, clock)
    for stamp in (shown.isoformat(), shown.replace(tzinfo=None).isoformat()):
        assert span.holds(Row({"creationTime": stamp, "endTime": stamp}))
        assert span.holds(Row({"creationTime": stamp, "endTime": None}))


def test_rows_that_cannot_be_read_are_kept() -> None:
    span = Span.of(WINDOW, None)
    assert span.holds(Row({}))
    assert span.holds(Row({"creationTime": "soon"}))
    assert not span.holds(Row({"endTime": "2020-01-01T00:00:00"}))


def test_an_empty_window_covers_nothing() -> None:
    assert Span.of(Window(START, START), None).covered is None


# the sentence of a real VBR 11: https://github.com/VeeamHub/grafana/issues/27
def test_the_revisions_that_a_server_names_are_read() -> None:
    said = "Bad request: Unsupported RESTAPI version. The following versions are supported: "
    assert [str(one) for one in offered(said + "v1.0-rev1.")] == ["1.0-rev1"]
    assert str(common(offered(said + "v1.0-rev1, v1.2-rev1, v1.1-rev2, v9.9-rev9"))) == "1.2-rev1"
    assert common(offered(said + "v2.0-rev0")) is None
    assert sorted(KNOWN, reverse=True) == list(KNOWN)


@given(st.text() | st.binary().map(lambda data: data.decode(errors="replace")))
def test_any_refusal_can_be_read(text: str) -> None:
    assert common(offered(text)) in {None, *KNOWN}


@given(st.binary(max_size=60) | st.sampled_from([b'{"serverTime": "2026-03-01T03:00:00"}', b"7"]))
def test_what_is_no_time_with_an_offset_is_refused(data: bytes) -> None:
    try:
        reading = read_server_time(data, START, START)
    except UnreadableError:
        return
    assert reading.round_trip == timedelta()


def test_the_round_trip_is_halved() -> None:
    data = b'{"serverTime": "2026-03-01T02:30:01.3000000+01:00", "timeZone": "somewhere"}'
    reading = read_server_time(data, START, START + timedelta(seconds=0.4))
    assert reading.ahead == timedelta(seconds=1.1)
    assert reading.measured
    assert reading.zone.utcoffset(None) == timedelta(hours=1)
    late = read_server_time(data, START, START + timedelta(seconds=0.6))
    assert not late.measured
