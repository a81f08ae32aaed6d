"""A validator as strict as Slack: what a message must be for chat.postMessage to take it.

The figures are written here again, from Slack's pages, and not taken from the program.
https://docs.slack.dev/reference/block-kit/blocks
"""

import re
from collections.abc import Iterator
from typing import Any

Block = dict[str, Any]

CONTROLS = re.compile(r"[<>]|&(?!(?:amp|lt|gt);)")
"""What Slack would read as its own: any `<` or `>`, and an `&` that begins none of its three."""

INVISIBLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069]")
"""Controls but the line break, marks that turn text around, and what has no width."""

KEYS = {
    "header": {"type", "block_id", "text"},
    "section": {"type", "block_id", "text", "fields"},
    "context": {"type", "block_id", "elements"},
    "divider": {"type", "block_id"},
    "actions": {"type", "block_id", "elements"},
    "button": {"type", "action_id", "text", "value", "style", "confirm"},
    "plain_text": {"type", "text", "emoji"},
    "mrkdwn": {"type", "text", "verbatim"},
}
"""The blocks and objects that we use, and all that they may hold."""

CALL = re.compile(r"cc(?: <(?:@[UW]|!subteam\^S)[A-Z0-9]{2,20}>)+")
"""The one text that calls people, by ids."""

CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
"""The parts of a confirmation dialog, and characters of each."""


def faults(blocks: list[Block], text: str) -> list[str]:
    """Say what Slack would refuse, or do that was not meant."""
    found = list(_message(blocks, text))
    for number, block in enumerate(blocks):
        found += [f"{number}, {block.get('type')}: {fault}" for fault in _block(block)]
    return found


def length(text: str) -> int:
    """Count UTF-16 units: the larger of the two ways to count."""
    return len(text.encode("utf-16-le")) // 2


def _message(blocks: list[Block], text: str) -> Iterator[str]:
    if len(blocks) > 50:
        yield f"{len(blocks)} blocks"
    if not text:
        yield "no text for notifications"
    if length(text) > 4000:
        yield "a text of more than 4000"
    yield from _harmless(text)
    named = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(named)) < len(named):
        yield "a block_id twice"


def _block(block: Block) -> Iterator[str]:
    if block.get("type") not in {"header", "section", "context", "divider", "actions"}:
        yield "no such block"
        return
    yield from _keys(block)
    if not 1 <= len(block.get("block_id", "x")) <= 255:
        yield "a bad block_id"
    match block["type"]:
        case "header":
            yield from _text(block["text"], 150, plain=True)
        case "section":
            yield from _section(block)
        case "context":
            yield from _many(block["elements"], 10, 2000)
        case "actions":
            yield from _buttons(block["elements"])


def _keys(thing: Block) -> Iterator[str]:
    if strange := set(thing) - KEYS[thing["type"]]:
        yield f"strange keys {strange}"


def _section(block: Block) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield "neither text nor fields"
    if "text" in block:
        yield from _text(block["text"], 3000)
    if "fields" in block:
        yield from _many(block["fields"], 10, 2000)


def _many(objects: list[Block], count: int, most: int) -> Iterator[str]:
    if not 1 <= len(objects) <= count:
        yield f"{len(objects)} texts"
    for one in objects:
        yield from _text(one, most)


def _text(thing: Block, most: int, *, plain: bool = False) -> Iterator[str]:
    yield from _keys(thing)
    text = thing["text"]
    if not text.strip() or length(text) > most:
        yield f"{length(text)} characters, {most} are taken"
    if plain and thing["type"] != "plain_text":
        yield "must be plain_text"
    if thing["type"] == "mrkdwn" and CALL.fullmatch(text):
        return
    if thing["type"] == "mrkdwn":
        yield from _mrkdwn(thing)
    elif thing.get("emoji") is not False:
        yield ":names: become emoji"
    yield from _harmless(text)


def _mrkdwn(thing: Block) -> Iterator[str]:
    if thing.get("verbatim") is not True:
        yield "names become links"
    if thing["text"].count("```") not in {0, 2}:
        yield "a code block that does not end where it should"
    outside = re.sub(r"```.*?```", "", thing["text"], flags=re.DOTALL)
    title, _, rest = outside.partition("\n")
    if re.search(r"[*~`]|^(?:>|&gt;)", title[1:-1] + "\n" + rest, re.MULTILINE):
        yield "formatting that is not ours"
    if outside and not re.fullmatch(r"\*\S(?:.*\S)?\*", title):
        yield "a title that is not bold"


def _harmless(text: str) -> Iterator[str]:
    if CONTROLS.search(text):
        yield f"not escaped: {text!r}"
    if INVISIBLE.search(text):
        yield f"what cannot be seen: {text!r}"
    text.encode()  # half a letter cannot be sent at all


def _buttons(buttons: list[Block]) -> Iterator[str]:
    if not 1 <= len(buttons) <= 25:
        yield f"{len(buttons)} buttons"
    if len({one["action_id"] for one in buttons}) < len(buttons):
        yield "an action_id twice"
    for one in buttons:
        yield from _keys(one)
        yield from _text(one["text"], 75, plain=True)
        if not 1 <= len(one["action_id"]) <= 255 or not 1 <= length(one.get("value", "x")) <= 2000:
            yield "a button that is too long"
        if one.get("style") not in {None, "primary", "danger"}:
            yield "a strange style"
        for part, most in CONFIRM.items() if "confirm" in one else ():
            yield from _text(one["confirm"][part], most, plain=True)
