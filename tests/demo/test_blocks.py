"""Blocks are held to Slack's limits."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.slack.blocks import accepted, block_faults
from demo.slack.refused import RefusedError, Row
from demo.slack.view import checked
from tests.demo.bolt_app import MODAL, REASON, actions, button, text

CHART = {"type": "data_visualization", "title": "Stuns"}
MANY = [{"text": {"type": "plain_text", "text": "a"}, "value": str(n)} for n in range(101)]
SELECT = {"type": "static_select", "action_id": "s", "options": MANY}
BAD: dict[str, list[Any]] = {
    "51 blocks": [{"type": "divider"}] * 51,
    "3001 characters": [text("x" * 3001)],
    "no characters": [text("")],
    "an unknown kind": [{"type": "nonsense"}],
    "no object": ["text"],
    "a field of 2001": [{"type": "section", "fields": [text("x" * 2001)["text"]]}],
    "11 fields": [{"type": "section", "fields": [text("x")["text"]] * 11}],
    "an empty section": [{"type": "section"}],
    "a long header": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "mrkdwn in a header": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    "26 buttons": [actions(*[button(str(number)) for number in range(26)])],
    "a value of 2001": [actions(button("a", "x" * 2001))],
    "a label of 76": [actions(button("x" * 76))],
    "an action_id of 256": [actions(button("a") | {"action_id": "x" * 256})],
    "one action_id twice": [actions(button("a"), button("a"))],
    "one block_id twice": [text("x") | {"block_id": "b"}] * 2,
    "an image without words": [{"type": "image", "image_url": "https://example.org/a.png"}],
    "11 in a context": [{"type": "context", "elements": [text("x")["text"]] * 11}],
    "101 rows": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101}],
    "21 columns": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}],
    "3 charts": [CHART] * 3,
    "101 options": [actions(SELECT)],
    "a style": [actions(button("a") | {"style": "red"})],
    "a bare confirm": [actions(button("a") | {"confirm": {}})],
    "an alert in a message": [{"type": "alert", "text": {"type": "mrkdwn", "text": "x"}}],
    "much markdown": [{"type": "markdown", "text": "x" * 6001}] * 2,
    "an input in actions": [actions({"type": "plain_text_input", "action_id": "a"})],
}


NUMBER = {"type": "number_input", "action_id": "n", "is_decimal_allowed": False}
ON = "trigger_actions_on"
ASKED = REASON | {"element": NUMBER}
STYLED = {
    name: {"type": "plain_text", "text": "x"} for name in ("title", "text", "confirm", "deny")
}
BAD |= {
    "a number that is one": [ASKED | {"element": NUMBER | {"min_value": 3}}],
    "an act at the wrong time": [
        ASKED | {"element": NUMBER | {"dispatch_action_config": {ON: ["on_blur"]}}}
    ],
    "an act that is told in words": [ASKED | {"dispatch_action": "yes"}],
    "a first choice that is none": [
        actions(SELECT | {"options": MANY[:3], "initial_option": MANY[4]})
    ],
    "a question in a colour": [actions(button("a") | {"confirm": STYLED | {"style": "red"}})],
}


@pytest.mark.parametrize("name", BAD)
def test_a_message_is_refused_for(name: str) -> None:
    with pytest.raises(RefusedError) as caught:
        accepted(BAD[name], "message")
    assert caught.value.error == "invalid_blocks"
    assert "json-pointer:/blocks" in caught.value.row()["errors"][0]


def test_what_is_at_the_limit_passes_and_gets_ids() -> None:
    rows = [text("x" * 3000), *[{"type": "divider"}] * 48, actions(button("x" * 75, "v" * 2000))]
    blocks = accepted(rows, "message")
    assert len({block["block_id"] for block in blocks}) == 50


def test_an_input_that_acts_while_one_types_passes() -> None:
    when = {"dispatch_action_config": {ON: ["on_character_entered"]}}
    number = NUMBER | {"min_value": "3", "max_value": "120", "initial_value": "10"} | when
    choice = {"type": "static_select", "options": MANY[:3], "initial_option": MANY[1]}
    for element in (number, choice):
        assert accepted([ASKED | {"element": element, "dispatch_action": True}], "modal")
    danger = button("a") | {"style": "danger", "confirm": STYLED | {"style": "danger"}}
    assert accepted([actions(danger), text("x") | {"accessory": choice}], "modal")


def test_cards_and_plans_pass_as_their_models_have_them() -> None:
    task = {"type": "task_card", "task_id": "1", "title": "vCenter", "status": "complete"}
    plan = {"type": "plan", "title": "Sources", "tasks": [task]}
    assert accepted([plan], "message")
    with pytest.raises(RefusedError):
        accepted([plan], "modal")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "text", "fields", "elements", "accessory", "options"]),
                inner
                | st.sampled_from(["section", "actions", "context", "button", "static_select"]),
            )
        ),
        max_leaves=20,
    )
)
def test_no_rubbish_breaks_the_check(rubbish: object) -> None:
    for surface in ("message", "modal", "home"):
        faults = block_faults([rubbish], surface)  # type: ignore[list-item] # that is the point
        assert all("json-pointer" in fault for fault in faults)


@pytest.mark.parametrize(
    "change",
    [
        {"title": {"type": "plain_text", "text": "x" * 25}},
        {"submit": None},
        {"private_metadata": "x" * 3001},
        {"callback_id": "x" * 256},
        {"type": "home"},
    ],
)
def test_a_modal_is_refused_for(change: Row) -> None:
    with pytest.raises(RefusedError, match="invalid_arguments"):
        checked(MODAL | change, {"modal"})


def test_a_modal_with_an_input_passes() -> None:
    assert checked(MODAL, {"modal"})["blocks"] == [REASON]
