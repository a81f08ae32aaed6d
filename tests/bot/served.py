"""The bot's server on a real socket, and what was given to it to store."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from starlette.routing import BaseRoute

from bot.bot_settings import ServerSettings
from bot.health import Health
from bot.metrics import Metrics
from bot.server import Server
from bot.told import Told
from sources.access import Secret

TOKEN = "tok\u00e9n-\u00e0"  # noqa: S105 - no secret
SECRET = Secret(TOKEN)
KNOWN = {"Authorization": f"Bearer {TOKEN}"}


def settings(
    host: str = "127.0.0.1", port: int = 0, webhook_token: Secret | None = SECRET
) -> ServerSettings:
    """Give what a configuration would say."""
    return ServerSettings(host, port, webhook_token)


@dataclass(slots=True)
class Store:
    """Keeps what it is given, or fails, or waits for a gate."""

    fails: bool = False
    kept: list[Told] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    entered: threading.Event = field(default_factory=threading.Event)

    def take(self, told: Sequence[Told]) -> None:
        self.entered.set()
        self.gate.wait(10)
        if self.fails:
            raise OSError("disk full")
        self.kept += told


@dataclass(slots=True)
class Served:
    """All of it, and ways to speak to it."""

    server: Server
    store: Store
    health: Health
    metrics: Metrics
    http: httpx.Client

    def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        return self.http.post(path, json=body, headers=_bytes(KNOWN | headers))

    def raw(self, path: str, content: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
        """Send bytes as JSON; an iterator goes in chunks, without a length."""
        given = KNOWN | {"Content-Type": "application/json"} | headers
        return self.http.post(path, content=content, headers=_bytes(given))

    def wire(self) -> socket.socket:
        """Give a bare connection."""
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=10)


def all_of(wire: socket.socket) -> bytes:
    """Read until the server closes."""
    return b"".join(iter(lambda: wire.recv(4000), b""))


def floods(wire: socket.socket, piece: bytes) -> None:
    """Send until the server closes. Raises ConnectionError then."""
    while True:
        wire.sendall(piece)


def _bytes(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Send what httpx would not: a token may have any letters."""
    return [(name.encode(), value.encode()) for name, value in headers.items()]


@contextmanager
def served(given: ServerSettings | None = None, more: Sequence[BaseRoute] = ()) -> Iterator[Served]:
    store, health, metrics = Store(), Health(), Metrics(["SQLAG01"])
    store.gate.set()
    server = Server(given or settings(), health, metrics, store.take, more)
    server.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as http:
            yield Served(server, store, health, metrics, http)
    finally:
        store.gate.set()
        server.stop()
