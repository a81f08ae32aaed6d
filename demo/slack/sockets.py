"""Socket Mode: the app's websockets, and how envelopes go over them.

One envelope goes to one socket. What is not acknowledged in time is tried again if it is an
event, over another socket where there is one; anything else fails before the person's eyes.
"""

import asyncio
import json
import secrets
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from demo.slack.delivery import ACKNOWLEDGED, NO_SOCKET, TIMED_OUT, WAITING, Delivery
from demo.slack.methods import admit
from demo.slack.refused import RefusedError, Row
from demo.slack.team import Team

LIFE = 18_060
"""Seconds that Slack says a connection will last."""
OPENINGS = 60
"""apps.connections.open a minute; Slack promises one and bears more."""


@dataclass(slots=True, eq=False)
class Link:
    """One websocket of the app."""

    id: str
    wire: WebSocket
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, row: Row) -> bool:
        """Send a frame; say whether the socket was still there to take it."""
        try:
            await self.wire.send_text(json.dumps(row))
        except (RuntimeError, WebSocketDisconnect, OSError):
            self.gone.set()
            return False
        return True


@dataclass(slots=True)
class Sockets:
    """All websockets of the app, and everything that was sent over them."""

    team: Team
    loop: asyncio.AbstractEventLoop | None = None
    """The loop that serves; set when the server starts."""
    links: list[Link] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    deliveries: list[Delivery] = field(default_factory=list)
    _waiting: dict[str, Delivery] = field(default_factory=dict)
    """What may be acknowledged now; an acknowledgement that comes late counts for nothing."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _turn: int = 0

    def open(self, token: str) -> Row:
        """Answer apps.connections.open: the address of a new socket, good for one use."""
        team, name = self.team, "apps.connections.open"
        with team.changed:
            team.calls.append((name, {}))
            admit(team, name, token, team.app_token)
            team.pace.spend(name, OPENINGS, OPENINGS, team.clock())
            ticket = secrets.token_hex(12)
            self.tickets.add(ticket)
        return {"ok": True, "url": f"{team.url.replace('http', 'ws', 1)}/link/{ticket}"}

    def send(self, delivery: Delivery) -> Delivery:
        """Send an envelope on its way, from any thread."""
        if self.loop is None:
            raise RuntimeError("the stand-in is not running")
        with self.team.changed:
            self.deliveries.append(delivery)
        self.loop.call_soon_threadsafe(self._start, delivery)
        return delivery

    async def serve(self, wire: WebSocket) -> None:
        """Hold one socket until it ends."""
        ticket = str(wire.path_params["ticket"])
        if ticket not in self.tickets:
            await wire.close()
            return
        self.tickets.remove(ticket)
        await wire.accept()
        link = Link(ticket[:6], wire)
        if len(self.links) >= self.team.limits.sockets:
            await link.send({"type": "disconnect", "reason": "too_many_websockets"})
            await wire.close()
            return
        with self.team.changed:
            self.links.append(link)
        try:
            await self._hello(link)
            await self._listen(link)
        finally:
            link.gone.set()
            with self.team.changed:
                self.links.remove(link)
                self.team.changed.notify_all()

    async def refresh(self, link: Link, reason: str) -> None:
        """Announce that a socket ends, and end it if the app does not leave by itself."""
        await link.send({"type": "disconnect", "reason": reason, "debug_info": {"host": link.id}})
        try:
            await asyncio.wait_for(link.gone.wait(), self.team.limits.leaving.total_seconds())
        except TimeoutError:
            await self.cut(link)

    async def cut(self, link: Link) -> None:
        """End a socket without having announced it."""
        if not link.gone.is_set():
            link.gone.set()
            await link.wire.close(1011)

    async def _hello(self, link: Link) -> None:
        info = {"host": link.id, "approximate_connection_time": LIFE}
        hello: Row = {"type": "hello", "num_connections": len(self.links), "debug_info": info}
        await link.send(hello | {"connection_info": {"app_id": self.team.app_id}})
        with self.team.changed:
            self.team.changed.notify_all()

    async def _listen(self, link: Link) -> None:
        while not link.gone.is_set():
            try:
                text = await link.wire.receive_text()
            except (WebSocketDisconnect, RuntimeError):
                return
            self._heard(text)

    def _heard(self, text: str) -> None:
        """Take an acknowledgement; what is none is ignored, as Slack does."""
        try:
            row = json.loads(text)
        except ValueError:
            return
        ident = row.get("envelope_id") if isinstance(row, dict) else None
        if isinstance(ident, str) and (delivery := self._waiting.pop(ident, None)):
            payload = row.get("payload")
            delivery.reply = payload if isinstance(payload, dict) else None
            delivery.acknowledged.set()

    def _start(self, delivery: Delivery) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        again = self.team.limits.redeliver if delivery.kind == "events_api" else ()
        outcome = await self._try(delivery, 0)
        for attempt, pause in enumerate(again, 1):
            if outcome == ACKNOWLEDGED:
                break
            await asyncio.sleep(pause.total_seconds())
            outcome = await self._try(delivery, attempt)
        with self.team.changed:
            delivery.outcome = outcome
            if delivery.done:
                try:
                    delivery.done(delivery)
                except RefusedError as refusal:
                    delivery.complaint = f"{refusal.error} {' '.join(refusal.why)}".strip()
            self.team.changed.notify_all()

    async def _try(self, delivery: Delivery, attempt: int) -> str:
        """Send it once; say what came of it."""
        link = self._next(delivery)
        self._waiting[delivery.id] = delivery
        if link is None or not await link.send(delivery.frame(attempt)):
            self._waiting.pop(delivery.id, None)
            return NO_SOCKET
        with self.team.changed:
            delivery.tries.append(link.id)
            self.team.changed.notify_all()
        loop = asyncio.get_running_loop()
        began = loop.time()
        limit = self.team.limits.acknowledge.total_seconds()
        try:
            await asyncio.wait_for(delivery.acknowledged.wait(), limit)
        except TimeoutError:
            self._waiting.pop(delivery.id, None)
            return TIMED_OUT
        delivery.took = loop.time() - began
        return ACKNOWLEDGED

    def _next(self, delivery: Delivery) -> Link | None:
        """Give the next socket in turn; for a second try one that has not had it, if any."""
        alive = [link for link in self.links if not link.gone.is_set()]
        fresh = [link for link in alive if link.id not in delivery.tries] or alive
        self._turn += 1
        return fresh[self._turn % len(fresh)] if fresh else None


def again(delivery: Delivery) -> Delivery:
    """Give a copy of an event to be sent once more although it was acknowledged."""
    if delivery.outcome == WAITING:
        raise RuntimeError("it is still on its way")
    return Delivery(delivery.kind, delivery.payload)
