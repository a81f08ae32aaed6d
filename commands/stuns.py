"""`stuns FILE...`: list the stuns in vmware.log files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from commands.meter import Meter
from commands.reply import Cell, Column, Payload, Problem, Reply, Room, Share, Table, Tone, Toned
from commands.wording import date_time, iso, reason
from sources.recognise import FileKind, kind_of_name
from sources.vmware_log import LoggedStun, VmwareLog, scan
from verdict.words import clock_time, milliseconds, seconds

NEAR_MISS = 0.5
"""More than this part of the tolerance is a near miss (DESIGN 1)."""

SAME = timedelta(milliseconds=50)
"""Stuns of one VM that start this close are one: a log that was given twice, or copied."""


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


def list_stuns(paths: Sequence[Path], tolerance: timedelta | None, meter: Meter) -> Reply:
    """List every stun in the files and folders given, in order of time.

    Times are those of the ESXi hosts' clocks. A path that is no vmware.log is a problem in the
    reply; the others are listed all the same.
    """
    problems: list[Problem] = []
    logs = list(_logs(_files(paths, problems), meter, problems))
    rows = _rows(logs)
    return Reply(
        payload={"stuns": [_entry(row) for row in rows]},
        tables=tuple(_tables(logs, rows, tolerance)),
        closing=(*_holes(logs), _closing(logs, rows, tolerance)) if logs else (),
        problems=tuple(problems),
    )


def _files(paths: Sequence[Path], problems: list[Problem]) -> list[Path]:
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
        for file in files:
            found.setdefault(file.resolve(), file)
    return list(found.values())


FOLDER_HINT = "Give a VM's folder, or a folder of such folders."


def _logs_in(folder: Path) -> list[Path]:
    """Find the logs of a VM's folder, else those of the VMs' folders in it."""
    here = [file for file in sorted(folder.iterdir()) if _is_log(file)]
    below = [inner for inner in sorted(folder.iterdir()) if inner.is_dir() and not here]
    return here + [file for inner in below for file in sorted(inner.iterdir()) if _is_log(file)]


def _is_log(file: Path) -> bool:
    return kind_of_name(file.name) is FileKind.VMWARE_LOG and file.is_file()


def _logs(files: Sequence[Path], meter: Meter, problems: list[Problem]) -> Iterator[Log]:
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


NOT_A_LOG = "No line in it begins with a time as the lines of a vmware.log do."


def _rows(logs: Sequence[Log]) -> list[Row]:
    """Put the stuns in order of time; one that two files of a VM hold counts once."""
    rows: list[Row] = []
    latest: dict[Path, int] = {}
    everything = (Row(log, stun) for log in logs for stun in log.content.stuns)
    for row in sorted(everything, key=lambda row: (row.stun.start, row.log.path)):
        place = latest.get(row.log.folder)
        if place is None or row.stun.start - rows[place].stun.start > SAME:
            latest[row.log.folder] = len(rows)
            rows.append(row)
        elif row.duration > rows[place].duration:
            rows[place] = row
    return rows


def _entry(row: Row) -> Payload:
    """Give a stun to machines: the keys of DESIGN 6, in its order."""
    return {
        "file": str(row.log.path),
        "vm": row.log.vm,
        "start": iso(row.stun.start),
        "end": iso(row.stun.end),
        "ms": milliseconds(row.duration),
        "phase": row.stun.phase.value,
        "snapshot": row.stun.snapshot,
    }


def _tables(
    logs: Sequence[Log], rows: Sequence[Row], tolerance: timedelta | None
) -> Iterator[Table]:
    """The stuns, then what was read: no stun means something only where a log was read."""
    if rows:
        limit = (Column(f"Of {seconds(tolerance)}"), Column("")) if tolerance else ()
        yield Table(
            "Stuns",
            (*STUN_COLUMNS, *limit, Column("Snapshot", room=Room.CUT)),
            tuple(_cells(row, _against(row.duration, tolerance)) for row in rows),
        )
    if logs:
        yield Table("Read", READ_COLUMNS, tuple(_read_cells(log) for log in logs))


STUN_COLUMNS = (
    Column("Start, UTC"),
    Column("VM", room=Room.FOLDED),
    Column("Stun", right=True),
    Column("Phase"),
)
READ_COLUMNS = (
    Column("File", room=Room.FOLDED),
    Column("From"),
    Column("To"),
    Column("Stuns", right=True),
)


def _cells(row: Row, against: tuple[Cell, ...]) -> tuple[Cell, ...]:
    start = f"{row.stun.start:%Y-%m-%d} {clock_time(row.stun.start)}"
    size, phase = seconds(row.duration), row.stun.phase.value
    return start, row.log.vm or "", size, phase, *against, row.stun.snapshot or ""


def _against(duration: timedelta, tolerance: timedelta | None) -> tuple[Cell, ...]:
    """Compare a stun with the tolerance, where one is given."""
    if tolerance is None:
        return ()
    part = duration / tolerance
    return Share(part), _judged(part)


def _judged(part: float) -> Cell:
    if part >= 1:
        return Toned("over", Tone.RED)
    return Toned("near miss", Tone.YELLOW) if part > NEAR_MISS else ""


def _read_cells(log: Log) -> tuple[Cell, ...]:
    first, last = log.content.first, log.content.last
    stuns = str(len(log.content.stuns))
    return str(log.path), date_time(first) if first else "", date_time(last) if last else "", stuns


def _holes(logs: Sequence[Log]) -> Iterator[str]:
    """Say for which times a log cannot vouch; no stun is listed there, but one may have been."""
    for log in logs:
        for hole in log.content.holes[:MOST_HOLES]:
            start = date_time(hole.start) if hole.start else "its beginning"
            end = date_time(hole.end) if hole.end else "its end"
            yield f"{log.path} says nothing from {start} to {end}: {hole.why}."


MOST_HOLES = 5
"""Of one file; a log with more is damaged throughout."""


def _closing(logs: Sequence[Log], rows: Sequence[Row], tolerance: timedelta | None) -> str:
    """Say it all in one sentence."""
    files = _count(len(logs), "file")
    if not rows:
        return f"No stun in {files}."
    vms = _count(len({row.log.folder for row in rows}), "VM")
    longest = max(rows, key=lambda row: row.duration)
    said = f"{_count(len(rows), 'stun')} of {vms} in {files}; "
    said += f"the longest took {seconds(longest.duration)}"
    if tolerance is None:
        return f"{said}."
    parts = [row.duration / tolerance for row in rows]
    over = sum(part >= 1 for part in parts)
    near = sum(NEAR_MISS < part < 1 for part in parts)
    return f"{said}; {over} over the tolerance, {_count(near, 'near miss', 'near misses')}."


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"
