"""How the stand-in's commands end, and what a script says that the account may not run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.peers.cluster_model import ClusterModel, NodeModel

Answer = Callable[[ClusterModel, NodeModel, Mapping[str, str]], object]
"""Answers a script from the model and its parameters, or raises ScriptError."""


class ScriptError(Exception):
    """What a script says when it failed: its text, `kind` and `code` of the epilogue."""

    def __init__(self, text: str, kind: str = "", code: int | None = None) -> None:
        super().__init__(text)
        self.data = {"text": text, "kind": kind, "code": code}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    stdout: bytes = b""
    stderr: bytes = b""
    code: int = 0


DENIED_TEXT = "You do not have administrative privileges on the cluster."


def allow(node: NodeModel) -> None:
    """Let a script that reads the cluster go on, or say why not."""
    if not node.has_module:
        kind = "Modules_ModuleNotFound,Microsoft.PowerShell.Commands.ImportModuleCommand"
        raise ScriptError("The module 'FailoverClusters' was not loaded", kind)
    if not node.cluster_access:
        raise ScriptError(DENIED_TEXT, code=5)
