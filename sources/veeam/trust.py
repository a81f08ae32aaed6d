"""Whom to trust: TLS as it was configured, and in plain words why a certificate is not."""

import ssl

from sources.access import VeeamAccess
from sources.errors import RefusedError, SourceError

SELF_SIGNED = frozenset({18, 19, 20, 21})
"""OpenSSL's verify codes for a certificate that nobody known has signed (x509_vfy.h)."""

EXPIRED = 10
WRONG_NAME = frozenset({62, 64})
"""The name, or the address, is not in the certificate (x509_vfy.h)."""


def trust(access: VeeamAccess) -> ssl.SSLContext:
    """Give the TLS settings for one server. Raises RefusedError where its CA cannot be read."""
    try:
        tls = ssl.create_default_context(cafile=str(access.ca_file) if access.ca_file else None)
    except OSError as error:  # SSLError, too
        reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise RefusedError(
            "veeam",
            access.host,
            f"the CA file {access.ca_file} cannot be used: {reason}",
            "Put the certificate there as Base-64 text (PEM).",
        ) from error
    if access.ca_file:  # a certificate that was named by hand is trusted as it is
        tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
        tls.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not access.verify:
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    return tls


def distrust(host: str, port: int, error: ssl.SSLError) -> SourceError:
    """Say why no TLS came about, and what to do."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return SourceError(
            "veeam", host, f"port {port} does not speak TLS", "Check the port; REST has 9419."
        )
    if error.verify_code in SELF_SIGNED:
        return RefusedError(
            "veeam",
            host,
            "its certificate is self-signed or by a CA that is not known here",
            f"Save it with: openssl s_client -connect {host}:{port} -showcerts </dev/null "
            "| openssl x509 > veeam.pem; compare its thumbprint with the one that VBR shows; "
            "then name veeam.pem as ca_file.",
        )
    if error.verify_code == EXPIRED:
        why, hint = "its certificate has expired", "Renew it in VBR's options, under Security."
    elif error.verify_code in WRONG_NAME:
        why = "its certificate is made out to another name"
        hint = "Configure the server by the name that is in its certificate."
    else:
        why = f"its certificate is not trusted: {error.verify_message}"
        hint = "Name the CA that signed it as ca_file."
    return RefusedError("veeam", host, why, hint)
