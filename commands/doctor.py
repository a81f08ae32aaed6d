"""`doctor`: check every connection, right, mapping and clock; name the line that mends each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from threading import Thread

from commands.reply import Cell, Column, Payload, Problem, Reply, Room, Table, Tone, Toned
from sources.deadline import Deadline
from sources.errors import LateError, SourceError

GRACE = 1.0
"""Seconds beyond the deadline in which a check may still say that it was late."""


class State(StrEnum):
    """What a check found."""

    OK = "ok"
    WRONG = "wrong"
    NOT_USED = "not used"
    """Nothing is configured that needs it."""
    NOT_CHECKED = "not checked"
    """What it builds on is wrong."""


TONES = {
    State.OK: Tone.GREEN,
    State.WRONG: Tone.RED,
    State.NOT_USED: Tone.GREY,
    State.NOT_CHECKED: Tone.YELLOW,
}


STOPPING = {State.WRONG, State.NOT_CHECKED}
"""On what nothing can build."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, in words; `remedy` is the line to type or the thing to do."""

    state: State
    text: str
    remedy: str | None = None

    @classmethod
    def ok(cls, text: str) -> "Finding":
        """Give a finding that is as it should be."""
        return cls(State.OK, text)

    @classmethod
    def wrong(cls, text: str, remedy: str | None) -> "Finding":
        """Give a finding that is to be mended."""
        return cls(State.WRONG, text, remedy)

    @classmethod
    def not_used(cls, text: str, remedy: str | None = None) -> "Finding":
        """Give a finding about something that is switched off or not configured."""
        return cls(State.NOT_USED, text, remedy)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. Where a `vital` one is not well, the rest of its system is not checked.

    `run` may raise SourceError; its message and hint are the finding. `remedy` is given where a
    hint is missing.
    """

    name: str
    run: Callable[[Deadline], Finding]
    vital: bool = False
    remedy: str | None = None


def _nothing() -> None:
    """Close nothing."""


@dataclass(frozen=True, slots=True)
class System:
    """A system and its checks, one after the other; `close` ends its session in any case."""

    name: str
    checks: tuple[Check, ...]
    close: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True)
class Line:
    """A finding and what it is about."""

    system: str
    check: str
    finding: Finding


def doctor(rounds: Iterable[Sequence[System]], deadline: Deadline, seconds: float) -> Reply:
    """Check the systems of each round side by side; a later round builds on what was learned.

    Each system has `seconds` for its checks, as a source has when it is asked in earnest, and
    all of them together have until `deadline`. What is wrong is a problem of the reply, so that
    the exit status is 1.
    """
    lines = [line for systems in rounds for line in _side_by_side(systems, deadline, seconds)]
    return Reply(
        payload={"checks": [_entry(line) for line in lines]},
        tables=(_table(lines),),
        closing=(_closing(lines),),
        problems=tuple(_problem(line) for line in lines if line.finding.state is State.WRONG),
    )


def _side_by_side(systems: Sequence[System], deadline: Deadline, seconds: float) -> Iterator[Line]:
    """Examine each system in a thread of its own; who is late is left behind and named.

    The threads are daemons: every socket has a time-out, but looking a name up has none.
    """
    examined: list[list[Line]] = [[] for _ in systems]
    threads = [
        Thread(
            target=_examine,
            args=(system, lines, deadline, seconds),
            name=f"doctor {system.name}",
            daemon=True,
        )
        for system, lines in zip(systems, examined, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(deadline.left + GRACE)
    for system, lines in zip(systems, examined, strict=True):
        done = lines[:]  # a late thread may still add to it
        yield from done
        yield from _unanswered(system, done)


def _examine(system: System, lines: list[Line], deadline: Deadline, seconds: float) -> None:
    broken: str | None = None
    mine = deadline.sooner(seconds)
    try:
        for check in system.checks:
            finding = Finding(State.NOT_CHECKED, broken) if broken else _run(check, mine)
            lines.append(Line(system.name, check.name, finding))
            if finding.state in STOPPING and (check.vital or mine.left <= 0):
                broken = broken or f"because of {check.name}"
    finally:
        system.close()


def _run(check: Check, deadline: Deadline) -> Finding:
    try:
        return check.run(deadline)
    except LateError as error:
        return Finding.wrong(error.message, error.hint or check.remedy or SLOW)
    except SourceError as error:
        return Finding.wrong(error.message, error.hint or check.remedy)


SLOW = "Try again; if it stays slow, raise source_seconds under [deadlines]."


def _unanswered(system: System, lines: Sequence[Line]) -> Iterator[Line]:
    """Name the checks that a late system did not come to."""
    for check in system.checks[len(lines) :]:
        first = check is system.checks[len(lines)]
        finding = Finding.wrong("no answer in time", SLOW)
        skipped = Finding(State.NOT_CHECKED, "no time was left")
        yield Line(system.name, check.name, finding if first else skipped)


def _entry(line: Line) -> Payload:
    return {
        "system": line.system,
        "check": line.check,
        "state": line.finding.state.value,
        "text": line.finding.text,
        "remedy": line.finding.remedy,
    }


COLUMNS = (
    Column("System", room=Room.FOLDED),
    Column("Check"),
    Column(""),
    Column("Found", room=Room.FOLDED),
)


def _table(lines: Sequence[Line]) -> Table:
    return Table("Checked", COLUMNS, tuple(_rows(lines)))


def _rows(lines: Sequence[Line]) -> Iterator[tuple[Cell, ...]]:
    """Give a row for each line; checks that one fault kept from running share a row."""
    for (system, finding), alike in groupby(lines, lambda line: (line.system, line.finding)):
        state = Toned(finding.state.value, TONES[finding.state])
        checks = [line.check for line in alike]
        if finding.state is State.NOT_CHECKED:
            yield system, f"{len(checks)} more", state, f"{', '.join(checks)}: {finding.text}"
        else:
            yield from ((system, check, state, finding.text) for check in checks)


def _problem(line: Line) -> Problem:
    said = f"{line.system}, {line.check}: {line.finding.text}".rstrip(".")
    return Problem(f"{said}.", line.finding.remedy)


def _closing(lines: Sequence[Line]) -> str:
    """Say it all in one sentence."""
    counts = {state: sum(line.finding.state is state for line in lines) for state in State}
    said = [f"{count} {state.value}" for state, count in counts.items() if count]
    end = "." if counts[State.WRONG] else "; nothing has to be mended."
    return f"{', '.join(said) or 'Nothing was checked'}{end}"
