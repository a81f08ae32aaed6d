"""TLS whose every read and write obeys one deadline, however slowly the other side drips.

A socket's own time-out starts anew with every packet; a server that sends a byte a second never
meets it. No thread is needed to watch: the sockets look at the deadline themselves.
"""

import hashlib
import hmac
import socket
import ssl
from typing import Any

from sources.access import VCenterAccess
from sources.deadline import Deadline

MOST_BYTES = 512 << 20
"""A session receives no more: 10,000 tasks are some 20 MB, and memory is bounded."""

DIGESTS = {40: "sha1", 64: "sha256", 128: "sha512"}
"""Which digest a thumbprint is, by its count of hex digits."""


class TimedSocket(ssl.SSLSocket):
    """A TLS socket that takes its time-out from its context before every read and write."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands before the deadline. Raises TimeoutError."""
        self._hurry()
        super().do_handshake(block)

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002, ANN401  as in `ssl`
        """Read before the deadline. Raises TimeoutError; OSError when it became too much."""
        context = self._hurry()
        got = super().read(len, buffer)
        context.received += got if isinstance(got, int) else got.__len__()
        if context.received > MOST_BYTES:
            raise OSError(f"it sent more than {MOST_BYTES >> 20} MiB")
        return got

    def send(self, data: Any, flags: int = 0) -> int:  # noqa: ANN401  as in `ssl`
        """Write before the deadline. Raises TimeoutError."""
        self._hurry()
        return super().send(data, flags)

    def _hurry(self) -> "TimedContext":
        context = self.context
        if not isinstance(context, TimedContext):
            raise TypeError("a timed socket needs a timed context")
        left = context.deadline.left
        if left <= 0:
            raise TimeoutError("its deadline has passed")
        self.settimeout(left)
        return context


class TimedContext(ssl.SSLContext):
    """A client's TLS context with a deadline, which may be moved.

    Where `thumbprints` are given, they alone vouch for the certificate.
    """

    sslsocket_class = TimedSocket
    deadline: Deadline
    thumbprints: frozenset[str]
    received: int

    @classmethod
    def of(
        cls, access: VCenterAccess, deadline: Deadline, thumbprints: frozenset[str] = frozenset()
    ) -> "TimedContext":
        """Make the context for a vCenter or a host of it. Raises OSError for a bad `ca_file`.

        pyvmomi switches verification off for localhost unless it is handed a context
        (pyVim.connect, getSslContext); with this one it never does.
        """
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.deadline = deadline
        context.thumbprints = frozenset(t.replace(":", "").lower() for t in thumbprints if t)
        context.received = 0
        if context.thumbprints or not access.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif access.ca_file is not None:
            context.load_verify_locations(access.ca_file)
        else:
            context.load_default_certs()
        return context

    def wrap_socket(self, sock: socket.socket, *args: Any, **kwargs: Any) -> ssl.SSLSocket:  # noqa: ANN401  as in `ssl`
        """Shake hands and compare the thumbprint, before anything is sent."""
        wrapped = super().wrap_socket(sock, *args, **kwargs)
        if self.thumbprints and not self._known(wrapped.getpeercert(binary_form=True) or b""):
            wrapped.close()
            raise ssl.SSLCertVerificationError("its certificate is not the one vCenter knows")
        return wrapped

    def _known(self, certificate: bytes) -> bool:
        """Whether the certificate has one of the thumbprints, by the longest digest there is."""
        longest = max(len(thumbprint) for thumbprint in self.thumbprints)
        digest = hashlib.new(DIGESTS.get(longest, "sha256"), certificate).hexdigest()
        return any(hmac.compare_digest(digest, known) for known in self.thumbprints)
