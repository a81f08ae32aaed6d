"""A slow wire: passes TCP on as it is, but every answer of the server comes some seconds late."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 1 << 16


@contextmanager
def slow_wire(host: str, port: int, seconds: float) -> Iterator[int]:
    """Give the port of 127.0.0.1 that leads to a server over a wire this slow."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(
            target=_accept, args=(listener, (host, port), seconds), daemon=True
        ).start()
        yield listener.getsockname()[1]


def _accept(listener: socket.socket, server: tuple[str, int], seconds: float) -> None:
    with suppress(OSError):  # the listener is closed when the wire is no longer needed
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(server)
            asked = threading.Event()
            for work in (_forth, _back):
                threading.Thread(target=work, args=(near, far, asked, seconds), daemon=True).start()


def _forth(near: socket.socket, far: socket.socket, asked: threading.Event, _: float) -> None:
    with suppress(OSError):
        while piece := near.recv(PIECE):
            asked.set()
            far.sendall(piece)
        far.shutdown(socket.SHUT_WR)


def _back(near: socket.socket, far: socket.socket, asked: threading.Event, seconds: float) -> None:
    with suppress(OSError):
        while piece := far.recv(PIECE):
            if asked.is_set():  # the first piece of an answer
                asked.clear()
                time.sleep(seconds)
            near.sendall(piece)
    for end in (near, far):
        end.close()
