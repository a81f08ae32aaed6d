"""The files under a folder, none of them outside it: a bundle comes from somebody else."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sources.names import plain
from sources.raw import RawFile
from verdict.facts import Gap

DEEPEST = 8
"""Folders below the bundle that are entered; its own layout needs three."""
MOST_FILES = 20_000
"""Files of one bundle; more means that a whole disk was given."""
CLUTTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
"""What file managers leave behind."""


@dataclass(frozen=True, slots=True)
class Found:
    """A regular, readable file and where it lies: its folders below the top, then its name."""

    parts: tuple[str, ...]
    file: RawFile

    @property
    def place(self) -> str:
        """Say where it lies, for people."""
        return "/".join(self.parts)


@dataclass(slots=True)
class Folder:
    """A walk through a folder: what was found, and gaps for what was refused.

    `above` stands before the parts of every file, so that a loose file tells its folder's name.
    """

    top: Path
    above: tuple[str, ...] = ()
    found: list[Found] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    entered: set[Path] = field(default_factory=set)

    def walk(self) -> "Folder":
        """Find every file below the top, in the order of their names."""
        self.top = self.top.resolve()
        self._enter(self.top, self.above)
        return self

    def take(self, path: Path, parts: tuple[str, ...]) -> None:
        """Take in one file, if it is one and can be read."""
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                self._refuse(parts, "it is a pipe or a device and no file, so it is not read")
                return
            with path.open("rb"):
                self.found.append(Found(parts, RawFile(parts[-1], status.st_size, opener(path))))
        except OSError as error:
            self._refuse(parts, f"it cannot be read: {error.strerror}", READABLE)

    def _enter(self, folder: Path, parts: tuple[str, ...]) -> None:
        if folder in self.entered:  # a link to a folder that was read already, or a circle
            return
        self.entered.add(folder)
        if len(parts) > DEEPEST:
            self._refuse(parts, f"it lies more than {DEEPEST} folders deep, so it is not read")
            return
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._refuse(parts, f"the folder cannot be read: {error.strerror}", READABLE)
            return
        for entry in entries:
            if len(self.found) >= MOST_FILES:
                self._refuse(parts, f"of more than {MOST_FILES:,} files the rest is not read")
                return
            if not entry.name.startswith(".") and entry.name.casefold() not in CLUTTER:
                self._look(entry, (*parts, plain(entry.name)))

    def _look(self, entry: os.DirEntry[str], parts: tuple[str, ...]) -> None:
        path = Path(entry.path)
        if entry.is_symlink():
            try:
                path = path.resolve(strict=True)
            except (OSError, RuntimeError):  # RuntimeError: a link to itself before Python 3.13
                self._refuse(parts, "it is a link that leads nowhere, so it is not read")
                return
            if not path.is_relative_to(self.top):
                why = "it is a link that leads out of the bundle, so it is not read"
                self._refuse(parts, why, "put the file itself into the bundle")
                return
        try:
            folder = path.is_dir()
        except OSError as error:  # a folder that may be listed but not entered
            self._refuse(parts, f"it cannot be read: {error.strerror}", READABLE)
            return
        if folder:
            self._enter(path, parts)
        else:
            self.take(path, parts)

    def _refuse(self, parts: tuple[str, ...], why: str, remedy: str | None = None) -> None:
        self.gaps.append(Gap("bundle", "/".join(parts) or plain(str(self.top)), why, remedy))


READABLE = "make it readable for the account that runs stuncheck"


def opener(path: Path) -> Callable[[], BinaryIO]:
    """Open a path later, when somebody reads it."""

    def opened() -> BinaryIO:
        return path.open("rb")

    return opened
