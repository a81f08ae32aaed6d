"""`doctor` against a real vcsim: what is found of a vCenter, and whose VM is whose."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from commands.doctor import System, doctor
from commands.doctor_mapping import cluster_mapping
from commands.doctor_node import NodeProbe
from commands.doctor_vcenter import VCenterProbe
from commands.reply import Reply
from sources.access import ClusterAccess, Secret, WinRmAccess
from sources.deadline import Deadline
from sources.windows.cluster_state import ClusterState, Identity, NodeState
from tests.peers.vcsim import PASSWORD, Vcsim, vcsim


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vcsim]:
    with vcsim(tmp_path_factory.mktemp("vcsim"), "-vm=2") as running:
        yield running


def examine(*systems: System) -> Reply:
    threads = set(threading.enumerate())
    reply = doctor([systems], Deadline.after(15), 15)
    assert set(threading.enumerate()) <= threads
    assert PASSWORD not in repr(reply)
    return reply


def states(reply: Reply) -> dict[str, str]:
    return {line["check"]: line["state"] for line in reply.payload["checks"]}


def test_a_vcenter_that_is_as_it_should_be_is_found_well(peer: Vcsim) -> None:
    found = states(examine(VCenterProbe(peer.access()).system()))
    assert {name: found[name] for name in ("connection", "certificate", "log-on", "rights")} == (
        dict.fromkeys(("connection", "certificate", "log-on", "rights"), "ok")
    )
    assert found["clock"] == "ok"


def test_no_password_is_sent_to_a_vcenter_that_is_not_trusted(peer: Vcsim) -> None:
    found = states(examine(VCenterProbe(replace(peer.access(), ca_file=None)).system()))
    assert (found["certificate"], found["log-on"]) == ("wrong", "not checked")


def test_a_wrong_password_is_told_and_not_shown(peer: Vcsim) -> None:
    reply = examine(VCenterProbe(replace(peer.access(), password=Secret("marker-2"))).system())
    assert states(reply)["log-on"] == "wrong"
    assert "marker-2" not in repr(reply)


def node(cluster: ClusterAccess, name: str, *others: str) -> NodeProbe:
    """Give a node that was asked already, and told its cluster."""
    probe = NodeProbe(cluster, f"{name}.corp.example")
    probe.identity = Identity(name, "corp.example")
    probe.state = ClusterState("SQLAG01", nodes=tuple(NodeState(n, n) for n in (name, *others)))
    return probe


def test_a_node_finds_its_vm_and_a_stranger_gets_the_line_to_write(peer: Vcsim) -> None:
    vcenter = VCenterProbe(peer.access())
    examine(vcenter.system())
    assert vcenter.estate
    name = vcenter.estate.vms[0].name
    cluster = ClusterAccess("SQLAG01", ("a",), WinRmAccess(), vms={"SQL01": name})
    mapping = cluster_mapping(cluster, [node(cluster, "SQL01", "SQL02")], [vcenter])
    reply = examine(mapping.system())
    assert states(reply) == {"SQL01": "ok", "SQL02": "wrong"}
    assert [one.vm.name for one in mapping.vms] == [name]
    assert 'Under [cluster.vms] of SQLAG01: SQL02 = "NAME OF THE VM"' in repr(reply)


def test_a_vm_in_two_vcenters_is_nobodys_until_one_is_named(peer: Vcsim) -> None:
    twins = [VCenterProbe(replace(peer.access(), name=name)) for name in ("vc1", "vc2")]
    examine(*(twin.system() for twin in twins))
    assert twins[0].estate
    vms = {"SQL01": twins[0].estate.vms[0].name}
    cluster = ClusterAccess("SQLAG01", ("a",), WinRmAccess(), vms=vms)
    mapping = cluster_mapping(cluster, [node(cluster, "SQL01")], twins)
    assert mapping.vms == []
    (problem,) = examine(mapping.system()).problems
    assert problem.hint == 'Under SQLAG01: vcenters = ["vc1"]'


def test_without_a_vcenter_the_mapping_is_not_used() -> None:
    cluster = ClusterAccess("SQLAG01", ("a",), WinRmAccess())
    mapping = cluster_mapping(cluster, [node(cluster, "SQL01")], [])
    assert states(examine(mapping.system())) == {"SQL01": "not used"}
