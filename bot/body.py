"""The body of a request, as it comes over the wire: not too long, not too slow, not too deep."""

import asyncio
import json
import re

from starlette.requests import ClientDisconnect, Request

SLOWEST = 10.0
"""Seconds in which a whole body must have come; a tool in the same data centre takes far less."""

DEEPEST = 32
"""Objects in objects; Alertmanager's are four deep, and a parser pays for each with its stack."""

_MARKS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{]|[\]}]', re.DOTALL)
"""A text, whose brackets mean nothing, or a bracket."""


class BodyError(Exception):
    """A body that is not taken: the status to answer with, and a sentence for who sent it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


async def whole(request: Request, most: int) -> bytes:
    """Read a body of at most `most` bytes. Raises BodyError."""
    if int(request.headers.get("content-length", "0")) > most:  # h11 takes only digits
        raise _too_long(most)
    content = bytearray()
    try:
        async with asyncio.timeout(SLOWEST):
            async for piece in request.stream():
                content += piece
                if len(content) > most:
                    raise _too_long(most)
    except TimeoutError:
        raise BodyError(408, f"The body did not come within {SLOWEST:g} s.") from None
    except ClientDisconnect:
        raise BodyError(400, "The body broke off.") from None
    return bytes(content)


def only_json(request: Request) -> None:
    """See to it that a body is said to be JSON, as it is. Raises BodyError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "application/json":
        raise BodyError(415, "The body must be JSON, sent with Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").strip().casefold() != "identity":
        raise BodyError(415, "The body must not be compressed.")


def parsed(content: bytes) -> object:
    """Parse JSON in UTF-8. Raises BodyError."""
    try:
        text = content.decode("utf-8-sig")
        _not_deep(text)
        return json.loads(text)
    except ValueError:  # of the decoder, of the parser, and of a number of 5000 digits
        raise BodyError(400, "The body is no JSON in UTF-8 that can be read.") from None


def _not_deep(text: str) -> None:
    """Count brackets before a parser does: its stack may be smaller than what it is sent."""
    depth = 0
    for mark in _MARKS.finditer(text):
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        if depth > DEEPEST:
            raise BodyError(400, f"The body is nested deeper than {DEEPEST} levels.")


def _too_long(most: int) -> BodyError:
    return BodyError(413, f"The body is longer than {most // 1024} KiB.")
