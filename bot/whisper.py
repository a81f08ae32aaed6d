"""Whispers: what is said to one person alone, and the fence around what that person asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.blocks import render
from bot.log import mishap
from commands.reply import Problem, Reply
from sources.errors import UserError

Whisper = Callable[..., Any]
"""Says something to the person alone: Bolt's `respond`, or chat.postEphemeral."""


@contextmanager
def telling(whisper: Whisper) -> Iterator[None]:
    """Tell the person who asked what goes wrong inside; it goes no further."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for an answer
        if isinstance(error, UserError):
            problem = Problem(error.message, error.hint)
        else:
            problem = Problem(f"Something went wrong here: {mishap(error)}.", "The log says what.")
        try:
            whisper(**render(Reply(payload={}, problems=(problem,))).whispered())
        except (SlackApiError, OSError) as lost:
            mishap(lost)
