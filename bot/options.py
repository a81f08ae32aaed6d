"""Options that several commands have."""

from pathlib import Path

import click

PICTURES = (".png", ".svg", ".pdf")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")


def picture(_: click.Context, __: click.Parameter, target: Path | None) -> Path | None:
    """Refuse a picture that could not be written before hours of logs are read."""
    if target is None:
        return None
    if target.suffix.lower() not in PICTURES:
        raise click.BadParameter(f"the name must end in {', '.join(PICTURES)}")
    if not target.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {target.parent}")
    return target
