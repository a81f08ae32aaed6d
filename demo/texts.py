"""The texts of a recorded incident: every file and answer, changed by one function."""

import codecs
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from sources.material import Material
from sources.raw import RawFile
from verdict.facts import Gap

Change = Callable[[str], str]

UTF_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
"""How SQL Server writes its ERRORLOG."""

BINARY = (b"ElfFile\x00", b"\x1f\x8b")
"""How an .evtx and a packed log begin: no text, so nothing in them can be changed."""

TEXT = "export it as text: wevtutil qe LOG /f:xml"


def rewritten(material: Material, change: Change) -> Material:
    """Change every text of the material; what is binary is left out and told in a gap.

    What was parsed already, incident.toml and cluster.json, stays. Raises OSError.
    """
    gaps: list[Gap] = []
    vcenter, veeam = material.vcenter, material.veeam
    return replace(
        material,
        nodes={
            node: tuple(_files(node, own, change, gaps)) for node, own in material.nodes.items()
        },
        vms={vm: tuple(_files(vm, own, change, gaps)) for vm, own in material.vms.items()},
        vcenter=replace(
            vcenter,
            inventory=_answer(vcenter.inventory, change),
            tasks=_answer(vcenter.tasks, change),
            events=_answer(vcenter.events, change),
        ),
        veeam=replace(
            veeam,
            sessions=_answer(veeam.sessions, change),
            task_sessions=_answer(veeam.task_sessions, change),
            logs=_logs(veeam.logs, change),
        ),
        gaps=(*material.gaps, *gaps),
    )


def changed(data: bytes, change: Change) -> bytes:
    """Change one text in the encoding it has."""
    for mark, encoding in UTF_16:
        if data.startswith(mark):
            text = data.removeprefix(mark).decode(encoding, "replace")
            return mark + change(text).encode(encoding)
    # names and times are ASCII; any other byte comes back as it was, whatever it meant
    return change(data.decode("latin-1")).encode("latin-1")


def _files(
    owner: str, files: tuple[RawFile, ...], change: Change, gaps: list[Gap]
) -> Iterator[RawFile]:
    for file in files:
        with file.open() as stream:
            data = stream.read()
        if data.startswith(BINARY):
            gaps.append(Gap("bundle", f"{owner}/{file.name}", "it is binary, so not played", TEXT))
        else:
            yield RawFile.in_memory(file.name, changed(data, change))


def _answer(data: bytes | None, change: Change) -> bytes | None:
    return None if data is None else changed(data, change)


def _logs(logs: Mapping[str, bytes], change: Change) -> dict[str, bytes]:
    return {ident: changed(data, change) for ident, data in logs.items()}
