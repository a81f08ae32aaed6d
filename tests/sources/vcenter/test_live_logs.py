"""vmware.log fetched from a vCenter, or from the host that has it locked."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sources.access import Window
from sources.deadline import Deadline
from sources.pulled import Pulled
from sources.vcenter.pull import pull_vcenter
from sources.vcenter.wanted import Wanted
from sources.vmware.vm_folder import read_vm_folder
from tests.peers.vcenter import Fault, VCenterPeer
from verdict.clock import Clock

pytestmark = pytest.mark.timed

NOW = datetime.now(UTC).replace(microsecond=0)
WINDOW = Window(NOW - timedelta(minutes=2), NOW)


def lines(begin: datetime, end: datetime) -> bytes:
    count = int((end - begin).total_seconds())
    stamps = (begin + timedelta(seconds=n) for n in range(count))
    return b"".join(f"{s:%Y-%m-%dT%H:%M:%S}.000Z In(05) vmx - x\n".encode() for s in stamps)


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[VCenterPeer]:
    with VCenterPeer(tmp_path) as running:
        running.model.logs = {
            "vmware.log": lines(NOW - timedelta(minutes=1), NOW),
            "vmware-3.log": lines(NOW - timedelta(minutes=9), NOW - timedelta(minutes=1)),
            "vmware-2.log": lines(NOW - timedelta(minutes=19), NOW - timedelta(minutes=9)),
        }
        yield running


def pull(peer: VCenterPeer, **changed: Any) -> Pulled:  # noqa: ANN401  any field of the access
    access = replace(peer.access(read_logs=True), **changed)
    pulled = pull_vcenter(access, Wanted.vms(("SQL01",)), WINDOW, Deadline.after(5))
    assert peer.sessions == set()
    return pulled


def names(pulled: Pulled) -> list[str]:
    return [file.name for file in pulled.vms.get("SQL01", ())]


def test_older_logs_are_read_until_the_window_is_covered(peer: VCenterPeer) -> None:
    pulled = pull(peer)
    assert names(pulled) == ["vmware.log", "vmware-3.log"]
    found = read_vm_folder(
        "SQL01", pulled.vms["SQL01"], Clock("esx"), NOW, pulled.collected["vmware"][1]
    )
    (span,) = found.coverage
    assert span.start <= WINDOW.start
    assert span.end >= WINDOW.end - timedelta(seconds=1)
    assert (found.gaps, pulled.gaps) == ((), ())


def test_logs_are_not_touched_unless_switched_on(peer: VCenterPeer) -> None:
    pulled = pull(peer, read_logs=False)
    assert (dict(pulled.vms), peer.calls["SearchDatastore_Task"], peer.calls["/folder"]) == (
        {},
        0,
        0,
    )
    assert "vmware" not in pulled.collected


@pytest.mark.parametrize("status", ["403", "404", "500"])
def test_a_locked_log_comes_from_its_host_by_ticket(peer: VCenterPeer, status: str) -> None:
    peer.faults = [Fault("/folder", status, times=1)]
    pulled = pull(peer)
    assert names(pulled) == ["vmware.log", "vmware-3.log"]
    assert (peer.calls["host"], peer.tickets, pulled.gaps) == (1, {}, ())


def test_a_host_with_another_certificate_gets_no_ticket(peer: VCenterPeer) -> None:
    peer.faults = [Fault("/folder", "500")]
    peer.thumbprint = "00:" * 19 + "00"
    pulled = pull(peer)
    (gap,) = pulled.gaps
    assert "certificate is not trusted" in gap.why
    assert "HTTP 500" in gap.why
    assert peer.calls["host"] == 0


def test_without_a_thumbprint_the_host_is_verified_as_any_other(peer: VCenterPeer) -> None:
    peer.faults = [Fault("/folder", "500")]
    peer.thumbprint = ""
    (gap,) = pull(peer).gaps
    assert "certificate is not trusted" in gap.why
    assert pull(peer, verify=False).gaps == ()


def test_hosts_are_left_alone_where_that_is_switched_off(peer: VCenterPeer) -> None:
    peer.faults = [Fault("/folder", "500")]
    (gap,) = pull(peer, esxi_logs=False).gaps
    assert (gap.source, gap.subject, peer.calls["host"]) == ("vmware.log", "SQL01", 0)
    assert "HTTP 500" in gap.why


@pytest.mark.parametrize("kind", ["hang", "drip", "reset", "half", "401", "503"])
def test_a_log_that_does_not_come_is_a_gap_and_the_rest_is_there(
    peer: VCenterPeer, kind: str
) -> None:
    peer.faults = [Fault("/folder", kind)]
    access = peer.access(read_logs=True)
    began = time.monotonic()
    pulled = pull_vcenter(access, Wanted.vms(("SQL01",)), WINDOW, Deadline.after(1.5))
    assert time.monotonic() - began < 2.0
    (gap,) = pulled.gaps
    assert (gap.source, gap.subject) == ("vmware.log", "SQL01")
    assert gap.remedy
    assert "vcenter" in pulled.collected
    assert pulled.vcenter.tasks is not None


def test_what_was_read_before_a_fault_is_kept(peer: VCenterPeer) -> None:
    peer.faults = [Fault("/folder", "503", since=2)]
    pulled = pull(peer)
    assert names(pulled) == ["vmware.log"]
    assert "vmware-3.log" in pulled.gaps[0].why


def test_a_log_that_was_replaced_while_it_was_listed_is_read_again(peer: VCenterPeer) -> None:
    peer.model.listed = {"vmware.log": 10_000_000}
    pulled = pull(peer)
    assert peer.calls["SearchDatastore_Task"] == 2
    assert names(pulled) == ["vmware.log", "vmware-3.log"]


def test_logs_that_begin_too_late_are_a_gap(peer: VCenterPeer) -> None:
    del peer.model.logs["vmware-3.log"], peer.model.logs["vmware-2.log"]
    assert "oldest log there is" in pull(peer).gaps[0].why


def test_the_clock_of_the_host_is_measured_and_the_window_is_its_own(peer: VCenterPeer) -> None:
    peer.model.host_ahead = timedelta(minutes=5)
    ahead = NOW + timedelta(minutes=5)
    peer.model.logs = {"vmware.log": lines(ahead - timedelta(minutes=9), ahead)}
    pulled = pull(peer)
    measured = pulled.clocks[peer.model.log_host]
    assert abs(measured - timedelta(minutes=5)) < timedelta(seconds=1)
    assert pulled.gaps == ()


def test_an_unknown_folder_is_a_gap(peer: VCenterPeer) -> None:
    peer.model.logs = {}
    (gap,) = pull(peer).gaps
    assert "no vmware.log in [ds1] SQL01" in gap.why
