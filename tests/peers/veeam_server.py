"""A stand-in for Veeam Backup & Replication's REST service: HTTPS, tokens, lists, and faults."""

import json
import socket
import ssl
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import parse_qsl, urlsplit

import trustme

from sources.access import Secret, VeeamAccess
from sources.veeam import refusals
from tests.peers.veeam_model import VeeamModel
from tests.peers.veeam_rows import Row, error, filtered, page
from tests.peers.veeam_tokens import PASSWORD, VeeamTokens

__all__ = ["PASSWORD", "REVISIONS", "Fault", "VeeamServer"]

REVISIONS = ["1.0-rev1", "1.0-rev2", "1.1-rev0", "1.1-rev1", "1.1-rev2"]
REVISIONS += ["1.2-rev0", "1.2-rev1", "1.3-rev0", "1.3-rev1", "1.3-rev2"]

IDLE = 5.0
"""Seconds after which the stand-in gives up a connection that nobody closes."""


@dataclass(slots=True)
class Fault:
    """What goes wrong, at which path, and for how many requests.

    hang, reset, half (an answer that breaks off), stall (one that stops in the middle), drip,
    garbage, or a status as a number.
    """

    kind: str
    at: str = "/"
    times: int = 1_000_000


@dataclass(slots=True)
class VeeamServer(VeeamTokens):
    """The stand-in; use it as a context manager. It counts what it was asked."""

    folder: Path
    """Where its CA's certificate is put, as ca.pem, and its own, as leaf.pem."""
    model: VeeamModel = field(default_factory=VeeamModel)
    faults: list[Fault] = field(default_factory=list)
    slow: float = 0.0
    """Seconds before every answer."""
    most: int = 200
    """Rows that it gives at once, whatever it was asked for."""
    deaf: bool = False
    """Whether its filter on names matches nothing, whatever there is."""
    tells_revisions: bool = True
    """Whether it names the revisions it speaks when it is asked in another."""
    names: tuple[str, ...] = ("localhost", "127.0.0.1")
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    kept: dict[str, list[Row]] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)
    _http: "_Server | None" = None

    def __enter__(self) -> Self:
        refusals.forget()
        ca = trustme.CA()
        ca.cert_pem.write_to_path(str(self.folder / "ca.pem"))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf = ca.issue_cert(*self.names)
        leaf.cert_chain_pems[0].write_to_path(str(self.folder / "leaf.pem"))
        leaf.configure_cert(tls)
        self._http = _Server(self, tls)
        threading.Thread(target=self._http.serve_forever, args=(0.05,), name="peer").start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        if self._http:
            self._http.shutdown()
            self._http.server_close()

    @property
    def access(self) -> VeeamAccess:
        """How it is reached."""
        port = self._http.server_address[1] if self._http else 0
        return VeeamAccess(
            name="vbr01",
            host="localhost",
            user="svc-stuncheck",
            password=Secret(PASSWORD),
            port=port,
            ca_file=self.folder / "ca.pem",
        )

    def paths(self, prefix: str = "/api/v1") -> list[str]:
        """Give the paths that were asked for, in order."""
        return [path for _, path, _ in self.requests if path.startswith(prefix)]

    def get(self, path: str, params: dict[str, str]) -> tuple[int, Row]:
        """Answer a signed-in request."""
        model = self.model
        has_tasks = model.revision >= (1, 2, 0)
        lists = ["sessions", "backupObjects", *(["taskSessions"] if has_tasks else [])]
        logs = {("sessions", run.id): run.steps for run in model.runs}
        if has_tasks:
            logs |= {("taskSessions", task.id): task.steps for task in model.tasks}
        match path.strip("/").split("/")[2:]:
            case [name] if name in lists:
                return 200, page(self._rows(name, params), params, self.most)
            case ["sessions", ident]:
                return _first(model.session_row(run) for run in model.runs if run.id == ident)
            case [name, ident, "logs"] if (name, ident) in logs:
                return 200, model.log(logs[name, ident])
        return 404, error("NotFound")

    def _rows(self, name: str, params: dict[str, str]) -> list[Row]:
        """Filter a list; the pages of one list are cut from the same rows."""
        model = self.model
        filters = sorted(item for item in params.items() if item[0] not in {"skip", "limit"})
        key = repr((name, len(model.runs), len(model.tasks), filters))
        with self.lock:
            if key not in self.kept:
                lists: dict[str, list[Row]] = {
                    "sessions": [model.session_row(run) for run in model.runs],
                    "taskSessions": [model.task_row(task) for task in model.tasks],
                    "backupObjects": model.objects,
                }
                deaf = self.deaf and "nameFilter" in params
                self.kept[key] = [] if deaf else filtered(lists[name], params, model.now())
            return self.kept[key]

    def fault_at(self, path: str) -> str:
        """Give the fault that this request meets, or nothing."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and path.startswith(fault.at):
                    fault.times -= 1
                    return fault.kind
        return ""


def _first(rows: Any) -> tuple[int, Row]:  # noqa: ANN401 - any iterable of rows
    row = next(iter(rows), None)
    return (200, row) if row is not None else (404, error("NotFound"))


class _Server(ThreadingHTTPServer):
    """Listens; shakes hands in the thread of each connection, and waits for them at the end."""

    daemon_threads = False

    def __init__(self, veeam: VeeamServer, tls: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.veeam, self.tls = veeam, tls

    def get_request(self) -> tuple[socket.socket, Any]:
        plain, address = self.socket.accept()
        plain.settimeout(IDLE)
        tls = self.tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        return tls, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that go away are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        cast("ssl.SSLSocket", self.request).do_handshake()
        super().setup()

    @property
    def veeam(self) -> VeeamServer:
        return cast("_Server", self.server).veeam

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._answer(dict(parse_qsl(self.rfile.read(length).decode())))

    def _answer(self, form: dict[str, str]) -> None:
        parts = urlsplit(self.path)
        params = dict(parse_qsl(parts.query))
        self.veeam.requests.append((self.command, parts.path, params))
        if self.veeam.slow:
            self.veeam.released.wait(self.veeam.slow)
        fault = self.veeam.fault_at(parts.path)
        if fault.isdigit():
            self._say(int(fault), error("UnknownError"))
        elif fault == "hang":
            self.veeam.released.wait()
        elif fault == "reset":
            self._reset()
        elif fault == "garbage":
            self._write(200, b"<html>\x00 nothing of the kind")
        else:
            self._say(*self._meant(parts.path, params, form), fault)

    def _meant(self, path: str, params: dict[str, str], form: dict[str, str]) -> tuple[int, Row]:
        """Give the right answer."""
        veeam = self.veeam
        spoken = f"{veeam.model.revision[0]}.{veeam.model.revision[1]}-rev{veeam.model.revision[2]}"
        known = REVISIONS[: REVISIONS.index(spoken) + 1]
        if self.headers.get("x-api-version") not in known:
            told = ", ".join(f"v{name}" for name in known) if veeam.tells_revisions else ""
            why = f"Unsupported RESTAPI version. The following versions are supported: {told}."
            return 400, error("NotImplemented", why)
        if path == "/api/v1/serverTime":
            zone = "(UTC+01:00) Belgrade, Bratislava, Budapest, Ljubljana, Prague"
            return 200, {"serverTime": veeam.model.now().isoformat(), "timeZone": zone}
        if path == "/api/oauth2/token":
            return veeam.grant(form, veeam.model.now())
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if not veeam.knows(token):
            return 401, error("ExpiredToken")
        if path == "/api/oauth2/logout":
            veeam.sign_out(token)
            return 200, {}
        return veeam.get(path, params)

    def _say(self, status: int, answer: Row, fault: str = "") -> None:
        self._write(status, json.dumps(answer).encode(), fault)

    def _write(self, status: int, body: bytes, fault: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "drip":
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.veeam.released.wait(0.05):
                    return
        elif fault in {"half", "stall"}:
            self.wfile.write(body[: len(body) // 2])
            if fault == "stall":
                self.veeam.released.wait()
            self.close_connection = True
        else:
            self.wfile.write(body)

    def _reset(self) -> None:
        """Break the connection off with a RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True
