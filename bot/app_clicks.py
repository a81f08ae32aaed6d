"""The wiring of clicks: buttons on cards, what is sent off in a modal, what is chosen in a form."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, App, Respond

from bot.actions import Action
from bot.clicks import Click
from bot.desk import Desk, nobody
from bot.proposing import READING
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
from bot.views import WRONG, loading_view, said_in

if TYPE_CHECKING:
    from slack_sdk import WebClient

Row = dict[str, Any]


def wire_clicks(app: App, desk: Desk) -> None:
    """Tell an app who takes what people click and send off."""
    _clicks(app, desk)
    _modals(app, desk)
    _forms(app, desk)


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
        desk.later(lambda: desk.proposing.submitted(view, spot, typed, by), nobody)


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
        desk.later(lambda: desk.proposing.fill(view, spot_in(view), values, act), nobody)

    @app.action(USUAL)
    def usual(ack: Ack, body: Row, action: Row) -> None:
        ack()
        view, key, act = body["view"], usual_in(action), str(action["action_ts"])
        desk.later(lambda: desk.proposing.usual(view, spot_in(view), key, act), nobody)

    @app.action(CLUSTER)
    def cluster(ack: Ack, body: Row, action: Row) -> None:
        ack()
        view, name = body["view"], usual_in(action)
        desk.later(lambda: desk.proposing.cluster(view, spot_in(view), name), nobody)


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
