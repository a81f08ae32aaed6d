"""The wiring: what Slack sends, and who is told. Listeners acknowledge and pass on, no more."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, App, BoltResponse, Respond

from bot.actions import Action
from bot.asked import Asked
from bot.clicks import Click, Clicks
from bot.crew import Crew
from bot.deciding import Deciding
from bot.escape import fit, unescape
from bot.intake import Intake
from bot.log import mishap
from bot.people import LINES, People
from bot.proposing import READING, Proposing
from bot.reason_view import Reason, reason_in
from bot.tune_view import (
    CLUSTER,
    TUNE,
    USUAL,
    VALUE,
    FormError,
    spot_in,
    typed_in,
    usual_in,
    values_in,
)
from bot.views import WRONG, home_view, loading_view, said_in
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
    deciding: Deciding
    proposing: Proposing
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
    _modals(app, desk)
    _forms(app, desk)

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
        _, _, words = unescape(str(event.get("text", ""))).partition(">")
        thread = event.get("thread_ts") or event["ts"]
        key = f"event {body['event_id']}"
        teams = tuple(filter(None, (event.get("user_team") or event.get("team"),)))
        user = event.get("user", "")
        asked = Asked(key, user, event["channel"], thread, words.strip(), teams=teams)
        whisper = partial(
            client.chat_postEphemeral, channel=asked.channel, user=asked.user, thread_ts=thread
        )
        desk.later(lambda: desk.people.answer(asked, whisper), whisper)

    @app.event("app_home_opened")
    def opened(event: Row, client: "WebClient") -> None:
        def show() -> None:
            client.views_publish(user_id=event["user"], view=home_view(home(desk.context)))

        if event.get("tab") == "home":
            desk.later(show, _nobody)


def _commands(app: App, desk: Desk) -> None:
    @app.command(COMMAND)
    def command(ack: Ack, command: Row, respond: Respond) -> None:
        began = time.monotonic()
        text = unescape(str(command.get("text") or "help"))
        ack(text=f"Checking: {_quoted(text)}")
        desk.acknowledged(time.monotonic() - began)
        key = f"trigger {command['trigger_id']}"
        asked = Asked(
            key, command["user_id"], command["channel_id"], None, text,
            name=str(command.get("user_name") or ""), teams=(command["team_id"],),
            trigger=command["trigger_id"],
        )  # fmt: skip
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
    listen(Action.WRONG, desk.clicks.wrong)
    listen(Action.WHAT_IF, desk.proposing.of_incident)
    listen(Action.OTHER_VALUES, desk.proposing.of_proposal)
    listen(Action.APPROVE, desk.deciding.approve)
    listen(Action.REVERT, desk.deciding.revert)
    listen(Action.REJECT, partial(desk.deciding.ask, Reason.REJECT))
    listen(Action.KEEP, partial(desk.deciding.ask, Reason.KEEP))


def _modals(app: App, desk: Desk) -> None:
    """What is sent off in a modal is read before it is acknowledged: Slack shows what is wrong."""

    def listen(reason: Reason) -> None:
        @app.view(reason.value)
        def typed(ack: Ack, view: Row, body: Row, client: "WebClient") -> None:
            ack()
            said = reason_in(view)
            by = replace(_sent(view, body), subject=said.proposal)
            whisper = partial(client.chat_postEphemeral, channel=said.channel, user=by.user)
            desk.later(lambda: desk.deciding.reasoned(reason, said, by, whisper), whisper)

    for reason in Reason:
        listen(reason)

    @app.view(WRONG)
    def said(ack: Ack, view: Row, body: Row, client: "WebClient") -> None:
        ack()
        words = said_in(view)
        by = replace(_sent(view, body), subject=words.incident)
        whisper = partial(client.chat_postEphemeral, channel=words.channel, user=by.user)
        desk.later(lambda: desk.clicks.opinion(words, by, whisper), whisper)

    @app.view(TUNE)
    def wished(ack: Ack, view: Row, body: Row) -> None:
        try:
            typed = typed_in(view)
        except FormError as error:
            ack(response_action="errors", errors=error.faults)
            return
        spot, by = spot_in(view), _sent(view, body)
        ack(response_action="update", view=loading_view(f"Tune {spot.cluster}", READING))
        desk.later(lambda: desk.proposing.submitted(view, spot, typed, by), _nobody)


def _forms(app: App, desk: Desk) -> None:
    """What is chosen in the form while it is open."""

    @app.action(VALUE)
    def chosen(ack: Ack, body: Row, action: Row) -> None:
        ack()
        view, act = body["view"], str(action["action_ts"])
        try:
            values: dict[str, int] | FormError = values_in(view)
        except FormError as error:
            values = error
        desk.later(lambda: desk.proposing.fill(view, spot_in(view), values, act), _nobody)

    @app.action(USUAL)
    def usual(ack: Ack, body: Row, action: Row) -> None:
        ack()
        view, key, act = body["view"], usual_in(action), str(action["action_ts"])
        desk.later(lambda: desk.proposing.usual(view, spot_in(view), key, act), _nobody)

    @app.action(CLUSTER)
    def cluster(ack: Ack, body: Row, action: Row) -> None:
        ack()
        view, name = body["view"], usual_in(action)
        desk.later(lambda: desk.proposing.cluster(view, spot_in(view), name), _nobody)


def _click(body: Row) -> Click:
    action = body["actions"][0]
    container = body.get("container") or {}
    channel = str(container.get("channel_id") or "")
    where = f"{channel} {container.get('message_ts')}"
    return Click(
        key=f"click {where} {action['action_id']} {action.get('action_ts')}",
        user=body["user"]["id"],
        name=_name(body),
        subject=str(action.get("value") or ""),
        trigger=str(body.get("trigger_id") or ""),
        channel=channel,
        teams=_teams(body),
    )


def _sent(view: Row, body: Row) -> Click:
    """Say who sent a modal off; what was sent back and filled in again has another hash."""
    key = f"view {view['id']} {view['hash']}"
    return Click(key, body["user"]["id"], _name(body), "", teams=_teams(body))


def _name(body: Row) -> str:
    user = body["user"]
    return str(user.get("name") or user.get("username") or user["id"])


def _teams(body: Row) -> tuple[str, ...]:
    """Give the workspace of who clicked: in a shared channel another one than the channel's."""
    team = str(body["user"].get("team_id") or "")
    return (team,) if team else ()


def _nobody(**_: object) -> None:
    """Say to nobody that too much is asked: the form is still there, and can be sent again."""


def _quoted(text: str) -> str:
    """Repeat a line so that it pings nobody and formats nothing."""
    return fit(text, LINES)


def _fenced(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - the outermost fence of a thread of the crew
        mishap(error)
