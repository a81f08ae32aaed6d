"""`stuncheck`: the program on the command line.

What a subcommand needs is imported when it runs, so that `--help` answers at once.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import cli_known, cli_live, cli_run, cli_tuning
from bot.live import live
from bot.options import as_json, picture

if TYPE_CHECKING:
    from bot.configuration import Settings

SHORTEST, LONGEST = 0.1, 3600
"""Seconds of a tolerance. The largest that Windows takes are 2 s x 120 (facts: cluster 1)."""

PATH = click.Path(path_type=Path)
"""Not checked by click: one path that is wrong must not keep the others from being read."""


def _duration(_: click.Context, __: click.Parameter, seconds: float | None) -> timedelta | None:
    if seconds is None:
        return None
    if not SHORTEST <= seconds <= LONGEST:  # also refuses NaN
        raise click.BadParameter(f"seconds from {SHORTEST} to {LONGEST} are wanted")
    return timedelta(seconds=seconds)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stuncheck", message="%(prog)s %(version)s")
def main() -> None:
    """Say whether a backup's snapshot stun caused a failover, and prove it.

    Exit status: 0 answered, 1 could not be answered, 2 wrong use.
    """


@main.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=PATH)
@as_json
@click.option(
    "--chart",
    metavar="FILE.png",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=picture,
    help="Draw the time line; of several failovers FILE-1.png, FILE-2.png and so on.",
)
def analyze(paths: tuple[Path, ...], as_json: bool, chart: Path | None) -> None:
    """Judge the failovers in bundles of evidence.

    A PATH is the folder of one incident, or a folder of such folders. "Not enough evidence" is
    an answer too; a PATH that cannot be used, or holds no failover, is not.
    """
    from bot.answer import answer  # noqa: PLC0415 - rich
    from commands.analyze import judge_bundles  # noqa: PLC0415 - all parsers

    ask = partial(judge_bundles, paths, datetime.now(UTC))
    raise SystemExit(answer(ask, as_json=as_json, chart=chart))


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=PATH)
@as_json
@click.option(
    "--tolerance",
    metavar="SECONDS",
    type=float,
    callback=_duration,
    help="Show each stun against the silence that the cluster tolerates.",
)
def stuns(files: tuple[Path, ...], as_json: bool, tolerance: timedelta | None) -> None:
    """List the stuns in vmware.log files.

    A FILE may also be a VM's folder, or a folder of VMs' folders. Rotated logs of one folder are
    read as one, oldest first.
    """
    from bot.answer import answer  # noqa: PLC0415 - rich
    from commands.stuns import list_stuns  # noqa: PLC0415 - a parser

    raise SystemExit(answer(partial(list_stuns, files, tolerance), as_json=as_json))


@main.command()
@live
@as_json
def doctor(settings: "Settings", as_json: bool) -> None:
    """Check every connection, right, mapping and clock.

    For each thing that is wrong the line to type to mend it is printed. Nothing is changed.
    """
    from bot.answer import answer  # noqa: PLC0415 - rich
    from commands.doctor import doctor as examine  # noqa: PLC0415 - only needed here
    from commands.doctor_site import ROUNDS, Rounds  # noqa: PLC0415 - every live source
    from sources.deadline import Deadline  # noqa: PLC0415 - with them

    seconds = settings.source_deadline.total_seconds()
    rounds = Rounds(settings.site, settings.storage)
    ask = partial(examine, rounds, Deadline.after(ROUNDS * seconds), seconds)
    raise SystemExit(answer(lambda _: ask(), as_json=as_json))


main.add_command(cli_live.failover)
main.add_command(cli_live.collect)
main.add_command(cli_live.survey)
main.add_command(cli_known.vm)
main.add_command(cli_known.cluster)
main.add_command(cli_known.heartbeat)
main.add_command(cli_known.history)
main.add_command(cli_known.status)
main.add_command(cli_tuning.tune)
main.add_command(cli_tuning.audit)
main.add_command(cli_run.run)
