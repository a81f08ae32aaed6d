"""A pull from a real vcsim: what happened there comes back as facts."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from sources.access import Secret, Window
from sources.deadline import Deadline
from sources.pulled import Pulled
from sources.vcenter.events import read_vcenter_events
from sources.vcenter.inventory import read_inventory
from sources.vcenter.properties import Estate, read_estate
from sources.vcenter.pull import pull_history, pull_vcenter
from sources.vcenter.rights import check_rights, examine
from sources.vcenter.session import Session
from sources.vcenter.tasks import read_tasks
from sources.vcenter.vmomi import vim
from sources.vcenter.wanted import Wanted, WantedNode
from tests.peers.vcsim import PASSWORD, Vcsim, open_sessions, snapshot_and_back, vcsim, wait
from verdict.clock import Clock
from verdict.facts import Phase
from verdict.sign import Kind

CLOCK = Clock("vcenter", timedelta())


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vcsim]:
    with vcsim(tmp_path_factory.mktemp("vcsim"), "-vm=3", "-folder=1") as running:
        yield running


@pytest.fixture
def own(peer: Vcsim) -> Iterator[Session]:
    """The test's own session: the only one that may be open when a pull is over."""
    threads = set(threading.enumerate())
    with peer.session() as session:
        yield session
        assert open_sessions(session) == 1
    assert set(threading.enumerate()) <= threads


@pytest.fixture
def estate(own: Session) -> Estate:
    return read_estate(own)


def pulled(peer: Vcsim, estate: Estate, *, read_logs: bool = False) -> Pulled:
    """Pull the last minute of the first VM, found by its UUID as Windows prints it."""
    uuid = UUID(bytes_le=UUID(estate.vms[0].uuid).bytes)
    wanted = Wanted((WantedNode("SQL01", str(uuid)),))
    now = datetime.now(UTC)
    window = Window(now - timedelta(minutes=1), now)
    answer = pull_vcenter(peer.access(read_logs=read_logs), wanted, window, Deadline.after(10))
    assert PASSWORD not in repr(answer)
    return answer


def test_snapshots_created_and_removed_come_back_as_intervals(
    peer: Vcsim, own: Session, estate: Estate
) -> None:
    before = datetime.now(UTC)
    snapshot_and_back(own, estate.vms[0].ref)
    answer = pulled(peer, estate)
    inventory, wrong = read_inventory(answer.vcenter.inventory or b"")
    found = read_tasks(answer.vcenter.tasks or b"", CLOCK, inventory)
    fresh = [op for op in found.operations if op.start >= before]
    assert [op.phase for op in fresh] == [Phase.CREATE, Phase.REMOVE]
    assert {op.vm for op in fresh} == {estate.vms[0].name}
    assert all(op.end is not None and op.start <= op.end for op in fresh)
    assert (wrong, found.gaps, answer.gaps) == ((), (), ())


def test_what_was_asked_for_is_collected_up_to_the_moment_of_asking(
    peer: Vcsim, estate: Estate
) -> None:
    asked = datetime.now(UTC)
    start, end = pulled(peer, estate).collected["vcenter"]
    assert abs(start - (asked - timedelta(minutes=1))) < timedelta(seconds=1)
    assert abs(end - asked) < timedelta(seconds=1)


def test_a_node_is_told_its_vm_and_vcenters_clock_is_measured(peer: Vcsim, estate: Estate) -> None:
    answer = pulled(peer, estate)
    assert dict(answer.cluster.nodes) == {"SQL01": estate.vms[0].name}
    assert abs(answer.clocks["vcenter"]) < timedelta(seconds=1)


def test_a_host_that_failed_comes_back_as_a_sign(peer: Vcsim, own: Session, estate: Estate) -> None:
    host = estate.objects[estate.vms[0].host or ""]
    argument = vim.event.HostEventArgument(host=vim.HostSystem(host.ref, own.wire), name=host.name)
    cluster = vim.event.ComputeResourceEventArgument(
        computeResource=vim.ComputeResource(host.parent, own.wire), name="DC0_C0"
    )
    event = vim.event.DasHostFailedEvent(
        key=0,
        chainId=0,
        createdTime=datetime.now(UTC),
        userName="",
        failedHost=argument,
        computeResource=cluster,
    )
    own.content.eventManager.PostEvent(event, None)
    answer = pulled(peer, estate)
    found = read_vcenter_events(
        answer.vcenter.events or b"", CLOCK, read_inventory(answer.vcenter.inventory or b"")[0]
    )
    assert (Kind.HOST_FAILED, host.name) in {(sign.kind, sign.subject) for sign in found.signs}
    assert found.gaps == ()


