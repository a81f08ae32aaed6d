"""One failover in running systems: a cluster over WinRM, vcsim, Veeam, and a stun in a datastore.

SQL01 stood still 12.4 s while its snapshot was removed; the cluster tolerates 10 s. All of it is
told by peers over their real protocols; the product is configured as a person would do it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sources.vcenter.properties import read_estate
from tests.peers.cluster_model import ClusterModel, Group, NodeModel, Resource
from tests.peers.vcsim import PASSWORD as VCENTER_PASSWORD
from tests.peers.vcsim import USER as VCENTER_USER
from tests.peers.vcsim import Vcsim, snapshot_and_back, vcsim
from tests.peers.veeam_model import VeeamModel
from tests.peers.veeam_server import VeeamServer
from tests.peers.winrm_scene import Scene, running
from tests.peers.winrm_server import PASSWORD, USER
from tests.sources.logged import CLUSTER, logged

STUN = timedelta(seconds=12.4)
VCENTER_NAME, JOB = "vc01", "SQL Nightly"


@dataclass(frozen=True, slots=True)
class Live:
    """The systems, the moment of the removal, and a configuration that reaches them."""

    config: Path
    environ: dict[str, str]
    at: datetime
    vm: str
    winrm: Scene
    vcenter: Vcsim
    veeam: VeeamServer


@contextmanager
def live(folder: Path) -> Iterator[Live]:
    """Run the peers, play the failover, write the configuration."""
    with ExitStack() as stack:
        center = stack.enter_context(vcsim(_made(folder / "vcsim"), "-vm=2"))
        with center.session() as session:
            vm, other = read_estate(session).vms[:2]
            snapshot_and_back(session, vm.ref)
        woke = datetime.now(UTC) - timedelta(milliseconds=50)
        at = woke - STUN + timedelta(seconds=10.2)
        log = center.folders[_datastore(vm.log_directory)] / _folder(vm.log_directory)
        (log / "vmware.log").write_text("\n".join(_log(woke)) + "\n")
        nodes = [
            NodeModel("SQL01", uuid=(vm.uuid or "").upper(), events=_lost(at)),
            NodeModel("SQL02", "127.0.0.2", uuid=(other.uuid or "").upper(), events=_survivor(at)),
        ]
        cluster = ClusterModel("SQLAG01", nodes, groups=[Group("AG1", "SQL01")],
                               resources=[Resource("AG1", "AG1")])  # fmt: skip
        cluster.properties |= {"SameSubnetDelay": 1000, "SameSubnetThreshold": 10}
        winrm = stack.enter_context(running(_made(folder / "winrm"), cluster))
        model = VeeamModel()
        run = model.run(JOB, woke - timedelta(minutes=20), None)
        model.back_up(run, vm.name, woke - timedelta(seconds=85), None)
        veeam = stack.enter_context(VeeamServer(_made(folder / "veeam"), model))
        config = folder / "stuncheck.toml"
        config.write_text(_config(folder, winrm, center, veeam))
        environ = {
            "STUNCHECK_WINRM_PASSWORD": PASSWORD,
            "STUNCHECK_VCENTER_VC01_PASSWORD": VCENTER_PASSWORD,
            "STUNCHECK_VEEAM_VBR01_PASSWORD": veeam.access.password.reveal(),
        }
        yield Live(config, environ, at, vm.name, winrm, center, veeam)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _datastore(directory: str | None) -> str:
    return (directory or "").partition("]")[0].removeprefix("[")


def _folder(directory: str | None) -> str:
    return (directory or "").partition("]")[2].strip().strip("/")


def _log(woke: datetime) -> Iterator[str]:
    """Ten quiet minutes, then the stun of the removal, stamped at its end."""
    for second in range(600, 20, -30):
        yield f"{_z(woke - timedelta(seconds=second))} In(05) vmx - Tools: heartbeat"
    begun = _z(woke - timedelta(seconds=15))
    yield f"{begun} In(05) vmx - SnapshotVMX_Consolidate: Starting online snapshot consolidate."
    us = STUN // timedelta(microseconds=1)
    yield f"{_z(woke)} In(05) vcpu-0 - Checkpoint_Unstun: vm stopped for {us} us"
    yield f"{_z(woke)} In(05) vcpu-0 - ConsolidateEnd: Snapshot consolidate complete: done (0)."


def _survivor(at: datetime) -> list[str]:
    own = "SQL02.corp.example"
    return [
        logged("Service Control Manager", 7036, "BITS", at=_z(at - timedelta(minutes=9)),
               record=1, computer=own),
        logged(CLUSTER, 1135, "SQL01", at=_z(at), record=2, computer=own),
    ]  # fmt: skip


def _lost(at: datetime) -> list[str]:
    """By its own clock, which lags by the stun."""
    own, woke = "SQL01.corp.example", at - timedelta(seconds=9)
    return [
        logged(CLUSTER, 1135, "SQL02", at=_z(woke), record=1, computer=own),
        logged(CLUSTER, 1177, at=_z(woke), record=2, computer=own),
    ]


def _z(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _config(folder: Path, winrm: Scene, center: Vcsim, veeam: VeeamServer) -> str:
    access = veeam.access
    return f"""
[storage]
path = "{folder / "stuncheck.db"}"
[winrm]
user = '{USER}'
tls = false
port = {winrm.winrm.port}
[[cluster]]
name = "SQLAG01"
hosts = ["127.0.0.1"]
[[vcenter]]
name = "{VCENTER_NAME}"
host = "{center.host}"
port = {center.port}
user = "{VCENTER_USER}"
ca_file = "{center.ca_file}"
read_logs = true
[[veeam]]
name = "vbr01"
host = "{access.host}"
port = {access.port}
user = '{access.user}'
ca_file = "{access.ca_file}"
"""
