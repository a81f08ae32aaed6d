"""A real vcsim, govmomi's vCenter simulator, as a peer: built on demand, ended with its test.

Skips by name where Go is not there: `go version` 1.25 or newer and its module proxy are needed
once; the binary is kept in tests/peers/simulator/.bin, which git does not see.
"""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import trustme

from sources.access import Secret, VCenterAccess
from sources.deadline import Deadline
from sources.vcenter.properties import finish
from sources.vcenter.session import Session
from sources.vcenter.vmomi import vim

HOME = Path(__file__).parent / "simulator"
BINARY = HOME / ".bin" / "stuncheck-vcsim"
USER, PASSWORD = "watcher", "marker-5ecret"
GO = ("/usr/local/go/bin", "/usr/lib/go/bin")
BUILDING = 600
"""Seconds for a cold build with its downloads; 46 were measured on two cores."""


@dataclass(frozen=True, slots=True)
class Vcsim:
    """One running simulator. `folders` are its datastores' directories on this machine."""

    host: str
    port: int
    ca_file: Path
    folders: dict[str, Path] = field(default_factory=dict)

    def access(self, *, read_logs: bool = False, password: str = PASSWORD) -> VCenterAccess:
        """How to reach it."""
        return VCenterAccess(
            name="vc1",
            host=self.host,
            port=self.port,
            user=USER,
            password=Secret(password),
            ca_file=self.ca_file,
            read_logs=read_logs,
        )

    def session(self) -> Session:
        """Give a session for the test itself, which therefore counts as one."""
        return Session(self.access(), Deadline.after(60))


@contextmanager
def vcsim(folder: Path, *options: str) -> Iterator[Vcsim]:
    """Run a simulator with these options of its own, such as `-vm=10`."""
    binary = _built()
    ca = trustme.CA()
    certificate = ca.issue_cert("127.0.0.1", "localhost")
    ca_file, pair, key = folder / "ca.pem", folder / "cert.pem", folder / "key.pem"
    ca.cert_pem.write_to_path(str(ca_file))
    pair.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    certificate.private_key_pem.write_to_path(str(key))
    login = (f"-user={USER}", f"-password={PASSWORD}")
    with subprocess.Popen(
        [binary, *options, *login, f"-cert={pair}", f"-key={key}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        host, _, port = told["url"].rpartition(":")
        folders = {name: Path(unquote(path)) for name, path in told["datastores"].items()}
        yield Vcsim(host, int(port), ca_file, folders)
        process.stdin.close()


def snapshot_and_back(session: Session, moref: str) -> None:
    """Create a snapshot of a VM and remove it, and wait for both."""
    vm = vim.VirtualMachine(moref, session.wire)
    name = "VEEAM BACKUP TEMPORARY SNAPSHOT"
    snapshot = wait(session, vm.CreateSnapshot(name, "", memory=False, quiesce=False))
    wait(session, snapshot.RemoveSnapshot_Task(removeChildren=False))


def wait(session: Session, task: Any) -> Any:  # noqa: ANN401  pyvmomi's
    """Wait for a task; give its result."""
    return finish(session, task)


def _built() -> Path:
    """Build the simulator, once for each version of its source; skip where that cannot be.

    Whoever else runs tests at the same time waits for it.
    """
    BINARY.parent.mkdir(exist_ok=True)
    with (BINARY.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sources = [HOME / name for name in ("main.go", "go.mod", "go.sum")]
        newest = max(source.stat().st_mtime for source in sources)
        if not BINARY.exists() or BINARY.stat().st_mtime <= newest:
            _build()
    return BINARY


def _build() -> None:
    path = os.pathsep.join([os.environ.get("PATH", ""), *GO])
    go = shutil.which("go", path=path)
    if go is None:
        pytest.skip("vcsim: Go (1.25 or newer) is not installed")
    made = subprocess.run(
        [go, "build", "-o", BINARY, "."],
        cwd=HOME,
        capture_output=True,
        timeout=BUILDING,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"vcsim: it could not be built here: {made.stderr.decode()[-300:]}")


def open_sessions(session: Session) -> int:
    """Count the sessions that are logged in, this one among them."""
    collector = vim.PropertyCollector
    spec = collector.FilterSpec(
        objectSet=[collector.ObjectSpec(obj=session.content.sessionManager)],
        propSet=[collector.PropertySpec(type=vim.SessionManager, pathSet=["sessionList"])],
    )
    ask = session.content.propertyCollector.RetrievePropertiesEx
    answer = ask([spec], collector.RetrieveOptions())
    return len(answer.objects[0].propSet[0].val)
