"""Passwords and tokens, from a file or from the environment; none is ever in stuncheck.toml."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from bot.configuration_faults import Fault
from bot.configuration_lines import Place
from sources.access import Secret

NARROW = 0o640
"""The widest mode of a file with a password: its owner writes, its group reads."""

LONGEST = 4096
"""Bytes of a file with a secret; Windows takes 127 characters, a long key has some more."""

VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
"""What is surely the name of a variable and no password that was written there by mistake."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where one secret is to come from; `place` is where a fault is told."""

    place: Place
    file: str | None
    variable: str | None
    usual: str
    """The variable that is read where neither file nor variable is named."""
    key: str = "password"
    """What it is; the keys that say where it comes from end in _file and _env."""

    @property
    def noun(self) -> str:
        """Give what it is called in a sentence."""
        return self.key.replace("_", " ")

    @property
    def twice(self) -> Fault | None:
        """Give the fault of naming a file and a variable, too."""
        text = f"has both {self.key}_file and {self.key}_env; keep one of them."
        return Fault(self.place, text) if self.file and self.variable else None

    @property
    def written(self) -> Place:
        """Give the place of the key that is written, or of the usual variable."""
        if self.file:
            return (*self.place, f"{self.key}_file")
        return (*self.place, f"{self.key}_env" if self.variable else self.usual)


@dataclass(frozen=True, slots=True)
class Passwords:
    """Looks secrets up and notes what was wrong: `faults` stop the program, `warnings` do not."""

    folder: Path
    environ: Mapping[str, str] = field(repr=False)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    taken: dict[str, Place] = field(default_factory=dict)
    found: list[Secret] = field(default_factory=list)
    """Every secret that was found, for a log to mask."""

    def find(self, source: Source, *, needed: bool = True) -> Secret | None:
        """Give the secret; None where there is none, which is a fault if it is `needed`."""
        secret = self._looked_up(source, needed=needed)
        if secret is not None:
            self.found.append(secret)
        return secret

    def _looked_up(self, source: Source, *, needed: bool) -> Secret | None:
        if source.twice:
            self.faults.append(source.twice)
            return None
        if source.file:
            return self._from_file(source, source.file)
        if source.variable:
            return self._from_named(source, source.variable)
        return self._from_usual(source, needed=needed)

    def _from_named(self, source: Source, variable: str) -> Secret | None:
        """Read a variable; a name that does not look like one may be the password itself."""
        value = self.environ.get(variable, "")
        if value:
            return Secret(value)
        name = variable if VARIABLE.fullmatch(variable) else "whose name stands there"
        text = f"names no {source.noun}: the environment variable {name} is not set or empty."
        self.faults.append(Fault(source.written, text))
        return None

    def _from_usual(self, source: Source, *, needed: bool) -> Secret | None:
        first = self.taken.setdefault(source.usual, source.place)
        if first != source.place:
            text = f"has the same {source.usual} as another; give each its own {source.key}_env."
            self.faults.append(Fault(source.place, text))
            return None
        value = self.environ.get(source.usual, "")
        if value:
            return Secret(value)
        if needed:
            text = (
                f"has no {source.noun}: set the environment variable {source.usual}, or write "
                f'{source.key}_file = "PATH" or {source.key}_env = "NAME".'
            )
            self.faults.append(Fault(source.place, text))
        return None

    def _from_file(self, source: Source, written: str) -> Secret | None:
        path = self.folder / written
        named = _named(path, written)
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                data = file.read(LONGEST + 1)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "not a path"
            self.faults.append(Fault(source.written, f"cannot be read, {named}: {why}."))
            return None
        wrong = _wrong(data)
        if wrong:
            text = f"{wrong}, {named}; only the {source.noun} belongs there."
            self.faults.append(Fault(source.written, text))
            return None
        self.guard(path, mode)
        return Secret(_line(data))

    def guard(self, path: Path, mode: int) -> None:
        """Warn of a secret file whose mode lets others read it; Windows has no mode."""
        if os.name == "posix" and mode & 0o777 & ~NARROW:
            line = f"chmod 600 {quote(str(path))}"
            self.warnings.append(f"{path} holds a secret and is open to others: {line}")


def usual_variable(*parts: str) -> str:
    """Name a section's variable: "vcenter", "vc-01" gives STUNCHECK_VCENTER_VC_01_PASSWORD."""
    words = (re.sub(r"[^A-Z0-9]+", "_", part.upper()).strip("_") for part in parts)
    return "_".join(("STUNCHECK", *filter(None, words), "PASSWORD"))


def _named(path: Path, written: str) -> str:
    """Name the file, unless what is written may be the password itself."""
    looks_like_path = "/" in written or "\\" in written
    try:
        known = looks_like_path and path.parent.is_dir()
    except (OSError, ValueError):
        known = False
    return str(path) if known else "the file whose name stands there"


def _wrong(data: bytes) -> str:
    """Say what keeps the bytes of a file from being a secret; empty if nothing does."""
    if len(data) > LONGEST:
        return f"is larger than {LONGEST} bytes"
    try:
        line = _line(data)
    except UnicodeDecodeError:
        return "is not text in UTF-8"
    if not line:
        return "is empty"
    return "" if line.isprintable() else "holds more than one line of text"


def _line(data: bytes) -> str:
    """Give the text without the line end that editors add; UTF-8, with or without its mark."""
    return data.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
