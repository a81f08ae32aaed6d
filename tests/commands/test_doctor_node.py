"""`doctor` against a stand-in for WinRM: what is found of a node, and the line that mends it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from commands.doctor import System, doctor
from commands.doctor_node import NodeProbe
from commands.reply import Reply
from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.windows.queries import CLUSTERING
from tests.peers.cluster_model import NodeModel
from tests.peers.winrm_scene import Scene, running, running_tls, with_password
from tests.peers.winrm_server import PASSWORD


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Give a cluster that is as it should be; no shell and no thread may be left of the doctor."""
    with running(tmp_path) as given:
        yield given
        given.server.closing.set()  # a server that hangs lets go; ours is gone already
        # a shell whose id never came is closed by Windows itself, after three minutes
        assert given.clean() or given.node().faults.cut == "Create"


def examine(*systems: System, seconds: float = 10) -> Reply:
    reply = doctor([systems], Deadline.after(seconds), seconds)
    assert PASSWORD not in repr(reply)
    return reply


def visit(access: ClusterAccess) -> Reply:
    return examine(NodeProbe(access, access.hosts[0]).system())


def states(reply: Reply) -> dict[str, str]:
    return {line["check"]: line["state"] for line in reply.payload["checks"]}


def wrong(reply: Reply) -> dict[str, str]:
    lines = reply.payload["checks"]
    return {line["check"]: line["remedy"] for line in lines if line["state"] == "wrong"}


def test_a_node_that_is_as_it_should_be_is_found_well(scene: Scene) -> None:
    probe = NodeProbe(scene.access, "127.0.0.1")
    found = states(examine(probe.system()))
    assert found.pop("certificate") == "not used"  # without TLS
    assert found.pop("cluster.log") == "not used"
    assert found == dict.fromkeys(("connection", "log-on", "event logs", "cluster", "clock"), "ok")
    assert probe.state
    assert [node.name for node in probe.state.nodes] == ["SQL01", "SQL02"]


def test_over_tls_the_certificate_is_seen_before_a_password_is_sent(tmp_path: Path) -> None:
    with running_tls(tmp_path) as scene:
        assert states(visit(scene.access))["certificate"] == "ok"
        reply = visit(replace(scene.access, winrm=replace(scene.winrm, ca_file=None)))
        assert "openssl s_client" in wrong(reply)["certificate"]
        assert states(reply)["log-on"] == "not checked"


def test_a_wrong_password_is_told_and_not_shown(scene: Scene) -> None:
    winrm = with_password(scene.winrm, "marker-other")
    reply = visit(replace(scene.access, winrm=winrm))
    assert list(wrong(reply)) == ["log-on"]
    assert "marker-other" not in repr(reply)


READERS = r"""Add-LocalGroupMember -Group "Event Log Readers" -Member 'CORP\stuncheck'"""
GRANT = r"Grant-ClusterAccess -User 'CORP\stuncheck' -ReadOnly"


def _deny(node: NodeModel) -> None:
    node.faults.denied = True


def _close_all(node: NodeModel) -> None:
    node.closed |= {"System", "Application", f"{CLUSTERING}/Operational"}


def _close_one(node: NodeModel) -> None:
    node.closed |= {f"{CLUSTERING}/Operational"}


def _no_access(node: NodeModel) -> None:
    node.cluster_access = False


def _ahead(node: NodeModel) -> None:
    node.ahead = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("spoil", "check", "line"),
    [
        (_deny, "log-on", "winrm configSDDL default"),
        (_close_all, "event logs", READERS),
        (_close_one, "event logs", f"wevtutil gl {CLUSTERING}/Operational"),
        (_no_access, "cluster", GRANT),
        (_ahead, "clock", "w32tm /resync /rediscover"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_missing_comes_with_the_line_that_gives_it(
    scene: Scene, spoil: object, check: str, line: str
) -> None:
    assert callable(spoil)
    spoil(scene.node())
    said = wrong(visit(scene.access))
    assert list(said) == [check]
    assert line in said[check]


def test_a_node_of_another_cluster_is_told(scene: Scene) -> None:
    said = wrong(visit(replace(scene.access, name="SQLAG02")))
    assert 'Write name = "SQLAG01"' in said["cluster"]


def test_an_old_node_without_the_module_is_asked_the_old_way(scene: Scene) -> None:
    scene.node().has_module = False
    assert states(visit(scene.access))["cluster"] == "ok"


def test_cluster_log_takes_an_administrator_and_is_seen_only_where_it_is_wanted(
    scene: Scene,
) -> None:
    access = replace(scene.access, cluster_log=True)
    assert states(visit(access))["cluster.log"] == "ok"
    scene.node().cluster_access = False
    assert "cluster_log = false" in wrong(visit(access))["cluster.log"]


@pytest.mark.parametrize("kind", ["hang", "reset", "cut", "garbage"])
@pytest.mark.parametrize("action", ["Create", "Command", "Receive"])
def test_whatever_goes_wrong_is_told_in_time(scene: Scene, kind: str, action: str) -> None:
    setattr(scene.node().faults, kind, action)
    reply = examine(NodeProbe(scene.access, "127.0.0.1").system(), seconds=2)
    assert reply.problems
    assert "Traceback" not in repr(reply)
