"""What SQLite says when a file is damaged, locked or full, put into words for people."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sources.errors import UserError

_DAMAGED = (
    "{path} is damaged: {error}.",
    "Stop stuncheck and put the last copy back; without one, move the file away: it begins anew.",
)
_BUSY = (
    "{path} is in use: another program has not let go of it in time.",
    "Look for a second stuncheck, a backup of the file, or an open edit in a database tool.",
)
_FULL = (
    "There is no room left to write to {path}; what was being stored is not half there.",
    "Free some space on its disk, or keep evidence for a shorter time.",
)
_SHUT = (
    "{path} cannot be read or written: {error}.",
    "It needs a local disk, and the account that runs stuncheck must own the file and its folder.",
)

_SAID = {
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _SHUT,
    sqlite3.SQLITE_CANTOPEN: _SHUT,
    sqlite3.SQLITE_PERM: _SHUT,
    sqlite3.SQLITE_IOERR: _SHUT,
}

_PRIMARY = 0xFF
"""The low byte of an extended result code is the primary one (sqlite.org/rescode.html)."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what a person can mend into a UserError; mistakes of ours in SQL bubble as they are."""
    try:
        yield
    except sqlite3.Error as error:
        said = _SAID.get(code(error))
        if said is None:
            raise
        message, hint = said
        raise UserError(message.format(path=path, error=error), hint) from error


def code(error: sqlite3.Error) -> int:
    """Give the primary result code; 0 for an error that Python's module made itself."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY
