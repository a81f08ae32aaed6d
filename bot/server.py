"""The bot's own HTTP server: health, metrics, webhooks, and Slack's HTTP mode where it is used."""

import asyncio
import errno
import logging
import socket
import threading
from collections.abc import Sequence

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.bot_settings import ServerSettings
from bot.connection import Connection
from bot.health import Health
from bot.metrics import Metrics
from bot.webhook import Take, Webhook
from sources.errors import UserError

GRACE = 5
"""Seconds that a request has left when the server ends."""

BACKLOG = 128
"""Connections that wait to be accepted."""

REASONS = {
    errno.EADDRINUSE: (
        "is in use by another program",
        "Is another stuncheck running? If not, give [server] port another number.",
    ),
    errno.EACCES: (
        "may not be used by this account",
        "Ports below 1024 take a right; give [server] port a higher number.",
    ),
    errno.EADDRNOTAVAIL: (
        "is no address of this machine",
        'Set [server] host to one of its own, such as "127.0.0.1".',
    ),
}

logger = logging.getLogger(__name__)


class Server:
    """Listens from `start` to `stop`, in a thread of its own."""

    def __init__(
        self,
        settings: ServerSettings,
        health: Health,
        metrics: Metrics,
        take: Take,
        more: Sequence[BaseRoute] = (),
    ) -> None:
        self.port = settings.port
        """Where it listens; known after `start` if it was to take a free one."""
        self._host = settings.host
        self._health = health
        self._metrics = metrics
        self._webhook = Webhook(settings.webhook_token, take)
        own = [Route("/healthz", self._healthz), Route("/metrics", self._numbers)]
        config = uvicorn.Config(
            Starlette(routes=[*own, *self._webhook.routes(), *more]),
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=GRACE,
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen. Raises UserError where the address cannot be had."""
        wire = _listening(self._host, self.port)
        self.port = wire.getsockname()[1]
        self._thread = threading.Thread(target=self._run, args=(wire,), name="server")
        self._thread.start()

    def stop(self) -> None:
        """Take no more, answer what is under way, and end; a server starts once only."""
        self._uvicorn.should_exit = True
        if self._thread:
            self._thread.join()
        self._webhook.close()

    def _run(self, wire: socket.socket) -> None:
        with wire:
            try:
                asyncio.run(self._uvicorn.serve(sockets=[wire]))
            except Exception:
                logger.exception("the server broke off")
                raise

    def _healthz(self, _: Request) -> Response:
        report = self._health.report()
        return JSONResponse(report, 200 if report["status"] == "ok" else 503, NO_STORE)

    def _numbers(self, _: Request) -> Response:
        return Response(self._metrics.text(), media_type=CONTENT_TYPE_LATEST)


NO_STORE = {"Cache-Control": "no-store"}
"""A proxy in between must not answer for us."""


def _listening(host: str, port: int) -> socket.socket:
    """Take the address. Raises UserError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return socket.create_server(address, family=family, backlog=BACKLOG)
    except socket.gaierror:
        why, hint = REASONS[errno.EADDRNOTAVAIL]
    except OSError as error:
        other = (f"cannot be listened on ({error.strerror})", "Set [server] host and port.")
        why, hint = REASONS.get(error.errno or 0, other)
    raise UserError(f"{host}, port {port}, {why}.", hint)
