"""What Slack accepts as blocks: kinds by surface, lengths, counts, unique ids.

Limits: docs.slack.dev/reference/block-kit/blocks. Kinds that are newer than most clients are
checked with slack_sdk's own models, where it has one.
"""

import secrets
from collections.abc import Callable, Iterator

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from demo.slack.elements import (
    ID_MAX,
    element_faults,
    image_faults,
    length_faults,
    optional_faults,
    text_faults,
)
from demo.slack.refused import RefusedError, Row

MOST = {"message": 50, "modal": 100, "home": 100}
EVERYWHERE = {"actions", "context", "divider", "header", "image", "input", "rich_text"}
EVERYWHERE |= {"section", "video", "card"}
ROOMY = {"carousel", "container", "data_table", "data_visualization", "table"}
KINDS = {
    "message": EVERYWHERE | ROOMY | {"context_actions", "file", "markdown", "plan", "task_card"},
    "modal": EVERYWHERE | {"alert"},
    "home": EVERYWHERE | ROOMY,
}
MODELLED = {"alert", "card", "carousel", "container", "context_actions", "plan", "task_card"}
MARKDOWN_MAX = 12_000
"""Characters of all markdown blocks of a message together."""
CHARTS_MAX = 2


def accepted(blocks: object, surface: str) -> tuple[Row, ...]:
    """Give the blocks with the ids that Slack adds where there are none.

    RefusedError: `invalid_blocks`, with every fault and where it is.
    """
    if not isinstance(blocks, list):
        raise RefusedError("invalid_blocks_format")
    if faults := tuple(block_faults(blocks, surface)):
        raise RefusedError("invalid_blocks", faults)
    return tuple(_with_ids(block) for block in blocks)


def elements(block: Row) -> list[Row]:
    """Give the elements of a block that a person can use."""
    found = [*block.get("elements", [])] if block.get("type") == "actions" else []
    found += [block[name] for name in ("accessory", "element") if name in block]
    for name in ("actions", "child_blocks", "elements"):
        if block.get("type") in {"card", "carousel", "container", "context_actions"}:
            for inner in block.get(name, []):
                found += [inner] if "action_id" in inner else elements(inner)
    return found


def block_faults(blocks: list[Row], surface: str) -> Iterator[str]:
    """Say all that is wrong with the blocks of a message, a modal or a home tab."""
    if len(blocks) > MOST[surface]:
        yield f"no more than {MOST[surface]} items allowed [json-pointer:/blocks]"
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        at = f"/blocks/{number}"
        kind = block.get("type") if isinstance(block, dict) else None
        if not isinstance(kind, str) or kind not in KINDS[surface]:
            yield f"unsupported type: {kind} [json-pointer:{at}/type]"
            continue
        yield from optional_faults(block, at, {"block_id": ID_MAX})
        ident = block.get("block_id")
        if ident and str(ident) in seen:
            yield f'"block_id" {ident} already exists [json-pointer:{at}/block_id]'
        seen.add(str(ident))
        yield from _twice(block, at)
        yield from RULES.get(kind, _modelled)(block, at)
    yield from _together(blocks)


def _together(blocks: list[Row]) -> Iterator[str]:
    """Check what is limited for a message as a whole."""
    rows = [block for block in blocks if isinstance(block, dict)]
    markdown = sum(len(str(row.get("text"))) for row in rows if row.get("type") == "markdown")
    if markdown > MARKDOWN_MAX:
        yield f"markdown must be less than {MARKDOWN_MAX + 1} characters [json-pointer:/blocks]"
    if sum(row.get("type") == "data_visualization" for row in rows) > CHARTS_MAX:
        yield f"no more than {CHARTS_MAX} charts allowed [json-pointer:/blocks]"


def _twice(block: Row, at: str) -> Iterator[str]:
    inner = block.get("elements")
    rows = [row for row in inner if isinstance(row, dict)] if isinstance(inner, list) else []
    names = [str(row["action_id"]) for row in rows if row.get("action_id")]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f'"action_id" {name} already exists [json-pointer:{at}/elements]'


