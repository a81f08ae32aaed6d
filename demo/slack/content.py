"""The content of a message: what an app sends, checked as Slack checks it."""

import json
import re

from demo.slack.blocks import accepted
from demo.slack.limits import ATTACHMENTS_MAX, METADATA_MAX, TEXT_MAX
from demo.slack.refused import RefusedError, Row

EVENT_TYPE = re.compile(r"\w[\w.-]*")


def content(args: Row) -> Row:
    """Give text, blocks, attachments and metadata, those that were sent.

    RefusedError: `no_text`, `invalid_blocks`, `too_many_attachments`, `invalid_metadata_format`...
    """
    found: Row = {}
    if isinstance(args.get("text"), str):
        found["text"] = args["text"][:TEXT_MAX]
    if args.get("blocks") is not None:
        found["blocks"] = accepted(args["blocks"], "message")
    if args.get("attachments") is not None:
        found["attachments"] = _attachments(args["attachments"])
    if args.get("metadata") is not None:
        found["metadata"] = _metadata(args["metadata"])
    if not any(found.get(name) for name in ("text", "blocks", "attachments")):
        raise RefusedError("no_text")
    return found


def _attachments(rows: object) -> tuple[Row, ...]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RefusedError("invalid_attachments")
    if len(rows) > ATTACHMENTS_MAX:
        raise RefusedError("too_many_attachments")
    return tuple(
        row | ({"blocks": [*accepted(row["blocks"], "message")]} if "blocks" in row else {})
        for row in rows
    )


def _metadata(metadata: object) -> Row:
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise RefusedError("invalid_metadata_format")
    if not EVENT_TYPE.fullmatch(str(metadata.get("event_type", ""))):
        raise RefusedError("invalid_metadata_format")
    if len(json.dumps(metadata)) > METADATA_MAX:
        raise RefusedError("metadata_too_large")
    return metadata


def flag(args: Row, name: str) -> bool:
    """Read a yes or no, which comes as a boolean or as a word."""
    return str(args.get(name, "")).lower() in {"1", "true"}


def page(rows: list[Row], args: Row, name: str, default: int = 100) -> Row:
    """Cut a list: `limit` rows from the cursor on, and the cursor of the rest."""
    start, most = str(args.get("cursor") or "0"), str(args.get("limit") or default)
    if not start.isdecimal():
        raise RefusedError("invalid_cursor")
    if not most.isdecimal() or not 0 < int(most) < 1000:  # noqa: PLR2004 - Slack's limit
        raise RefusedError("invalid_limit")
    end = int(start) + int(most)
    rest = str(end) if end < len(rows) else ""
    return {name: rows[int(start) : end], "response_metadata": {"next_cursor": rest}}
