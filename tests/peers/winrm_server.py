"""A WinRM server for tests: NTLM and message encryption, over HTTP and HTTPS, for real.

It is what pywinrm talks to: HTTP.sys with WS-Management shells, one listener for each node of a
model, on the node's own loopback address and all on one port. What the command lines do is told
by node_shell.py; that PowerShell itself cannot run here, too.
"""

import base64
import contextlib
import os
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import spnego
from spnego.exceptions import SpnegoError

from tests.peers import soap
from tests.peers.cluster_model import ClusterModel, NodeModel
from tests.peers.node_shell import NodeShell
from tests.peers.winrm_shells import Counts, GoneError, Shells

USER, PASSWORD = "CORP\\stuncheck", "Marker-7f3a-Secret"  # a test looks for it everywhere
BOUNDARY = b"--Encrypted Boundary"
ENCRYPTED = (
    'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";'
    'boundary="Encrypted Boundary"'
)
SOAP = "application/soap+xml;charset=UTF-8"
MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"


class WinRmServer:
    """Stands for every node of a cluster while it is entered.

    `tls` makes it HTTPS; its authority's clients may then log on by certificate.
    """

    def __init__(
        self, cluster: ClusterModel, folder: Path, tls: ssl.SSLContext | None = None
    ) -> None:
        self.cluster, self.tls = cluster, tls
        self.shell = NodeShell(cluster)
        self.counts = Counts()
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.errors: list[BaseException] = []
        self.port = 0
        self._listeners: dict[str, _Listener] = {}
        self._users = folder / "ntlm-users"

    def __enter__(self) -> Self:
        self._users.write_text(":".join([*USER.split("\\"), PASSWORD]) + "\n")
        self._before = os.environ.get("NTLM_USER_FILE")
        os.environ["NTLM_USER_FILE"] = str(self._users)  # read by pyspnego's acceptor
        for node in self.cluster.nodes:
            listener = _Listener(self, node)
            self.port = listener.server_address[1]
            self._listeners[node.name] = listener
            self.counts.shells[node.name] = {}
            threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        for name in [*self._listeners]:
            self.refuse(name)
        os.environ.pop("NTLM_USER_FILE")
        if self._before is not None:
            os.environ["NTLM_USER_FILE"] = self._before

    def refuse(self, name: str) -> None:
        """Take a node off the network: from now on connections are refused."""
        listener = self._listeners.pop(name)
        listener.shutdown()
        listener.end()
        listener.server_close()

    def shells(self, node: NodeModel) -> Shells:
        """Give what answers for the shells of a node."""
        return Shells(node, self.shell, self.counts, self.lock, self.closing)

    def commands(self, name: str) -> int:
        """Count the commands that a node was asked to start."""
        return self._listeners[name].commands

    def settled(self) -> bool:
        """Wait a moment until no connection is open; say whether that came about."""
        until = time.monotonic() + 2
        while self.counts.connections and time.monotonic() < until:
            time.sleep(0.01)
        return not self.counts.connections


