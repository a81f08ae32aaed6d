"""Bundles: the evidence of one incident as files in a folder, or loose files that make one."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from sources.bundle.folder import Folder
from sources.bundle.pile import Pile
from sources.errors import UserError
from sources.material import Material
from sources.names import plain

FILES = frozenset({"incident.toml", "cluster.json"})
FOLDERS = frozenset({"nodes", "vms", "vcenter", "veeam"})
"""Any one of these makes a folder a bundle."""
DEEPEST = 4
"""Folders of folders in which bundles are looked for."""
HINT = "A bundle holds nodes/NODE/, vms/VM/, vcenter/ or veeam/; see docs/bundles.md."


def read_bundle(path: Path) -> Material:
    """Read one bundle, or a folder or file that is to be taken as one. Raises UserError."""
    return _filled([_bundle(path) if is_bundle(_there(path)) else _loose([path])])[0]


def find_bundles(paths: Sequence[Path]) -> list[Material]:
    """Read every bundle under the paths; loose files among them together make one more.

    Raises UserError where a path is missing or nothing usable lies under any of them.
    """
    piles, loose = [], []
    for path in dict.fromkeys(paths):
        folders = list(_bundles(_there(path), DEEPEST))
        piles += [_bundle(folder) for folder in folders]
        loose += [] if folders else [path]
    return _filled(piles + ([_loose(loose)] if loose else []))


def is_bundle(path: Path) -> bool:
    """Say whether a folder is laid out as a bundle."""
    return any(
        entry.name.casefold() in (FOLDERS if _is_folder(entry) else FILES)
        for entry in _entries(path)
    )


def _is_folder(entry: os.DirEntry[str], *, through_links: bool = True) -> bool:
    """Say whether an entry is a folder; one that cannot be looked at is none."""
    try:
        return entry.is_dir(follow_symlinks=through_links)
    except OSError:  # links that lead in a circle
        return False


def _entries(path: Path) -> list[os.DirEntry[str]]:
    """List a folder; one that cannot be listed becomes a gap when it is walked."""
    try:
        return sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError:  # a file, too
        return []


def _there(path: Path) -> Path:
    try:
        path.stat()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise UserError(
            f"{plain(str(path))} cannot be read: {error}.", "Check the path."
        ) from error
    return path


def _bundles(path: Path, depth: int) -> Iterator[Path]:
    """Find the folders laid out as bundles; links are not followed on the way."""
    if is_bundle(path):
        yield path
    elif depth:
        for entry in _entries(path):
            if _is_folder(entry, through_links=False) and not entry.name.startswith("."):
                yield from _bundles(path / entry.name, depth - 1)


def _bundle(path: Path) -> Pile:
    return _pile(plain(str(path)), [Folder(path).walk()])


def _loose(paths: Sequence[Path]) -> Pile:
    """Take files and folders as they come; each file tells its folder's name."""
    real = [path.resolve() for path in paths]
    folders = []
    for path in real:
        if path.is_dir():
            folders.append(Folder(path, above=(plain(path.name),)).walk())
        else:
            folder = Folder(path.parent)
            folder.take(path, (plain(path.parent.name), plain(path.name)))
            folders.append(folder)
    label = str(paths[0]) if len(paths) == 1 else os.path.commonpath(real)
    return _pile(plain(label), folders)


def _pile(label: str, folders: Sequence[Folder]) -> Pile:
    pile = Pile(label)
    for folder in folders:
        pile.gaps += folder.gaps
        for found in folder.found:
            pile.add(found)
    pile.sort()
    return pile


def _filled(piles: Sequence[Pile]) -> list[Material]:
    if all(pile.empty for pile in piles):
        where = ", ".join(pile.label for pile in piles) or "no path"
        told = [f"{gap.subject}: {gap.why}." for pile in piles for gap in pile.gaps[:3]]
        raise UserError(f"There is nothing usable in {where}.", " ".join([*told[:3], HINT]))
    return [pile.material() for pile in piles]
