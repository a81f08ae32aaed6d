"""The stand-in's server on 127.0.0.1: Web API, uploads, response URLs, Socket Mode."""

import asyncio
import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from demo.slack import files, hook, methods
from demo.slack.refused import RefusedError, Row
from demo.slack.sockets import Sockets
from demo.slack.team import Team

JSON_FIELDS = ("blocks", "attachments", "metadata", "view", "files")
"""Arguments that are JSON even in a form."""
START = 10.0
"""Seconds that the server may take to begin or to end."""


@dataclass(slots=True)
class Server:
    """Serves one team from its own thread."""

    team: Team
    sockets: Sockets
    more: list[BaseRoute] = field(default_factory=list)
    """Routes beside Slack's, such as a page to look at."""
    _uvicorn: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    def start(self, port: int = 0) -> None:
        """Listen; port 0 takes a free one. OSError: the port is taken."""
        wire = socket.create_server(("127.0.0.1", port))
        self.team.url = f"http://127.0.0.1:{wire.getsockname()[1]}"
        app = Starlette(routes=[*self.routes(), *self.more])
        config = uvicorn.Config(
            app,
            log_config=None,
            lifespan="off",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        self._uvicorn = uvicorn.Server(config)
        ready = threading.Event()
        run = (self._uvicorn, wire, ready)
        self._thread = threading.Thread(target=self._run, args=run, name="slack stand-in")
        self._thread.start()
        if not ready.wait(START):
            raise RuntimeError("the stand-in did not start")

    def stop(self) -> None:
        """End it and wait until it has ended."""
        if self._uvicorn and self._thread:
            self._uvicorn.should_exit = True
            self._thread.join(START)
        self.sockets.loop = None

    def routes(self) -> list[BaseRoute]:
        """Give the paths that Slack has."""
        return [
            Route("/api/{method}", self.api, methods=["GET", "POST"]),
            Route("/upload/{file}", self.upload, methods=["POST"]),
            Route("/files/{file}", self.file),
            Route("/hook/{hook}", self.hook, methods=["POST"]),
            WebSocketRoute("/link/{ticket}", self.sockets.serve),
        ]

    def _run(self, server: uvicorn.Server, wire: socket.socket, ready: threading.Event) -> None:
        async def serve() -> None:
            self.sockets.loop = asyncio.get_running_loop()
            self.sockets.loop.call_soon(ready.set)
            await server.serve(sockets=[wire])

        with wire:
            asyncio.run(serve())

    async def api(self, request: Request) -> Response:
        """Answer a call of the Web API."""
        name = request.path_params["method"]
        try:
            args = await _arguments(request)
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            token = token or str(args.pop("token", ""))
            if name == "apps.connections.open":
                return JSONResponse(self.sockets.open(token))
            return JSONResponse(methods.call(self.team, name, token, args))
        except RefusedError as refusal:
            return _no(refusal)

    async def upload(self, request: Request) -> Response:
        """Take a file."""
        content = await request.body()
        try:
            files.receive(self.team, request.path_params["file"], content)
        except RefusedError as refusal:
            return _no(refusal)
        return PlainTextResponse(f"OK - {len(content)}")

    async def file(self, request: Request) -> Response:
        """Show an uploaded file."""
        upload = self.team.uploads.get(request.path_params["file"])
        if upload is None or upload.content is None:
            return PlainTextResponse("no such file", 404)
        kind = "image/png" if upload.name.endswith(".png") else "text/plain; charset=utf-8"
        return Response(upload.content, media_type=kind)

    async def hook(self, request: Request) -> Response:
        """Take what is sent to a response_url."""
        try:
            body = _decoded(await request.body(), "invalid_payload")
            hook.answer(self.team, request.path_params["hook"], body)
        except RefusedError as refusal:
            return _no(refusal)
        return PlainTextResponse("ok")


async def _arguments(request: Request) -> Row:
    """Read a JSON body, or a form or query in which some fields are JSON."""
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        return _decoded(body or b"{}", "invalid_json")
    args: Row = dict(request.query_params)
    with suppress(UnicodeDecodeError):
        args |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    for name in JSON_FIELDS:
        if isinstance(args.get(name), str):
            error = "invalid_blocks_format" if name == "blocks" else f"invalid_{name}"
            try:
                args[name] = json.loads(args[name])
            except ValueError:
                raise RefusedError(error) from None
    return args


def _decoded(body: bytes, error: str) -> Row:
    try:
        row = json.loads(body)
    except ValueError:
        raise RefusedError(error) from None
    if not isinstance(row, dict):
        raise RefusedError(error)
    return row


def _no(refusal: RefusedError) -> Response:
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
    return JSONResponse(refusal.row(), refusal.status, headers)
