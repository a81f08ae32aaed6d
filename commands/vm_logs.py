"""vmware logs that a person named: which files, what they hold, in order of time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from commands.meter import Meter
from commands.reply import Problem
from commands.wording import reason
from sources.bundle.recognise import FileKind, kind_of_name
from sources.vmware.logged_stun import LoggedStun, with_phases
from sources.vmware.vmware_log import VmwareLog, scan

SAME = timedelta(milliseconds=50)
"""Stuns of one VM that start this close are one: a log that was given twice, or copied."""


ROTATED = re.compile(r"vmware-(\d{1,9})\.log", re.IGNORECASE)

NOT_A_LOG = "No line in it begins with a time as the lines of a vmware.log do."
FOLDER_HINT = "Give a VM's folder, or a folder of such folders."


@dataclass(frozen=True, slots=True)
class Log:
    """A vmware.log that was read."""

    path: Path
    content: VmwareLog

    @property
    def folder(self) -> Path:
        """Where it lies: one folder, one VM."""
        return self.path.absolute().parent

    @property
    def vm(self) -> str | None:
        """The VM it is about by its folder's name; None at the top of a disk."""
        return self.folder.name or None


@dataclass(frozen=True, slots=True)
class Row:
    """One stun and the log it stands in."""

    log: Log
    stun: LoggedStun

    @property
    def duration(self) -> timedelta:
        """How long the VM did not run."""
        return self.stun.end - self.stun.start


def find_logs(paths: Sequence[Path], problems: list[Problem]) -> list[Path]:
    """Give the files named, and the vmware logs of the folders named, each once."""
    found: dict[Path, Path] = {}
    for path in paths:
        try:
            path.stat()
            files = _logs_in(path) if path.is_dir() else [path]
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            problems.append(Problem(f"{path} cannot be read: {reason(error)}."))
            continue
        if not files:
            problems.append(Problem(f"There is no vmware.log in {path}.", FOLDER_HINT))
        if files == [path] and not path.is_file():  # a pipe would keep us waiting, /dev/zero busy
            problems.append(Problem(f"{path} is not a file.", FOLDER_HINT))
            continue
        for file in files:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def _logs_in(folder: Path) -> list[Path]:
    """Find the logs of a VM's folder, else those of the VMs' folders in it."""
    here = [file for file in sorted(folder.iterdir()) if _is_log(file)]
    below = [inner for inner in sorted(folder.iterdir()) if inner.is_dir() and not here]
    return here + [file for inner in below for file in sorted(inner.iterdir()) if _is_log(file)]


def _is_log(file: Path) -> bool:
    return kind_of_name(file.name) is FileKind.VMWARE_LOG and file.is_file()


def read_logs(files: Sequence[Path], meter: Meter, problems: list[Problem]) -> Iterator[Log]:
    """Read the files; what cannot be read or is something else becomes a problem."""
    for path in files:
        meter.expect(path.stat().st_size)
    for path in files:
        try:
            with path.open("rb") as stream:
                content = scan(stream, meter.advance)
        except OSError as error:
            problems.append(Problem(f"{path} cannot be read: {reason(error)}."))
            continue
        if content.first is None:
            problems.append(Problem(f"{path} is not a vmware.log.", NOT_A_LOG))
        else:
            yield Log(path, content)


def rows_of(logs: Sequence[Log]) -> list[Row]:
    """Put the stuns in order of time; one that two files of a VM hold counts once."""
    rows: list[Row] = []
    latest: dict[Path, int] = {}
    everything = [row for together in _folders(logs) for row in _explained(together)]
    for row in sorted(everything, key=lambda row: (row.stun.start, row.log.path)):
        place = latest.get(row.log.folder)
        if place is None or row.stun.start - rows[place].stun.start > SAME:
            latest[row.log.folder] = len(rows)
            rows.append(row)
        elif row.duration > rows[place].duration:
            rows[place] = row
    return rows


def _folders(logs: Sequence[Log]) -> list[list[Log]]:
    folders: dict[Path, list[Log]] = {}
    for log in logs:
        folders.setdefault(log.folder, []).append(log)
    return list(folders.values())


def _explained(logs: Sequence[Log]) -> Iterator[Row]:
    """Say what stuns were for; a snapshot's first line may stand in the log before its stun's."""
    together = [logs] if _unbroken(logs) else [[log] for log in logs]
    for chain in together:
        found = [(log, stun) for log in chain for stun in log.content.stuns]
        marks = [mark for log in chain for mark in log.content.marks]
        phased = with_phases([stun for _, stun in found], marks)
        yield from (Row(log, stun) for (log, _), stun in zip(found, phased, strict=True))


def _unbroken(logs: Sequence[Log]) -> bool:
    """Whether no rotation is missing among these; the current log's name does not tell."""
    names = [log.path.name.casefold() for log in logs if log.path.name.casefold() != "vmware.log"]
    numbers = sorted(int(match[1]) for name in names if (match := ROTATED.fullmatch(name)))
    if not numbers or len(numbers) < len(names):
        return not names
    return numbers[-1] - numbers[0] == len(numbers) - 1
