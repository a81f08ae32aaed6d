"""Replies kept: written down as JSON when they are wanted, read back when they are shown."""

from functools import cache
from typing import TYPE_CHECKING

from commands.reply import Reply

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@cache
def _adapter() -> "TypeAdapter[Reply]":
    from pydantic import TypeAdapter  # noqa: PLC0415 - takes 0.1 s, and only the bot keeps replies

    return TypeAdapter(Reply)


def written(reply: Reply) -> str:
    """Write a reply down, without what it says to machines."""
    return _adapter().dump_json(reply, exclude={"payload"}).decode()


def read(text: str) -> Reply:
    """Read a reply back. Raises ValueError where another version of the program wrote it."""
    import json  # noqa: PLC0415 - with pydantic

    return _adapter().validate_python({"payload": {}, **json.loads(text)})
