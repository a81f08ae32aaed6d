"""The file of a store: made for its owner only, and known as ours before anything is changed."""

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from sources.errors import UserError
from sources.names import plain

if TYPE_CHECKING:
    from sqlite_utils.db import Database

OWNER_ONLY = 0o600
"""The file holds logs and names of somebody's network."""
FOLDER_OWNER_ONLY = 0o700

MAGIC = b"SQLite format 3\x00"
"""How a SQLite file begins (sqlite.org/fileformat.html)."""

APPLICATION = 0x7374756E
"""Our `PRAGMA application_id`: "stun" in ASCII."""

_OTHER = "Give stuncheck a file of its own; one that does not exist yet is created."


def prepare(path: Path) -> None:
    """Create the file if there is none. Raises UserError where it cannot be a store."""
    try:
        path.parent.mkdir(FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        with os.fdopen(handle, "rb") as file:
            head = file.read(len(MAGIC))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = getattr(error, "strerror", None) or error
        hint = "The account that runs stuncheck must own the file and its folder."
        raise UserError(f"{plain(str(path))} cannot be opened: {why}.", hint) from error
    if head not in (b"", MAGIC):
        raise UserError(f"{path} is not a store: it is no SQLite file.", _OTHER)


def check(path: Path, db: "Database", known: frozenset[str]) -> None:
    """See whether the file is ours and not newer than this program; changes nothing.

    `known` are the names of all migrations. Raises UserError.
    """
    application = db.execute("PRAGMA application_id").fetchone()[0]
    empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application != APPLICATION and not (empty and application == 0):
        raise UserError(f"{path} is not a store: it belongs to another program.", _OTHER)
    if unknown := sorted(applied_names(db) - known):
        raise UserError(
            f"{path} was written by a newer stuncheck: it knows {', '.join(unknown)}.",
            "Install that version again, or give this one a file of its own.",
        )


def applied_names(db: "Database") -> set[str]:
    """Give the names of the migrations that were applied to the file; none to an empty one."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
        return set()
    return {row[0] for row in db.execute("SELECT name FROM _sqlite_migrations")}


def close_to_others(path: Path) -> None:
    """Take the file away from everybody but its owner. Raises UserError."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & ~OWNER_ONLY:
            path.chmod(OWNER_ONLY)
    except OSError as error:
        raise UserError(
            f"{path} can be read by others, and that cannot be changed: {error.strerror}.",
            f"chmod 600 {path}",
        ) from error
