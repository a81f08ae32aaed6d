"""A stand-in for a vCenter and for one of its hosts, for the faults that a real vcsim cannot have.

Hangs, resets, garbage, half answers, expired sessions, locked logs, tickets, pages of thousands.
What works is asked of vcsim itself: tests/peers/vcsim.py.
"""

import hashlib
import re
import socket
import ssl
import struct
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import trustme

from sources.access import Secret, VCenterAccess
from sources.vcenter.vmomi import vim, vmodl
from tests.peers.vcenter_model import Model, xml

PASSWORD = "marker-77c1e4-password"  # noqa: S105  no account anywhere has it
USER = "watcher@vsphere.local"
ENVELOPE = (
    '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv='
    '"http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>{}</soapenv:Body></soapenv:Envelope>'
)
VERSIONS = (
    b'<namespaces version="1.0"><namespace><name>urn:vim25</name><version>6.5</version>'
    b"</namespace></namespaces>"
)
COOKIE = "vmware_soap_session"
TICKET = "vmware_cgi_ticket"
IDLE = 20.0
"""Seconds after which the stand-in gives up a connection that nobody closes."""


@dataclass(slots=True)
class Fault:
    """What goes wrong at a call (`Login`, `/folder`, `/sdk/...`, `connect`), from the nth on.

    `kind`: hang, reset, drip, half, garbage, bomb, a fault's class in vim.fault, or a status.
    """

    at: str
    kind: str
    since: int = 1
    times: int = 1_000_000


