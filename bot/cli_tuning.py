"""Commands around changes of heartbeat values: `tune`, which only weighs, and `audit`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.live import live
from bot.options import as_json

if TYPE_CHECKING:
    from bot.configuration import Settings
    from commands.context import Context

STDOUT = "-"
"""As a file's name: standard output."""


def _one_form(command: Callable[..., None]) -> Callable[..., None]:
    """Refuse --csv beside --json before any file is read."""

    @wraps(command)
    def checked(*args: Any, as_json: bool, csv: str | None, **kwargs: Any) -> None:  # noqa: ANN401 - click's
        if as_json and csv is not None:
            raise click.UsageError("--csv and --json are two answers; choose one.")
        command(*args, as_json=as_json, csv=csv, **kwargs)

    return checked


@click.command()
@live
@click.argument("cluster")
@click.argument("words", metavar="NAME=VALUE... [for 8h]", nargs=-1, required=True)
@as_json
def tune(settings: "Settings", cluster: str, words: Sequence[str], as_json: bool) -> None:
    """Say what other heartbeat values would mean for a cluster.

    The values of now are read from its nodes. Nothing is proposed and nothing is changed: a
    terminal cannot tell who you are. The line to type in Slack is named.
    """
    from bot.answer import answer  # noqa: PLC0415 - rich
    from commands.tune import weigh  # noqa: PLC0415 - storage
    from commands.wanted import read_wanted  # noqa: PLC0415 - with it

    wanted = read_wanted(" ".join(words))
    with _stored(settings) as context:
        status = answer(lambda _: weigh(context, cluster, wanted), as_json=as_json)
    raise SystemExit(status)


@click.command()
@_one_form
@live
@click.argument("cluster", required=False)
@as_json
@click.option(
    "--csv", metavar="FILE", help="Write all of it as CSV into a new FILE; - is standard output."
)
def audit(settings: "Settings", cluster: str | None, as_json: bool, csv: str | None) -> None:
    """Tell who proposed, approved, applied, reverted what.

    Of one CLUSTER or of all. The chain of hashes is checked each time, whatever is asked for: exit
    status 1 where the audit is not as it was written. A FILE that is there is not overwritten.
    """
    from bot.answer import answer  # noqa: PLC0415 - rich
    from commands.audit import audit as tell  # noqa: PLC0415 - storage

    with _stored(settings) as context:
        if csv is not None:
            raise SystemExit(_export(context, cluster, csv))
        status = answer(lambda _: tell(context, cluster), as_json=as_json)
    raise SystemExit(status)


def _export(context: "Context", cluster: str | None, target: str) -> int:
    """Write the audit as CSV, then say what is wrong with it. Raises UserError."""
    from bot import terminal  # noqa: PLC0415 - rich
    from commands import audit as command  # noqa: PLC0415 - storage

    with context.store.reading():
        written = command.as_csv(context, cluster).encode(errors="replace")
        reply = command.audit(context, cluster)
    if target == STDOUT:
        click.echo(written, nl=False)  # as bytes: the lines end as CSV has them, on Windows too
    else:
        _write(Path(target), written)
    for problem in reply.problems:
        terminal.show_problem(problem, terminal.console(stderr=True))
    return reply.exit_code


def _write(target: Path, written: bytes) -> None:
    """Write a new file, whole or not at all. Raises UserError."""
    from sources.errors import UserError  # noqa: PLC0415 - --help needs no sources

    begun = False
    try:
        with target.open("xb") as file:
            begun = True
            file.write(written)
    except FileExistsError:
        message = f"{target} is there already; nothing was written."
        raise UserError(message, "Name another file.") from None
    except OSError as error:
        if begun:  # half of an audit is none
            target.unlink(missing_ok=True)
        raise UserError(f"{target}: the audit could not be written: {error.strerror}.") from None


@contextmanager
def _stored(settings: "Settings") -> "Iterator[Context]":
    """Open what is stored. Raises UserError."""
    from commands.context import Context  # noqa: PLC0415 - storage
    from storage.store import Store  # noqa: PLC0415 - sqlite-utils

    with Store.open(settings.storage) as store:
        yield Context(settings.site(), store)
