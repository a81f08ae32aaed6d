"""stuncheck.toml: which systems there are, and how stuncheck works with them.

The file is found, read and checked here; what is wrong is told all at once. Passwords come from
files or from the environment and stand in no message and no repr.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.bot_settings import (
    NoticeSettings,
    ServerSettings,
    SlackSettings,
    TuningSettings,
    WatchSettings,
)
from bot.configuration_bot import BotBuilder
from bot.configuration_draft import Draft
from bot.configuration_faults import ConfigurationError, Fault, words_of
from bot.configuration_lines import find_lines, line_of
from bot.configuration_secrets import Passwords
from bot.configuration_systems import Builder, Systems
from bot.configuration_tables import DeadlinesTable, LogTable, StorageTable, WindowTable
from bot.configuration_tokens import Tokens
from sources.access import Secret, Site
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
    slack: SlackSettings | None = None
    """None where there is no [slack]; perhaps without its tokens, see `running`."""
    server: ServerSettings = field(default_factory=ServerSettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    notices: NoticeSettings = field(default_factory=NoticeSettings)
    tuning: TuningSettings = field(default_factory=TuningSettings)
    wanting: tuple[str, ...] = ()
    """What is wrong for `stuncheck run` alone, a line each: tokens that were not found."""
    secrets: tuple[Secret, ...] = ()
    """Every password and token that was found, for the log to mask."""

    def site(self, cluster: str | None = None) -> Site:
        """Give all systems, or one cluster with the vCenters and Veeam servers that it names.

        A cluster that names none is asked about in all. Raises UserError for a stranger.
        """
        return self.systems.site(cluster)

    def running(self) -> SlackSettings:
        """Give [slack] with every token that its mode needs, for `stuncheck run`.

        Raises UserError where there is no [slack], ConfigurationError where a token is missing
        or cannot be read. Nothing else asks for one: whoever types a command of the terminal
        need not be able to read the bot's tokens.
        """
        if self.wanting:
            raise ConfigurationError(plain(str(self.file)), self.wanting)
        if self.slack is None:
            raise UserError(
                f"{shown(self.file)} has no table [slack]; the bot works in Slack.",
                "docs/settings.md says which keys it takes; stuncheck.example.toml shows them.",
            )
        return self.slack


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
    """Read a stuncheck.toml and the passwords and tokens it points to.

    A token that cannot be had is noted for `Settings.running`; a malformed one is a fault. Raises
    ConfigurationError, a UserError, with everything that is wrong; UserError where the file
    cannot be read at all.
    """
    text = _text(path)
    draft = Draft.of(_parsed(text, path))
    passwords, of_bot = Passwords(path.parent, environ), Passwords(path.parent, environ)
    systems = Builder(draft, path.parent, passwords).systems()
    bot = BotBuilder(draft, Tokens(of_bot), environ)
    slack, server, tuning = bot.slack(), bot.server(), bot.tuning()
    _check(draft.table("deadlines", DeadlinesTable), draft.faults)
    if told := _told(path, text, draft, (*draft.faults, *passwords.faults, *bot.tokens.faults)):
        raise ConfigurationError(plain(str(path)), told)
    warnings = (*passwords.warnings, *of_bot.warnings, *bot.warnings)
    return replace(
        _base(path, draft, systems),
        slack=slack,
        server=server,
        watch=bot.watch(),
        notices=bot.notices(),
        tuning=tuning,
        warnings=tuple(dict.fromkeys(warnings)),
        wanting=tuple(_told(path, text, draft, of_bot.faults)),
        secrets=(*passwords.found, *of_bot.found),
    )


def _base(path: Path, draft: Draft, systems: Systems) -> Settings:
    """Give what every command needs."""
    storage, window = draft.table("storage", StorageTable), draft.table("window", WindowTable)
    deadlines = draft.table("deadlines", DeadlinesTable)
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


def _told(path: Path, text: str, draft: Draft, wrong: Iterable[Fault]) -> list[str]:
    """Say what is wrong, a line each, in the order of the file."""
    faults = dict.fromkeys(wrong)
    if not faults:
        return []
    lines = find_lines(text)
    ordered = sorted(faults, key=lambda fault: line_of(fault.place, lines) or 0)
    return [words_of(fault, plain(str(path)), lines, draft.names) for fault in ordered]


def _check(deadlines: DeadlinesTable, faults: list[Fault]) -> None:
    """Note a source that may take longer than the whole."""
    if deadlines.source_seconds > deadlines.whole_seconds:
        text = (
            f"is {deadlines.source_seconds:g}, longer than whole_seconds, "
            f"{deadlines.whole_seconds:g}; make it shorter or the whole longer."
        )
        faults.append(Fault(("deadlines", "source_seconds"), text))