def _section(block: Row, at: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"missing required field: text or fields [json-pointer:{at}]"
    if "text" in block:
        yield from text_faults(block["text"], f"{at}/text", 3000)
    if "fields" in block:
        yield from _count(block["fields"], f"{at}/fields", 10)
        for number, field in enumerate(_rows(block["fields"])):
            yield from text_faults(field, f"{at}/fields/{number}", 2000)
    if "accessory" in block:
        yield from element_faults(block["accessory"], "section", f"{at}/accessory")


def _header(block: Row, at: str) -> Iterator[str]:
    yield from text_faults(block.get("text"), f"{at}/text", 150, plain=True)


def _image(block: Row, at: str) -> Iterator[str]:
    yield from image_faults(block, at)
    if "title" in block:
        yield from text_faults(block["title"], f"{at}/title", 2000, plain=True)


def _actions(block: Row, at: str) -> Iterator[str]:
    yield from _count(block.get("elements"), f"{at}/elements", 25)
    for number, element in enumerate(_rows(block.get("elements"))):
        yield from element_faults(element, "actions", f"{at}/elements/{number}")


def _context(block: Row, at: str) -> Iterator[str]:
    yield from _count(block.get("elements"), f"{at}/elements", 10)
    for number, element in enumerate(_rows(block.get("elements"))):
        here = f"{at}/elements/{number}"
        if isinstance(element, dict) and element.get("type") == "image":
            yield from image_faults(element, here)
        else:
            yield from text_faults(element, here, 2000)


def _input(block: Row, at: str) -> Iterator[str]:
    yield from text_faults(block.get("label"), f"{at}/label", 2000, plain=True)
    if "hint" in block:
        yield from text_faults(block["hint"], f"{at}/hint", 2000, plain=True)
    if not isinstance(block.get("dispatch_action", False), bool):
        yield f"must be true or false [json-pointer:{at}/dispatch_action]"
    yield from element_faults(block.get("element"), "input", f"{at}/element")


def _markdown(block: Row, at: str) -> Iterator[str]:
    yield from length_faults(block.get("text"), f"{at}/text", MARKDOWN_MAX, least=1)


def _table(block: Row, at: str) -> Iterator[str]:
    least, most = (2, 201) if block["type"] == "data_table" else (1, 100)
    yield from _count(block.get("rows"), f"{at}/rows", most, least)
    for number, row in enumerate(_rows(block.get("rows"))):
        yield from _count(row, f"{at}/rows/{number}", 20)


def _chart(block: Row, at: str) -> Iterator[str]:
    yield from length_faults(block.get("title"), f"{at}/title", 50, least=1)


def _rich_text(block: Row, at: str) -> Iterator[str]:
    yield from _count(block.get("elements"), f"{at}/elements", 1000)


def _video(block: Row, at: str) -> Iterator[str]:
    for name in ("video_url", "thumbnail_url"):
        yield from length_faults(block.get(name), f"{at}/{name}", 3000, least=1)
    yield from length_faults(block.get("alt_text"), f"{at}/alt_text", 2000, least=1)
    yield from text_faults(block.get("title"), f"{at}/title", 200, plain=True)


def _modelled(block: Row, at: str) -> Iterator[str]:
    if block["type"] not in MODELLED:
        return
    try:
        model = Block.parse(block)
        known = model is not None and model.to_dict()
    except (SlackObjectFormationError, TypeError, AttributeError) as fault:
        yield f"{fault} [json-pointer:{at}]"
    else:
        if not known:
            yield f"not understood: {block['type']} [json-pointer:{at}]"


def _count(items: object, at: str, most: int, least: int = 1) -> Iterator[str]:
    if not isinstance(items, list) or not least <= len(items) <= most:
        yield f"must have {least} to {most} items [json-pointer:{at}]"


def _rows(items: object) -> list[object]:
    return items if isinstance(items, list) else []


def _with_ids(block: Row) -> Row:
    named: Row = {"block_id": secrets.token_urlsafe(4)} | block
    for name in ("accessory", "element"):
        if name in named:
            named[name] = {"action_id": secrets.token_urlsafe(4)} | named[name]
    if named["type"] == "actions":
        rows = named["elements"]
        named["elements"] = [{"action_id": secrets.token_urlsafe(4)} | row for row in rows]
    return named


RULES: dict[str, Callable[[Row, str], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "image": _image,
    "actions": _actions,
    "context": _context,
    "input": _input,
    "markdown": _markdown,
    "table": _table,
    "data_table": _table,
    "data_visualization": _chart,
    "rich_text": _rich_text,
    "video": _video,
}
"""The check of each kind of block."""
