"""Elements of blocks: buttons, selects, inputs, texts; what Slack allows in each.

Limits: docs.slack.dev/reference/block-kit.
"""

from collections.abc import Iterator

from demo.slack.refused import Row

ID_MAX = 255
BUTTON_MAX, VALUE_MAX, URL_MAX, ALT_MAX = 75, 2000, 3000, 2000
OPTION_MAX, OPTION_VALUE_MAX, PLACEHOLDER_MAX = 75, 150, 150
SINGLE_SELECTS = {
    f"{kind}_select" for kind in ("static", "external", "users", "conversations", "channels")
}
SELECTS = SINGLE_SELECTS | {f"multi_{kind}" for kind in SINGLE_SELECTS}
PICKERS = {"datepicker", "timepicker", "datetimepicker"}
CHOICES = {"checkboxes", "radio_buttons"}
INPUTS = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
INPUTS |= {"file_input", "rich_text_input"}
ALLOWED = {
    "actions": {"button", "overflow"} | SELECTS | PICKERS | CHOICES,
    "section": {"button", "overflow", "image"} | SELECTS | PICKERS | CHOICES,
    "input": SELECTS | PICKERS | CHOICES | INPUTS,
}
"""Which elements stand in which block."""
MOST_OPTIONS = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}
STYLES = (None, "primary", "danger")
TRIGGERS = ("on_character_entered", "on_enter_pressed")


def text_faults(text: object, at: str, most: int, *, plain: bool = False) -> Iterator[str]:
    """Say what is wrong with a text object that may hold so many characters."""
    if not isinstance(text, dict) or not isinstance(text.get("text"), str):
        yield f"must be a text object [json-pointer:{at}]"
        return
    if text.get("type") not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
        yield f"must be of type plain_text{'' if plain else ' or mrkdwn'} [json-pointer:{at}/type]"
    yield from length_faults(text["text"], f"{at}/text", most, least=1)


def length_faults(text: object, at: str, most: int, least: int = 0) -> Iterator[str]:
    """Say whether a string is no string, or too short or long."""
    if not isinstance(text, str):
        yield f"must be a string [json-pointer:{at}]"
    elif len(text) < least:
        yield f"must be more than {least - 1} characters [json-pointer:{at}]"
    elif len(text) > most:
        yield f"must be less than {most + 1} characters [json-pointer:{at}]"


def optional_faults(row: Row, at: str, limits: dict[str, int]) -> Iterator[str]:
    """Check the lengths of strings that need not be there."""
    for name, most in limits.items():
        if row.get(name) is not None:
            yield from length_faults(row[name], f"{at}/{name}", most)


def element_faults(element: object, place: str, at: str) -> Iterator[str]:
    """Say what is wrong with an element that stands in a block of the kind `place`."""
    kind = element.get("type") if isinstance(element, dict) else None
    if not isinstance(element, dict) or not isinstance(kind, str) or kind not in ALLOWED[place]:
        yield f"unsupported type: {kind} in {place} [json-pointer:{at}]"
        return
    limits = {"action_id": ID_MAX, "accessibility_label": BUTTON_MAX}
    yield from optional_faults(element, at, limits)
    if kind == "button":
        yield from _button(element, at)
    elif kind == "image":
        yield from image_faults(element, at)
    elif kind == "number_input":
        yield from _number(element, at)
    if "dispatch_action_config" in element:
        yield from _dispatch(element["dispatch_action_config"], f"{at}/dispatch_action_config")
    if kind.endswith("static_select") or kind in MOST_OPTIONS:
        yield from _options(element, at, MOST_OPTIONS.get(kind, 100))
    if "placeholder" in element:
        yield from text_faults(
            element["placeholder"], f"{at}/placeholder", PLACEHOLDER_MAX, plain=True
        )
    if "confirm" in element:
        yield from _confirm(element["confirm"], f"{at}/confirm")


def image_faults(image: Row, at: str) -> Iterator[str]:
    """Check an image: it needs words for those who do not see it, and a source."""
    yield from length_faults(image.get("alt_text"), f"{at}/alt_text", ALT_MAX, least=1)
    if "slack_file" not in image:
        yield from length_faults(image.get("image_url"), f"{at}/image_url", URL_MAX, least=1)


def _button(button: Row, at: str) -> Iterator[str]:
    yield from text_faults(button.get("text"), f"{at}/text", BUTTON_MAX, plain=True)
    yield from optional_faults(button, at, {"value": VALUE_MAX, "url": URL_MAX})
    if button.get("style") not in STYLES:
        yield f"must be primary or danger [json-pointer:{at}/style]"


def _number(number: Row, at: str) -> Iterator[str]:
    """Check a number; its limits and its first value are strings."""
    if not isinstance(number.get("is_decimal_allowed"), bool):
        yield f"missing required field: is_decimal_allowed [json-pointer:{at}]"
    for name in ("min_value", "max_value", "initial_value"):
        if name in number and not isinstance(number[name], str):
            yield f"must be a string [json-pointer:{at}/{name}]"


def _dispatch(config: object, at: str) -> Iterator[str]:
    """Check when a text counts as an act."""
    on = config.get("trigger_actions_on") if isinstance(config, dict) else None
    if not isinstance(on, list) or not on or not all(one in TRIGGERS for one in on):
        yield f"must be {' or '.join(TRIGGERS)} [json-pointer:{at}/trigger_actions_on]"


def _options(element: Row, at: str, most: int) -> Iterator[str]:
    groups = element.get("option_groups")
    lists: list[object] = [element.get("options")]
    if groups:
        lists = [group.get("options") for group in groups]
    for options in lists:
        if not isinstance(options, list) or not 0 < len(options) <= most:
            yield f"must have 1 to {most} options [json-pointer:{at}/options]"
            continue
        for number, option in enumerate(options):
            here = f"{at}/options/{number}"
            plain = element["type"] not in CHOICES
            yield from text_faults(option.get("text"), f"{here}/text", OPTION_MAX, plain=plain)
            value = option.get("value")
            yield from length_faults(value, f"{here}/value", OPTION_VALUE_MAX, least=1)
    yield from _chosen(element, lists, at)


def _chosen(element: Row, lists: list[object], at: str) -> Iterator[str]:
    """Check what is chosen at first: it must be an option, word for word."""
    known = [option for options in lists if isinstance(options, list) for option in options]
    several = element.get("initial_options", [])
    chosen = several if isinstance(several, list) else [several]
    if "initial_option" in element:
        chosen = [element["initial_option"], *chosen]
    if any(one not in known for one in chosen):
        yield f"initial_option must be one of the options [json-pointer:{at}]"


def _confirm(confirm: object, at: str) -> Iterator[str]:
    if not isinstance(confirm, dict):
        yield f"must be an object [json-pointer:{at}]"
        return
    for name, most in {"title": 100, "text": 300, "confirm": 30, "deny": 30}.items():
        plain = name != "text"
        yield from text_faults(confirm.get(name), f"{at}/{name}", most, plain=plain)
    if confirm.get("style") not in STYLES:
        yield f"must be primary or danger [json-pointer:{at}/style]"
