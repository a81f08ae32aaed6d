"""The shells of one node of the stand-in, and what of them is counted."""

import threading
import time
import uuid
from dataclasses import dataclass, field

from tests.peers import soap
from tests.peers.cluster_model import NodeModel
from tests.peers.node_shell import Ended, NodeShell

CHUNK = 60_000
"""Bytes of output in one answer: an envelope takes 150 KB."""


class GoneError(ConnectionError):
    """The connection is to end here."""


@dataclass(slots=True)
class Command:
    """A command in a shell: ended before it began, told when its time is up."""

    ended: Ended
    ready: float
    given: int = 0


@dataclass(slots=True)
class Counts:
    """What tests look at; `shells` are the open ones by node."""

    shells: dict[str, dict[str, dict[str, Command]]] = field(default_factory=dict)
    connections: int = 0
    most_shells: int = 0
    logons: int = 0
    """How often a password was tried."""
    requests: list[str] = field(default_factory=list)
    codepages: set[str] = field(default_factory=set)
    idle: set[str] = field(default_factory=set)

    @property
    def open_shells(self) -> int:
        """How many shells are open on all nodes."""
        return sum(len(shells) for shells in self.shells.values())


@dataclass(slots=True)
class Shells:
    """Answers the actions of one node."""

    node: NodeModel
    runner: NodeShell
    counts: Counts
    lock: threading.Lock
    closing: threading.Event

    @property
    def open(self) -> dict[str, dict[str, Command]]:
        """The open shells of the node, with their commands."""
        return self.counts.shells[self.node.name]

    def answer(self, request: soap.Request) -> tuple[int, bytes]:
        """Give the HTTP status and the envelope."""
        if request.action == "Create":
            return self._create(request)
        commands = self.open.get(request.shell)
        if commands is None:
            return 500, soap.fault(request, soap.NO_SHELL, "The shell was not found.")
        if request.action == "Command":
            ended = self.runner.run(self.node, request.line)
            ident = str(uuid.uuid4()).upper()
            commands[ident] = Command(ended, time.monotonic() + self.node.faults.slow)
            return 200, soap.started(request, ident)
        if request.action == "Receive":
            return self._receive(request, commands[request.command])
        if request.action == "Delete":
            with self.lock:
                del self.open[request.shell]
            return 200, soap.answer(request, "")
        commands.pop(request.command, None)
        return 200, soap.answer(request, "<rsp:SignalResponse/>")

    def _create(self, request: soap.Request) -> tuple[int, bytes]:
        if self.node.faults.denied:
            return 500, soap.fault(request, soap.DENIED, "Access is denied.", "w:AccessDenied")
        if self.node.faults.quota:
            reason = "The maximum number of concurrent shells for this user has been exceeded."
            return 500, soap.fault(request, soap.QUOTA, reason, "w:QuotaLimit")
        ident = str(uuid.uuid4()).upper()
        with self.lock:
            self.open[ident] = {}
            counts = self.counts
            counts.most_shells = max(counts.most_shells, counts.open_shells)
            counts.codepages.add(request.codepage)
            counts.idle.add(request.idle)
        return 200, soap.created(request, ident)

    def _receive(self, request: soap.Request, command: Command) -> tuple[int, bytes]:
        """Hold the request until there is something to tell or its time is over."""
        left = command.ready - time.monotonic()
        if left > 0 and self.closing.wait(min(left, request.wait)):
            raise GoneError
        if time.monotonic() < command.ready:
            return 500, soap.fault(request, soap.NOTHING_YET, "Nothing yet.", "w:TimedOut")
        lost = self.node.faults.broken_output
        if 0 <= lost <= command.given:
            raise GoneError
        most = min(CHUNK, lost) if lost > 0 else CHUNK
        out = command.ended.stdout[command.given : command.given + most]
        command.given += len(out)
        whole = command.given >= len(command.ended.stdout)
        err, code = (command.ended.stderr, command.ended.code) if whole else (b"", None)
        return 200, soap.received(request, out, err, code)
