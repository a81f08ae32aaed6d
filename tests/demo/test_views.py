"""What the app is told of a view: all that stands in it when something in it is used."""

from collections.abc import Iterator

import pytest

from demo.slack import methods
from demo.slack.form import Answer, known
from demo.slack.refused import ImpossibleError, Row
from demo.slack.workspace import Workspace
from tests.demo.bolt_app import MODAL, REASON, actions, button, text


def option(value: str) -> Row:
    return {"text": {"type": "plain_text", "text": value}, "value": value}


def choice(first: str = "") -> Row:
    row = {"type": "static_select", "action_id": "s", "options": [option("a"), option("b")]}
    return row | ({"initial_option": option(first)} if first else {})


NUMBER = {"type": "number_input", "action_id": "n", "is_decimal_allowed": False}
TUNED = MODAL | {
    "blocks": [
        REASON | {"block_id": "number", "element": NUMBER | {"initial_value": "10"}},
        text("x") | {"block_id": "usual", "accessory": choice()},
        actions(choice("b"), button("go")) | {"block_id": "row"},
    ]
}


@pytest.fixture
def place() -> Iterator[Workspace]:
    with Workspace() as made:
        made.adds_user("ada")
        yield made


def act(place: Workspace, action: str, **answers: Answer) -> Row:
    """Open the modal, use an element of it, and give what the app is told of the view."""
    who = place.user("ada").id
    fresh = place.team.triggers.new(who, place.team.clock())
    view_of = {"trigger_id": fresh, "view": TUNED}
    methods.call(place.team, "views.open", place.team.bot_token, view_of)
    view = place.modal("ada")
    assert view
    option = answers.pop("option", "")
    told = place.clicks("ada", view, action, option, answers=answers).payload["view"]
    values: Row = told["state"]["values"]
    return values


def test_the_app_is_told_what_stands_in_a_view_when_something_in_it_is_used(
    place: Workspace,
) -> None:
    values = act(place, "go", number="15")
    assert values["number"]["n"] == {"type": "number_input", "value": "15"}
    assert values["usual"]["s"] == {"type": "static_select", "selected_option": None}
    assert values["row"]["s"]["selected_option"] == option("b")
    assert set(values["row"]) == {"s"}


def test_what_is_typed_or_chosen_with_an_act_stands_in_the_view_already(place: Workspace) -> None:
    assert act(place, "n", option="15")["number"]["n"]["value"] == "15"
    assert act(place, "s", option="a")["usual"]["s"]["selected_option"] == option("a")


def test_an_answer_to_what_is_not_there_cannot_be_given(place: Workspace) -> None:
    with pytest.raises(ImpossibleError, match="no input gone"):
        act(place, "go", gone="15")
    view = place.modal("ada")
    assert view
    assert known(view, {"gone": "1", "number": "2", "row s": "b"}) == {"number": "2", "row s": "b"}
