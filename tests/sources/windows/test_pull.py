"""A cluster and its nodes pulled over real pywinrm and NTLM from the stand-in."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sources.access import Window
from sources.deadline import Deadline
from sources.gather import gather
from sources.material import Material
from sources.pulled import Pulled
from sources.windows.pull import ClusterPull, pull_cluster, pull_node, pull_nodes
from tests.peers.cluster_model import NodeModel
from tests.peers.winrm_scene import Scene, running, running_tls, with_password
from tests.peers.winrm_server import PASSWORD
from tests.sources.logged import CLUSTER, logged
from verdict.sign import Kind

pytestmark = pytest.mark.timed

HOSTS = {"SQL01": "127.0.0.1", "SQL02": "127.0.0.2"}
AT = datetime(2026, 3, 1, 2, 14, 10, tzinfo=UTC)
NIGHT = Window(AT - timedelta(minutes=10), AT + timedelta(minutes=2))
OPERATIONAL = "Microsoft-Windows-FailoverClustering/Operational"
EXCHANGE = "Microsoft-Exchange-HighAvailability/Operational"


def at(seconds: float, ahead: timedelta = timedelta()) -> str:
    return f"{AT + timedelta(seconds=seconds) + ahead:%Y-%m-%dT%H:%M:%S.%f}Z"


def survivor(ahead: timedelta = timedelta()) -> list[str]:
    """Give what SQL02 logged around a removal of SQL01, by a clock that is so far ahead."""
    group_policy = "Microsoft-Windows-GroupPolicy"
    own = "SQL02.corp.example"
    return [
        logged(group_policy, 1500, at=at(-3600, ahead), record=1, computer=own),
        logged(CLUSTER, 1135, "SQL01", at=at(0, ahead), record=2, computer=own),
        logged(
            CLUSTER, 1153, "AG1", "SQL01", "SQL02",
            at=at(1, ahead), record=3, computer=own, channel=OPERATIONAL,
        ),
        logged(
            "MSSQLSERVER", 19406, "AG1", "SECONDARY_NORMAL", "PRIMARY_NORMAL",
            at=at(2, ahead), record=4, computer=own, channel="Application",
        ),
        logged(CLUSTER, 1135, "SQL03", at=at(7200, ahead), record=5, computer=own),
    ]  # fmt: skip


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with running(tmp_path) as made:
        made.node("SQL02").events = survivor()
        yield made


def timed(scene: Scene, seconds: float = 1.0, hosts: dict[str, str] | None = None) -> Pulled:
    """Pull the night from the nodes; it must come in time and leave nothing behind."""
    start = time.monotonic()
    pulled = pull_nodes(scene.access, hosts or HOSTS, NIGHT, Deadline.after(seconds))
    assert time.monotonic() - start < seconds + 0.5
    scene.server.closing.set()
    assert scene.clean()
    assert PASSWORD not in repr(pulled)
    return pulled


def timed_cluster(scene: Scene, seconds: float = 1.0) -> ClusterPull:
    start = time.monotonic()
    pulled = pull_cluster(scene.access, Deadline.after(seconds))
    assert time.monotonic() - start < seconds + 0.5
    scene.server.closing.set()
    assert scene.clean()
    assert PASSWORD not in repr(pulled)
    return pulled


def whys(pulled: Pulled | ClusterPull, subject: str = "") -> str:
    return " / ".join(gap.why for gap in pulled.gaps if not subject or gap.subject == subject)


def signs(pulled: Pulled) -> dict[Kind, datetime]:
    material = Material("live", cluster=pulled.cluster, nodes=pulled.nodes)
    material = replace(material, incident=replace(material.incident, clocks=pulled.clocks))
    return {sign.kind: sign.at for sign in gather(material, datetime.now(UTC)).signs}


def test_the_events_of_the_window_are_read_by_the_same_parser_as_files(scene: Scene) -> None:
    pulled = pull_node(scene.access, "127.0.0.2", NIGHT, Deadline.after(5), "SQL02")
    assert [file.name for file in pulled.nodes["SQL02"]] == [
        "System.xml",
        "FailoverClustering-Operational.xml",
        "Application.xml",
    ]
    assert set(signs(pulled)) == {Kind.NODE_REMOVED, Kind.ROLE_FAILING_OVER, Kind.AG_STATE_CHANGED}
    assert not pulled.gaps
    assert scene.clean()


def test_no_powershell_is_started_for_events(scene: Scene) -> None:
    timed(scene, 5)
    lines = scene.server.shell.seen
    assert sum(line.startswith("powershell") for line in lines) == len(HOSTS)  # who and what time
    assert sum(line.startswith("wevtutil") for line in lines) == 6 * len(HOSTS)


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(seconds=-3), timedelta(days=-30)])
def test_a_clock_is_measured_and_the_window_is_asked_for_by_it(
    scene: Scene, ahead: timedelta
) -> None:
    node = scene.node("SQL02")
    node.ahead, node.events = ahead, survivor(ahead)
    node.utc_offset, node.separator = timedelta(hours=-6), ","
    pulled = timed(scene, 5)
    assert abs(pulled.clocks["SQL02"] - ahead) < timedelta(milliseconds=100)
    assert abs(signs(pulled)[Kind.NODE_REMOVED] - AT) < timedelta(milliseconds=200)


def test_a_slow_node_is_not_said_to_have_a_sharp_clock(scene: Scene) -> None:
    scene.node("SQL02").faults.slow = 0.8
    pulled = timed(scene, 6)
    assert "SQL02" not in pulled.clocks
    assert "only to 0." in whys(pulled, "SQL02")
    assert Kind.NODE_REMOVED in signs(pulled)


def test_nodes_are_asked_side_by_side(scene: Scene) -> None:
    for node in scene.server.cluster.nodes:
        node.faults.slow = 0.5
    start = time.monotonic()
    timed(scene, 6)
    assert time.monotonic() - start < 2.0  # two rounds of commands


def test_a_quiet_node_has_a_log_that_says_so(scene: Scene) -> None:
    scene.node().events = [survivor()[0].replace("SQL02", "SQL01")]
    pulled = timed(scene, 5)
    assert [file.name for file in pulled.nodes["SQL01"]] == ["System.xml"]
    assert not whys(pulled, "SQL01")


def test_a_log_that_does_not_reach_back_is_a_gap(scene: Scene) -> None:
    scene.node("SQL02").events = survivor()[1:]
    assert "does not reach back" in whys(timed(scene, 5), "SQL02")


def test_a_channel_that_belongs_to_another_role_is_no_gap_but_a_needed_one_is(
    scene: Scene,
) -> None:
    scene.node("SQL02").missing = {EXCHANGE, OPERATIONAL}
    why = whys(timed(scene, 5), "SQL02")
    assert OPERATIONAL in why
    assert EXCHANGE not in why


def test_a_channel_that_is_closed_says_which_group_opens_it(scene: Scene) -> None:
    scene.node("SQL02").closed = {"System"}
    pulled = timed(scene, 5)
    (gap,) = [gap for gap in pulled.gaps if gap.subject == "SQL02"]
    assert "System: this account may not read it" in gap.why
    assert "Event Log Readers" in (gap.remedy or "")


def test_cluster_log_comes_only_if_asked_for(scene: Scene) -> None:
    scene.access = replace(scene.access, cluster_log=True)
    scene.node("SQL02").cluster_log = b"00000fe4.00001620::2026/03/01-02:14:10.000 INFO  x\r\n" * 9
    pulled = pull_node(scene.access, "127.0.0.2", scene.window, Deadline.after(5), "SQL02")
    (log,) = [file for file in pulled.nodes["SQL02"] if file.name == "cluster.log"]
    assert log.open().read() == scene.node("SQL02").cluster_log
    assert "only the last hour" in whys(timed(scene, 5), "SQL02")


@pytest.mark.parametrize("action", ["accept", "Logon", "Create", "Command", "Receive"])
def test_a_node_that_hangs_costs_its_own_part_only(scene: Scene, action: str) -> None:
    scene.node("SQL01").faults.hang = action
    pulled = timed(scene, 1.5)
    assert Kind.NODE_REMOVED in signs(pulled)
    assert "in time" in whys(pulled, "SQL01")
    assert len([gap for gap in pulled.gaps if gap.source == "events"]) <= 2
    assert not whys(pulled, "SQL02")


@pytest.mark.parametrize("fault", ["reset", "cut", "garbage"])
@pytest.mark.parametrize("action", ["Logon", "Create", "Command", "Receive", "Signal", "Delete"])
def test_a_node_that_breaks_off_is_a_gap(scene: Scene, fault: str, action: str) -> None:
    setattr(scene.node("SQL02").faults, fault, action)
    start = time.monotonic()
    pulled = pull_nodes(scene.access, HOSTS, NIGHT, Deadline.after(3))
    assert time.monotonic() - start < 3.5
    read = Kind.NODE_REMOVED in signs(pulled)
    harmless = action == "Delete" or (fault == "cut" and action == "Logon")
    assert bool(whys(pulled, "SQL02")) is not harmless
    assert read or not harmless


def test_an_answer_cut_in_its_middle_is_a_gap_and_still_read(scene: Scene) -> None:
    node = scene.node("SQL02")
    node.faults.broken_output = len(survivor()[1]) + 100
    node.events = [survivor()[0], survivor()[1], *[survivor()[1]] * 5]
    pulled = timed(scene, 3)
    assert "System: read only in part" in whys(pulled, "SQL02")
    assert Kind.NODE_REMOVED in signs(pulled)


def test_a_refused_connection_or_password_is_a_gap_with_what_to_do(scene: Scene) -> None:
    scene.access = replace(scene.access, winrm=with_password(scene.winrm, "wrong"))
    scene.server.refuse("SQL01")
    pulled = timed(scene, 3)
    assert "connection was refused" in whys(pulled, "SQL01")
    assert "password was refused" in whys(pulled, "SQL02")
    assert all(gap.remedy for gap in pulled.gaps)


def test_another_machine_at_the_address_is_told(scene: Scene) -> None:
    pulled = timed(scene, 5, {"SQL07": "127.0.0.2"})
    assert "is SQL02, not SQL07" in whys(pulled, "SQL07")
    assert "SQL07" not in pulled.nodes


def test_a_cluster_needs_only_one_host(scene: Scene) -> None:
    pulled = timed_cluster(scene, 5)
    assert pulled.configuration.name == "SQLAG01"
    assert dict(pulled.configuration.nodes) == {"SQL01": None, "SQL02": None}
    assert pulled.configuration.properties["SameSubnetThreshold"] == 20
    assert pulled.configuration.groups[0].lease_timeout == timedelta(seconds=20)
    assert pulled.state.hosts == HOSTS
    assert [n.identity and n.identity.uuid for n in pulled.state.nodes] == [
        "4207b2d2-7c31-4d5a-9f0a-0123456789ab",
        "4207aaaa-0000-0000-0000-02",
    ]
    assert {role.name: role.owner for role in pulled.state.roles}["AG1"] == "SQL01"
    assert set(pulled.clocks) == set(HOSTS)
    assert not pulled.gaps


def test_names_lead_to_names_in_the_same_domain(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket  # noqa: PLC0415  only this test gives names to the loopback addresses

    real = socket.getaddrinfo
    names = {"sql01.corp.example": "127.0.0.1", "SQL02.corp.example": "127.0.0.2"}
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: real(names.get(host, host), *rest, **more),
    )
    scene.access = replace(scene.access, hosts=("sql01.corp.example",))
    assert timed_cluster(scene, 5).state.hosts == {n.split(".")[0].upper(): n for n in names}


def test_the_vm_of_a_node_may_be_told(scene: Scene) -> None:
    scene.access = replace(scene.access, vms={"sql01": "VM-A"})
    assert timed_cluster(scene, 5).configuration.nodes["SQL01"] == "VM-A"


@pytest.mark.parametrize("hang", ["accept", ""])
def test_the_next_host_speaks_where_the_first_does_not(scene: Scene, hang: str) -> None:
    scene.access = replace(scene.access, hosts=("127.0.0.1", "127.0.0.2"))
    scene.node().faults.hang = hang
    if not hang:
        scene.server.refuse("SQL01")
    pulled = timed_cluster(scene, 1.5)
    assert pulled.configuration.name == "SQLAG01"
    assert whys(pulled)
    assert list(pulled.clocks) == ["SQL02"]


def test_without_any_host_the_configured_nodes_remain(scene: Scene) -> None:
    scene.access = replace(scene.access, hosts=("sql01.invalid", "127.0.0.1"))
    scene.server.refuse("SQL01")
    pulled = timed_cluster(scene, 10)
    assert dict(pulled.configuration.nodes) == {"sql01": None}
    assert "none of the configured hosts" in whys(pulled, "SQLAG01")


def test_windows_2008_is_asked_by_cluster_exe(scene: Scene) -> None:
    for node in scene.server.cluster.nodes:
        node.has_module, node.os = False, "Windows Server 2008 R2 Enterprise"
    pulled = timed_cluster(scene, 5)
    assert pulled.configuration.properties["SameSubnetDelay"] == 1000
    assert pulled.configuration.os == "Windows Server 2008 R2 Enterprise"
    assert list(pulled.configuration.nodes) == ["SQL01", "SQL02"]


def test_a_closed_cluster_says_how_to_open_it(scene: Scene) -> None:
    scene.node().cluster_access = False
    pulled = timed_cluster(scene, 5)
    assert "access was denied" in whys(pulled)
    assert any("Grant-ClusterAccess" in (gap.remedy or "") for gap in pulled.gaps)


def test_over_tls_everything_is_the_same(tmp_path: Path) -> None:
    with running_tls(tmp_path) as scene:
        scene.node("SQL02").events = survivor()
        pulled = timed_cluster(scene, 5)
        assert pulled.configuration.name == "SQLAG01"
        scene.server.closing.clear()
        assert Kind.NODE_REMOVED in signs(timed(scene, 5))


def test_many_nodes_do_not_wait_for_each_other(scene: Scene, tmp_path: Path) -> None:
    del scene
    nodes = [NodeModel(f"N{n:02}", f"127.0.1.{n}") for n in range(1, 13)]
    with running(tmp_path) as one:
        one.server.cluster.nodes += nodes  # not listening: each of them is refused
        hosts = {node.name: node.address for node in nodes}
        pulled = timed(one, 3, hosts)
    assert len({gap.subject for gap in pulled.gaps}) == 12
