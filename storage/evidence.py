"""Evidence: the raw material of an incident as a bundle, packed, so that it can be judged again.

The blob is a zip whose files lie as in a bundle (docs/bundles.md): saved from Datasette and
unpacked, it is a folder that `stuncheck analyze` reads.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sources.bundle.folder import Found
from sources.bundle.pile import Pile
from sources.bundle.writer import files
from sources.errors import UserError
from sources.material import Material
from sources.raw import RawFile
from storage.times import micros, moment

if TYPE_CHECKING:
    from storage.store import Store

LARGEST = 512 << 20
"""Bytes of one packed bundle; SQLite itself ends at 1,000,000,000 (sqlite.org/limits.html)."""

PIECE = 1 << 20
"""Bytes packed at a time."""

EVER = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip, so that the same material gives the same bytes."""

_INSERT = """
INSERT INTO evidence (incident, gathered, files, bytes, digest, bundle)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (incident, digest) DO NOTHING
"""

_KNOWN = "SELECT id FROM evidence WHERE incident = ? AND digest = ?"

_KEPT = """
SELECT id, gathered, files, bytes FROM evidence WHERE incident = ? ORDER BY gathered DESC
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """Evidence that is kept: when it was gathered (UTC), how many files, their bytes unpacked."""

    id: int
    gathered: datetime
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Packed:
    """A bundle as it is kept: how many files, their bytes unpacked, the zip."""

    files: int
    size: int
    bundle: bytes


def add_evidence(store: "Store", incident: str, packed: Packed, gathered: datetime) -> int:
    """Keep the material of an incident; give the id of the evidence.

    The same material again is the same evidence. Raises KeyError for an incident that is not
    there, UserError.
    """
    digest = hashlib.sha256(packed.bundle).hexdigest()
    row = [incident, micros(gathered), packed.files, packed.size, digest, packed.bundle]
    with store.writing() as db:
        if not db.execute("SELECT 1 FROM incidents WHERE id = ?", [incident]).fetchone():
            raise KeyError(incident)
        db.execute(_INSERT, row)
        return int(db.execute(_KNOWN, [incident, digest]).fetchone()[0])


def kept(store: "Store", incident: str) -> tuple[Kept, ...]:
    """Say what evidence of an incident is kept, the newest first."""
    with store.reading() as db:
        rows = db.execute(_KEPT, [incident]).fetchall()
    return tuple(Kept(number, moment(at), files, size) for number, at, files, size in rows)


def bundle_of(store: "Store", evidence: int) -> bytes:
    """Give kept evidence as a zip, to send or to unpack.

    Raises KeyError where it is not kept (any more), UserError.
    """
    with store.reading() as db:
        row = db.execute("SELECT bundle FROM evidence WHERE id = ?", [evidence]).fetchone()
    if row is None:
        raise KeyError(evidence)
    return bytes(row[0])


def material_of(store: "Store", evidence: int) -> Material:
    """Give kept evidence as material to be gathered and judged again.

    Raises KeyError where it is not kept (any more), UserError where it is damaged.
    """
    pile = Pile(f"evidence {evidence}")
    try:
        for path, data in unpack(bundle_of(store, evidence)):
            parts = tuple(path.split("/"))
            pile.add(Found(parts, RawFile.in_memory(parts[-1], data)))
    except (zipfile.BadZipFile, zlib.error) as error:
        raise UserError(
            f"Evidence {evidence} in {store.path} is damaged: {error}.", "Gather it again."
        ) from error
    pile.sort()
    return pile.material()


def pack(material: Material) -> Packed:
    """Zip the files of a bundle, before the store is asked to write: it takes its time.

    Raises UserError where they are too large or one of them cannot be read.
    """
    try:
        return _pack(material)
    except OSError as error:
        why = f"{error.filename or material.label} cannot be read: {error.strerror or error}."
        raise UserError(why, "Gather it again.") from error


def _pack(material: Material) -> Packed:
    packed = io.BytesIO()
    there: set[str] = set()
    size = 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for parts, opened in files(material):
            path = _free("/".join(parts), there)
            there.add(path)
            info = zipfile.ZipInfo(path, EVER)
            info.compress_type = zipfile.ZIP_DEFLATED
            with opened as source, archive.open(info, "w", force_zip64=True) as out:
                while piece := source.read(PIECE):
                    size += out.write(piece)
                    if packed.tell() > LARGEST:
                        raise UserError(
                            f"The evidence is larger than {LARGEST >> 20} MiB packed.",
                            "Ask about a shorter time, or `stuncheck collect` it to a folder.",
                        )
    return Packed(len(there), size, packed.getvalue())


def _free(path: str, there: set[str]) -> str:
    """Give a path that is not taken; a second file of one name lies a folder deeper."""
    folder, _, name = path.rpartition("/")
    found, number = path, 2
    while found in there:
        found, number = f"{folder}/{number}/{name}", number + 1
    return found


def unpack(packed: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the files of a zip that `pack` made. Raises zipfile.BadZipFile or zlib.error."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        for info in archive.infolist():
            yield info.filename, archive.read(info)
