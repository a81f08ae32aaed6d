"""`stuns FILE...`: list the stuns in vmware.log files."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from commands.meter import Meter
from commands.reply import Cell, Column, Payload, Problem, Reply, Room, Share, Table, Tone, Toned
from commands.vm_logs import Log, Row, find_logs, read_logs, rows_of
from commands.wording import date_time, iso
from verdict.words import clock_time, milliseconds, seconds

NEAR_MISS = 0.5
"""More than this part of the tolerance is a near miss (DESIGN 1)."""


def list_stuns(paths: Sequence[Path], tolerance: timedelta | None, meter: Meter) -> Reply:
    """List every stun in the files and folders given, in order of time.

    Times are those of the ESXi hosts' clocks. A path that is no vmware.log is a problem in the
    reply; the others are listed all the same.
    """
    problems: list[Problem] = []
    logs = list(read_logs(find_logs(paths, problems), meter, problems))
    rows = rows_of(logs)
    return Reply(
        payload={"stuns": [_entry(row) for row in rows]},
        tables=tuple(_tables(logs, rows, tolerance)),
        closing=(*_holes(logs), _closing(logs, rows, tolerance)) if logs else (),
        problems=tuple(problems),
    )


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
