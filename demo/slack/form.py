"""What a person does with the elements of blocks: click, choose, fill in."""

from collections.abc import Iterator

from demo.slack.blocks import elements
from demo.slack.message import Message
from demo.slack.refused import ImpossibleError, Row
from demo.slack.view import View

PICKED = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
"""Where the value of a picker is told."""
Answer = str | list[str]
"""What is typed or chosen: a text, an option's value, or several."""
STATELESS = {"button", "overflow", "image"}
"""Elements that hold nothing: Slack tells of the others in the state of a view."""


def used(place: Message | View, action_id: str, option: Answer = "", block_id: str = "") -> Row:
    """Give the action of an element that is clicked or chosen from.

    ImpossibleError: there is no such element, or no such option.
    """
    for block in place.blocks:
        for element in elements(block):
            here = not block_id or block.get("block_id") == block_id
            if element.get("action_id") == action_id and here:
                ids = {"action_id": action_id, "block_id": block.get("block_id", "")}
                return ids | _value(element, option)
    raise ImpossibleError(f"no element {action_id!r} to click")


def filled(view: View, answers: dict[str, Answer], *, complete: bool = True) -> Row:
    """Give the values of all that holds one in a view, by block and action.

    ImpossibleError: an answer to nothing that is there; or, if it is to be complete, none to an
    input that must have one.
    """
    holding = {held: pair for block in view.blocks for held, pair in _holding(block)}
    if unknown := set(answers) - set(holding):
        raise ImpossibleError(f"no input {', '.join(sorted(unknown))}")
    values: Row = {}
    for held, (block, element) in holding.items():
        answer = answers.get(held, _initial(element))
        needed = block["type"] == "input" and not block.get("optional")
        if complete and not answer and needed:
            raise ImpossibleError(f"{held} must be filled in")
        of_block = values.setdefault(block["block_id"], {})
        of_block[element["action_id"]] = _value(element, answer)
    return values


def held(values: Row, action: Row) -> Row:
    """Give the values of a view with what an act has just chosen or typed."""
    if action["type"] in STATELESS:
        return values
    told = {name: value for name, value in action.items() if name not in {"action_id", "block_id"}}
    block = action["block_id"]
    return values | {block: values.get(block, {}) | {action["action_id"]: told}}


def known(view: View, answers: dict[str, Answer]) -> dict[str, Answer]:
    """Leave out answers to what a view no longer has: it was changed while somebody typed."""
    there = {held for block in view.blocks for held, _ in _holding(block)}
    return {held: answer for held, answer in answers.items() if held in there}


def _holding(block: Row) -> Iterator[tuple[str, tuple[Row, Row]]]:
    """Give each element that holds a value, by the name under which an answer is given.

    That is the block's id; with that of the element behind it where there may be several.
    """
    for element in elements(block):
        if element["type"] not in STATELESS:
            several = block["type"] == "actions"
            held = f"{block['block_id']} {element['action_id']}" if several else block["block_id"]
            yield held, (block, element)


def _initial(element: Row) -> Answer:
    if option := element.get("initial_option"):
        return str(option["value"])
    if options := element.get("initial_options"):
        return [str(option["value"]) for option in options]
    names = (
        *("initial_value", "initial_date", "initial_time", "initial_date_time"),
        *("initial_user", "initial_channel", "initial_conversation"),
    )
    return next((str(element[name]) for name in names if name in element), "")


def _value(element: Row, answer: Answer) -> Row:
    kind = str(element["type"])
    if kind == "button":
        told = {name: element[name] for name in ("text", "value", "style") if name in element}
        return {"type": kind} | told
    if kind == "checkboxes" or kind.startswith("multi_"):
        chosen = [answer] if isinstance(answer, str) and answer else [*answer]
        if picked := PICKED.get(kind.removeprefix("multi_")):
            return {"type": kind, f"{picked}s": chosen}
        return {"type": kind, "selected_options": [_option(element, one) for one in chosen]}
    if kind in {"static_select", "radio_buttons", "overflow"}:
        return {"type": kind, "selected_option": _option(element, str(answer)) if answer else None}
    return {"type": kind, PICKED.get(kind, "value"): answer or None}


def _option(element: Row, value: str) -> Row:
    groups = element.get("option_groups", [])
    options = [*element.get("options", []), *(o for group in groups for o in group["options"])]
    for option in options:
        if option["value"] == value:
            return dict(option)
    raise ImpossibleError(f"no option {value!r} in {element['action_id']}")
