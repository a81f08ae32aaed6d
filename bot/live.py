"""Commands that work on live systems: they read stuncheck.toml, and only when they run."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.configuration import Settings
    from sources.errors import UserError

NOT_ANSWERED = 1
"""As commands.reply.Exit, which is not imported for `--help`."""


def live(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option --config and, as first argument, the Settings.

    What a person should read, from the file or from the command, goes to standard error and ends
    with status 1.
    """

    @wraps(command)
    def with_settings(*args: Any, config: Path | None, **kwargs: Any) -> None:  # noqa: ANN401 - click's
        from sources.errors import UserError  # noqa: PLC0415 - --help needs no sources

        try:
            command(_settings(config), *args, **kwargs)
        except UserError as error:
            _say(error)
            raise SystemExit(NOT_ANSWERED) from None

    return click.option(
        "--config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Read this instead of ./stuncheck.toml, $STUNCHECK_CONFIG or /etc/stuncheck.",
    )(with_settings)


def _settings(config: Path | None) -> "Settings":
    """Read the settings and show their warnings. Raises UserError."""
    from bot import terminal  # noqa: PLC0415 - rich
    from bot.configuration import find, load  # noqa: PLC0415 - pydantic
    from commands.reply import Problem  # noqa: PLC0415 - only if there is something to say

    settings = load(config or find(os.environ), os.environ)
    err = terminal.console(stderr=True)
    for warning in settings.warnings:
        terminal.show_problem(Problem(f"warning: {warning}"), err)
    return settings


def _say(error: "UserError") -> None:
    """Print an error, each fault of a stuncheck.toml on a line of its own."""
    from bot import terminal  # noqa: PLC0415 - rich
    from bot.configuration_faults import ConfigurationError  # noqa: PLC0415 - with it
    from commands.reply import Problem  # noqa: PLC0415 - with it

    faults = error.faults if isinstance(error, ConfigurationError) else ()
    *first, last = faults or (error.message,)
    err = terminal.console(stderr=True)
    for fault in first:
        terminal.show_problem(Problem(fault), err)
    terminal.show_problem(Problem(last, error.hint), err)
