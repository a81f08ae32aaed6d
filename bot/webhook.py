"""The webhooks: monitoring tools send their alerts here instead of, or beside, a channel.

    POST /webhook/alertmanager    Prometheus' Alertmanager, Grafana
    POST /webhook/alert           any script

A tool is told 200 only when its alerts are stored; before that it has to send them again.
"""

import asyncio
import base64
import binascii
import hmac
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot import alertmanager, plain_alert
from bot.body import BodyError, only_json, parsed, whole
from bot.told import Told
from sources.access import Secret

MOST = 256 * 1024
"""Bytes of a body; an alert of Alertmanager has one to two thousand."""

STORING = 20.0
"""Seconds in which alerts must be stored; after them the tool is asked to send them again."""

WORKERS = 4
"""Bodies that are read and stored at the same time; SQLite has one writer anyway."""

AGAIN = {"Retry-After": "30"}
NOT_STORED = "The alerts could not be stored; send them again."
"""Alertmanager sends again after any 5xx: notify/webhook/webhook.go there."""

Take = Callable[[Sequence[Told]], None]
"""Stores alerts durably, or raises; called from several threads, for repeats too."""

Read = Callable[[object, datetime], list[Told]]

logger = logging.getLogger(__name__)


class Webhook:
    """Takes alerts from whoever knows the token. Without a token there are no such paths."""

    def __init__(self, token: Secret | None, take: Take) -> None:
        self._token = token.reveal().encode() if token else b""
        self._take = take
        self._pool = ThreadPoolExecutor(WORKERS, "webhook")

    def routes(self) -> list[BaseRoute]:
        """Give the paths; none without a token."""
        if not self._token:
            return []
        return [
            Route("/webhook/alertmanager", self._path(alertmanager.read), methods=["POST"]),
            Route("/webhook/alert", self._path(plain_alert.read), methods=["POST"]),
        ]

    def close(self) -> None:
        """End its threads, once what they store is stored."""
        self._pool.shutdown()

    def _path(self, read: Read) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            if not self._knows(request.headers.getlist("authorization")):
                challenge = {"WWW-Authenticate": 'Bearer, Basic realm="stuncheck"'}
                return JSONResponse({"error": "Not authorised."}, 401, challenge)
            try:
                only_json(request)
                content = await whole(request, MOST)
                return await self._stored(read, content)
            except BodyError as error:
                return JSONResponse({"error": error.message}, error.status)

        return answer

    def _knows(self, given: list[str]) -> bool:
        """Compare the token, in a time that does not tell how much of it was right."""
        scheme, _, credentials = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        sent = credentials.strip(" ").encode("latin-1")  # a bare strip takes the end of "\u00e0"
        if scheme.casefold() == "basic":
            try:
                sent = base64.b64decode(sent, validate=True).partition(b":")[2]
            except binascii.Error:
                return False
        elif scheme.casefold() != "bearer":
            return False
        return hmac.compare_digest(sent, self._token)

    async def _stored(self, read: Read, content: bytes) -> Response:
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._pool, self._store, read, content)
        try:
            taken = await asyncio.wait_for(work, STORING)
        except TimeoutError:
            logger.error("alerts were not stored within %g s", STORING)  # noqa: TRY400 - no trace
            taken = None
        if taken is None:
            return JSONResponse({"error": NOT_STORED}, 503, AGAIN)
        return JSONResponse({"taken": taken})

    def _store(self, read: Read, content: bytes) -> int | None:
        """Read and store in a thread of its own: both take their time. None: not stored."""
        told = read(parsed(content), datetime.now(UTC))
        if not told:
            return 0
        try:
            self._take(told)
        except Exception:
            logger.exception("alerts could not be stored")
            return None
        return len(told)
