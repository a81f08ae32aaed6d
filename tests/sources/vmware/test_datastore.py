"""The folder of a VM on its datastore, and a log read over HTTP by one way or another."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from sources.deadline import Deadline
from sources.errors import LateError, RefusedError, SourceError
from sources.vmware.datastore import (
    ChangedError,
    HttpLog,
    LogFolder,
    Request,
    newest_first,
    split_path,
)

FOLDER = LogFolder("SQL01", "ds1", "SQL01", "Europe/DC0", "esx01")
LOG = b"0123456789" * 100
Answer = Callable[[httpx.Request], httpx.Response]


class Served:
    """A way that a function answers; no network, the same httpx."""

    def __init__(self, who: str, answer: Answer) -> None:
        self.who = who
        self.client = httpx.Client(transport=httpx.MockTransport(answer))

    def ask(self, name: str) -> Request:
        return Request(self.client, httpx.URL(f"https://h/folder/{name}"), "c=marker-1")


def ranges(data: bytes) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers["Range"])
        assert asked is not None
        start = int(asked[1])
        if start >= len(data):
            return httpx.Response(416, headers={"Content-Range": f"bytes */{len(data)}"})
        part = data[start : int(asked[2]) + 1 if asked[2] else None]
        told = f"bytes {start}-{start + len(part) - 1}/{len(data)}"
        return httpx.Response(206, stream=httpx.ByteStream(part), headers={"Content-Range": told})

    return answer


def status(code: int) -> Answer:
    return lambda _: httpx.Response(code)


@contextmanager
def reading(*answers: Answer, size: int = len(LOG)) -> Iterator[HttpLog]:
    ways = [Served(f"way {number}", answer) for number, answer in enumerate(answers)]
    yield HttpLog(FOLDER, "vmware.log", size, ways, Deadline.after(5))
    for way in ways:
        way.client.close()


def test_a_part_of_a_log_is_fetched_and_no_more() -> None:
    with reading(ranges(LOG)) as log:
        assert log.read(10, 20) == b"0123456789"
        assert log.read(995, None) == b"56789"
        assert log.fetched == 15


def test_a_log_that_grew_has_its_new_size() -> None:
    with reading(ranges(LOG), size=900) as log:
        assert len(log.read(800, None)) == 200
        assert log.size == 1000


def test_a_server_that_knows_no_ranges_still_gives_the_part() -> None:
    with reading(lambda _: httpx.Response(200, stream=httpx.ByteStream(LOG))) as log:
        assert log.read(10, 20) == b"0123456789"


@pytest.mark.parametrize(("size", "start"), [(2000, 0), (2000, 1500)])
def test_a_log_that_became_shorter_was_replaced(size: int, start: int) -> None:
    with reading(ranges(LOG), size=size) as log, pytest.raises(ChangedError):
        log.read(start, None)


def test_an_empty_log_is_empty() -> None:
    with reading(ranges(b""), size=0) as log:
        assert log.read(0, None) == b""


# https://github.com/vmware/vic/issues/3397: the host the VM runs on has it locked.
@pytest.mark.parametrize("code", [403, 404, 500])
def test_a_locked_log_is_read_by_the_next_way_from_then_on(code: int) -> None:
    with reading(status(code), ranges(LOG)) as log:
        assert (log.read(0, 4), log.read(4, 6), log.way) == (b"0123", b"45", 1)


def test_both_refusals_are_told() -> None:
    with reading(status(500), status(404)) as log, pytest.raises(SourceError) as told:
        log.read(0, None)
    assert "way 1 does not give vmware.log" in told.value.message
    assert "way 0 answered HTTP 500" in told.value.message


# https://github.com/ManageIQ/rbvmomi/issues/97: rights on the datastore alone gave 401.
def test_a_missing_right_is_named_with_where_to_give_it() -> None:
    with reading(status(401), ranges(LOG)) as log, pytest.raises(RefusedError) as told:
        log.read(0, None)
    for part in ("Datastore.Browse", "Datastore.FileManagement", "Europe/DC0", "ds1"):
        assert part in (told.value.hint or "")


def test_a_late_answer_is_late() -> None:
    def late(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("")

    with reading(late) as log, pytest.raises(LateError):
        log.read(0, None)


def test_no_cookie_is_shown() -> None:
    with reading(status(500)) as log:
        assert "marker" not in repr(log) + repr(log.ways[0].ask("vmware.log"))
        with pytest.raises(SourceError) as told:
            log.read(0, None)
    assert "marker" not in str(told.value)


def test_the_current_log_comes_first_then_the_highest_number() -> None:
    names = ["vmware-9.log", "vmware-10.log", "vmware.log", "vmware-x.log", "vmware.log.gz"]
    listed = newest_first((name, 1) for name in names)
    assert [log.name for log in listed] == ["vmware.log", "vmware-10.log", "vmware-9.log"]


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("[ds1] SQL01/", ("ds1", "SQL01")),
        ("[a b (1)] x/y", ("a b (1)", "x/y")),
        ("/vmfs/volumes/x", None),
        ("", None),
    ],
)
def test_a_path_on_a_datastore_is_split(path: str, parts: tuple[str, str] | None) -> None:
    assert split_path(path) == parts
