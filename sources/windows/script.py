"""Our PowerShell scripts: how one becomes a command line, and how its answer is read."""

import base64
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sources.errors import RefusedError, SourceError
from sources.windows.output import Output

FOLDER = Path(__file__).parent / "scripts"
SOURCE = "winrm"
COMMAND = "powershell.exe"
SWITCHES = (
    "-NoProfile",
    "-NonInteractive",
    "-InputFormat",  # PowerShell 2.0 else waits for the end of an input that nobody sends
    "None",
    # no script file of ours is run; the module's own files are, and Restricted forbids those
    "-ExecutionPolicy",
    "RemoteSigned",
    "-EncodedCommand",
)
LONGEST_LINE = 8000
"""Characters of a command line; cmd.exe takes 8191, longer ones fail or print nothing at all
(pywinrm #87, mondoohq/mql #10552)."""
NAME = re.compile(r"[A-Z][A-Za-z]*")
NO_MODULE = "Modules_ModuleNotFound"
"""How PowerShell calls the error of a module that is not installed, in any language."""
DENIED = 5
RIGHTS = (
    "On a node: Grant-ClusterAccess -User DOMAIN\\account -ReadOnly; cluster.log takes an "
    "administrator. See docs/permissions.md."
)


class NoModuleError(SourceError):
    """The PowerShell module that a script needs is not installed there."""


@cache
def text(name: str) -> str:
    """Give a script without its comments and indentation: the limit counts them.

    `name` is one of ours, or the path of one that lies elsewhere; both without `.ps1`.
    """
    lines = (FOLDER / f"{name}.ps1").read_text("utf-8").splitlines()
    kept = (line.strip() for line in lines)
    return "\n".join(line for line in kept if line and not line.startswith("#"))


def program(name: str, parameters: Mapping[str, str | int]) -> str:
    """Put a script together. Parameters go in as data: base64, and decoded there as text."""
    wrong = [key for key in parameters if not NAME.fullmatch(key)]
    if wrong:
        raise ValueError(f"no name of a parameter: {wrong[0]!r}")
    given = ";".join(f"{key}=(D '{_base64(str(value))}')" for key, value in parameters.items())
    whole = text("epilogue").replace("%BODY%", text(name))
    return f"{text('prelude')}\n$P=@{{{given}}}\n{whole}"


def line(name: str, parameters: Mapping[str, str | int]) -> tuple[str, list[str]]:
    """Give the command and its arguments. Raises ValueError where they would be too long."""
    encoded = base64.b64encode(program(name, parameters).encode("utf-16-le")).decode()
    args = [*SWITCHES, encoded]
    length = len(" ".join([COMMAND, *args]))
    if length > LONGEST_LINE:
        raise ValueError(f"the command line of {name} is {length} characters long")
    return COMMAND, args


def answer(output: Output, name: str, host: str) -> Any:  # noqa: ANN401  JSON is anything
    """Read what a script said. Raises SourceError, RefusedError or NoModuleError."""
    if output.fault:
        raise output.fault
    said = _last_object(output.stdout)
    if said is None:
        heard = " ".join(output.stderr.decode("utf-8", "replace").split())[:200]
        message = (
            f"the script {Path(name).name} gave no answer (exit code {output.code}) {heard}".strip()
        )
        raise SourceError(SOURCE, host, message, "Run on it: powershell -NoProfile Get-Date")
    if said.get("ok") is True and "data" in said:
        return said["data"]
    raise _refusal(said.get("data"), Path(name).name, host)


def _last_object(stdout: bytes) -> dict[str, Any] | None:
    """Find our line: a profile or a proxy may print others before, and there may be a BOM."""
    for row in reversed(stdout.decode("utf-8-sig", "replace").splitlines()):
        try:
            said = json.loads(row.lstrip("\ufeff"))
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict) and "ok" in said:
            return said
    return None


def _refusal(told: object, name: str, host: str) -> SourceError:
    said = told if isinstance(told, dict) else {}
    reason = " ".join(str(said.get("text") or "it gave no reason").split())[:300]
    message = f"the script {name} failed: {reason}"
    if str(said.get("kind")).startswith(NO_MODULE):
        hint = "Install it there: Install-WindowsFeature RSAT-Clustering-PowerShell"
        return NoModuleError(SOURCE, host, message, hint)
    if said.get("code") == DENIED:
        return RefusedError(SOURCE, host, f"access was denied to the account ({name})", RIGHTS)
    return SourceError(SOURCE, host, message, "See docs/permissions.md.")


def _base64(value: str) -> str:
    return base64.b64encode(value.encode("utf-8")).decode()
