"""The wiring: what Slack sends, and who is told. Listeners acknowledge and pass on, no more."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, App, BoltResponse, Respond

from bot.app_clicks import wire_clicks
from bot.asked import Asked
from bot.desk import BUSY, Desk, nobody
from bot.escape import fit, unescape
from bot.log import mishap
from bot.people import LINES
from bot.views import home_view
from commands.home import home

if TYPE_CHECKING:
    from slack_sdk import WebClient

Row = dict[str, Any]

COMMAND = "/stuncheck"
SHORTCUT = "check_alert"


def made(client: "WebClient", signing_secret: str | None) -> App:
    """Make an app that nobody has told anything yet.

    Its listeners run in the thread that received what they listen to: they only pass on. In Bolt's
    pool of five they would starve, and it looks only every 10 ms whether one has acknowledged
    (slack_bolt, listener/thread_runner.py).
    """
    return App(client=client, signing_secret=signing_secret, process_before_response=True)


def wire(app: App, desk: Desk) -> None:
    """Tell an app who takes what."""
    _events(app, desk)
    _commands(app, desk)
    wire_clicks(app, desk)

    @app.error
    def failed(error: Exception) -> BoltResponse:
        mishap(error)
        return BoltResponse(status=500)  # not acknowledged: Slack delivers an event again


def _events(app: App, desk: Desk) -> None:
    @app.middleware
    def stored(body: Row, next: Callable[[], None]) -> None:  # noqa: A002 - Bolt's name
        """Store a message before Bolt acknowledges it, which it does before any listener."""
        event = body.get("event") or {}
        if event.get("type") == "message":
            desk.intake.message(event)
        next()

    @app.event("message")
    def message() -> None:
        """Everything was done before."""

    @app.event("app_mention")
    def mention(event: Row, body: Row, client: "WebClient") -> None:
        _, _, words = str(event.get("text", "")).partition(">")
        thread = event.get("thread_ts") or event["ts"]
        key = f"event {body['event_id']}"
        teams = tuple(filter(None, (event.get("user_team") or event.get("team"),)))
        user = event.get("user", "")
        asked = Asked(key, user, event["channel"], thread, unescape(words).strip(), teams=teams)
        whisper = partial(
            client.chat_postEphemeral, channel=asked.channel, user=asked.user, thread_ts=thread
        )
        desk.later(lambda: desk.people.answer(asked, whisper), whisper)

    @app.event("app_home_opened")
    def opened(event: Row, client: "WebClient") -> None:
        def show() -> None:
            client.views_publish(user_id=event["user"], view=home_view(home(desk.context)))

        if event.get("tab") == "home":
            desk.later(show, nobody)


def _commands(app: App, desk: Desk) -> None:
    @app.command(COMMAND)
    def command(ack: Ack, command: Row, respond: Respond) -> None:
        began = time.monotonic()
        text = unescape(str(command.get("text") or "help"))
        key = f"trigger {command['trigger_id']}"
        asked = Asked(
            key, command["user_id"], command["channel_id"], None, text,
            name=str(command.get("user_name") or ""), teams=(command["team_id"],),
            trigger=command["trigger_id"],
        )  # fmt: skip
        taken = desk.submit(lambda: desk.people.answer(asked, respond))
        ack(text=f"Checking: {_quoted(text)}" if taken else BUSY)
        desk.acknowledged(time.monotonic() - began)

    @app.shortcut(SHORTCUT)
    def check_alert(ack: Ack, shortcut: Row, respond: Respond) -> None:
        ack()
        message, channel = shortcut["message"], shortcut["channel"]["id"]
        thread = message.get("thread_ts") or message["ts"]
        key = f"trigger {shortcut['trigger_id']}"
        asked = Asked(key, shortcut["user"]["id"], channel, thread, "")
        desk.later(lambda: desk.people.check_alert(asked, message, respond), respond)


def _quoted(text: str) -> str:
    """Repeat a line so that it pings nobody and formats nothing."""
    return fit(text, LINES)
