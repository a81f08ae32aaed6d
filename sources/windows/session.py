"""One authenticated WinRM session with one host, over pywinrm's Protocol."""

from collections.abc import Callable
from typing import Final, Literal, TypeVar

from winrm.exceptions import WinRMOperationTimeoutError, WSManFaultError
from winrm.protocol import Protocol

from sources.access import WinRmAccess
from sources.deadline import Deadline
from sources.errors import RefusedError, SourceError
from sources.windows import refusals
from sources.windows.winrm_faults import SOURCE, TROUBLE, told
from sources.windows.wires import Wires

T = TypeVar("T")

PORTS: Final = {True: 5986, False: 5985}
"""WinRM's own, with TLS and without."""
LONGEST_WAIT = 20
"""Seconds WinRM holds a request that has no answer yet; then it says so, and is asked again."""

TRANSPORTS: dict[str, Literal["ntlm", "kerberos", "certificate"]] = {
    "ntlm": "ntlm",
    "kerberos": "kerberos",
    "certificate": "certificate",
}
"""Basic is left out: it sends the password."""


class Session:
    """A session for one thread: NTLM belongs to the connection (pywinrm #277).

    `deadline` bounds what is asked now and may be moved up to `last`, when every connection is
    cut. After trouble on the wire it is `broken` and answers nothing more: the encryption was
    agreed upon for the connection that is gone.
    """

    def __init__(
        self, access: WinRmAccess, host: str, deadline: Deadline, last: Deadline | None = None
    ) -> None:
        self.host, self.deadline = host, deadline
        self.access = access
        self._trouble: SourceError | None = None
        self._known = False
        _check(access, host)
        self._protocol = _protocol(access, host)
        own_store = access.tls and access.verify and access.ca_file is None
        self._wires = Wires(host, deadline, last or deadline, own_store=own_store)
        try:
            self._connect()
        except SourceError:
            self.close()
            raise

    @property
    def broken(self) -> bool:
        """Whether nothing can be asked any more."""
        return self._trouble is not None

    def ask(self, what: str, call: Callable[[Protocol], T]) -> T:
        """Make one call; `what` names it in errors. Raises SourceError and its kin.

        WinRMOperationTimeoutError passes: nothing to tell yet, to be asked again.
        """
        if self._trouble is not None:
            raise type(self._trouble)(SOURCE, self.host, self._trouble.message, self._trouble.hint)
        self._wires.deadline = self.deadline
        left = self.deadline.check(SOURCE, self.host, what)
        self._protocol.operation_timeout_sec = max(1, min(LONGEST_WAIT, int(left - 0.5)))
        try:
            answer = call(self._protocol)
        except WinRMOperationTimeoutError:
            raise
        except TROUBLE as error:
            late = self.deadline.left <= 0
            wrong = told(error, self.host, what, late=late, known=self._known)
            if late or not isinstance(error, WSManFaultError):
                self._trouble = wrong
            if isinstance(wrong, RefusedError) and not self._known:
                refusals.note(self.access, self.host, wrong)
            raise wrong from error
        except SourceError as error:  # no time was left in the middle of the call
            self._trouble = error
            raise
        self._known = True
        return answer

    def close(self) -> None:
        """Close every connection."""
        self._protocol.transport.close_session()
        self._wires.end()

    def _connect(self) -> None:
        """Log on where the messages are to be encrypted; with TLS the first question does it."""
        session = self._protocol.transport.build_session()
        session.mount("https://", self._wires)
        session.mount("http://", self._wires)
        if self.access.tls:
            return
        if not getattr(session.auth, "winrm_encryption_available", True):
            message = "the Kerberos library here cannot encrypt messages"
            raise RefusedError(SOURCE, self.host, message, "Set tls = true.")
        self.ask("Logging on", lambda protocol: protocol.transport.setup_encryption(session))
        if getattr(session.auth, "session_security", True) is None:
            raise told(ValueError(), self.host, "Logging on", late=False, known=False)


def _check(access: WinRmAccess, host: str) -> None:
    """Refuse what could only fail or would send a password. Raises RefusedError."""
    if access.transport not in TRANSPORTS:
        hint = f"Use one of {', '.join(TRANSPORTS)}."
        raise RefusedError(SOURCE, host, f"{access.transport!r} is no way to log on", hint)
    if access.transport == "certificate" and not access.tls:
        raise RefusedError(SOURCE, host, "a certificate needs TLS", "Set tls = true.")
    if access.transport == "ntlm" and (not access.user or access.password is None):
        raise RefusedError(SOURCE, host, "no user or no password is configured", "Configure both.")
    refusals.check(access, host)


def _protocol(access: WinRmAccess, host: str) -> Protocol:
    """Make the client; nothing is sent yet. Raises RefusedError."""
    address = f"[{host}]" if ":" in host else host
    port = access.port or PORTS[access.tls]
    try:
        protocol = Protocol(
            f"{'https' if access.tls else 'http'}://{address}:{port}/wsman",
            transport=TRANSPORTS[access.transport],
            username=access.user or None,
            password=access.password.reveal() if access.password else None,
            ca_trust_path=str(access.ca_file) if access.ca_file else None,  # type: ignore[arg-type]
            # pywinrm documents None for "no other authority", its annotation forgets it
            cert_pem=str(access.certificate_file) if access.certificate_file else None,
            cert_key_pem=str(access.key_file) if access.key_file else None,
            server_cert_validation="validate" if access.verify else "ignore",
            message_encryption="never",  # until the connection is watched, see _connect
            proxy=None,
        )
        # kerberos encrypts only with a library that can; this raises where it is missing
        protocol.transport.build_session()
        if not access.tls:
            protocol.transport.message_encryption = "always"
    except TROUBLE as error:
        wrong = told(error, host, "Making the client", late=False, known=True)
        raise RefusedError(SOURCE, host, wrong.message, wrong.hint) from error
    return protocol