@dataclass(slots=True)
class VCenterPeer:
    """The stand-in, for `with`; counts what it was asked and what is left open."""

    folder: Path
    model: Model = field(default_factory=Model)
    faults: list[Fault] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    tickets: dict[str, str] = field(default_factory=dict)
    """Unused tickets and the URL each is for."""
    thumbprint: str | None = None
    """What tickets say of the host's certificate; None: the truth, "" nothing."""
    connections: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    servers: list["_Server"] = field(default_factory=list)
    digest: str = ""

    def __enter__(self) -> Self:
        for name in ("ca", "host-ca"):
            ca = trustme.CA()
            ca.cert_pem.write_to_path(str(self.folder / f"{name}.pem"))
            leaf = ca.issue_cert("127.0.0.1", "localhost")
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            leaf.configure_cert(tls)
            self.servers.append(_Server(self, tls, host=name == "host-ca"))
        der = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
        self.digest = ":".join(re.findall("..", hashlib.sha1(der).hexdigest()))  # noqa: S324  vSphere's
        self.model.log_host = f"127.0.0.1:{self.servers[1].server_address[1]}"
        for server in self.servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), name="peer").start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def access(self, *, read_logs: bool = False, ca: str = "ca") -> VCenterAccess:
        """How to reach it."""
        return VCenterAccess(
            name="vc1",
            host="127.0.0.1",
            port=int(self.servers[0].server_address[1]),
            user=USER,
            password=Secret(PASSWORD),
            ca_file=self.folder / f"{ca}.pem",
            read_logs=read_logs,
        )

    def fault(self, at: str) -> str | None:
        """Say what goes wrong with this request, if anything does; counts it."""
        with self.lock:
            self.calls[at] += 1
            for fault in self.faults:
                if fault.at == at and self.calls[at] >= fault.since and fault.times > 0:
                    fault.times -= 1
                    return fault.kind
        return None

    def ticket(self, url: str) -> Any:  # noqa: ANN401  pyvmomi's
        """Give a ticket for one request."""
        with self.lock:
            key = f"ticket-{self.calls['AcquireGenericServiceTicket']}-{len(self.tickets)}"
            self.tickets[key] = url
        shown = self.digest if self.thumbprint is None else self.thumbprint
        made = vim.SessionManager.GenericServiceTicket
        return made(id=key, hostName="127.0.0.1", sslThumbprint=shown or None)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, peer: VCenterPeer, tls: ssl.SSLContext, *, host: bool) -> None:
        self.peer, self.tls, self.host = peer, tls, host
        super().__init__(("127.0.0.1", 0), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        if self.peer.fault("connect") == "hang":
            self.peer.released.wait(IDLE)
            return
        request.settimeout(IDLE)
        try:
            with closing(self.tls.wrap_socket(request, server_side=True)) as shaken:
                self.peer.connections += 1
                try:
                    _Handler(shaken, client_address, self)
                finally:
                    self.peer.connections -= 1
        except OSError:
            return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Serve the list of versions and the logs."""
        parts = urlsplit(self.path)
        at = "/folder" if parts.path.startswith("/folder/") else parts.path
        if self._fails("host" if self.server.host else at):
            return
        if at == "/folder":
            self._log(parts.path.rpartition("/")[2], parse_qs(parts.query))
        else:
            self._send(200, VERSIONS)

    def do_POST(self) -> None:
        """Serve a call."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        found = re.search(r"<soapenv:Body>\s*<(\w+)[^>]*><_this[^>]*>([^<]*)<", body)
        if found is None:
            raise ValueError(body)
        method, this = found.groups()
        if not self._fails(method):
            self._call(method, this, body)

    def _call(self, method: str, this: str, body: str) -> None:
        peer = self.server.peer
        key = self._cookie(COOKIE)
        if method == "Login":
            self._login(PASSWORD in body and USER in body)
        elif method not in {"RetrieveServiceContent", "CurrentTime"} and key not in peer.sessions:
            self._fault("NotAuthenticated")
        elif method == "Logout":
            peer.sessions.discard(key)
            peer.model.forget()
            self._answer(method, "")
        elif method == "AcquireGenericServiceTicket":
            url = re.search(r"<url>([^<]+)<", body)
            self._answer(method, xml(peer.ticket(url[1].replace("&amp;", "&") if url else "")))
        else:
            with peer.lock:
                known = peer.model.answer(method, this, body)
            self._answer(method, known) if known is not None else self._fault(
                "ManagedObjectNotFound"
            )

    def _login(self, good: bool) -> None:
        if not good:
            self._fault("InvalidLogin")
            return
        peer = self.server.peer
        key = f"session-{peer.calls['Login']}"
        peer.sessions.add(key)
        now = datetime.now(UTC)
        session = vim.UserSession(key=key, userName=USER, loginTime=now, lastActiveTime=now)
        self._answer("Login", xml(session), f'{COOKIE}="{key}"; Path=/; HttpOnly; Secure;')

    def _log(self, name: str, query: dict[str, list[str]]) -> None:
        peer = self.server.peer
        if self.server.host:
            url = peer.tickets.pop(self._cookie(TICKET), "")
            allowed = url.endswith(self.path) and query == {"dsName": ["ds1"]}
        else:
            asked = {"dcPath": ["DC0"], "dsName": ["ds1"]}
            allowed = self._cookie(COOKIE) in peer.sessions and query == asked
        data = peer.model.logs.get(name)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"])
        if not allowed or data is None or wanted is None:
            self._send(401 if not allowed else 404, b"")
            return
        start = int(wanted[1])
        part = data[start : int(wanted[2]) + 1 if wanted[2] else None]
        if start >= len(data):
            self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        told = f"bytes {start}-{start + len(part) - 1}/{len(data)}"
        self._send(206, part, {"Content-Range": told})

    def _fails(self, at: str) -> bool:
        """Let go wrong what is to go wrong at this request."""
        kind = self.server.peer.fault(at)
        if kind is None:
            return False
        self.close_connection = kind in {"hang", "reset", "drip", "half"}
        peer, connection = self.server.peer, self.connection
        if kind == "hang":
            peer.released.wait(IDLE)
        elif kind == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif kind == "half":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<namespaces ver")
        elif kind == "drip":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n<")
            while not peer.released.wait(0.05):
                connection.sendall(b" ")
        else:
            self._wrong(kind)
        return True

    def _wrong(self, kind: str) -> None:
        """Answer, but not as it should be."""
        if kind == "NotAuthenticated":
            self.server.peer.sessions.clear()
            self.server.peer.model.forget()
        if kind in BODIES:
            self._send(200, BODIES[kind])
        elif kind.isdigit():
            self._send(int(kind), b"<html><body>no</body></html>")
        else:
            self._fault(kind)

    def _cookie(self, name: str) -> str:
        found = re.search(rf'{name}="?([^";]+)', self.headers.get("Cookie", ""))
        return found[1] if found else ""

    def _answer(self, method: str, inner: str, cookie: str = "") -> None:
        text = f'<{method}Response xmlns="urn:vim25">{inner}</{method}Response>'
        more = {"Set-Cookie": cookie} if cookie else {}
        self._send(200, ENVELOPE.format(text).encode(), more)

    def _fault(self, name: str) -> None:
        if name == "ManagedObjectNotFound":
            fault = vmodl.fault.ManagedObjectNotFound(obj=vim.Folder("group-0", None))
        else:
            fault = getattr(vim.fault, name)()
        inner = xml(fault, f"{name}Fault")
        text = (
            "<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>no</faultstring>"
            f"<detail>{inner}</detail></soapenv:Fault>"
        )
        self._send(500, ENVELOPE.format(text).encode())

    def _send(self, status: int, data: bytes, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(more or {}), "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def _bomb() -> bytes:
    """A small text that would unfold to gigabytes."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE b [<!ENTITY l0 "boom">{levels}]><b>&l11;</b>'.encode()


BODIES = {"garbage": b"\0\xff<<<this is no XML", "bomb": _bomb()}
