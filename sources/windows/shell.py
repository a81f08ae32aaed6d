"""A remote shell on a Windows host that ends by its deadline and leaves nothing behind."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from winrm.exceptions import WinRMOperationTimeoutError
from winrm.protocol import Protocol

from sources.access import WinRmAccess
from sources.deadline import Deadline
from sources.errors import LateError, RefusedError, SourceError
from sources.windows import script
from sources.windows.output import Output
from sources.windows.session import Session
from sources.windows.winrm_faults import SOURCE

__all__ = ["Output", "Running", "Shell"]

T = TypeVar("T")

UTF8 = 65001
"""Code page of what commands print."""
IDLE = "PT180S"
"""After this a shell that nobody asks anything is closed by Windows itself, whose own limit may be
two hours: for one whose answer never came. An xs:duration (pywinrm #377)."""
CLOSING, CLOSING_SHARE = 1.5, 0.2
"""Seconds, and part of the whole, kept back for closing what was opened."""
LARGEST = 64 << 20
"""Bytes of output of one command that are taken in."""


@dataclass(frozen=True, slots=True)
class Running:
    """A command that was started in a shell."""

    id: str
    sent: datetime


@dataclass(slots=True)
class _Heard:
    """What came of a command so far."""

    stdout: list[bytes] = field(default_factory=list)
    stderr: list[bytes] = field(default_factory=list)
    size: int = 0
    first: datetime | None = None

    def take(self, stdout: bytes, stderr: bytes) -> None:
        if stdout and self.first is None:
            self.first = datetime.now(UTC)
        self.stdout.append(stdout)
        self.stderr.append(stderr)
        self.size += len(stdout) + len(stderr)


class Shell:
    """A shell on one host, for one thread; several commands may run in it side by side.

    Entering raises RefusedError, LateError or SourceError; nothing is tried a second time.
    """

    def __init__(self, access: WinRmAccess, host: str, deadline: Deadline) -> None:
        self.access, self.host = access, host
        left = deadline.left
        self._last = deadline
        self._work = Deadline(deadline.at - min(CLOSING, left * CLOSING_SHARE))

    def __enter__(self) -> Self:
        self._work.check(SOURCE, self.host, "Connecting")
        self._session = Session(self.access, self.host, self._work, self._last)
        try:
            self._id = self._ask(
                "Opening a shell",
                lambda p: p.open_shell(noprofile=True, codepage=UTF8, idle_timeout=IDLE),
            )
        except BaseException:
            self._session.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the shell, which ends whatever runs in it, and every connection."""
        with suppress(SourceError):  # then Windows closes it after IDLE
            try:
                if not self._session.broken:
                    self._session.deadline = self._last
                    self._delete(self._session)
                    return
            finally:
                self._session.close()
            self._delete_anew()

    def run(self, command: str, args: Iterable[str] = ()) -> Output:
        """Run a command to its end. Raises where it could not be started; see Output.fault."""
        return self.collect(self.start(command, args))

    def start(self, command: str, args: Iterable[str] = ()) -> Running:
        """Start a command, to be collected later. The line goes through cmd.exe."""
        words, sent = [*args], datetime.now(UTC)
        what = f"Starting {command}"
        return Running(self._ask(what, lambda p: p.run_command(self._id, command, words)), sent)

    def collect(self, running: Running) -> Output:
        """Take in the output of a command until it ends or the time is over."""
        heard, code, fault = _Heard(), -1, None
        try:
            code = self._receive(running, heard)
        except SourceError as error:
            fault = error
        if not self._session.broken:
            with suppress(SourceError):  # closing the shell ends it, too
                self._ask("Ending a command", lambda p: p.cleanup_command(self._id, running.id))
        now = datetime.now(UTC)
        out, err = b"".join(heard.stdout), b"".join(heard.stderr)
        return Output(out, err, code, running.sent, heard.first or now, fault)

    def script(self, name: str, **parameters: str | int) -> Any:  # noqa: ANN401  JSON is anything
        """Run one of our PowerShell scripts and give its answer. Raises SourceError and its kin."""
        return script.answer(self.run(*script.line(name, parameters)), name, self.host)

    def _ask(self, what: str, call: Callable[[Protocol], T]) -> T:
        """Ask what is answered at once: that there is nothing to tell yet means it is late."""
        try:
            return self._session.ask(what, call)
        except WinRMOperationTimeoutError as error:
            message = f"{what} was not done in time"
            raise LateError(SOURCE, self.host, message, "Ask again.") from error

    def _receive(self, running: Running, heard: _Heard) -> int:
        """Give the exit code. Raises SourceError when it breaks off."""
        while True:
            try:
                out, err, code, done = self._session.ask(
                    "Reading the answer",
                    lambda p: p.get_command_output_raw(self._id, running.id),
                )
            except WinRMOperationTimeoutError:
                continue
            heard.take(out, err)
            if done:
                return code
            if heard.size > LARGEST:
                message = f"the answer is larger than {LARGEST >> 20} MiB and was cut there"
                raise SourceError(SOURCE, self.host, message, "Ask for a shorter time.")

    def _delete(self, session: Session) -> None:
        with suppress(WinRMOperationTimeoutError):  # it closes, but takes its time
            session.ask("Closing the shell", lambda p: p.close_shell(self._id, close_session=False))

    def _delete_anew(self) -> None:
        """Close the shell by a new connection, its own being lost."""
        with suppress(RefusedError):
            session = Session(self.access, self.host, self._last)
            try:
                self._delete(session)
            finally:
                session.close()