class _Listener(ThreadingHTTPServer):
    """One node's address."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, peer: WinRmServer, node: NodeModel) -> None:
        self.peer, self.node = peer, node
        self._open: set[socket.socket] = set()
        self.commands = 0
        super().__init__((node.address, peer.port), _Connection)

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Count a connection while it lives."""
        assert isinstance(request, socket.socket)
        with self.peer.lock:
            self.peer.counts.connections += 1
            self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self.peer.lock:
                self.peer.counts.connections -= 1
                self._open.discard(request)

    def end(self) -> None:
        """Close what is still open, so that no thread waits for it."""
        with self.peer.lock:
            left = [*self._open]
        for wire in left:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep what went wrong for the test; a client that hangs up is no error."""
        del request, client_address
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.peer.errors.append(error)


class _Connection(BaseHTTPRequestHandler):
    """One TCP connection, to which one NTLM log-on belongs."""

    protocol_version = "HTTP/1.1"
    server: _Listener
    context: spnego.ContextProxy | None = None
    let_in = False
    timeout = 30  # a test that fails must not hang
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Take over the connection, with TLS if there is any."""
        if self.server.node.faults.hang == "accept":
            self.server.peer.closing.wait(60)
            raise GoneError
        if self.server.peer.tls:
            self.request = self.server.peer.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer one request, after log-on."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._fault("Logon")
        if not self.let_in and not self._log_on():
            return
        if not body:
            self._send(200, b"")
            return
        encrypted = "multipart/encrypted" in (self.headers.get("Content-Type") or "")
        if not encrypted and not self.server.peer.tls:  # AllowUnencrypted is false
            self._send(500, b"")
            return
        try:
            request = soap.read(self._decrypted(body) if encrypted else body)
        except SpnegoError:  # encrypted for a connection that is gone
            self._send(400, b"")
            return
        with self.server.peer.lock:
            self.server.peer.counts.requests.append(request.action)
        self._fault(request.action)
        if self.server.node.faults.not_yet == request.action and not self._spared():
            status, envelope = 500, soap.fault(request, soap.NOTHING_YET, "Nothing.", "w:TimedOut")
        else:
            status, envelope = self.server.peer.shells(self.server.node).answer(request)
        self._send(status, envelope, encrypted=encrypted, action=request.action)

    def _log_on(self) -> bool:
        """Do one step of NTLM, or look at the client's certificate; answer 401 until it is done."""
        peer, faults = self.server.peer, self.server.node.faults
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        if scheme == MUTUAL and isinstance(self.request, ssl.SSLSocket):
            self.let_in = bool(self.request.getpeercert())
        elif scheme in {"Negotiate", "NTLM"} and token:
            return self._negotiate(scheme, base64.b64decode(token))
        if not self.let_in or faults.unauthorized:
            self._send(401, b"", challenge="Negotiate")
            return False
        del peer
        return True

    def _negotiate(self, scheme: str, token: bytes) -> bool:
        protocol = "ntlm" if token.startswith(b"NTLMSSP") else "negotiate"
        self.context = self.context or spnego.server(protocol=protocol)
        try:
            given = self.context.step(token)
        except SpnegoError:
            self.server.peer.counts.logons += 1
            self.context = None
            self._send(401, b"", challenge="Negotiate")
            return False
        if not self.context.complete:
            self._send(401, b"", challenge=f"{scheme} {base64.b64encode(given or b'').decode()}")
            return False
        self.server.peer.counts.logons += 1
        if self.server.node.faults.unauthorized:
            self._send(401, b"", challenge="Negotiate")
            return False
        self.let_in = True
        return True

    def _decrypted(self, body: bytes) -> bytes:
        assert self.context is not None
        payload = body.split(BOUNDARY + b"\r\n")[2].rpartition(BOUNDARY + b"--")[0]
        payload = payload.partition(b"octet-stream\r\n")[2]
        (length,) = struct.unpack("<i", payload[:4])
        return self.context.unwrap_winrm(payload[4 : 4 + length], payload[4 + length :])

    def _encrypted(self, envelope: bytes) -> bytes:
        assert self.context is not None
        wrapped = self.context.wrap_winrm(envelope)
        head = BOUNDARY + b"\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
        head += b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length="
        head += str(len(envelope)).encode() + b"\r\n" + BOUNDARY + b"\r\n"
        head += b"\tContent-Type: application/octet-stream\r\n"
        length = struct.pack("<i", len(wrapped.header))
        return head + length + wrapped.header + wrapped.data + BOUNDARY + b"--\r\n"

    def _fault(self, action: str) -> None:
        """Do what is wrong with this action."""
        faults = self.server.node.faults
        if action == "Command":
            self.server.commands += 1
        if self._spared():
            return
        if faults.hang == action:
            self.server.peer.closing.wait(60)
            raise GoneError
        if faults.reset == action:
            self._reset()
        if faults.garbage == action:
            page = b"<html><body>It works!</body></html>"
            self._send(200, page, kind="text/html")
            raise GoneError

    def _spared(self) -> bool:
        """Whether nothing goes wrong yet."""
        return self.server.commands <= self.server.node.faults.spared > 0

    def _reset(self) -> None:
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise GoneError

    def _send(
        self,
        status: int,
        body: bytes,
        *,
        encrypted: bool = False,
        kind: str = SOAP,
        challenge: str = "",
        action: str = "",
    ) -> None:
        """Send an answer, whole unless a fault wants otherwise."""
        body = self._encrypted(body) if encrypted else body
        self.send_response(status)
        self.send_header("Content-Type", ENCRYPTED if encrypted else kind)
        self.send_header("Content-Length", str(len(body)))
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.end_headers()
        faults = self.server.node.faults
        action = "" if self._spared() else action
        if action and faults.cut == action:
            self.wfile.write(body[: len(body) // 2])
            raise GoneError
        if action and faults.drip == action:
            for n in range(len(body)):
                self.wfile.write(body[n : n + 1])
                if self.server.peer.closing.wait(0.1):
                    raise GoneError
            return
        self.wfile.write(body)

    def handle_one_request(self) -> None:
        """Answer one request; the connection ends where a fault says so."""
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def finish(self) -> None:
        """Close what is open; TLS has a socket of its own."""
        with contextlib.suppress(OSError):
            super().finish()
        if isinstance(self.request, ssl.SSLSocket):
            self.request.close()
