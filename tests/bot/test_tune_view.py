"""The form as Slack takes it: within its limits, read back as it was filled in."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tune_view import (
    LASTS,
    VALUE,
    WHY,
    FormError,
    Spot,
    Typed,
    choose_view,
    spot_in,
    tune_view,
    typed_in,
    values_in,
)
from commands.tune_form import Form, tune_form
from demo.slack.view import checked
from tests.commands.stored import GROUP, cluster, fill, nightly, opened

SPOT = Spot("SQLAG01", "1", "C0ALERTS", "17.1")
HOSTILE = "<!channel> *b* `c` & \u202e"


@pytest.fixture
def form(tmp_path: Path) -> Iterator[Form]:
    with opened(tmp_path) as context:
        fill(context, cluster(10, "Windows Server 2016", GROUP), *nightly(0.4, 26))
        yield tune_form(context, "SQLAG01")


def state(view: dict[str, Any], **typed: str) -> dict[str, Any]:
    """Fill a form in as it stands, but for what is typed."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        element = block.get("element")
        if element and element["action_id"] == VALUE:
            name = block["block_id"].partition(" ")[0]
            told = typed.get(name, element["initial_value"])
            values[block["block_id"]] = {VALUE: {"value": told}}
        elif element and element["action_id"] == LASTS:
            chosen = {"value": typed.get(LASTS, element["initial_option"]["value"])}
            values[LASTS] = {LASTS: {"selected_option": chosen}}
        elif element:
            values[WHY] = {WHY: {"value": typed.get(WHY)}}
    return view | {"state": {"values": values}}


def test_slack_takes_the_form_whatever_was_typed_and_went_wrong(form: Form) -> None:
    for typed in (None, Typed({}, timedelta(minutes=90), HOSTILE * 99), Typed({}, None, "")):
        view = checked(tune_view(form, SPOT, typed, HOSTILE), {"modal"})
        assert "<!channel" not in repr([b for b in view["blocks"] if b["type"] != "input"])


def test_where_it_belongs_comes_back_with_it(form: Form) -> None:
    assert spot_in(tune_view(form, SPOT)) == SPOT


def test_what_was_filled_in_is_read_back(form: Form) -> None:
    view = state(tune_view(form, SPOT), SameSubnetThreshold="22", why="stuns", lasts="480min")
    typed = typed_in(view)
    assert typed.values["SameSubnetThreshold"] == 22
    assert (typed.lasts, typed.why) == (timedelta(hours=8), "stuns")


def test_a_form_that_comes_back_holds_what_was_in_it(form: Form) -> None:
    typed = Typed({}, timedelta(minutes=90), "an experiment")
    again = typed_in(state(tune_view(form, SPOT, typed), why="an experiment"))
    assert (again.lasts, again.why) == (typed.lasts, typed.why)


@given(st.text(max_size=12) | st.integers(0, 3000).map(str) | st.integers().map(str))
def test_a_value_is_a_number_in_microsofts_range_or_named_by_its_input(typed: str) -> None:
    view = {"state": {"values": {"SameSubnetDelay 3": {VALUE: {"value": typed}}}}}
    if typed.isascii() and typed.isdecimal() and len(typed) < 10 and 250 <= int(typed) <= 2000:
        assert values_in(view) == {"SameSubnetDelay": int(typed)}
    else:
        with pytest.raises(FormError) as wrong:
            values_in(view)
        assert list(wrong.value.faults) == ["SameSubnetDelay 3"]


@pytest.mark.parametrize(("number", "told"), [(1, False), (100, False), (101, True)])
def test_clusters_that_slack_cannot_list_are_not_left_out_in_silence(
    number: int, *, told: bool
) -> None:
    view = checked(choose_view([f"CLUSTER{n}" for n in range(number)], Spot()), {"modal"})
    assert (f"Slack lists only 100 of {number}" in repr(view)) is told
