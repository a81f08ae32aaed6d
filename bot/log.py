"""The log of the running bot: one line an event, in UTC, with nothing secret in it.

Lines of our own and of the libraries (slack_bolt, slack_sdk, uvicorn, winrm) go the same way. For
a terminal a line is time, level, event and key=value; elsewhere it is JSON. Words from outside
stay on their line: a line begins with a time, what belongs to the one above is indented.
"""

import json
import logging
import re
import secrets
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

import structlog

from bot.mask import Mask
from bot.plain import plain
from sources.access import Secret

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

QUIET = ("httpx", "httpcore", "uvicorn.access", "matplotlib", "urllib3", "asyncio")
"""Libraries that tell of every request at the level info; ours is debug."""

ALPHABET = "2345679ACDEFGHJKMNPQRTVWXY"
"""Letters and digits that are not taken for another when read out: no 0 O 1 I L, 8 B, 5 S, 2 Z."""

TOKEN_LENGTH = 6
"""26^6 are 300 million: two mishaps of a year with one token are unlikely enough."""

SIMPLE_VALUE = re.compile(r"[\w.:/@*+-]+")
SIMPLE_EVENT = re.compile(r"[^=\"\\]+")


def set_up(level: str, stream: TextIO, *, as_json: bool, secrets: Iterable[Secret] = ()) -> None:
    """Send all that is logged, of this level or above, to the stream, masked.

    `level` is debug, info, warning or error; `secrets` are masked wherever their value stands.
    What was set up before is replaced. A library that sets up a log of its own must be told not
    to (uvicorn: `log_config=None`).
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = _Lines(stream)
    handler.setLevel(level.upper())
    handler.setFormatter(_formatter(shared, Mask(secrets), as_json=as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel("WARNING" if level == "info" else "NOTSET")


def mishap(error: BaseException, /, **context: object) -> str:
    """Log an exception nobody expected, with its traceback.

    Gives a short token, "E-7K3QF2", for the person it happened to; the log has it as `mishap`.
    """
    token = "E-" + "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))
    log = structlog.stdlib.get_logger("stuncheck").bind(**context)
    log.error("mishap", mishap=token, exc_info=error)
    return token


class _Lines(logging.StreamHandler[TextIO]):
    """Writes lines; one that cannot be made is told of without its words, which are not masked."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say which line was lost and why."""
        why = sys.exc_info()[0]
        with suppress(OSError, ValueError):  # a stream that is closed
            name = why.__name__ if why else "?"
            self.stream.write(f"a line of {plain(record.name)} was lost: {name}\n")


def _formatter(
    shared: "list[Processor]", masking: Mask, *, as_json: bool
) -> structlog.stdlib.ProcessorFormatter:
    def masked(_logger: "WrappedLogger", _name: str, event: "EventDict") -> "EventDict":
        return {key: masking.named(key, value) for key, value in event.items()}

    render: Processor = structlog.processors.JSONRenderer() if as_json else _line
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            masked,
            render,
        ],
    )


def _line(_logger: "WrappedLogger", _name: str, event: "EventDict") -> str:
    """Write one event for a terminal, its traceback indented below."""
    rest = dict(event)
    time, level = rest.pop("timestamp", ""), rest.pop("level", "")
    said, trace = rest.pop("event", ""), rest.pop("exception", "")
    words = [str(time), f"{level:<7}", _word(said, SIMPLE_EVENT)]
    words += [f"{_word(key, SIMPLE_VALUE)}={_word(one, SIMPLE_VALUE)}" for key, one in rest.items()]
    below = [f"    {plain(line)}" for line in str(trace).splitlines()]
    return "\n".join([" ".join(words), *below])


def _word(value: object, simple: re.Pattern[str]) -> str:
    """Write a value so that where it ends is not a question."""
    text = plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    if not isinstance(value, str) or simple.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=False)
