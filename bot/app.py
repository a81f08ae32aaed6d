"""The wiring: what Slack sends, and who is told. Listeners acknowledge and pass on, no more."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, App, BoltResponse, Respond

from bot.actions import Action
from bot.clicks import Click, Clicks
from bot.crew import Crew
from bot.escape import fit
from bot.intake import Intake
from bot.log import mishap
from bot.people import LINES, Asked, People
from bot.views import WRONG, home_view, said_in
from commands.context import Context
from commands.home import home

if TYPE_CHECKING:
    from slack_sdk import WebClient

Row = dict[str, Any]

COMMAND = "/stuncheck"
SHORTCUT = "check_alert"

THREADS = 20
"""Bolt's own threads; with its five, bursts starve (docs.slack.dev/tools/bolt-python)."""

BUSY = "Too much is asked at once; ask again in a minute."


@dataclass(frozen=True, slots=True)
class Desk:
    """Who takes what comes from Slack."""

    context: Context
    intake: Intake
    people: People
    clicks: Clicks
    crew: Crew
    acknowledged: Callable[[float], None]

    def later(self, work: Callable[[], None], refuse: Callable[..., Any]) -> None:
        """Have work done by the crew."""
        if not self.crew.submit(partial(_fenced, work)):
            refuse(text=BUSY)


def made(client: "WebClient", signing_secret: str | None) -> App:
    """Make an app that nobody has told anything yet."""
    return App(
        client=client,
        signing_secret=signing_secret,
        listener_executor=ThreadPoolExecutor(THREADS, "bolt"),
    )


def wire(app: App, desk: Desk) -> None:
    """Tell an app who takes what."""
    _events(app, desk)
    _commands(app, desk)
    _clicks(app, desk)

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
        asked = Asked(key, event.get("user", ""), event["channel"], thread, words.strip())
        whisper = partial(
            client.chat_postEphemeral, channel=asked.channel, user=asked.user, thread_ts=thread
        )
        desk.later(lambda: desk.people.answer(asked, whisper), whisper)

    @app.event("app_home_opened")
    def opened(event: Row, client: "WebClient") -> None:
        def show() -> None:
            client.views_publish(user_id=event["user"], view=home_view(home(desk.context)))

        if event.get("tab") == "home":
            desk.later(show, lambda **_: None)


def _commands(app: App, desk: Desk) -> None:
    @app.command(COMMAND)
    def command(ack: Ack, command: Row, respond: Respond) -> None:
        began = time.monotonic()
        text = str(command.get("text") or "help")
        ack(text=f"Checking: {_quoted(text)}")
        desk.acknowledged(time.monotonic() - began)
        key = f"trigger {command['trigger_id']}"
        asked = Asked(key, command["user_id"], command["channel_id"], None, text)
        desk.later(lambda: desk.people.answer(asked, respond), respond)

    @app.shortcut(SHORTCUT)
    def check_alert(ack: Ack, shortcut: Row, respond: Respond) -> None:
        ack()
        message, channel = shortcut["message"], shortcut["channel"]["id"]
        thread = message.get("thread_ts") or message["ts"]
        key = f"trigger {shortcut['trigger_id']}"
        asked = Asked(key, shortcut["user"]["id"], channel, thread, "")
        desk.later(lambda: desk.people.check_alert(asked, message, respond), respond)


def _clicks(app: App, desk: Desk) -> None:
    def listen(action: Action, work: Callable[[Click, Respond], None]) -> None:
        @app.action(action.value)
        def clicked(ack: Ack, body: Row, respond: Respond) -> None:
            ack()
            click = _click(body)
            desk.later(lambda: work(click, respond), respond)

    listen(Action.EVIDENCE, desk.clicks.evidence)
    listen(Action.CHECK_AGAIN, desk.clicks.check_again)
    listen(Action.WHAT_IF, desk.clicks.what_if)
    listen(Action.WRONG, desk.clicks.wrong)

    @app.view(WRONG)
    def said(ack: Ack, view: Row, body: Row, client: "WebClient") -> None:
        ack()
        user, words = body["user"], said_in(view)
        name = str(user.get("name") or user["id"])
        by = Click(f"view {view['id']}", user["id"], name, words.incident)
        whisper = partial(client.chat_postEphemeral, channel=words.channel, user=by.user)
        desk.later(lambda: desk.clicks.opinion(words, by, whisper), whisper)


def _click(body: Row) -> Click:
    action, user = body["actions"][0], body["user"]
    container = body.get("container") or {}
    channel = str(container.get("channel_id") or "")
    where = f"{channel} {container.get('message_ts')}"
    return Click(
        key=f"click {where} {action['action_id']} {action.get('action_ts')}",
        user=user["id"],
        name=str(user.get("name") or user.get("username") or user["id"]),
        incident=str(action.get("value") or ""),
        trigger=str(body.get("trigger_id") or ""),
        channel=channel,
    )


def _quoted(text: str) -> str:
    """Repeat a line so that it pings nobody and formats nothing."""
    return fit(text, LINES)


def _fenced(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - the outermost fence of a thread of the crew
        mishap(error)
