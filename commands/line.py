"""A line a person types in Slack: which command, with which names; the help is the docstrings."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from commands.audit import audit
from commands.cluster import cluster
from commands.context import Context, unknown
from commands.heartbeat import heartbeat
from commands.history import history
from commands.reply import Card, Reply, Section, Tone
from commands.status import status
from commands.vm import vm
from sources.errors import UserError

LONGEST = 1000
"""Characters of a line; names are short."""

FAILOVER = "failover"
"""The one command that takes time: it is stored as an alert and answered by a card."""

TUNE = "tune"
"""The one command that asks for something: it is answered by a proposal, or by a form."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A command as it is typed: how many names it takes, and what it does."""

    usage: str
    least: int
    most: int
    run: Callable[[Context, Sequence[str]], Reply]

    @property
    def told(self) -> str:
        """What it does, from the docstring."""
        return (self.run.__doc__ or "").strip().partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Line:
    """A command and its names."""

    name: str
    args: tuple[str, ...]


def read_line(text: str) -> Line:
    """Take a line apart; an empty one asks for help. Raises UserError for a strange one."""
    if len(text) > LONGEST:
        raise UserError(f"That line is longer than {LONGEST} characters.", "Type /stuncheck help.")
    name, *args = _words(text) or ["help"]
    line = Line(name.casefold(), tuple(args))
    spoken = COMMANDS.get(line.name)
    if spoken is None:
        raise unknown("command", name, COMMANDS)
    if not spoken.least <= len(args) <= spoken.most:
        raise UserError(f"`{line.name}` was typed with {_names(len(args))}.",
                        f"Type: /stuncheck {spoken.usage}")  # fmt: skip
    return line


def _words(text: str) -> list[str]:
    """Take words apart; in what is to be tuned a quotation mark is part of somebody's reason."""
    if text.casefold().split(maxsplit=1)[:1] == [TUNE]:
        return text.split()
    try:
        return shlex.split(text.translate(QUOTES), posix=True)
    except ValueError:
        raise UserError("A quotation mark is not closed.", "Type /stuncheck help.") from None


def answer(context: Context, line: Line) -> Reply:
    """Answer a line. Raises UserError."""
    return COMMANDS[line.name].run(context, line.args)


def _names(number: int) -> str:
    return {0: "no name", 1: "one name"}.get(number, f"{number} names")


def _vm(context: Context, args: Sequence[str]) -> Reply:
    """Tell how close a VM comes to the edge every night."""
    return vm(context, args[0], chart=True)


def _cluster(context: Context, args: Sequence[str]) -> Reply:
    """Tell a cluster's nodes, values, margin and last verdicts."""
    return cluster(context, args[0])


def _failover(context: Context, args: Sequence[str]) -> Reply:
    """Investigate a failover now; TIME is 02:14, 2026-03-01T02:14:11Z or 20min, in UTC."""
    del context, args
    raise UserError("A failover is investigated by a card of its own.", "Type it in a channel.")


def _heartbeat(context: Context, args: Sequence[str]) -> Reply:
    """Weigh heartbeat values against a cluster's own stuns. Nothing is changed."""
    return heartbeat(context, args[0], chart=True)


def _tune(context: Context, args: Sequence[str]) -> Reply:
    """Propose heartbeat values, for somebody else to approve; without values a form helps."""
    del context, args
    raise UserError("A proposal is a card of its own.", "Type it in a channel.")


def _history(context: Context, args: Sequence[str]) -> Reply:
    """Tell the last verdicts, of one cluster or of all."""
    return history(context, args[0] if args else None)


def _audit(context: Context, args: Sequence[str]) -> Reply:
    """Tell who proposed, approved, applied and reverted what, of one cluster or of all."""
    return audit(context, args[0] if args else None, most=SHOWN)


def _status(context: Context, args: Sequence[str]) -> Reply:
    """Tell when each source was last read, and what waits."""
    del args
    return status(context)


def _help(context: Context, args: Sequence[str]) -> Reply:
    """Tell what can be asked."""
    del context
    if args and args[0].casefold() not in COMMANDS:
        raise unknown("command", args[0], COMMANDS)
    names = [args[0].casefold()] if args else list(COMMANDS)
    told = [(COMMANDS[name].usage, COMMANDS[name].told) for name in names]
    return Reply(
        payload={"commands": [{"usage": usage, "does": does} for usage, does in told]},
        cards=(
            Card(
                Tone.GREY,
                "What can be asked",
                ("/stuncheck, or @stuncheck in threads, where Slack takes no commands",),
                sections=(Section("Type", tuple(f"{usage}: {does}" for usage, does in told)),),
            ),
        ),
    )


QUOTES = {ord("\u201c"): '"', ord("\u201d"): '"', ord("\u2018"): "'", ord("\u2019"): "'"}
"""What a telephone makes of quotation marks."""

SHOWN = 15
"""Entries of the audit in Slack; in the terminal --json and --csv give all of them."""

MANY = 8
"""Words of a moment at most: "2026-03-01 02:14 +01:00"."""

COMMANDS: dict[str, Spoken] = {
    "vm": Spoken("vm NAME", 1, 1, _vm),
    "cluster": Spoken("cluster NAME", 1, 1, _cluster),
    FAILOVER: Spoken("failover CLUSTER [TIME]", 1, MANY, _failover),
    "heartbeat": Spoken("heartbeat CLUSTER", 1, 1, _heartbeat),
    TUNE: Spoken("tune [CLUSTER NAME=VALUE... [for 8h] because WHY]", 0, LONGEST, _tune),
    "history": Spoken("history [CLUSTER]", 0, 1, _history),
    "audit": Spoken("audit [CLUSTER]", 0, 1, _audit),
    "status": Spoken("status", 0, 0, _status),
    "help": Spoken("help [COMMAND]", 0, 1, _help),
}
"""Every command, in the order of the help."""
