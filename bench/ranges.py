"""Bytes fetched of a 50 MB vmware.log for a window of two minutes, against its bytes in there.

Aim: at most three times as many where the window is the log's last two minutes. Of an older
window an hour more is read behind it, for a stun is logged at its end.
"""

import functools
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from sources.deadline import Deadline
from sources.vmware.datastore import HttpLog, LogFolder, Request
from sources.vmware.log_range import read_window

SIZE = 50_000_000
AIM = 3.0
STEP = timedelta(milliseconds=100)
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = "Z In(05) vmx - VigorTransportProcessClientPayload: opID=lro-1 seq=1: Receiving.\n"


class _Handler(BaseHTTPRequestHandler):
    """Gives ranges of one file, as vCenter does."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def __init__(self, data: bytes, *args: Any) -> None:  # noqa: ANN401  http.server's
        self.data = data
        super().__init__(*args)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Give a range."""
        start, _, stop = self.headers["Range"].removeprefix("bytes=").partition("-")
        part = self.data[int(start) : int(stop) + 1 if stop else None]
        self.send_response(206)
        told = f"bytes {start}-{int(start) + len(part) - 1}/{len(self.data)}"
        self.send_header("Content-Range", told)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)


class _Way:
    who = "the bench"

    def __init__(self, client: httpx.Client, port: int) -> None:
        self.client, self.port, self.asked = client, port, 0

    def ask(self, name: str) -> Request:
        self.asked += 1
        return Request(self.client, httpx.URL(f"http://127.0.0.1:{self.port}/{name}"), "")


def _log() -> list[bytes]:
    lines, size, at = [], 0, BEGAN
    while size < SIZE:
        at += STEP
        lines.append(f"{at.replace(tzinfo=None).isoformat(timespec='milliseconds')}{TEXT}".encode())
        size += len(lines[-1])
    return lines


def main() -> bool:
    """Print the figures; True when the aim is met."""
    lines = _log()
    end = BEGAN + STEP * len(lines)
    met = True
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "vmware.log"
        log.write_bytes(b"".join(lines))
        handler = functools.partial(_Handler, log.read_bytes())
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        with httpx.Client(trust_env=False) as client:
            way = _Way(client, int(server.server_address[1]))
            for name, until in (("the last two minutes", end), ("two minutes 6 h ago", _ago(end))):
                ratio = _fetched(way, name, len(lines[0]), until)
                met = met and (until != end or ratio <= AIM)
        server.shutdown()
        server.server_close()
    return met


def _ago(end: datetime) -> datetime:
    return end - timedelta(hours=6)


def _fetched(way: _Way, name: str, line: int, until: datetime) -> float:
    start, before = until - timedelta(minutes=2), way.asked
    log = HttpLog(LogFolder("vm", "ds", "vm", "dc"), "vmware.log", SIZE, [way], Deadline.after(60))
    piece = read_window(log, start, until)
    inside = int((until - start) / STEP) * line
    print(
        f"{name}: {log.fetched:,} bytes in {way.asked - before} requests, {inside:,} are in the "
        f"window: ratio {log.fetched / inside:.2f}; {len(piece.data):,} bytes are handed on"
    )
    return log.fetched / inside
