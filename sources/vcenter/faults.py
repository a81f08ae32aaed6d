"""What went wrong with a vCenter, in words and with what to do next."""

import ssl
import struct
import zlib
from http.client import HTTPException
from xml.parsers.expat import ExpatError

from sources.errors import LateError, RefusedError, SourceError
from sources.vcenter.vmomi import vim, vmodl

SOURCE = "vcenter"

GARBLED = (
    HTTPException,
    ExpatError,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
)
"""What pyvmomi raises over an answer that is no answer; it has no error class of its own."""

TRUST = "Put the certificate of the CA that signed vCenter's into ca_file."
CREDENTIALS = "Correct user and password of this vCenter."
READ_ONLY = "Give the account the role Read-only on the vCenter's root folder, propagated."
AGAIN = "Ask again; if it stays so, look at the vCenter itself."


def unreachable(error: OSError, name: str, host: str) -> SourceError:
    """Explain an error of the network or of TLS."""
    if isinstance(error, TimeoutError):
        return LateError(SOURCE, name, f"{host} did not answer in time", AGAIN)
    if isinstance(error, ssl.SSLCertVerificationError):
        why = getattr(error, "verify_message", "") or error.args[-1]
        return RefusedError(SOURCE, name, f"the certificate of {host} is not trusted: {why}", TRUST)
    if isinstance(error, ssl.SSLError):
        why = error.reason or "the connection was cut"
        return SourceError(SOURCE, name, f"{host} speaks no TLS as it should: {why}", AGAIN)
    why = error.strerror or (str(error.args[-1]) if error.args else type(error).__name__)
    return SourceError(SOURCE, name, f"{host} cannot be reached: {why}", AGAIN)


def garbled(error: BaseException, name: str, host: str) -> SourceError:
    """Explain an answer that cannot be read. What stood in it is not repeated."""
    status = str(error) if isinstance(error, HTTPException) else ""
    if status[:3].isdigit():
        return SourceError(SOURCE, name, f"{host} answered HTTP {status}", AGAIN)
    why = f"what {host} answered is no answer of a vCenter, or not a whole one ({_kind(error)})"
    return SourceError(SOURCE, name, why, AGAIN)


def refused(fault: BaseException, name: str) -> SourceError:
    """Explain a fault that vCenter answered with; its own text, localised, is not repeated."""
    if isinstance(fault, vim.fault.InvalidLogin):
        return RefusedError(SOURCE, name, "it refused the user name or the password", CREDENTIALS)
    if isinstance(fault, vim.fault.NotAuthenticated):
        return RefusedError(SOURCE, name, "it ended the session, twice", AGAIN)
    if isinstance(fault, vim.fault.NoPermission):
        right = getattr(fault, "privilegeId", None) or "System.Read"
        return RefusedError(SOURCE, name, f"the account lacks the right {right}", READ_ONLY)
    return SourceError(SOURCE, name, f"it answered with the fault {_kind(fault)}", AGAIN)


def is_fault(answer: object) -> bool:
    """Whether an answer is a fault rather than a result."""
    return isinstance(answer, vmodl.MethodFault)


def _kind(error: BaseException) -> str:
    return type(error).__name__.rpartition(".")[2]
