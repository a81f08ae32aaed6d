"""A cluster of two nodes over WinRM, ready to be asked: the server, and the way to reach it."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from sources.access import ClusterAccess, Secret, Window, WinRmAccess
from sources.windows import refusals
from tests.peers.cluster_model import ClusterModel, Group, NodeModel, Resource
from tests.peers.winrm_server import PASSWORD, USER, WinRmServer

MINUTES = timedelta(minutes=10)


@dataclass(slots=True)
class Scene:
    """The server and how it is reached."""

    server: WinRmServer
    access: ClusterAccess
    window: Window

    @property
    def winrm(self) -> WinRmAccess:
        """How its nodes are reached."""
        return self.access.winrm

    def node(self, name: str = "SQL01") -> NodeModel:
        """Give a node of the model."""
        return self.server.cluster.node(name)

    def clean(self) -> bool:
        """Whether no shell and no connection is open, and nothing of ours still runs."""
        until = time.monotonic() + 2
        while not self._clean() and time.monotonic() < until:
            time.sleep(0.02)
        return self._clean()

    def _clean(self) -> bool:
        ours = [t for t in threading.enumerate() if t.name.startswith(("winrm", "Timer"))]
        timers = [t for t in threading.enumerate() if isinstance(t, threading.Timer)]
        counts = self.server.counts
        return not (ours or timers or counts.connections or counts.open_shells)


def two_nodes() -> ClusterModel:
    """Make a cluster of SQL01 and SQL02 with one availability group on SQL01."""
    nodes = [NodeModel("SQL01"), NodeModel("SQL02", "127.0.0.2", uuid="4207AAAA-0000-0000-0000-02")]
    return ClusterModel(
        "SQLAG01",
        nodes,
        groups=[Group("Cluster Group", "SQL02", type="Cluster"), Group("AG1", "SQL01")],
        resources=[Resource("AG1", "AG1")],
    )


@contextmanager
def running(folder: Path, cluster: ClusterModel | None = None) -> Iterator[Scene]:
    """Run a cluster over HTTP with NTLM and message encryption."""
    refusals.forget()
    with WinRmServer(cluster or two_nodes(), folder) as server:
        yield _scene(server, WinRmAccess(USER, Secret(PASSWORD), tls=False, port=server.port))
        assert not server.errors


@contextmanager
def running_tls(folder: Path, *names: str) -> Iterator[Scene]:
    """Run a cluster over HTTPS with a certificate for these names, by an authority of its own.

    Its clients may log on by the certificate in client.pem.
    """
    refusals.forget()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    client = authority.issue_cert("stuncheck@corp.example")
    client.cert_chain_pems[0].write_to_path(folder / "client.pem")
    client.private_key_pem.write_to_path(folder / "client.key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("127.0.0.1", "127.0.0.2"))).configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    with WinRmServer(two_nodes(), folder, context) as server:
        winrm = WinRmAccess(USER, Secret(PASSWORD), port=server.port, ca_file=folder / "ca.pem")
        yield _scene(server, winrm)
        assert not server.errors


def _scene(server: WinRmServer, winrm: WinRmAccess) -> Scene:
    now = datetime.now(UTC)
    access = ClusterAccess("SQLAG01", ("127.0.0.1",), winrm)
    return Scene(server, access, Window(now - MINUTES, now))


def with_password(access: WinRmAccess, password: str) -> WinRmAccess:
    """Take another password."""
    return replace(access, password=Secret(password))
