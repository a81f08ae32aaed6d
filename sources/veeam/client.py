"""A session with Veeam's REST API, VBR 11 to 13.1: signed in, in a revision both sides speak."""

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx

from sources.access import VeeamAccess
from sources.deadline import Deadline
from sources.errors import RefusedError, SourceError
from sources.json_rows import UnreadableError, load
from sources.veeam.faults import (
    SOURCE,
    TRANSPORT_ERRORS,
    BrokenError,
    ClosedError,
    failed,
    not_signed_in,
    refusal,
    stranger,
)
from sources.veeam.revision import KNOWN, NEWEST, Revision, common, offered
from sources.veeam.server_time import ServerTime, best, read_server_time
from sources.veeam.tokens import Tokens
from sources.veeam.transport import DeadlineTransport
from sources.veeam.trust import trust

SIDE_BY_SIDE = 16
"""Connections, and with them requests at once: two waves for a cluster of eight nodes."""

PORT = 9419
NEW_PORT = 443
"""VBR 13.1 answers there too, and 9419 will go (README of veeam-br)."""

CONNECTING = 5.0
"""Seconds for a port to open: longer than any LAN needs, short enough to try the other port."""

LARGEST = 64 * 2**20
"""Bytes of one answer: 1,000 sessions are about 700 KB."""

GOODBYE = 0.3
"""Seconds for signing out where the deadline has passed already."""

FAREWELL = 5.0
"""Seconds for signing out where there is time."""

TIME = "/api/v1/serverTime"
TOKEN = "/api/oauth2/token"  # noqa: S105 - a path, no password
LOGOUT = "/api/oauth2/logout"


class Client:
    """A session with one server; use it as a context manager, which signs out and closes.

    Entering finds the port and the revision and sends no password. `get` may be called by many
    threads. Everything raises SourceError.
    """

    def __init__(self, access: VeeamAccess, deadline: Deadline) -> None:
        self.revision: Revision = NEWEST
        self.host = access.host
        self._ports = (PORT, NEW_PORT) if access.port == PORT else (access.port,)
        self._port = access.port
        self._transport = DeadlineTransport(trust(access), deadline, SIDE_BY_SIDE)
        self._http = httpx.Client(
            transport=self._transport,
            trust_env=False,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )
        self._tokens = Tokens(access, self._ask_token)
        self._readings: list[ServerTime] = []

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.callback(self._http.close)
            self._reach()
            undo.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._sign_out()
        finally:
            self._http.close()

    @property
    def clock(self) -> ServerTime | None:
        """The surest reading of the server's clock so far."""
        return best(self._readings) if self._readings else None

    def sign_in(self, deadline: Deadline) -> None:
        """Sign in with user and password; from now on `deadline` counts."""
        self._transport.deadline = deadline
        self._tokens.bearer()

    def get(self, path: str, what: str, params: Mapping[str, str] | None = None) -> bytes:
        """Give the body of one answer; `what` names it for people.

        A token that ran out is renewed, a broken connection is tried once more.
        """
        bearer = self._tokens.bearer()
        try:
            status, body = self._send("GET", path, what, params=params, bearer=bearer)
        except BrokenError:
            status, body = self._send("GET", path, what, params=params, bearer=bearer)
        if status == HTTPStatus.UNAUTHORIZED:
            bearer = self._tokens.renew(bearer)
            status, body = self._send("GET", path, what, params=params, bearer=bearer)
        if status != HTTPStatus.OK:
            raise refusal(self.host, status, body, what)
        return body

    def read_clock(self) -> None:
        """Read the server's clock once more; the first reading held the TLS handshake."""
        self._ask_time()

    def _reach(self) -> None:
        """Find the port and the revision."""
        closed = []
        for port in self._ports:
            self._port = port
            try:
                self._agree()
            except ClosedError as error:
                closed.append(error)
            else:
                return
        raise closed[0]

    def _agree(self) -> None:
        """Find the newest revision that both sides speak, by asking for the time in it.

        The time is told to anybody. A server that does not know the revision names those it
        knows; where it names none, ours are tried one by one.
        """
        candidates = list(KNOWN)
        names: list[Revision] = []
        while candidates:
            self.revision = candidates.pop(0)
            status, body = self._ask_time()
            if status in {HTTPStatus.OK, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
                return  # where it wants to know who asks, it has understood the revision
            if status != HTTPStatus.BAD_REQUEST:
                raise stranger(self.host, self._port)
            names = offered(body.decode(errors="replace"))
            if names:
                newest = common(names)
                candidates = [newest] if newest and newest < self.revision else []
        speaks = ", ".join(str(name) for name in names) or "no revision known here"
        why = f"its REST API speaks {speaks}"
        raise RefusedError(SOURCE, self.host, why, "Update stuncheck, or VBR.")

    def _ask_time(self) -> tuple[int, bytes]:
        sent = datetime.now(UTC)
        status, body = self._send("GET", TIME, "its time")
        received = datetime.now(UTC)
        if status == HTTPStatus.OK:
            try:
                self._readings.append(read_server_time(body, sent, received))
            except UnreadableError as error:
                if not _tells_time(body):
                    raise stranger(self.host, self._port) from error
        return status, body

    def _ask_token(self, form: Mapping[str, str]) -> bytes:
        status, body = self._send("POST", TOKEN, "signing in", form=form)
        if status == HTTPStatus.BAD_REQUEST:
            named = common(offered(body.decode(errors="replace")))
            if named and named < self.revision:
                self.revision = named
                status, body = self._send("POST", TOKEN, "signing in", form=form)
        if status != HTTPStatus.OK:
            raise not_signed_in(self.host, status)
        return body

    def _sign_out(self) -> None:
        """End the session on the server; a token that stays behind ends by itself in minutes."""
        bearer = self._tokens.held()
        if bearer is None:
            return
        left = self._transport.deadline.left
        self._transport.deadline = Deadline.after(max(GOODBYE, min(FAREWELL, left)))
        with suppress(SourceError):
            self._send("POST", LOGOUT, "signing out", bearer=bearer)

    def _send(
        self,
        method: str,
        path: str,
        what: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        bearer: str | None = None,
    ) -> tuple[int, bytes]:
        """Send one request; give status and body. Raises SourceError where no whole one comes."""
        left = self._transport.deadline.check(SOURCE, self.host, what)
        headers = {"x-api-version": str(self.revision)}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        try:
            request = self._http.build_request(
                method,
                httpx.URL(scheme="https", host=self.host, port=self._port, path=path),
                params=params,
                data=form,
                headers=headers,
                timeout=httpx.Timeout(None, connect=min(CONNECTING, left), pool=left),
            )
            answer = self._http.send(request, stream=True)
            try:
                return answer.status_code, self._body(answer, what)
            finally:
                answer.close()
        except TRANSPORT_ERRORS as error:
            raise failed(self.host, self._port, what, error) from error

    def _body(self, answer: httpx.Response, what: str) -> bytes:
        parts = bytearray()
        for part in answer.iter_bytes():
            parts += part
            if len(parts) > LARGEST:
                why = f"{what}: the answer is larger than {LARGEST // 2**20} MB"
                raise SourceError(SOURCE, self.host, why, "Ask for a shorter time.")
        return bytes(parts)


def _tells_time(body: bytes) -> bool:
    """Whether this is Veeam's time, even one without an offset."""
    try:
        parsed = load(body)
    except UnreadableError:
        return False
    return isinstance(parsed, dict) and "serverTime" in parsed
