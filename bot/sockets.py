"""Socket Mode: Slack's own client, watched, and ended without its complaints."""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.bot_settings import SlackSettings
from sources.errors import UserError

if TYPE_CHECKING:
    from slack_bolt import App

PATIENCE = 45.0
"""Seconds without a socket that are normal: Slack ends each after some hours, and the client opens
another by itself; who is sooner rebuilds in a circle (hermes-agent issue 96478)."""

PING = 5
"""Seconds between two pings; a dead connection is noticed after four."""

READS = 65_536
"""Bytes read at once. The client passes on what it read only when a read ends where a message
does; with its 1024 bytes the first of a burst may wait for the last."""

QUIET = logging.getLogger("stuncheck.closing")
QUIET.setLevel(logging.CRITICAL)

log = structlog.get_logger("sockets")


class Sockets:
    """Holds one socket to Slack from `start` to `stop`."""

    def __init__(self, app: "App", settings: SlackSettings, opened: Callable[[], None]) -> None:
        token = settings.app_token.reveal() if settings.app_token else ""
        self._handler = SocketModeHandler(app, token, ping_interval=PING, receive_buffer_size=READS)
        self._opened = opened
        self._well = time.monotonic()
        self.connections = 0
        """Sockets of this app in all, as Slack last told; more than one: another bot is running."""
        self._handler.client.message_listeners.append(self._heard)

    def start(self) -> None:
        """Open the socket. Raises UserError where Slack does not let us."""
        try:
            self._handler.connect()  # type: ignore[no-untyped-call] # slack_bolt has no types here
        except SlackApiError as error:
            code = error.response.get("error")
            raise UserError(
                f"Slack opens no socket: {code}.",
                "Is the app token right (xapp-, connections:write), is Socket Mode on?",
            ) from None
        except (SlackClientError, OSError) as error:
            raise UserError(f"Slack could not be reached: {error}.") from None

    def stop(self) -> None:
        """Close the socket; what was not acknowledged is delivered again."""
        client = self._handler.client
        client.auto_reconnect_enabled = False
        client.logger = QUIET  # it tells of its own closing as of an error
        client.closed = True
        client.message_queue.put(None)  # else it waits for a message a second more
        try:
            self._handler.close()  # type: ignore[no-untyped-call] # the same
        except AttributeError:
            log.debug("the socket was just closing by itself")  # its session is None by then

    def trouble(self) -> str | None:
        """Say what is wrong; None where a socket is there, or was a moment ago."""
        now = time.monotonic()
        if self._handler.client.is_connected():
            self._well = now
        gone = now - self._well
        return f"no socket to Slack for {gone:.0f} s" if gone > PATIENCE else None

    def _heard(self, _client: Any, message: dict[str, Any], _raw: Any = None) -> None:  # noqa: ANN401
        if message.get("type") != "hello":
            return
        self.connections = int(message.get("num_connections") or 1)
        log.info("socket opened", connections=self.connections)
        if self.connections > 1:
            log.warning("another process holds sockets of this app; it gets half of the events")
        self._opened()
