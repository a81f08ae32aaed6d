"""A VM's folder on a datastore: which logs are in it, and any part of them over HTTP."""

import re
import ssl
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from sources.deadline import Deadline
from sources.errors import LateError, RefusedError, SourceError

SOURCE = "vmware.log"

LOCKED = frozenset({403, 404, 500})
"""What vCenter answers for a log on shared storage that only the VM's own host may read
(vmware/vic issues 3397, 6867); then the next way is tried."""

MOST_LOG = 256 << 20
"""Bytes taken of one log; rotation is at about 2 MB where it is on."""

RIGHTS = ("Datastore.Browse", "Datastore.FileManagement")
"""Needed on the datacenter and on the datastore (Web Services SDK Programming Guide)."""

BY_HAND = "Take the log from the VM's folder with the datastore browser."

_PATH = re.compile(r"\[(?P<datastore>[^\]]+)\]\s*(?P<path>.*)", re.DOTALL)
_LOG = re.compile(r"vmware(?:-(\d{1,6}))?\.log", re.IGNORECASE)
_TOTAL = re.compile(r"bytes (?:\*|\d+-\d+)/(\d{1,18})")


class ChangedError(SourceError):
    """A log was replaced by a new one while it was read."""


@dataclass(frozen=True, slots=True)
class LogFolder:
    """Where a VM logs. `datacenter` is an inventory path, Folder/DC0; `host` where it runs."""

    vm: str
    datastore: str
    path: str
    datacenter: str
    host: str | None = None

    @property
    def remedy(self) -> str:
        """Say which rights are needed where."""
        return (
            f"Give the account {' and '.join(RIGHTS)} on the datacenter {self.datacenter} and on "
            f"the datastore {self.datastore}; see docs/permissions.md."
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """One log in a folder; `number` is None for the current one."""

    name: str
    size: int
    number: int | None


@dataclass(frozen=True, slots=True)
class Request:
    """How to ask once for a file. `cookie` is a secret."""

    client: httpx.Client
    url: httpx.URL
    cookie: str

    def __repr__(self) -> str:
        return f"Request({self.url.host!r})"


class Way(Protocol):
    """A way to the files of one folder: through vCenter, or straight from a host."""

    @property
    def who(self) -> str:
        """Who is asked, for people."""
        ...

    def ask(self, name: str) -> Request:
        """Prepare one request for a file. Raises SourceError."""
        ...


def split_path(path: str) -> tuple[str, str] | None:
    """Split `[datastore] folder/file`; None where it is no path of a datastore."""
    match = _PATH.fullmatch(path)
    return (match["datastore"], match["path"].strip("/")) if match else None


def newest_first(files: Iterable[tuple[str, int]]) -> list[Listed]:
    """Pick the logs among files with their sizes: the current one, then the highest number."""
    listed = (
        Listed(name, size, int(match[1]) if match[1] else None)
        for name, size in files
        if (match := _LOG.fullmatch(name))
    )
    return sorted(listed, key=lambda log: (log.number is not None, -(log.number or 0)))


@dataclass(slots=True)
class HttpLog:
    """A log that is read in pieces, by the first of several ways that leads to it.

    `size` is the listed one (0: not known) until something was read: a log that has less is
    another one than was listed. `fetched` counts the bytes that came, `way` is the way that is
    used. Reading raises SourceError, and ChangedError where the log was replaced.
    """

    folder: LogFolder
    name: str
    size: int
    ways: Sequence[Way]
    deadline: Deadline
    way: int = 0
    fetched: int = 0

    def read(self, start: int, stop: int | None) -> bytes:
        """Read from an offset to another one or the end."""
        before = ""
        while True:
            who = self.ways[self.way].who
            try:
                status, data = self._get(start, stop)
            except SourceError as error:
                raise type(error)(
                    SOURCE, error.subject, error.message + before, error.hint
                ) from None
            if status in {httpx.codes.OK, httpx.codes.PARTIAL_CONTENT}:
                return data
            if status not in LOCKED or self.way + 1 == len(self.ways):
                raise self._refused(status, who, before)
            before += f"; {who} answered HTTP {status}"
            self.way += 1

    def _get(self, start: int, stop: int | None) -> tuple[int, bytes]:
        """Make one request; gives its status and, if it is good, its bytes."""
        request = self.ways[self.way].ask(self.name)
        left = self.deadline.check(SOURCE, self.folder.vm, f"reading {self.name}")
        headers = {
            "Cookie": request.cookie,
            "Range": f"bytes={start}-{'' if stop is None else stop - 1}",
            "Accept-Encoding": "identity",
        }
        try:
            with request.client.stream("GET", request.url, headers=headers, timeout=left) as answer:
                data = self._answer(answer, start, stop)
                return answer.status_code, data
        except (httpx.HTTPError, OSError) as error:
            raise self._unreachable(error, request.url.host) from None

    def _answer(self, answer: httpx.Response, start: int, stop: int | None) -> bytes:
        if answer.status_code == httpx.codes.PARTIAL_CONTENT:
            told = _TOTAL.fullmatch(answer.headers.get("Content-Range", ""))
            data = b"".join(self._body(answer))
            self._grown(int(told[1]) if told else start + len(data))
            return data
        if answer.status_code == httpx.codes.OK:  # it knows no ranges
            data = b"".join(self._body(answer))
            self._grown(len(data))
            return data[start:stop]
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            self._grown(-1 if start else 0)
            answer.status_code = httpx.codes.OK
        return b""

    def _body(self, answer: httpx.Response) -> Iterator[bytes]:
        taken = 0
        for part in answer.iter_raw():
            taken += len(part)
            self.fetched += len(part)
            if taken > MOST_LOG:
                why = f"{self.name} gave more than {MOST_LOG >> 20} MiB"
                raise SourceError(SOURCE, self.folder.vm, why, BY_HAND)
            yield part

    def _grown(self, size: int) -> None:
        """A log only grows; one that is smaller than before is another one."""
        if size < self.size:
            raise ChangedError(SOURCE, self.folder.vm, f"{self.name} was replaced while read")
        self.size = size

    def _refused(self, status: int, who: str, before: str) -> SourceError:
        why = f"{who} does not give {self.name}: it answered HTTP {status}{before}"
        if status in {401, 403}:
            return RefusedError(SOURCE, self.folder.vm, why, self.folder.remedy)
        return SourceError(SOURCE, self.folder.vm, why, BY_HAND)

    def _unreachable(self, error: Exception, host: str) -> SourceError:
        vm = self.folder.vm
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, httpx.TimeoutException | TimeoutError):
                why = f"{host} did not give {self.name} in time"
                return LateError(SOURCE, vm, why, "Ask again.")
            if isinstance(cause, ssl.SSLCertVerificationError):
                why = f"{host} does not give {self.name}: its certificate is not trusted"
                return RefusedError(SOURCE, vm, why, "Put its CA into ca_file of this vCenter.")
            if isinstance(cause, OSError) and cause.strerror:
                why = f"{host} does not give {self.name}: {cause.strerror}"
                return SourceError(SOURCE, vm, why, f"Let this machine reach {host} on port 443.")
            cause = cause.__cause__ or cause.__context__
        return SourceError(SOURCE, vm, f"{host} did not give {self.name} whole", "Ask again.")
