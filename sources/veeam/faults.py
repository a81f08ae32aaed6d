"""What can go wrong on the way to Veeam, in words for people, with the next thing to do."""

import socket
import ssl
from http import HTTPStatus

import httpcore
import httpx

from sources.errors import LateError, RefusedError, SourceError
from sources.json_rows import Row, UnreadableError, load
from sources.names import shown
from sources.veeam.trust import distrust

SOURCE = "veeam"

TRANSPORT_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpx.HTTPError,
    httpx.InvalidURL,
    UnicodeError,
)
"""Everything that our transport and httpx raise when a request fails; the last of them for a
host's name that cannot be one."""

NO_NAME = (socket.gaierror, UnicodeError, httpx.InvalidURL, httpcore.UnsupportedProtocol)
"""The host's name, or what was written for it, leads nowhere."""

AGAIN = "Ask again."
BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class ClosedError(SourceError):
    """Nothing answers on the port: another port may."""


class BrokenError(SourceError):
    """The connection broke before the answer was whole: asking once more may do."""


class MissingError(SourceError):
    """The server does not have this (404)."""


def failed(host: str, port: int, what: str, error: Exception) -> SourceError:
    """Say why a request got no whole answer; `error` is one of TRANSPORT_ERRORS."""
    cause = _root(error)
    if isinstance(cause, ssl.SSLError):
        return distrust(host, port, cause)
    if isinstance(cause, NO_NAME):
        return SourceError(SOURCE, host, "its name cannot be resolved", "Check the name and DNS.")
    if isinstance(error, httpcore.ConnectTimeout):
        why = f"nothing answers on port {port}"
        return ClosedError(SOURCE, host, why, f"Is TCP {port} open from here to {host}?")
    if isinstance(error, httpcore.ConnectError):
        why = f"port {port} refuses connections"
        hint = "Is the service Veeam Backup Server RESTful API running there (VBR 11 and later)?"
        return ClosedError(SOURCE, host, why, hint)
    if isinstance(error, httpcore.TimeoutException):
        return LateError(SOURCE, host, f"{what}: no answer in time", AGAIN)
    return BrokenError(SOURCE, host, f"{what}: the connection broke during the answer", AGAIN)


def refusal(host: str, status: int, body: bytes, what: str) -> SourceError:
    """Say what an answer other than 200 means. The server's own sentence is not repeated."""
    code = _code(body)
    said = f"{status} {code}" if code else str(status)
    if status == HTTPStatus.UNAUTHORIZED:
        return RefusedError(SOURCE, host, f"{what}: not signed in any more ({said})", AGAIN)
    if status == HTTPStatus.FORBIDDEN:
        hint = "Give it the role Veeam Backup Viewer in VBR, under Users and Roles."
        return RefusedError(SOURCE, host, f"{what}: the account may not read them ({said})", hint)
    if status == HTTPStatus.NOT_FOUND:
        return MissingError(SOURCE, host, f"{what}: there is no such thing ({said})")
    if status in BUSY:
        return SourceError(SOURCE, host, f"{what}: the server is busy ({said})", AGAIN)
    return SourceError(SOURCE, host, f"{what}: the server answered {said}", AGAIN)


def not_signed_in(host: str, status: int) -> SourceError:
    """Say why a request for a token was refused."""
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        # an account with MFA gets the very answer that a wrong password gets (VBR 12, 401
        # AccessDenied; https://benyoung.blog/service-account-usage-with-veeam-v12-api-and-mfa-enabled/)
        return RefusedError(
            SOURCE,
            host,
            f"it refuses the account ({status}): a wrong user or password, or an account with MFA",
            "Check user and password; an account with MFA must be marked as a service account "
            "in VBR, under Users and Roles.",
        )
    if status == HTTPStatus.FORBIDDEN:
        return RefusedError(
            SOURCE,
            host,
            "the account may not use the REST API (403)",
            "Give it the role Veeam Backup Viewer; custom roles work from VBR 13.1. Socket "
            "licences below Enterprise Plus have no REST API.",
        )
    return SourceError(SOURCE, host, f"signing in: the server answered {status}", AGAIN)


def stranger(host: str, port: int) -> SourceError:
    """Say that something answers, but not Veeam's REST API."""
    why = f"what answers on port {port} is not Veeam's REST API"
    return SourceError(SOURCE, host, why, "REST has port 9419, and 443 from VBR 13.1.")


def _root(error: BaseException) -> BaseException:
    """Give what the socket raised: httpcore carries it as the argument of its own error."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    return error


def _code(body: bytes) -> str | None:
    """Give the errorCode of an answer, where it has one."""
    try:
        parsed = load(body)
    except UnreadableError:
        return None
    code = Row(parsed).text("errorCode") if isinstance(parsed, dict) else None
    return shown(code) if code else None
