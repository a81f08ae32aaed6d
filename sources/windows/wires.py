"""The TCP connections of one WinRM session, every one of which ends by the session's deadline."""

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock, Timer

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from sources.deadline import Deadline

CONNECT = 5.0
"""Seconds for a TCP connection: a machine that is off answers nothing at all, and must not use up
the time of an investigation."""


class Wires(HTTPAdapter):
    """Gives every request what is left of a deadline, and cuts all connections at `last`.

    A time-out of a socket bounds one read only, and NTLM makes three requests of one; a machine
    that drips a byte a second would hold a session for ever. `deadline` may be moved, up to
    `last`. To be closed with `end`.
    """

    def __init__(self, host: str, deadline: Deadline, last: Deadline, *, own_store: bool) -> None:
        self.host, self.deadline = host, deadline
        self._own_store = own_store
        self._copies: list[socket.socket] = []
        self._lock = Lock()
        super().__init__()
        self._timer = Timer(last.left, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = False,
        **kwargs: object,
    ) -> None:
        """Make connections that are watched, and trust the system's store where told to."""
        if self._own_store:  # requests alone knows no other roots than certifi's
            kwargs["ssl_context"] = ssl.create_default_context()
        super().init_poolmanager(connections, maxsize, block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _watched(self)

    def send(  # the signature of requests
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Send one request. Raises LateError where no time is left, else as requests does."""
        del timeout
        left = self.deadline.check("winrm", self.host, "The answer")
        return super().send(request, stream, (min(CONNECT, left), left), verify, cert, proxies)

    def watch(self, wire: socket.socket) -> socket.socket:
        """Keep a second handle of a connection: TLS takes the first one away."""
        with self._lock:
            self._copies.append(wire.dup())
        return wire

    def end(self) -> None:
        """Close what is left and stop the clock."""
        self._timer.cancel()
        self._timer.join()
        self._cut()
        with self._lock:
            for wire in self._copies:
                wire.close()
            self._copies.clear()

    def _cut(self) -> None:
        with self._lock:
            for wire in self._copies:
                with suppress(OSError):  # it is closed already
                    wire.shutdown(socket.SHUT_RDWR)


def _watched(wires: Wires) -> dict[str, type[HTTPConnectionPool]]:
    """Make the classes by which urllib3 opens connections, each telling `wires` of it."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return wires.watch(super()._new_conn())

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return wires.watch(super()._new_conn())

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
