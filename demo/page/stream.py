"""The stream: a websocket over which a browser is told what changed, at most ten times a second."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from demo.page.seen import Rows, change, rows, someone
from demo.page.stage import Stage
from demo.slack.team import Team

PAUSE = 0.1
"""Seconds between two frames: what happens meanwhile comes together."""
LOOK = 0.25
"""Seconds until the next look at what nobody gave notice of."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Tells each browser what its person sees."""

    team: Team
    stage: Stage

    async def serve(self, wire: WebSocket) -> None:
        """Hold one browser's socket until it ends.

        `as` in the address is the id of the person; without one, or with one that is not known,
        it is the first of the workspace, and the row "team" says who.
        """
        await wire.accept()
        me = wire.query_params.get("as", "")
        work = {asyncio.create_task(self._tell(wire, me)), asyncio.create_task(_listen(wire))}
        done, left = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for task in done:
            task.result()

    async def _tell(self, wire: WebSocket, me: str) -> None:
        before: Rows = {}
        while True:
            after = await run_in_threadpool(self._look, me, before)
            if after != before:
                frame = change(before, after) | {"fresh": not before}
                try:
                    await wire.send_text(json.dumps(frame))
                except (RuntimeError, WebSocketDisconnect):
                    return  # the browser has gone
                await asyncio.sleep(PAUSE)
            before = after

    def _look(self, wanted: str, before: Rows) -> Rows:
        """Give what is seen now, as soon as that is something else, or after a while."""
        with self.team.changed:
            after = self._rows(wanted)
            if after == before:
                self.team.changed.wait(LOOK)
                after = self._rows(wanted)
            return after

    def _rows(self, wanted: str) -> Rows:
        user = self.team.users.get(wanted)
        me = wanted if user and not user.bot_id else someone(self.team)
        return rows(self.team, me) | {f"story {row['key']}": row for row in self.stage.rows()}


async def _listen(wire: WebSocket) -> None:
    """Wait until the browser goes; it has nothing to say."""
    with suppress(WebSocketDisconnect):
        while True:
            await wire.receive_text()
