"""A connection to our server: it says what it wants in time, or it is closed.

uvicorn waits for ever for the rest of a header and drops a body that nobody reads for as long as
it comes (0.54, protocols/http/h11_impl.py); both hold a file descriptor.
"""

import asyncio
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 200
"""Connections at once; the process has 1024 descriptors by default, and other uses for them."""

COMING = {h11.IDLE, h11.SEND_BODY}
"""A request of which something is still to come."""


class Connection(H11Protocol):
    """uvicorn's own, with a clock for each request from its first byte to its last."""

    patience: ClassVar[float] = 15.0
    """Seconds; more than a body may take, so that a slow one is answered first."""
    _clock: asyncio.TimerHandle | None = None

    def connection_made(  # type: ignore[override] # as uvicorn has it
        self, transport: asyncio.Transport
    ) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.abort()
        self._wind()

    def data_received(self, data: bytes) -> None:
        """Take what came, and wait for the rest if there is one."""
        super().data_received(data)
        if self.conn.their_state not in COMING:
            self._stop()
        elif self._clock is None:
            self._wind()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock."""
        self._stop()
        super().connection_lost(exc)

    def _wind(self) -> None:
        self._clock = self.loop.call_later(self.patience, self.transport.abort)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
