"""Reaching a server and trusting its certificate, with the remedy for each way it can fail."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from sources.deadline import Deadline
from sources.errors import LateError, RefusedError, SourceError
from sources.reach import Endpoint, check_certificate, reach, trusting

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@contextmanager
def server(certificate: trustme.LeafCert | None, *, speaks: bool = True) -> Iterator[int]:
    """Take one connection on a port; `certificate` None speaks no TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if certificate:
        certificate.configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                opened, _ = listening.accept()
                with opened:
                    opened.settimeout(5)
                    if not speaks:
                        opened.recv(1 << 16)
                        opened.recv(1 << 16)  # until the other side gives up
                    elif certificate:
                        context.wrap_socket(opened, server_side=True).close()
                    else:
                        opened.recv(1 << 16)
                        opened.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        with suppress(OSError), socket.create_connection(listening.getsockname(), timeout=1):
            pass
        thread.join()


@pytest.fixture
def ca(tmp_path: Path) -> trustme.CA:
    """Give an authority whose certificate lies in ca.pem."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return made


def checked(port: int, ca_file: Path | None, seconds: float = 5) -> None:
    endpoint = Endpoint("veeam", "vbr01", "127.0.0.1", port)
    check_certificate(endpoint, trusting(endpoint, ca_file), Deadline.after(seconds))


def test_a_certificate_of_a_known_authority_is_trusted(ca: trustme.CA, tmp_path: Path) -> None:
    with server(ca.issue_cert("127.0.0.1")) as port:
        checked(port, tmp_path / "ca.pem")


def test_one_that_nobody_known_has_signed_is_refused_with_a_way_to_see_it(ca: trustme.CA) -> None:
    with server(ca.issue_cert("127.0.0.1")) as port, pytest.raises(RefusedError) as caught:
        checked(port, None)
    assert "signed by nobody known here" in caught.value.message
    assert f"-connect 127.0.0.1:{port}" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("names", "after", "said"),
    [("sql01.corp.example", None, "is for another name"), ("127.0.0.1", LONG_AGO, "has expired")],
)
def test_a_wrong_name_and_an_old_one_are_told_apart(
    ca: trustme.CA, tmp_path: Path, names: str, after: datetime | None, said: str
) -> None:
    before = datetime(2000, 1, 1, tzinfo=UTC) if after else None
    leaf = ca.issue_cert(names, not_before=before, not_after=after)
    with server(leaf) as port, pytest.raises(RefusedError) as caught:
        checked(port, tmp_path / "ca.pem")
    assert said in caught.value.message
    assert caught.value.hint


def test_a_port_that_speaks_something_else_is_told() -> None:
    with server(None) as port, pytest.raises(SourceError, match="does not speak TLS"):
        checked(port, None)


def test_a_port_that_says_nothing_is_late(ca: trustme.CA) -> None:
    with server(ca.issue_cert("127.0.0.1"), speaks=False) as port, pytest.raises(LateError):
        checked(port, None, 0.2)


def test_a_ca_file_without_a_certificate_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing", encoding="utf-8")
    with pytest.raises(RefusedError, match="cannot be used"):
        checked(1, tmp_path / "ca.pem")


def test_a_closed_port_and_an_unknown_name_are_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    with pytest.raises(SourceError, match=f"127.0.0.1:{port}: connection refused"):
        reach(Endpoint("winrm", "sql01", "127.0.0.1", port), Deadline.after(5))
    for name in ("sql01.invalid", "a..b", "ü" * 70):
        with pytest.raises(SourceError):
            reach(Endpoint("winrm", "sql01", name, 5985), Deadline.after(5))


def test_no_time_is_no_connection() -> None:
    with pytest.raises(LateError):
        reach(Endpoint("winrm", "sql01", "127.0.0.1", 9), Deadline.after(0))


def test_an_ipv6_address_is_written_as_in_a_url() -> None:
    assert Endpoint("winrm", "n", "2001:db8::1", 5986).address == "[2001:db8::1]:5986"