def test_a_vm_that_moved_comes_back_as_an_event(peer: Vcsim, own: Session) -> None:
    estate = read_estate(own)
    vm = estate.vms[0]
    target = next(o for o in estate.objects.values() if o.kind == "HostSystem" and o.ref != vm.host)
    spec = vim.vm.RelocateSpec(host=vim.HostSystem(target.ref, own.wire))
    wait(own, vim.VirtualMachine(vm.ref, own.wire).Relocate(spec))
    rows: list[dict[str, Any]] = json.loads(pulled(peer, estate).vcenter.events or b"")
    (moved,) = [row for row in rows if row["eventTypeId"] == "VmMigratedEvent"]
    assert moved["vm"] == vm.ref
    assert {moved["host"], moved["sourceHost"]} <= {estate.name(vm.host), target.name}


def test_the_log_is_read_from_the_datastore(peer: Vcsim, estate: Estate) -> None:
    vm, now = estate.vms[0], datetime.now(UTC)
    folder = peer.folders["LocalDS_0"] / vm.name
    lines = [
        f"{(now - timedelta(seconds=s)).isoformat(timespec='milliseconds')[:-6]}Z In(05) vmx - x\n"
        for s in range(600, 0, -1)
    ]
    (folder / "vmware.log").write_text("".join(lines[300:]))
    (folder / "vmware-2.log").write_text("".join(lines[:300]))
    answer = pulled(peer, estate, read_logs=True)
    (log,) = answer.vms[vm.name]  # the older one is not needed
    with log.open() as opened:
        assert opened.read() == "".join(lines[300:]).encode()
    assert answer.collected["vmware"][1] <= datetime.now(UTC)
    assert answer.gaps == ()


def test_history_brings_the_tasks_of_named_vms_over_days(
    peer: Vcsim, own: Session, estate: Estate
) -> None:
    vm = estate.vms[1]
    snapshot_and_back(own, vm.ref)
    now = datetime.now(UTC)
    window = Window(now - timedelta(days=3), now)
    answer = pull_history(peer.access(), [vm.name], window, Deadline.after(10))
    rows = json.loads(answer.vcenter.tasks or b"")
    assert {row["entity"] for row in rows} == {vm.ref}
    ahead = answer.clocks["vcenter"]  # by some microseconds either way, on one machine
    begin = min(window.start, window.start + ahead)
    assert (answer.vcenter.events, answer.collected["vcenter"][0]) == (None, begin)


def test_the_round_trips_do_not_depend_on_the_number_of_vms(peer: Vcsim, own: Session) -> None:
    assert own.calls == 2
    estate = read_estate(own)
    assert len(estate.vms) >= 3
    assert own.calls == 5  # a view made, read and destroyed; bench/vcenter.py: same with 2,000
    pulled(peer, estate)


def test_the_rights_are_looked_at_for_each_feature(
    peer: Vcsim, own: Session, estate: Estate
) -> None:
    own.access = replace(own.access, read_logs=True)
    rights = check_rights(own, estate, estate.vms[:1])
    assert {right.feature for right in rights} == {"tasks, events and inventory", "vmware.log"}
    assert {"the root folder", "datacenter DC0", "datastore LocalDS_0"} <= {
        r.entity for r in rights
    }
    assert all(right.granted for right in rights)  # vcsim knows no rights
    examined = examine(peer.access(), Wanted.vms((estate.vms[0].name,)), Deadline.after(10))
    assert "vCenter" in examined.about
    assert examined.mapping.unknown == ()


def test_a_wrong_password_is_a_gap_that_does_not_tell_it(peer: Vcsim, own: Session) -> None:
    now = datetime.now(UTC)
    access = replace(peer.access(), password=Secret("marker-wrong"))
    answer = pull_vcenter(access, Wanted(), Window(now, now), Deadline.after(5))
    (gap,) = answer.gaps
    assert "refused the user name or the password" in gap.why
    assert "marker" not in repr(answer) + repr(own)
