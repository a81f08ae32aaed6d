"""The page's addresses: the page itself, its files, its stream, and what it may do."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from demo.page.acts import ACTS, Act
from demo.page.guard import Guard
from demo.page.stage import Stage
from demo.page.story import Story
from demo.page.stream import Stream
from demo.slack.delivery import WAITING
from demo.slack.refused import ImpossibleError, Row
from demo.slack.workspace import Workspace

STATIC = Path(__file__).parent / "static"
BODY_MAX = 200_000
"""Bytes of what a browser sends at once; a message has at most 40,000 characters."""
PNG = b"\x89PNG"


class Page:
    """The web page of a workspace, with stories to play.

    Add `routes()` to `workspace.routes` before the workspace is entered.
    """

    def __init__(self, workspace: Workspace, stories: Sequence[Story] = ()) -> None:
        self.workspace = workspace
        self.stage = Stage(stories, workspace.team.changed)
        self.stream = Stream(workspace.team, self.stage)

    def routes(self) -> list[BaseRoute]:
        """Give the page at / and at the permalinks of messages, and all it needs below /page/."""
        guard = [Middleware(Guard)]
        below = [
            Mount("/static", StaticFiles(directory=STATIC)),
            Route("/files/{file}", self._file),
            Route("/stories/{key}", self._play, methods=["POST"]),
            Route("/acts/{act}", self._act, methods=["POST"]),
            WebSocketRoute("/stream", self.stream.serve),
        ]
        return [
            Route("/", self._page, middleware=guard),
            Route("/archives/{channel}/{message}", self._page, middleware=guard),
            Mount("/page", routes=below, middleware=guard),
        ]

    async def _page(self, _request: Request) -> Response:
        return FileResponse(STATIC / "page.html")

    async def _file(self, request: Request) -> Response:
        """Give an uploaded file, never as anything that a browser would run."""
        with self.workspace.team.changed:
            upload = self.workspace.team.uploads.get(request.path_params["file"])
            content = upload.content if upload and upload.row else None
        if content is None:
            return _no("there is no such file", 404)
        kind = "image/png" if content.startswith(PNG) else "text/plain; charset=utf-8"
        return Response(content, media_type=kind)

    async def _play(self, request: Request) -> Response:
        try:
            self.stage.play(request.path_params["key"])
        except KeyError:
            return _no("there is no such story", 404)
        except ImpossibleError as fault:
            return _no(str(fault))
        return JSONResponse({"ok": True})

    async def _act(self, request: Request) -> Response:
        """Do what a person does; what no person could do now is answered with the reason."""
        act = ACTS.get(request.path_params["act"])
        if act is None:
            return _no("there is no such act", 404)
        try:
            row = _object(await request.body())
            return JSONResponse(await run_in_threadpool(self._do, act, row))
        except ValueError as fault:
            return _no(str(fault), 400)
        except ImpossibleError as fault:
            return _no(str(fault))

    def _do(self, act: Act, row: Row) -> Mapping[str, object]:
        """Act, and tell how the app took it, as soon as that is known."""
        who = self.workspace.team.users.get(str(row.get("as", "")))
        if who is None or who.bot_id:
            raise ImpossibleError("nobody is called that")
        with self.workspace.team.changed:
            delivery = act(self.workspace, who, row)
        if delivery is None:
            return {"ok": True}
        limit = self.workspace.team.limits.acknowledge
        with suppress(TimeoutError):  # then it still says so
            self.workspace.waits(lambda: delivery.outcome != WAITING, "the answer", 2 * limit)
        return {"ok": True, "outcome": delivery.outcome, "complaint": delivery.complaint}


def _object(body: bytes) -> Row:
    """Read a JSON object. ValueError: it is none."""
    if len(body) > BODY_MAX:
        raise ValueError(f"more than {BODY_MAX} bytes")
    row = json.loads(body)
    if not isinstance(row, dict):
        raise ValueError("must be an object")  # noqa: TRY004 - of the request, not of code
    return row


def _no(why: str, status: int = 200) -> Response:
    return JSONResponse({"ok": False, "error": why}, status)
