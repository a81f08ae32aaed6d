"""Commands that tell what is stored: `vm`, `cluster`, `heartbeat`, `history`, `status`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.live import live
from bot.options import as_json, picture

if TYPE_CHECKING:
    from bot.configuration import Settings
    from commands.context import Context
    from commands.reply import Reply

LONGEST = 3650
"""Days, as many as can be kept."""

chart = click.option(
    "--chart",
    metavar="FILE",
    type=click.Path(path_type=Path),
    callback=picture,
    help="Draw it, as .png, .svg or .pdf; of several FILE-1.png, FILE-2.png and so on.",
)


@click.command()
@live
@click.argument("name")
@as_json
@chart
def vm(settings: "Settings", name: str, as_json: bool, chart: Path | None) -> None:
    """Tell a VM's stuns against what its cluster tolerates.

    NAME is the VM or its node. Its margin, near misses, open snapshots and last backups are told
    from what `survey` stored; the chart shows all stuns of the last 30 days.
    """
    from commands.vm import vm as tell  # noqa: PLC0415 - storage

    _answer(
        settings, lambda context: tell(context, name, chart=bool(chart)), chart, as_json=as_json
    )


@click.command()
@live
@click.argument("name")
@as_json
def cluster(settings: "Settings", name: str, as_json: bool) -> None:
    """Tell a cluster's nodes, values, margin and last verdicts."""
    from commands.cluster import cluster as tell  # noqa: PLC0415 - storage

    _answer(settings, lambda context: tell(context, name), as_json=as_json)


@click.command()
@live
@click.argument("cluster")
@click.option(
    "--days", type=click.IntRange(1, LONGEST), default=30, show_default=True,
    help="How far back stuns count.",
)  # fmt: skip
@as_json
@chart
def heartbeat(
    settings: "Settings", cluster: str, days: int, as_json: bool, chart: Path | None
) -> None:
    """Weigh heartbeat values against a cluster's own stuns.

    What the values of today and others would have survived, how much later a real failure would
    be seen, and which of Microsoft's rules they break. Nothing is changed.
    """
    from commands.heartbeat import heartbeat as weigh  # noqa: PLC0415 - storage

    _answer(
        settings,
        lambda context: weigh(context, cluster, days=days, chart=bool(chart)),
        chart,
        as_json=as_json,
    )


@click.command()
@live
@click.argument("cluster", required=False)
@as_json
def history(settings: "Settings", cluster: str | None, as_json: bool) -> None:
    """Tell the last verdicts, of one CLUSTER or of all."""
    from commands.history import history as tell  # noqa: PLC0415 - storage

    _answer(settings, lambda context: tell(context, cluster), as_json=as_json)


@click.command()
@live
@as_json
def status(settings: "Settings", as_json: bool) -> None:
    """Tell when each source was last read, and what waits.

    Whose clock is off, and which messages looked like alerts and fitted no pattern, too.
    """
    from commands.status import status as tell  # noqa: PLC0415 - storage

    _answer(settings, tell, as_json=as_json)


def _answer(
    settings: "Settings",
    command: Callable[["Context"], "Reply"],
    chart: Path | None = None,
    *,
    as_json: bool,
) -> None:
    """Run a command on the store and exit with its status. Raises UserError."""
    from bot.answer import answer  # noqa: PLC0415 - rich
    from commands.context import Context  # noqa: PLC0415 - storage
    from storage.store import Store  # noqa: PLC0415 - sqlite-utils

    with Store.open(settings.storage) as store:
        context = Context(settings.site(), store)
        status = answer(lambda _: command(context), as_json=as_json, chart=chart)
    raise SystemExit(status)
