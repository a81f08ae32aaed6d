"""Commands that pull from the running systems: `failover`, `collect`, `survey`."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.live import live
from bot.options import as_json, picture

if TYPE_CHECKING:
    from bot.configuration import Settings
    from sources.pull import Request


@click.command()
@live
@click.argument("cluster")
@click.argument("time", required=False)
@as_json
@click.option(
    "--chart",
    metavar="FILE.png",
    type=click.Path(path_type=Path),
    callback=picture,
    help="Draw the time line.",
)
def failover(
    settings: "Settings", cluster: str, time: str | None, as_json: bool, chart: Path | None
) -> None:
    """Investigate a failover now.

    Without a TIME it is the last one in the event logs of the last 24 hours. A TIME is 02:14,
    2026-03-01T02:14:11Z or 20min; without an offset it is UTC.
    """
    from bot import terminal  # noqa: PLC0415 - rich
    from bot.answer import answer  # noqa: PLC0415 - rich
    from bot.pulling import Pulling  # noqa: PLC0415 - rich
    from commands.context import Context  # noqa: PLC0415 - storage
    from commands.failover import investigate, last_failover  # noqa: PLC0415 - every source
    from storage.store import Store  # noqa: PLC0415 - sqlite-utils

    request = _request(settings, cluster, time)
    with Store.open(settings.storage) as store, Pulling(terminal.console(stderr=True)) as pulling:
        if time is None:
            request = replace(request, at=last_failover(request, pulling.told))
        context = Context(settings.site(), store)
        reply = investigate(context, request, pulling.told)
    raise SystemExit(answer(lambda _: reply, as_json=as_json, chart=chart))


@click.command()
@live
@click.argument("cluster")
@click.option(
    "--at", "time", required=True, metavar="TIME", help="02:14, 2026-03-01T02:14:11Z, 20min"
)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@as_json
def collect(settings: "Settings", cluster: str, time: str, folder: Path, as_json: bool) -> None:
    """Collect the evidence of a moment into a new folder DIR.

    `stuncheck analyze DIR` judges it as `failover` would have.
    """
    from bot import terminal  # noqa: PLC0415 - rich
    from bot.answer import answer  # noqa: PLC0415 - rich
    from bot.pulling import Pulling  # noqa: PLC0415 - rich
    from commands.failover import collect as pull_into  # noqa: PLC0415 - every source

    request = _request(settings, cluster, time)
    with Pulling(terminal.console(stderr=True)) as pulling:
        reply = pull_into(request, folder, pulling.told)
    raise SystemExit(answer(lambda _: reply, as_json=as_json))


@click.command()
@live
@as_json
def survey(settings: "Settings", as_json: bool) -> None:
    """Read what is new of all clusters into storage.

    Stuns, snapshot work, backups and failovers since the last survey; `vm`, `cluster` and
    `heartbeat` tell from them. Run it every hour.
    """
    from bot import terminal  # noqa: PLC0415 - rich
    from bot.answer import answer  # noqa: PLC0415 - rich
    from bot.pulling import Pulling  # noqa: PLC0415 - rich
    from commands.context import Context  # noqa: PLC0415 - storage
    from commands.survey import survey as read_all  # noqa: PLC0415 - every source
    from storage.retention import keeping, prune  # noqa: PLC0415 - storage
    from storage.store import Store  # noqa: PLC0415 - sqlite-utils

    with Store.open(settings.storage) as store, Pulling(terminal.console(stderr=True)) as pulling:
        context = Context(settings.site(), store)
        reply = read_all(context, pulling.of)
        prune(store, keeping(settings.keep), context.now())
    raise SystemExit(answer(lambda _: reply, as_json=as_json))


def _request(settings: "Settings", cluster: str, time: str | None) -> "Request":
    """Ask for a moment as a person says it; now, where nobody says one. Raises UserError."""
    from bot.asking import request  # noqa: PLC0415 - every source
    from commands.when import read_when  # noqa: PLC0415 - only live commands need it

    now = datetime.now(UTC)
    return request(settings, cluster, read_when(time, now) if time else now)
