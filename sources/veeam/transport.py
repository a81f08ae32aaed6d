"""HTTPS in which no wait outlasts the deadline, however slowly the other side drips."""

import ssl
from collections.abc import Iterable, Iterator

import httpcore
import httpx

from sources.deadline import Deadline

LATE = "the deadline has passed"


class DeadlineTransport(httpx.BaseTransport):
    """A pool of connections whose every read and write waits only until `deadline`.

    httpx knows time-outs for one wait, and an answer takes many of them. `deadline` may be set
    anew. Raises the errors of httpcore.
    """

    def __init__(self, tls: ssl.SSLContext, deadline: Deadline, connections: int) -> None:
        self.deadline = deadline
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=connections,
            network_backend=_Backend(self),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and give its answer, whose body is still to be read."""
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def wait(self, longest: float | None = None) -> float:
        """Give the seconds that a wait may last. Raises httpcore.ReadTimeout when none are left."""
        left = self.deadline.left
        if left <= 0:
            raise httpcore.ReadTimeout(LATE)
        return left if longest is None else min(left, longest)


class _Body(httpx.SyncByteStream):
    """The body of an answer; closing it gives the connection back."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    """Opens connections that keep to the deadline."""

    def __init__(self, clock: DeadlineTransport) -> None:
        self._clock = clock
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        wait = self._clock.wait(timeout)
        stream = self._plain.connect_tcp(host, port, wait, local_address, socket_options)
        return _Stream(stream, self._clock)


class _Stream(httpcore.NetworkStream):
    """A connection that keeps to the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, clock: DeadlineTransport) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.wait(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.wait(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            wait = self._clock.wait(timeout)
        except httpcore.ReadTimeout:
            self.close()
            raise
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, wait), self._clock)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
