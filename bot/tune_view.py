"""The modal in which heartbeat values are chosen, made of a form and read back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from bot.blocks import Block, listed, render
from bot.escape import clip, fit
from bot.limits import SECTION
from bot.views import modal_view, plain_text
from commands.reply import Reply, Section
from commands.tune_form import LASTING, Field, Form
from commands.wanted import LONGEST_REASON, lasting, read_lasts, read_value
from sources.errors import UserError

TUNE = "tune"
"""callback_id of the modal."""

CLUSTER, USUAL, VALUE, LASTS, WHY = "tune_cluster", "tune_usual", "tune_value", "lasts", "why"
"""action_ids; the last two are block_ids, too."""

GOOD = "good"
"""For good, as a choice."""

CHOICES = 100
"""Options of a select (docs.slack.dev, select menu element)."""


@dataclass(frozen=True, slots=True)
class Spot:
    """What a modal is about and where its proposal goes. `turn` counts the times that values were
    filled in: Slack keeps what stands in an input as long as its block_id is the same.
    """  # noqa: D205 - one sentence

    cluster: str = ""
    incident: str = ""
    channel: str = ""
    thread: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person chose and typed."""

    values: Mapping[str, int]
    lasts: timedelta | None
    why: str


class FormError(Exception):
    """Something in a form that cannot be; `faults` by block_id."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


def tune_view(
    form: Form, spot: Spot, typed: Typed | None = None, trouble: str = ""
) -> dict[str, Any]:
    """Show a form. `typed` is filled in again, `trouble` is what kept it from being proposed."""
    blocks = [
        *([listed(Section("Not possible", (trouble,)))] if trouble else ()),
        *_sentences(*form.measured),
        *render(Reply(payload={}, tables=(form.table,))).blocks,
        _usual(form),
        *(_field(one, spot.turn) for one in form.fields),
        *_effect(form),
        _why(typed.why if typed else ""),
        _lasts(typed.lasts if typed else None),
    ]
    view = modal_view(f"Tune {form.cluster}", blocks)
    return view | {
        "callback_id": TUNE,
        "private_metadata": json.dumps(asdict(spot)),
        "submit": plain_text("Propose"),
        "close": plain_text("Cancel"),
    }


def choose_view(clusters: Sequence[str], spot: Spot) -> dict[str, Any]:
    """Ask for which cluster."""
    options = [_option(clip(name, 75), name) for name in clusters[:CHOICES]]
    chosen = {
        "type": "static_select", "action_id": CLUSTER, "options": options,
        "placeholder": plain_text("Choose a cluster"),
    }  # fmt: skip
    blocks: list[Block] = [{"type": "actions", "block_id": CLUSTER, "elements": [chosen]}]
    if len(clusters) > CHOICES:
        more = f"Slack lists only {CHOICES} of {len(clusters)}. For others: /stuncheck tune CLUSTER"
        blocks += _sentences(more)
    view = modal_view("Tune", blocks)
    return view | {"private_metadata": json.dumps(asdict(spot))}


def spot_in(view: Mapping[str, Any]) -> Spot:
    """Read where a modal belongs."""
    return Spot(**json.loads(view["private_metadata"]))


def values_in(view: Mapping[str, Any]) -> dict[str, int]:
    """Read the values that stand in the inputs. Raises FormError."""
    found, faults = {}, {}
    for block, element in view["state"]["values"].items():
        if VALUE in element:
            name = block.partition(" ")[0]
            try:
                spelt, value = read_value(name, str(element[VALUE].get("value") or ""))
                found[spelt] = value
            except UserError as error:
                faults[block] = error.message
    if faults:
        raise FormError(faults)
    return found


def typed_in(view: Mapping[str, Any]) -> Typed:
    """Read all that was filled in. Raises FormError."""
    state = view["state"]["values"]
    values = values_in(view)
    lasts = str(state[LASTS][LASTS]["selected_option"]["value"])
    why = str(state[WHY][WHY]["value"] or "")
    try:
        return Typed(values, None if lasts == GOOD else read_lasts(lasts), why)
    except UserError as error:
        raise FormError({LASTS: error.message}) from None


def usual_in(action: Mapping[str, Any]) -> str:
    """Read which usual values, or which cluster, were chosen."""
    return str((action.get("selected_option") or {}).get("value") or "")


def _sentences(*words: str) -> Iterator[Block]:
    for one in words:
        yield {"type": "section", "text": plain_text(fit(one, SECTION))}


def _usual(form: Form) -> Block:
    options = [_option(clip(one.label, 75), one.key) for one in form.usual]
    return {
        "type": "section",
        "block_id": USUAL,
        "text": plain_text("Values that others use, to be filled in below:"),
        "accessory": {
            "type": "static_select", "action_id": USUAL, "options": options,
            "placeholder": plain_text("Choose"),
        },
    }  # fmt: skip


def _field(field: Field, turn: int) -> Block:
    unit = "ms" if field.name.endswith("Delay") else "heartbeats"
    return {
        "type": "input",
        "block_id": f"{field.name} {turn}",
        "label": plain_text(f"{field.name}, {unit}"),
        "hint": plain_text(f"{field.least} to {field.most}; {field.now} when it was last read"),
        "dispatch_action": True,
        "element": {
            "type": "number_input",
            "action_id": VALUE,
            "is_decimal_allowed": False,
            "min_value": str(field.least),
            "max_value": str(field.most),
            "initial_value": str(field.value),
            "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},
        },
    }


def _effect(form: Form) -> Iterator[Block]:
    """Say what the chosen values do, below them."""
    yield listed(Section("Forbidden" if form.blocked else "Effect", form.effect))
    if form.rules:
        yield listed(Section("Rules", form.rules))


def _why(why: str) -> Block:
    typed: Block = {
        "type": "plain_text_input", "action_id": WHY, "multiline": True,
        "max_length": LONGEST_REASON,
    }  # fmt: skip
    if why:
        typed["initial_value"] = why[:LONGEST_REASON]
    return {"type": "input", "block_id": WHY, "label": plain_text("Why?"), "element": typed}


def _lasts(wanted: timedelta | None) -> Block:
    choices = [*LASTING, *([] if wanted in LASTING else [wanted])]
    options = {one: _option(f"for {lasting(one)}", _minutes(one)) for one in choices}
    element = {
        "type": "static_select", "action_id": LASTS, "options": [*options.values()],
        "initial_option": options[wanted],
    }  # fmt: skip
    label = plain_text("For how long? It goes back by itself then.")
    return {"type": "input", "block_id": LASTS, "label": label, "element": element}


def _minutes(length: timedelta | None) -> str:
    return GOOD if length is None else f"{length // timedelta(minutes=1)}min"


def _option(words: str, value: str) -> Block:
    return {"text": plain_text(words), "value": value}
