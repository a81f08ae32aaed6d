"""Sending a change of heartbeat values to one node, and what can be told of it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass

from sources.errors import RefusedError, SourceError
from sources.json_rows import Row
from sources.windows import cluster_exe, script, winrm_faults
from sources.windows.heartbeat_steps import Step, written
from sources.windows.heartbeat_values import by_cluster_exe, four
from sources.windows.output import Output
from sources.windows.shell import Shell

SCRIPT = "set_heartbeat"


@dataclass(frozen=True, slots=True)
class Told:
    """What a node told of a change."""

    began: bool | None = None
    """Whether it began to set values; None where that is not known, and so may be."""
    before: Mapping[str, int] | None = None
    after: Mapping[str, int] | None = None
    """Read back after it; None where it was not, or where nothing was begun."""
    drifted: bool = False
    trouble: str = ""
    denied: bool = False


def by_script(shell: Shell, expected: Mapping[str, int], steps: tuple[Step, ...]) -> Told:
    """Have a node compare, set and read back in one script. Raises nothing for what it does."""
    given = {"Expected": written(expected), "Set": written(dict(steps))}
    try:
        running = shell.start(*script.line(SCRIPT, given))
    except SourceError as error:
        return _not_started(error)
    try:
        answer = script.answer(shell.collect(running), SCRIPT, shell.host)
    except SourceError as error:
        return Told(trouble=error.message)
    return read(answer, shell.host)


def by_line(shell: Shell, expected: Mapping[str, int], steps: tuple[Step, ...]) -> Told:
    """Do the same with cluster.exe in three lines. Raises nothing for what the node does."""
    try:
        before = by_cluster_exe(shell)
    except SourceError as error:
        return Told(began=False, trouble=error.message, denied=isinstance(error, RefusedError))
    if before != expected:
        return Told(began=False, before=before, drifted=True)
    try:
        output = shell.run(*cluster_exe.setting(dict(steps)))
    except SourceError as error:
        return _not_started(error, before)
    if output.fault:
        return Told(before=before, trouble=output.fault.message)
    trouble, denied = _said(output), output.code == cluster_exe.DENIED
    try:
        after = by_cluster_exe(shell)
    except SourceError as error:
        return Told(began=True, before=before, trouble=trouble or error.message)
    return Told(began=True, before=before, after=after, trouble=trouble, denied=denied)


def _not_started(error: SourceError, before: Mapping[str, int] | None = None) -> Told:
    """Tell a command that WinRM refused from one that may have reached the node all the same."""
    if winrm_faults.denied(error):
        return Told(began=False, before=before, trouble=error.message, denied=True)
    return Told(before=before, trouble=error.message)


def read(answer: object, host: str) -> Told:
    """Read what set_heartbeat.ps1 said; what it does not say is not known."""
    fields = answer if isinstance(answer, dict) else {}
    began = fields.get("began")
    told = fields.get("trouble")
    trouble = Row(told) if isinstance(told, dict) else Row({})
    return Told(
        began=began if isinstance(began, bool) else None,
        before=_four(fields.get("before"), host),
        after=_four(fields.get("after"), host),
        drifted=fields.get("drifted") is True,
        trouble=trouble.text("text") or trouble.text("kind") or "",
        denied=trouble.number("code") == script.DENIED,
    )


def _four(told: object, host: str) -> dict[str, int] | None:
    try:
        return four(told, host)
    except SourceError:
        return None


def _said(output: Output) -> str:
    """Give what cluster.exe said where it failed; empty where it did not."""
    if output.code == 0:
        return ""
    said = " ".join((output.stdout + b" " + output.stderr).decode("utf-8", "replace").split())
    return f"cluster.exe ended with {output.code} {said[:200]}".strip()
