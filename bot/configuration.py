"""stuncheck.toml: which systems there are, and how stuncheck works with them.

The file is found, read and checked here; what is wrong is told all at once. Passwords come from
files or from the environment and stand in no message and no repr.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.configuration_draft import Draft
from bot.configuration_faults import ConfigurationError, Fault, words_of
from bot.configuration_lines import find_lines, line_of
from bot.configuration_secrets import Passwords
from bot.configuration_systems import Builder, Systems
from bot.configuration_tables import DeadlinesTable, LogTable, StorageTable, WindowTable
from sources.access import Site
from sources.errors import UserError
from sources.names import plain, shown
from sources.text import decode

NAME = "stuncheck.toml"
VARIABLE = "STUNCHECK_CONFIG"
SYSTEM_WIDE = Path("/etc/stuncheck/stuncheck.toml")

LARGEST = 1 << 20
"""Bytes of a stuncheck.toml: a thousand clusters take 100 KB."""

LONGEST_WHY = 300
"""Characters of what tomllib says; it may quote a long key."""

AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that was configured; `warnings` are for whoever started the program."""

    file: Path
    systems: Systems
    storage: Path
    keep: timedelta
    """How long evidence and verdicts are kept."""
    source_deadline: timedelta
    whole_deadline: timedelta
    before: timedelta
    """How much time before a failover is looked at."""
    after: timedelta
    log_level: str
    warnings: tuple[str, ...] = ()

    def site(self, cluster: str | None = None) -> Site:
        """Give all systems, or one cluster with the vCenters and Veeam servers that it names.

        A cluster that names none is asked about in all. Raises UserError for a stranger.
        """
        return self.systems.site(cluster)


def find(environ: Mapping[str, str], folder: Path = Path()) -> Path:
    """Give ./stuncheck.toml, else $STUNCHECK_CONFIG, else /etc/stuncheck/stuncheck.toml.

    Raises UserError where there is none.
    """
    here = folder / NAME
    if _there(here):
        return here
    if environ.get(VARIABLE):
        return Path(environ[VARIABLE])
    if _there(SYSTEM_WIDE):
        return SYSTEM_WIDE
    raise UserError(
        f"There is no {NAME} here, ${VARIABLE} is not set and there is no {SYSTEM_WIDE}.",
        f"Copy stuncheck.example.toml to {NAME} and fill it in; see docs/settings.md.",
    )


def _there(path: Path) -> bool:
    """Whether there is a file; one that may not be seen is there, and reading it will say so."""
    try:
        return path.is_file()
    except OSError:
        return True


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read a stuncheck.toml and the passwords it points to.

    Raises ConfigurationError, a UserError, with everything that is wrong; UserError where the
    file cannot be read at all.
    """
    text = _text(path)
    draft = Draft.of(_parsed(text, path))
    passwords = Passwords(path.parent, environ)
    systems = Builder(draft, path.parent, passwords).systems()
    deadlines = draft.table("deadlines", DeadlinesTable)
    if deadlines.source_seconds > deadlines.whole_seconds:
        place = ("deadlines", "source_seconds")
        draft.faults.append(Fault(place, _longer_than_the_whole(deadlines)))
    _refuse(path, text, draft, passwords.faults)
    storage, window = draft.table("storage", StorageTable), draft.table("window", WindowTable)
    return Settings(
        file=path,
        systems=systems,
        storage=path.parent / storage.path,
        keep=timedelta(days=storage.keep_days),
        source_deadline=timedelta(seconds=deadlines.source_seconds),
        whole_deadline=timedelta(seconds=deadlines.whole_seconds),
        before=timedelta(minutes=window.before_minutes),
        after=timedelta(minutes=window.after_minutes),
        log_level=draft.table("log", LogTable).level,
        warnings=tuple(dict.fromkeys(passwords.warnings)),
    )


def _text(path: Path) -> str:
    """Read the file as text. Raises UserError."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "that is no path"
        raise UserError(f"{shown(path)} cannot be read: {why}.", READABLE) from None
    if len(data) > LARGEST:
        raise UserError(f"{shown(path)} is larger than 1 MB; that is no {NAME}.", READABLE)
    return decode(data)


READABLE = "Give the path with --config, or copy stuncheck.example.toml; see docs/settings.md."


def _parsed(text: str, path: Path) -> dict[str, Any]:
    """Read TOML. Raises ConfigurationError; what tomllib quotes is a key or one character."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        why = "is nested too deep."
    except ValueError as error:  # TOMLDecodeError is one, so is a number of 5000 digits
        why = str(error)
    found = AT_LINE.search(why)
    at = f"{plain(str(path))}:{found[1]}" if found else plain(str(path))
    raise ConfigurationError(
        shown(path), (f"{at}: this is not TOML: {plain(why)[:LONGEST_WHY]}",)
    ) from None


def _refuse(path: Path, text: str, draft: Draft, more: Iterable[Fault]) -> None:
    """Raise ConfigurationError if anything is wrong, in the order of the file."""
    faults = dict.fromkeys((*draft.faults, *more))
    if not faults:
        return
    lines = find_lines(text)
    ordered = sorted(faults, key=lambda fault: line_of(fault.place, lines) or 0)
    file = plain(str(path))
    raise ConfigurationError(file, [words_of(fault, file, lines, draft.names) for fault in ordered])


def _longer_than_the_whole(deadlines: DeadlinesTable) -> str:
    return (
        f"is {deadlines.source_seconds:g}, longer than whole_seconds, "
        f"{deadlines.whole_seconds:g}; make it shorter or the whole longer."
    )
