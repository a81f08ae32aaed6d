"""The heartbeat values of a cluster as they are now, by the word of the first node that answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.errors import SourceError
from sources.json_rows import Row
from sources.names import short
from sources.windows import cluster_exe
from sources.windows.first_answer import first_answer
from sources.windows.script import NoModuleError
from sources.windows.shell import Shell
from verdict.heartbeat import OLDEST, RANGES


@dataclass(frozen=True, slots=True)
class Values:
    """The four heartbeat properties, in milliseconds and heartbeats."""

    properties: Mapping[str, int]
    read_at: datetime
    """By our clock, UTC."""
    node: str
    """Who answered."""


@dataclass(frozen=True, slots=True)
class Found:
    """The values, and what a change needs to know of the node that told them."""

    values: Values
    host: str
    os: str
    """Version of its Windows, 10.0.17763."""
    has_module: bool = True
    """False where cluster.exe was asked: PowerShell has no module for clusters there."""


def read_values(access: ClusterAccess, deadline: Deadline) -> Values:
    """Read the values, asking one host after the other until one tells them.

    Raises RefusedError, LateError or SourceError when none does.
    """
    return find_values(access, deadline).values


def find_values(access: ClusterAccess, deadline: Deadline) -> Found:
    """Read the values, and keep who told them. Raises as `read_values` does."""
    return first_answer(access, deadline, _ask)


def by_cluster_exe(shell: Shell) -> dict[str, int]:
    """Read the values in the way of Windows Server 2008. Raises SourceError."""
    output = shell.run(*cluster_exe.PROPERTIES)
    if output.fault:
        raise output.fault
    text = output.stdout.decode("utf-8", "replace")
    return four(cluster_exe.read_cluster_exe(text, "").properties, shell.host)


def four(told: object, host: str) -> dict[str, int]:
    """Take all four values. Raises SourceError where one is missing or is no number."""
    row = Row(told) if isinstance(told, Mapping) else Row({})
    values = {name: row.number(name) for name in RANGES}
    missing = [name for name, value in values.items() if value is None]
    if missing:
        message = f"it does not tell {missing[0]}"
        raise SourceError("winrm", host, message, "Run on it: Get-Cluster | fl *subnet*")
    return {name: value for name, value in values.items() if value is not None}


def _ask(shell: Shell) -> Found:
    try:
        answer = shell.script("heartbeat")
    except NoModuleError as error:
        try:
            told = by_cluster_exe(shell)
        except SourceError:  # it has neither; the module is the one to install
            raise error from None
        values = Values(told, datetime.now(UTC), _name(shell))
        return Found(values, shell.host, OLDEST, has_module=False)
    row = Row(answer) if isinstance(answer, dict) else Row({})
    told = four(row.fields.get("values"), shell.host)
    values = Values(told, datetime.now(UTC), row.text("node") or short(shell.host))
    return Found(values, shell.host, row.text("version") or "")


def _name(shell: Shell) -> str:
    """Ask cmd.exe for the node's name; its host where that fails. Raises SourceError."""
    said = shell.run("echo", ["%COMPUTERNAME%"]).stdout.decode("utf-8", "replace")
    return short(said) or short(shell.host)
