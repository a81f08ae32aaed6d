"""Raw material: files as they came, from a folder or from a live system."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class RawFile:
    """A named file that can be opened for reading, whether it lies on a disk or in memory."""

    name: str
    size: int
    open: Callable[[], BinaryIO]

    @classmethod
    def on_disk(cls, path: Path) -> "RawFile":
        """Wrap a file on disk; it is opened only when somebody reads it."""
        return cls(path.name, path.stat().st_size, lambda: path.open("rb"))

    @classmethod
    def in_memory(cls, name: str, data: bytes) -> "RawFile":
        """Wrap bytes that a live source fetched."""
        return cls(name, len(data), lambda: BytesIO(data))
