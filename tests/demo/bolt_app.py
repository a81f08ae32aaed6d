"""A small Slack app, as apps are: real Bolt over the real, built-in Socket Mode client."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import Ack, App, BoltRequest, Respond
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from demo.slack.refused import Row
from demo.slack.workspace import Workspace

REASON = {
    "type": "input",
    "block_id": "reason",
    "label": {"type": "plain_text", "text": "Reason"},
    "element": {"type": "plain_text_input", "action_id": "text"},
}
MODAL = {
    "type": "modal",
    "callback_id": "reject",
    "title": {"type": "plain_text", "text": "Reject"},
    "submit": {"type": "plain_text", "text": "Reject"},
    "blocks": [REASON],
}


def text(words: str) -> Row:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}}


def button(action_id: str, value: str = "1") -> Row:
    label = {"type": "plain_text", "text": action_id}
    return {"type": "button", "action_id": action_id, "value": value, "text": label}


def actions(*elements: Row) -> Row:
    return {"type": "actions", "elements": [*elements]}


@dataclass(slots=True)
class Told:
    """What the app was told, in order, and the gate that can hold its events back."""

    events: list[tuple[str, str]] = field(default_factory=list)
    """The text of each event and the number of its retry."""
    ids: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    trigger: str = ""


def made(workspace: Workspace, told: Told) -> App:
    """Make an app that has a command, buttons, a modal, a home tab and reads messages."""
    client = WebClient(token=workspace.team.bot_token, base_url=workspace.api_url)
    app = App(client=client, token_verification_enabled=True)
    _reads(app, told)
    _acts(app, told)
    return app


def _reads(app: App, told: Told) -> None:
    @app.middleware
    def hold(request: BoltRequest, next: Any) -> None:  # noqa: A002, ANN401 - Bolt's name
        if request.body.get("type") == "event_callback":
            told.gate.wait(5)
        next()

    @app.event("message")
    def message(event: Row, body: Row, request: BoltRequest) -> None:
        words = str(event.get("text") or event.get("attachments") or event.get("subtype"))
        told.ids.append(body["event_id"])
        told.events.append((words, request.headers.get("x-slack-retry-num", [""])[0]))

    @app.event("app_mention")
    def mention(event: Row, client: WebClient) -> None:
        client.reactions_add(channel=event["channel"], timestamp=event["ts"], name="eyes")

    @app.event("app_home_opened")
    def home(event: Row, client: WebClient) -> None:
        view = {"type": "home", "blocks": [text("PROD-FC1: margin 4.2 s")]}
        client.views_publish(user_id=event["user"], view=view)


def _acts(app: App, told: Told) -> None:
    @app.command("/stuncheck")
    def command(ack: Ack, command: Row, client: WebClient) -> None:
        ack(f"Checking {command['text']}")
        blocks = [text("Not the backup"), actions(button("approve"), button("reject"))]
        client.chat_postMessage(channel=command["channel_id"], text="Not the backup", blocks=blocks)

    @app.action("approve")
    def approve(ack: Ack, body: Row, client: WebClient, respond: Respond) -> None:
        ack()
        where = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        who = f"Approved by <@{body['user']['id']}>"
        client.chat_update(**where, text=who, blocks=[text(who)])
        respond(text="Thank you", replace_original=False)

    @app.action("reject")
    def reject(ack: Ack, body: Row, client: WebClient) -> None:
        ack()
        told.trigger = body["trigger_id"]
        where = f"{body['channel']['id']} {body['message']['ts']}"
        client.views_open(trigger_id=body["trigger_id"], view=MODAL | {"private_metadata": where})

    @app.view("reject")
    def rejected(ack: Ack, view: Row, client: WebClient) -> None:
        reason = view["state"]["values"]["reason"]["text"]["value"]
        if reason == "no":
            ack(response_action="errors", errors={"reason": "Say why"})
            return
        ack()
        channel, ts = view["private_metadata"].split()
        client.chat_postMessage(channel=channel, thread_ts=ts, text=f"Rejected: {reason}")

    @app.shortcut("check_alert")
    def shortcut(ack: Ack, shortcut: Row, client: WebClient) -> None:
        ack()
        where = shortcut["channel"]["id"], shortcut["message"]["ts"]
        client.files_upload_v2(
            channel=where[0],
            thread_ts=where[1],
            content=b"\x89PNG stun",
            filename="stun.png",
            title="Stuns",
            alt_txt="One stun of 12.4 s",
        )


@contextmanager
def running(workspace: Workspace, told: Told, sockets: int = 1) -> Iterator[App]:
    """Run the app over so many sockets until the block ends."""
    told.gate.set()
    app = made(workspace, told)
    token = workspace.team.app_token
    links = [SocketModeHandler(app, token, ping_interval=1) for _ in range(sockets)]
    for link in links:
        link.connect()  # type: ignore[no-untyped-call] # slack_bolt has no types here
    workspace.waits_for_sockets(sockets)
    try:
        yield app
    finally:
        told.gate.set()
        for link in links:
            link.client.auto_reconnect_enabled = False
        workspace.hangs_up()
        # close() fails if the client is just closing the socket by itself
        workspace.waits(lambda: not any(li.client.is_connected() for li in links), "the end")
        for link in links:
            link.close()  # type: ignore[no-untyped-call] # the same
        workspace.waits_for_sockets(0)
        app.listener_runner.listener_executor.shutdown()
