"""A modal that the app changes while a person fills it in, in a real browser."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from demo.page.page import Page
from demo.slack.limits import Limits
from demo.slack.refused import Row
from demo.slack.workspace import Workspace
from tests.demo.bolt_app import Told, actions, button, running, text
from tests.demo.browser import launched, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

WAIT = 0.9
"""Seconds, three times as long as the page waits for another character."""


def word(words: str) -> Row:
    return {"type": "plain_text", "text": words}


def option(value: str) -> Row:
    return {"text": word(value), "value": value}


def asked(name: str, element: Row, **more: object) -> Row:
    return {"type": "input", "block_id": name, "label": word(name), "element": element} | more


@dataclass(slots=True)
class Form:
    """The app's side: what it was told, and what it shows. `turn` changes the inputs' block_ids."""

    turn: int = 0
    value: str = "10"
    told: list[Row] = field(default_factory=list)
    slow: float = 0.0

    def view(self, title: str = "Tune") -> Row:
        """Give the modal as it is now."""
        when = {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}
        number = {"type": "number_input", "action_id": "value", "is_decimal_allowed": False} | when
        usual = {"type": "static_select", "action_id": "usual", "placeholder": word("Usual")}
        lasts = {"type": "static_select", "action_id": "lasts", "initial_option": option("good")}
        line = {"type": "plain_text_input", "action_id": "line"}
        blocks = [
            text("Usual values")
            | {"block_id": "usual", "accessory": usual | {"options": [option("20"), option("40")]}},
            *(
                asked(f"{name} {self.turn}", number | {"initial_value": self.value})
                | {"dispatch_action": True, "hint": word(f"as in turn {self.turn}")}
                for name in ("same", "cross")
            ),
            text(f"*Effect*: {self.value} heartbeats"),
            asked("why", {"type": "plain_text_input", "action_id": "why", "multiline": True}),
            asked("lasts", lasts | {"options": [option("good"), option("8h")]})
            | {"dispatch_action": True},
            asked("line", line) | {"dispatch_action": True, "optional": True},
        ]
        view = {"type": "modal", "title": word(title), "submit": word("Propose")}
        return view | {"callback_id": "tune", "blocks": blocks}


def taught(app: App, form: Form) -> None:
    """Let the app open the form and answer to it."""

    @app.action("tune")
    def opens(ack: Ack, body: Row, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form.view())

    def acts(ack: Ack, body: Row, client: WebClient) -> None:
        time.sleep(form.slow)
        ack()
        form.told.append(body)
        (action,) = body["actions"]
        if action["action_id"] == "usual":
            form.turn += 1
            form.value = action["selected_option"]["value"]
        if action["action_id"] == "value":
            form.value = str(action["value"])
        client.views_update(view_id=body["view"]["id"], view=form.view())

    for name in ("usual", "value", "lasts", "line"):
        app.action(name)(acts)

    @app.view("tune")
    def submitted(ack: Ack, view: Row) -> None:
        values = view["state"]["values"]
        if values["why"]["why"]["value"] == "no":
            ack(response_action="errors", errors={"why": "Say why"})
            return
        form.told.append(view)
        done = {"type": "modal", "title": word("Proposed"), "close": word("Done")}
        ack(response_action="update", view=done | {"blocks": [text("It waits for an approver")]})


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with launched() as program:
        yield program


@pytest.fixture
def form() -> Form:
    return Form()


@pytest.fixture
def workspace(form: Form) -> Iterator[Workspace]:
    place = Workspace.with_limits(Limits(posts_per_minute=6000))
    place.routes += Page(place).routes()
    with place:
        people = [place.adds_user("ada"), place.adds_user("bob")]
        place.adds_channel("alerts", people)
        with running(place, Told()) as app:
            taught(app, form)
            yield place


@pytest.fixture
def client(workspace: Workspace) -> WebClient:
    return WebClient(token=workspace.team.bot_token, base_url=workspace.api_url)


@pytest.fixture
def modal(client: WebClient, workspace: Workspace, browser: "Browser") -> Iterator["Locator"]:
    client.chat_postMessage(channel="#alerts", text="x", blocks=[actions(button("tune"))])
    with opened(browser) as tab:
        tab.goto(workspace.team.url)
        tab.get_by_role("button", name="tune").click()
        found = tab.get_by_role("dialog", name="Tune")
        found.wait_for()
        yield found


def number(modal: "Locator", name: str = "same") -> "Locator":
    return modal.get_by_role("spinbutton", name=name)


def focused(modal: "Locator") -> str:
    """Name what has the focus by its label."""
    return str(
        modal.evaluate("""() => {
            const active = document.activeElement, label = active.getAttribute("aria-labelledby");
            return (document.getElementById(label) ?? active).textContent;
        }""")
    )


def test_the_effect_of_a_number_shows_while_one_types_and_goes_on_typing(
    modal: "Locator", form: Form
) -> None:
    modal.get_by_role("textbox", name="why").fill("stuns")
    same = number(modal)
    node = same.element_handle()
    same.press("ControlOrMeta+a")
    same.press("1")
    modal.get_by_text("Effect: 1 heartbeats").wait_for()
    modal.page.keyboard.press("5")
    modal.get_by_text("Effect: 15 heartbeats").wait_for()
    assert same.input_value() == "15"
    assert number(modal, "cross").input_value() == "10"
    assert node.evaluate("node => node.isConnected && node === document.activeElement")
    state = form.told[-1]["view"]["state"]["values"]
    assert state["same 0"]["value"]["value"] == "15"
    assert state["why"]["why"]["value"] == "stuns"
    assert state["lasts"]["lasts"]["selected_option"] == option("good")
    assert state["usual"]["usual"]["selected_option"] is None


def test_what_is_typed_at_one_go_is_told_once(modal: "Locator", form: Form) -> None:
    same = number(modal)
    same.press("ControlOrMeta+a")
    same.press_sequentially("120", delay=30)
    modal.get_by_text("Effect: 120 heartbeats").wait_for()
    time.sleep(WAIT)
    assert [body["actions"][0]["value"] for body in form.told] == ["120"]


def test_what_is_typed_while_the_app_is_slow_is_told_afterwards(
    modal: "Locator", form: Form
) -> None:
    form.slow = 1.0
    same = number(modal)
    same.press("ControlOrMeta+a")
    same.press("1")
    time.sleep(WAIT / 2)
    same.press("5")
    modal.get_by_text("Effect: 15 heartbeats").wait_for()
    assert [body["actions"][0]["value"] for body in form.told] == ["1", "15"]
    assert same.input_value() == "15"


def test_a_choice_fills_new_inputs_and_leaves_the_others(modal: "Locator", form: Form) -> None:
    why = modal.get_by_role("textbox", name="why")
    why.fill("stuns of 12 s")
    number(modal).fill("13")
    modal.get_by_text("Effect: 13 heartbeats").wait_for()
    usual = modal.get_by_role("combobox", name="Usual")
    usual.focus()
    usual.select_option("40")
    modal.get_by_text("Effect: 40 heartbeats").wait_for()
    assert [number(modal, one).input_value() for one in ("same 1", "cross 1")] == ["40", "40"]
    assert why.input_value() == "stuns of 12 s"
    assert usual.input_value() == "40"
    assert usual.evaluate("node => node === document.activeElement")
    assert form.told[-1]["view"]["state"]["values"]["usual"]["usual"]["selected_option"] == (
        option("40")
    )


def test_a_choice_in_an_input_is_told_at_once(modal: "Locator", form: Form) -> None:
    lasts = modal.get_by_role("combobox", name="lasts")
    lasts.select_option("8h")
    while not form.told:
        time.sleep(0.02)
    assert form.told[0]["actions"][0]["selected_option"] == option("8h")
    assert lasts.input_value() == "8h"


def test_a_text_without_more_is_told_on_enter_and_not_sent_off(
    modal: "Locator", form: Form
) -> None:
    line = modal.get_by_role("textbox", name="line")
    line.fill("half")
    time.sleep(WAIT)
    assert form.told == []
    line.press("Enter")
    while not form.told:
        time.sleep(0.02)
    assert form.told[0]["actions"][0]["value"] == "half"
    assert modal.get_by_text("Please complete this required field.").count() == 0


@pytest.mark.parametrize("name", ["same", "cross"])
def test_the_focus_stays_in_an_input_that_is_filled_anew(
    modal: "Locator", form: Form, workspace: Workspace, client: WebClient, name: str
) -> None:
    number(modal, name).focus()
    form.turn, form.value = 7, "33"
    view = workspace.modal("ada")
    assert view
    client.views_update(view_id=view.id, hash=view.hash, view=form.view())
    modal.get_by_text("as in turn 7").first.wait_for()
    assert number(modal, name).input_value() == "33"
    assert focused(modal) == f"{name} 7"


def test_it_is_refused_then_taken_and_says_so_in_its_place(modal: "Locator", form: Form) -> None:
    why = modal.get_by_role("textbox", name="why")
    why.fill("no")
    modal.get_by_role("button", name="Propose").click()
    modal.get_by_text("Say why").wait_for()
    why.fill("stuns")
    number(modal).fill("15")
    modal.get_by_text("Effect: 15 heartbeats").wait_for()
    assert modal.get_by_text("Say why").count() == 0
    modal.get_by_role("button", name="Propose").click()
    done = modal.page.get_by_role("dialog", name="Proposed")
    done.get_by_text("It waits for an approver").wait_for()
    assert form.told[-1]["state"]["values"]["same 0"]["value"]["value"] == "15"
    done.get_by_role("button", name="Done").click()
    done.wait_for(state="detached")


def test_people_and_groups_are_called_by_their_names(
    workspace: Workspace, client: WebClient, browser: "Browser"
) -> None:
    ada, bob = workspace.user("ada"), workspace.user("bob")
    group = workspace.adds_group("dba", [bob])
    called = {"type": "mrkdwn", "text": f"For {ada.mention} <!subteam^{group.id}>"}
    blocks = [{"type": "context", "elements": [called]}]
    client.chat_postMessage(channel="#alerts", text="x", blocks=blocks)
    with opened(browser) as tab:
        tab.goto(workspace.team.url)
        tab.locator(".context", has_text="For @ada @dba").wait_for()
        later = workspace.adds_group("ops", [ada])
        called["text"] = f"<!subteam^{later.id}>"
        client.chat_postMessage(channel="#alerts", text="x", blocks=blocks)
        tab.locator(".context", has_text="@ops").wait_for()
