"""A command run for the terminal: progress while it works, its reply, its exit status."""

import json
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path

import click

from bot import terminal
from bot.progress import Watched
from commands.meter import Meter
from commands.reply import Card, Exit, Problem, Reply


def answer(command: Callable[[Meter], Reply], *, as_json: bool, chart: Path | None = None) -> Exit:
    """Run a command, draw its chart if one is wanted, print its reply, give the exit status.

    The answer goes to standard output, what could not be answered to standard error.
    """
    with Watched(terminal.console(stderr=True)) as meter:
        reply = command(meter)
    undrawn = _draw(reply.cards, chart) if chart else ()
    _print(reply, undrawn, as_json=as_json)
    return Exit.NOT_ANSWERED if undrawn else reply.exit_code


def _print(reply: Reply, more: Sequence[Problem], *, as_json: bool) -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # names need not fit a terminal's code page
    if as_json:
        click.echo(json.dumps(reply.payload, indent=2))
    else:
        terminal.show(reply, terminal.console())
    err = terminal.console(stderr=True)
    for problem in (*reply.problems, *more):
        terminal.show_problem(problem, err)


def _draw(cards: Sequence[Card], target: Path) -> tuple[Problem, ...]:
    """Draw each card that has a picture; give back what could not be drawn."""
    from bot import pictures  # noqa: PLC0415 - matplotlib takes a second to import

    drawn = [card for card in cards if pictures.has_picture(card)]
    if not drawn:
        return (Problem("There is no failover to draw."),)
    try:
        for number, card in enumerate(drawn, 1):
            name = target.name if len(drawn) == 1 else f"{target.stem}-{number}{target.suffix}"
            pictures.draw(card, target.with_name(name))
    except OSError as error:
        return (Problem(f"{target}: the chart could not be written: {error.strerror}"),)
    return ()
