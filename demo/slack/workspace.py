"""A whole Slack workspace on this machine, for tests and for the demo."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self, TypeVar

from starlette.routing import BaseRoute

from demo.slack.channel import Channel
from demo.slack.delivery import WAITING, Delivery
from demo.slack.limits import Limits
from demo.slack.message import Message
from demo.slack.pace import Fault
from demo.slack.people import People
from demo.slack.server import Server
from demo.slack.sockets import again
from demo.slack.team import Team
from demo.slack.user import Group, User
from demo.slack.view import View

T = TypeVar("T")
LOOK = 0.05
"""Seconds between looks at what Slack is not told of, such as the state of the app."""
PATIENCE = timedelta(seconds=5)
"""How long a wait lasts unless told otherwise."""


@dataclass(slots=True)
class Workspace(People):
    """The stand-in; use it as a context manager.

    Point the app at `api_url` with `team.bot_token` and `team.app_token`. Waits raise
    TimeoutError, acts that no person could do raise ImpossibleError.
    """

    port: int = 0
    """0 takes a free one."""
    routes: list[BaseRoute] = field(default_factory=list)
    """Served beside Slack's own paths."""
    _server: Server | None = None

    @classmethod
    def with_limits(cls, limits: Limits) -> Self:
        """Make one whose limits are shrunk."""
        return cls(Team(limits))

    def __enter__(self) -> Self:
        self._server = Server(self.team, self.sockets, self.routes)
        self._server.start(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.stop()

    @property
    def api_url(self) -> str:
        """Give the base of the Web API, for WebClient(base_url=...) or SLACK_API_URL."""
        return f"{self.team.url}/api/"

    def adds_user(self, name: str, email: str = "") -> User:
        """Let a person in."""
        with self.team.changed:
            user = User(self.team.ident("U"), name, email=email)
            self.team.users[user.id] = user
            return user

    def adds_channel(
        self, name: str, users: Iterable[User] = (), *, private: bool = False, bot: bool = True
    ) -> Channel:
        """Make a channel with these people, and with the app unless told otherwise."""
        with self.team.changed:
            ident = self.team.ident("C")
            members = {user.id for user in users} | ({self.team.bot.id} if bot else set())
            channel = Channel(ident, name, private=private, members=members)
            self.team.channels[ident] = channel
            return channel

    def adds_group(self, handle: str, users: Iterable[User]) -> Group:
        """Make a user group."""
        with self.team.changed:
            members = tuple(user.id for user in users)
            group = Group(self.team.ident("S"), handle, members)
            self.team.groups[group.id] = group
            return group

    def messages(self, channel: Channel | str) -> list[Message]:
        """Give what everyone in a channel sees, oldest first, replies too."""
        with self.team.changed:
            return [*self.channel(channel).messages.values()]

    def whispers(self, user: User | str, channel: Channel | str) -> list[Message]:
        """Give what only this person sees in a channel, oldest first."""
        who = self.user(user).id
        with self.team.changed:
            found = self.channel(channel).whispers.values()
            return [message for message in found if message.only_to == who]

    def direct(self, user: User | str) -> list[Message]:
        """Give the app's own conversation with a person."""
        with self.team.changed:
            return [*self.team.direct(self.user(user).id).messages.values()]

    def thread(self, message: Message) -> list[Message]:
        """Give the replies below a message, oldest first."""
        with self.team.changed:
            channel = self.team.channels[message.channel]
            return channel.replies(message.thread_ts or message.ts)

    def modal(self, user: User | str) -> View | None:
        """Give the modal that a person sees."""
        with self.team.changed:
            stack = self.team.stacks.get(self.user(user).id, [])
            return stack[-1] if stack else None

    def home(self, user: User | str) -> View | None:
        """Give the app's home tab as a person sees it."""
        with self.team.changed:
            return self.team.homes.get(self.user(user).id)

    def file(self, ident: str) -> bytes:
        """Give what was uploaded. KeyError: there is no such file."""
        with self.team.changed:
            return self.team.uploads[ident].content or b""

    def waits(self, found: Callable[[], T | None], what: str, within: timedelta = PATIENCE) -> T:
        """Wait until something is there, and give it. TimeoutError: it did not come."""
        until = time.monotonic() + within.total_seconds()
        with self.team.changed:
            while not (thing := found()):
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"{what} did not come within {within}")
                self.team.changed.wait(min(left, LOOK))
            return thing

    def waits_for_words(
        self, channel: Channel | str, words: str, within: timedelta = PATIENCE
    ) -> Message:
        """Wait for a message that can be read to say so, after an edit, too."""

        def found() -> list[Message]:
            return [m for m in self.messages(channel) if words in m.words]

        return self.waits(found, f"{words!r}", within)[-1]

    def waits_for_answer(self, delivery: Delivery, within: timedelta = PATIENCE) -> Delivery:
        """Wait until a delivery is acknowledged or given up."""
        self.waits(lambda: delivery.outcome != WAITING, "the acknowledgement", within)
        return delivery

    def waits_for_sockets(self, count: int, within: timedelta = PATIENCE) -> None:
        """Wait until the app holds so many sockets."""
        self.waits(lambda: len(self.sockets.links) == count, f"socket {count}", within)

    def settles(self, within: timedelta = PATIENCE) -> None:
        """Wait until nothing is on its way to the app."""
        on_way = self.sockets.deliveries
        self.waits(lambda: all(d.outcome != WAITING for d in on_way), "quiet", within)

    def calls(self, method: str) -> int:
        """Count the calls of a method of the Web API, refused ones too."""
        with self.team.changed:
            return sum(name == method for name, _ in self.team.calls)

    def fails(self, fault: Fault) -> None:
        """Let a method go wrong the next times it is called."""
        with self.team.changed:
            self.team.faults.append(fault)

    def limits_rate(self, method: str, times: int = 1, retry_after: int = 1) -> None:
        """Answer a method with 429 the next times it is called."""
        self.fails(Fault(method, "ratelimited", times, 429, retry_after))

    def redelivers(self, delivery: Delivery) -> Delivery:
        """Send an event once more although it was acknowledged, as Slack happens to do."""
        return self.sockets.send(again(delivery))

    def refreshes(self, index: int = 0, reason: str = "refresh_requested") -> None:
        """Announce to a socket of the app that it ends."""
        self._runs(self.sockets.refresh(self.sockets.links[index], reason))

    def cuts(self, index: int = 0) -> None:
        """End a socket of the app without having announced it."""
        self._runs(self.sockets.cut(self.sockets.links[index]))

    def hangs_up(self) -> None:
        """End all sockets, so that an app that is about to stop need not wait for them."""
        for link in [*self.sockets.links]:
            self._runs(self.sockets.cut(link))

    def _runs(self, work: Coroutine[Any, Any, None]) -> None:
        if self.sockets.loop is None:
            raise RuntimeError("the stand-in is not running")
        asyncio.run_coroutine_threadsafe(work, self.sockets.loop).result(
            self.team.limits.leaving.total_seconds() + PATIENCE.total_seconds()
        )
