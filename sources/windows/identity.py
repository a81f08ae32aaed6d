"""Asking a node who it is and what time it is, while other commands run beside."""

from dataclasses import dataclass
from datetime import timedelta

from sources.errors import SourceError
from sources.json_rows import Row, UnreadableError
from sources.windows import script
from sources.windows.cluster_state import Identity
from sources.windows.node_clock import Ahead, look, time_of_day, together
from sources.windows.output import Output
from sources.windows.shell import Running, Shell
from verdict.facts import Gap
from verdict.words import seconds

TIME = ("echo", ["%TIME%"])
"""Answered by cmd.exe itself within milliseconds, where PowerShell takes seconds to start."""
QUICKER = "Ask again, or measure it on the node: w32tm /stripchart /computer:SERVER /samples:3"


@dataclass(frozen=True, slots=True)
class Introduced:
    """What a node said about itself; `gap` is what could not be told."""

    identity: Identity
    gap: Gap | None = None


def begin(shell: Shell) -> Running:
    """Start the script that says who the node is. Raises SourceError and its kin."""
    return shell.start(*script.line("node", {}))


def finish(shell: Shell, running: Running, tick: Output) -> Introduced:
    """Take its answer, and sharpen the clock by what `TIME` printed. Raises SourceError."""
    output = shell.collect(running)
    answer = script.answer(output, "node", shell.host)
    row = Row(answer) if isinstance(answer, dict) else Row({})
    name = row.text("name")
    if name is None:
        raise SourceError("winrm", shell.host, "the node does not say its name", "Ask again.")
    offset = _offset(row)
    ahead = _ahead(row, offset, output, tick)
    identity = Identity(
        name=name,
        domain=row.text("domain") or "",
        uuid=(row.text("uuid") or "").strip("{}").lower(),
        os=row.text("os") or "",
        version=row.text("version") or "",
        utc_offset=offset,
        ahead=ahead.middle if ahead and ahead.worth else None,
    )
    return Introduced(identity, _unsharp(name, ahead))


def _offset(row: Row) -> timedelta | None:
    minutes = row.number("offset_minutes")
    return None if minutes is None else timedelta(minutes=max(-1440, min(1440, minutes)))


def _ahead(row: Row, offset: timedelta | None, output: Output, tick: Output) -> Ahead | None:
    """Put both looks at the clock together; None where the node told no time."""
    try:
        stamp = row.stamp("utc")
    except UnreadableError:
        return None
    if stamp is None or stamp.tzinfo is None:
        return None
    looks = [look(stamp, output.sent, output.heard)]
    if offset is not None and tick.code == 0 and tick.fault is None:
        told = time_of_day(tick.stdout, offset, tick.sent + looks[0].middle)
        looks += [look(told, tick.sent, tick.heard)] if told else []
    return together(looks)


def _unsharp(name: str, ahead: Ahead | None) -> Gap | None:
    if ahead is None:
        return Gap("clock", name, "it did not tell its time", QUICKER)
    if not ahead.worth:
        why = f"its clock can be told only to {seconds(ahead.give)}, for so long it took to answer"
        return Gap("clock", name, why, QUICKER)
    return None


def unknown(subject: str, error: SourceError) -> Gap:
    """Say that a node could not introduce itself."""
    return Gap("clock", subject, f"{error.message}, so its clock is not known", error.hint)
