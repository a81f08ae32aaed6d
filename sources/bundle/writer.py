"""Writing a bundle: the raw material of one incident as files, for `analyze` to read back."""

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import tomli_w

from sources.errors import UserError
from sources.material import Configuration, Material
from sources.names import plain
from verdict.facts import Gap
from verdict.words import milliseconds

FORBIDDEN = '<>:"/\\|?*'
"""Characters that Windows allows in no file name; a bundle may be carried there."""


def write_bundle(material: Material, folder: Path) -> None:
    """Write every file of the material below a folder, which must not hold anything yet.

    Raises UserError where the folder holds something or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UserError(f"{plain(str(folder))} is not empty.", "Name a new folder.")
        for parts, opened in files(material):
            target = folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened as source, target.open("xb") as out:
                shutil.copyfileobj(source, out)
    except OSError as error:
        raise UserError(
            f"The bundle could not be written: {error.strerror or error} ({error.filename}).",
            "Name a folder that can be written.",
        ) from error


def files(material: Material) -> Iterator[tuple[tuple[str, ...], BinaryIO]]:
    """Give each file of a bundle: the parts of its path, and its content open for reading."""
    yield ("incident.toml",), BytesIO(tomli_w.dumps(_incident(material)).encode())
    yield ("cluster.json",), BytesIO(json.dumps(_cluster(material.cluster), indent=1).encode())
    for top, owners in (("nodes", material.nodes), ("vms", material.vms)):
        for owner, owned in owners.items():
            for file in owned:
                yield (top, _part(owner), _part(file.name)), file.open()
    vcenter, veeam = material.vcenter, material.veeam
    answers: Mapping[tuple[str, ...], bytes | None] = {
        ("vcenter", "inventory.json"): vcenter.inventory,
        ("vcenter", "tasks.json"): vcenter.tasks,
        ("vcenter", "events.json"): vcenter.events,
        ("veeam", "sessions.json"): veeam.sessions,
        ("veeam", "task_sessions.json"): veeam.task_sessions,
        **{("veeam", "logs", f"{_part(name)}.json"): data for name, data in veeam.logs.items()},
    }
    for parts, data in answers.items():
        if data is not None:
            yield parts, BytesIO(data)


def _part(name: str) -> str:
    """Make one part of a path of a name from outside: never a way out of the folder."""
    safe = "".join("_" if c in FORBIDDEN or not c.isprintable() else c for c in name)
    return safe if safe.strip(". ") else "_"


def _incident(material: Material) -> dict[str, object]:
    incident = material.incident
    asked = {"cluster": incident.cluster, "at": incident.at}
    tables: dict[str, object] = {
        "failover": {key: value for key, value in asked.items() if value is not None},
        "nodes": dict(incident.nodes),
        "clocks": {name: ahead / timedelta(seconds=1) for name, ahead in incident.clocks.items()},
        "utc_offset": {name: _offset(offset) for name, offset in incident.utc_offset.items()},
        "collected": {name: list(interval) for name, interval in incident.collected.items()},
        "missing": [_missing(gap) for gap in material.gaps],
    }
    return {name: table for name, table in tables.items() if table}


def _offset(offset: timedelta) -> str:
    sign, minutes = ("-", -offset) if offset < timedelta(0) else ("+", offset)
    hours, rest = divmod(minutes // timedelta(minutes=1), 60)
    return f"{sign}{hours:02d}:{rest:02d}"


def _missing(gap: Gap) -> dict[str, str]:
    told = {"source": gap.source, "subject": gap.subject, "why": gap.why}
    return told | ({"remedy": gap.remedy} if gap.remedy else {})


def _cluster(sheet: Configuration) -> dict[str, object]:
    return {
        "name": sheet.name,
        "os": sheet.os,
        "nodes": [{"name": name, "vm": vm} for name, vm in sheet.nodes.items()],
        "properties": dict(sheet.properties),
        "availability_groups": [
            {
                "name": group.name,
                "lease_timeout_ms": _ms(group.lease_timeout),
                "health_check_timeout_ms": _ms(group.health_check_timeout),
            }
            for group in sheet.groups
        ],
    }


def _ms(length: timedelta | None) -> int | None:
    return None if length is None else milliseconds(length)
