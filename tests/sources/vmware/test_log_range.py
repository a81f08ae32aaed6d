"""A window of a distant log: every line of it, and not much more."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st

from sources.vmware.log_range import TRAIL, read_window
from sources.vmware.vmware_log import scan

START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class InMemory:
    """A log that counts what is read of it."""

    data: bytes
    fetched: int = 0

    def __post_init__(self) -> None:
        self.size = len(self.data)

    def read(self, start: int, stop: int | None) -> bytes:
        part = self.data[start:stop]
        self.fetched += len(part)
        return part


def line(at: datetime, text: str = "x") -> bytes:
    stamp = at.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return f"{stamp}Z In(05) vmx - {text}\n".encode()


def steady(count: int, step: timedelta, width: int = 60) -> bytes:
    return b"".join(line(START + n * step, "x" * width) for n in range(count))


def test_a_short_log_is_read_in_one_piece() -> None:
    log = InMemory(steady(100, timedelta(seconds=1)))
    piece = read_window(log, START, None)
    assert (piece.data, piece.first, piece.last) == (log.data, True, True)
    assert log.fetched == len(log.data)


def test_a_piece_begins_with_a_whole_line() -> None:
    log = InMemory(steady(50_000, timedelta(seconds=1)))
    piece = read_window(log, START + timedelta(hours=13), None)
    assert scan(BytesIO(piece.data)).whole
    assert not piece.first


def test_of_a_window_at_the_end_little_more_is_read() -> None:
    log = InMemory(steady(200_000, timedelta(milliseconds=250)))
    end = START + timedelta(seconds=50_000)
    piece = read_window(log, end - timedelta(minutes=2), end)
    assert piece.last
    assert log.fetched < 2.5 * 480 * len(line(START, "x" * 60))


def test_of_an_old_window_the_end_is_left_away_but_for_an_hour() -> None:
    log = InMemory(steady(200_000, timedelta(milliseconds=250)))
    start = START + timedelta(hours=3)
    end = start + timedelta(minutes=2)
    piece = read_window(log, start, end)
    told = scan(BytesIO(piece.data))
    assert told.first is not None
    assert told.last is not None
    assert told.first <= start
    assert end + TRAIL <= told.last < end + TRAIL + timedelta(minutes=5)
    assert not piece.last


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.lists(st.integers(0, 3600), min_size=1, max_size=40),
    bursts=st.integers(1, 400),
    wide=st.integers(1, 300),
    untimed=st.sampled_from([b"", b"no time here\n", b"\0" * 5000 + b"\n", b"y" * 9000 + b"\n"]),
    share=st.floats(0, 1),
    minutes=st.integers(0, 30),
)
def test_no_line_of_the_window_is_missed(
    gaps: list[int], bursts: int, wide: int, untimed: bytes, share: float, minutes: int
) -> None:
    data, lines, at = b"", [], START
    for gap in gaps:
        at += timedelta(seconds=gap)
        for _ in range(bursts):
            at += timedelta(milliseconds=7)
            lines.append((at, line(at, "z" * wide)))
        data += b"".join(text for _, text in lines[-bursts:]) + untimed
    start = START + (at - START) * share
    end = start + timedelta(minutes=minutes)
    piece = read_window(InMemory(data), start, end)
    assert piece.data in data
    missed = [t for t, text in lines if start <= t <= end and text not in piece.data]
    assert missed == []
    assert data.endswith(piece.data) or not piece.last
