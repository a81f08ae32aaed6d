"""What went wrong with WinRM, in words: which host, what happened, what to do next."""

import struct
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import ParseError

from requests.exceptions import ConnectionError as Unconnected
from requests.exceptions import ConnectTimeout, RequestException, SSLError, Timeout
from spnego.exceptions import SpnegoError
from urllib3.exceptions import NameResolutionError
from winrm.exceptions import (
    AuthenticationError,
    WinRMError,
    WinRMTransportError,
    WSManFaultError,
)

from sources.errors import LateError, RefusedError, SourceError

SOURCE = "winrm"
RIGHTS = (
    "The account must be an administrator of the node or have Read and Execute on WinRM's root: "
    "Remote Management Users is not enough. See docs/permissions.md."
)
LISTENER = "Check on the node: winrm enumerate winrm/config/listener; and the firewall between."

ACCESS_DENIED = 5
QUOTA = "QuotaLimit"
"""Subcode of WS-Management for too many shells or users (MS-WSMV 3.1.4.5.2.1)."""

KERBEROS = frozenset({"KerberosExchangeError", "MutualAuthenticationError"})
"""Errors of a library that is there only with the extra `kerberos`."""

NO_WINRM = (
    ParseError,
    StopIteration,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    PermissionError,
    struct.error,
    SpnegoError,
)
"""What pywinrm and its helpers raise, one by one, on an answer that WinRM would not give."""

TROUBLE = (OSError, RequestException, WinRMError, WinRMTransportError, *NO_WINRM)
"""Everything that a call of pywinrm raises for what the other side did."""


def told(error: BaseException, host: str, what: str, *, late: bool, known: bool) -> SourceError:
    """Turn an error of pywinrm into one for people; `what` was being done.

    `late`: the deadline is over, so that whatever failed was cut off. `known`: this session was
    let in before, so that a refusal now is not about the password.
    """
    if late or (isinstance(error, Timeout) and not isinstance(error, ConnectTimeout)):
        return LateError(SOURCE, host, f"{what} was not done in time", "Ask again.")
    if isinstance(error, AuthenticationError):
        return _of_refusal(host, known=known)
    for kind, read in READERS.items():  # the nearer kind first: they derive from one another
        if isinstance(error, kind):
            return read(error, host, what)
    message = f"{what} failed: what it answered is not WinRM"
    return SourceError(SOURCE, host, message, f"Is this WinRM's port? {LISTENER}")


def denied(error: SourceError) -> bool:
    """Whether WinRM itself said no, so that what was asked for was certainly not begun."""
    return isinstance(error, RefusedError) and isinstance(error.__cause__, WSManFaultError)


def _of_fault(error: BaseException, host: str, what: str) -> SourceError:
    """Read a fault that WinRM itself sent."""
    if not isinstance(error, WSManFaultError):
        raise TypeError(error)
    if ACCESS_DENIED in (error.wsman_fault_code, error.wmierror_code):
        return RefusedError(SOURCE, host, "access was denied to this account", RIGHTS)
    if QUOTA in (error.fault_subcode or "") or "concurrent shells" in error.reason:
        message = "it runs as many remote shells of this account as it allows"
        hint = (
            "Wait a few minutes, or raise it: winrm set winrm/config/winrs @{MaxShellsPerUser=30}"
        )
        return SourceError(SOURCE, host, message, hint)
    reason = " ".join(error.reason.split())[:300]
    code = f" (code {error.wsman_fault_code})" if error.wsman_fault_code else ""
    return SourceError(SOURCE, host, f"{what} failed: {reason}{code}", "See docs/permissions.md.")


def _of_refusal(host: str, *, known: bool) -> SourceError:
    if known:
        return SourceError(SOURCE, host, "the connection was lost", "Ask again.")
    hint = (
        "Check user and password, whether the account is locked, and that the node allows this "
        "way to log on: winrm get winrm/config/service/auth."
    )
    return RefusedError(SOURCE, host, "the user or the password was refused", hint)


def _of_certificate(error: BaseException, host: str, _: str) -> SourceError:
    told = " ".join(str(error).split())
    if "CERTIFICATE_VERIFY_FAILED" in told or "doesn't match" in told:
        reason = told.partition("certificate verify failed: ")[2].partition(" (_ssl")[0]
        message = f"its certificate is not trusted: {reason or 'it is another name'}"
        hint = (
            "Name the authority that issued it with ca_file, and the host as it is written there."
        )
        return RefusedError(SOURCE, host, message, hint)
    message = "it does not speak TLS here that is trusted"
    return RefusedError(SOURCE, host, message, f"Is this the port of HTTPS? {LISTENER}")


def _of_connection(error: BaseException, host: str, what: str) -> SourceError:
    causes = [*_causes(error)]
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return SourceError(SOURCE, host, "its name is not known", "Check the name, or the DNS.")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return SourceError(SOURCE, host, "the connection was refused", LISTENER)
    if isinstance(error, ConnectTimeout):
        return LateError(SOURCE, host, "it does not answer at all", f"Is it on? {LISTENER}")
    return SourceError(SOURCE, host, f"{what} broke off: the connection was lost", "Ask again.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Walk down to what the operating system said: urllib3 and requests wrap it three times."""
    seen: list[BaseException] = []
    rest = [error]
    while rest:
        cause = rest.pop()
        if isinstance(cause, BaseException) and cause not in seen:
            seen.append(cause)
            rest += [cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
            rest += [arg for arg in cause.args if isinstance(arg, BaseException)]
    yield from seen


def _plain(error: BaseException) -> str:
    """Name what the system said; the text of a library may hold an address, never more."""
    return (getattr(error, "strerror", None) or type(error).__name__)[:100]


def _of_status(error: BaseException, host: str, what: str) -> SourceError:
    """Read an answer of HTTP that is no fault of WinRM's."""
    code = getattr(error, "code", "unknown")
    message = f"{what} failed: it answered with HTTP status {code}"
    return SourceError(SOURCE, host, message, f"Is this WinRM's port? {LISTENER}")


def _of_client(error: BaseException, host: str, what: str) -> SourceError:
    """Read what pywinrm itself objects to."""
    if "kerberos" in str(error):
        hint = "Install it with: pip install 'stuncheck[kerberos]'; or use ntlm."
        return RefusedError(SOURCE, host, "Kerberos is not installed here", hint)
    return SourceError(SOURCE, host, f"{what} failed: {str(error)[:200]}", "Ask again.")


def _of_system(error: BaseException, host: str, what: str) -> SourceError:
    """Read what the operating system or requests said."""
    if isinstance(error, PermissionError):  # requests_ntlm's, for a server that does not know NTLM
        return told(ValueError(), host, what, late=False, known=False)
    if type(error).__name__ in KERBEROS:
        hint = "Get a ticket: kinit ACCOUNT@REALM; see it with klist. The host needs its full name."
        return RefusedError(SOURCE, host, "Kerberos did not let the account in", hint)
    return SourceError(SOURCE, host, f"{what} broke off: {_plain(error)}", "Ask again.")


READERS: dict[type[BaseException], Callable[[BaseException, str, str], SourceError]] = {
    WSManFaultError: _of_fault,
    SSLError: _of_certificate,
    Unconnected: _of_connection,
    WinRMTransportError: _of_status,
    WinRMError: _of_client,
    OSError: _of_system,
}
