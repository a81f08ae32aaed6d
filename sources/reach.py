"""Whether a server can be reached at all, and whether its certificate is to be trusted."""

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from sources.deadline import Deadline
from sources.errors import LateError, RefusedError, SourceError

CONNECTING = 5.0
"""Seconds for a port to open; a machine that is off answers nothing at all."""

UNKNOWN_NAME = 62
"""X509_V_ERR_HOSTNAME_MISMATCH of OpenSSL."""
UNKNOWN_ADDRESS = 64
"""X509_V_ERR_IP_ADDRESS_MISMATCH."""
EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A TCP port of a server; `source` and `subject` are as in a SourceError."""

    source: str
    subject: str
    host: str
    port: int

    @property
    def address(self) -> str:
        """Say it as people do, "sql01.corp.example:5986"."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def reach(endpoint: Endpoint, deadline: Deadline) -> None:
    """Open a connection and close it. Raises SourceError, LateError."""
    _connect(endpoint, deadline).close()


def check_certificate(endpoint: Endpoint, context: ssl.SSLContext, deadline: Deadline) -> None:
    """Shake hands as the source itself would, by its own context; no password is sent.

    Raises RefusedError if the certificate is not to be trusted, SourceError, LateError.
    """
    with _connect(endpoint, deadline) as opened:
        opened.settimeout(deadline.check(endpoint.source, endpoint.subject, "the TLS handshake"))
        try:
            context.wrap_socket(opened, server_hostname=endpoint.host).close()
        except ssl.SSLCertVerificationError as error:
            raise _distrusted(endpoint, error) from None
        except TimeoutError:
            why = f"{endpoint.address} took the connection and then said nothing"
            raise LateError(endpoint.source, endpoint.subject, why, BUSY) from None
        except OSError as error:  # an ssl.SSLError is one
            why = f"{endpoint.address} does not speak TLS ({_reason(error)})"
            raise SourceError(endpoint.source, endpoint.subject, why, "Check the port.") from None


BUSY = "Restart its service, or look for a proxy or a firewall in between."


def trusting(endpoint: Endpoint, ca_file: Path | None) -> ssl.SSLContext:
    """Trust what `ca_file` holds, or else the system's store. Raises RefusedError."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        why = f"ca_file {ca_file} cannot be used ({_reason(error)})"
        hint = "It must hold certificates in PEM, -----BEGIN CERTIFICATE----- and so on."
        raise RefusedError(endpoint.source, endpoint.subject, why, hint) from None


def _connect(endpoint: Endpoint, deadline: Deadline) -> socket.socket:
    left = deadline.check(endpoint.source, endpoint.subject, "the connection")
    try:
        return socket.create_connection((endpoint.host, endpoint.port), timeout=left)
    except socket.gaierror:
        why = f"the name {endpoint.host} is not known here"
        hint = f"Correct the host, or the DNS: nslookup {endpoint.host}"
        raise SourceError(endpoint.source, endpoint.subject, why, hint) from None
    except TimeoutError:
        why = f"{endpoint.address} does not answer"
        hint = f"Open the firewall from here to TCP {endpoint.port}; see docs/permissions.md."
        raise LateError(endpoint.source, endpoint.subject, why, hint) from None
    except (OSError, ValueError) as error:  # ValueError: a name that IDNA cannot encode
        why = f"{endpoint.address}: {_reason(error)}"
        raise SourceError(endpoint.source, endpoint.subject, why) from None


def _distrusted(endpoint: Endpoint, error: ssl.SSLCertVerificationError) -> RefusedError:
    """Say why a certificate is not trusted, and which of the usual three remedies applies."""
    if error.verify_code in {UNKNOWN_NAME, UNKNOWN_ADDRESS}:
        why = f"the certificate of {endpoint.address} is for another name"
        hint = "Write the name that is in the certificate as host."
    elif error.verify_code == EXPIRED:
        why = f"the certificate of {endpoint.address} has expired"
        hint = "Renew it on the server."
    else:
        why = f"the certificate of {endpoint.address} is signed by nobody known here"
        hint = (
            "Write ca_file = PATH with the certificate of who signed it; to look at it: "
            f"openssl s_client -showcerts -connect {endpoint.address}"
        )
    return RefusedError(endpoint.source, endpoint.subject, why, hint)


def _reason(error: OSError | ValueError) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return (said or type(error).__name__).lower()
