"""Whatever a vCenter does wrong: a gap in time, nothing left behind, no secret told."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sources.access import Window
from sources.deadline import Deadline
from sources.pulled import Pulled
from sources.vcenter.pull import pull_history, pull_vcenter
from sources.vcenter.session import Session
from sources.vcenter.wanted import Wanted, WantedNode
from tests.peers.vcenter import PASSWORD, Fault, VCenterPeer
from tests.peers.vcenter_model import VMS, event, task

pytestmark = pytest.mark.timed

WANTED = Wanted(tuple(map(WantedNode, VMS)))
SECONDS = 1.2
"""A deadline, in seconds."""
GRACE = 0.5
"""Seconds past the deadline in which a pull must have ended."""
AT = (
    "/sdk/vimServiceVersions.xml",
    "RetrieveServiceContent",
    "Login",
    "CurrentTime",
    "CreateContainerView",
    "RetrievePropertiesEx",
    "CreateCollectorForTasks",
    "ReadNextTasks",
    "ReadNextEvents",
)
QUICK = ("reset", "half", "garbage", "bomb", "401", "500", "503", "NoPermission")
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[VCenterPeer]:
    with VCenterPeer(tmp_path) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_left(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No thread stays, and nothing that was logged or is shown holds the password."""
    caplog.set_level(logging.DEBUG)
    threads = set(threading.enumerate())
    yield
    left = {t for t in threading.enumerate() if t.name.startswith("vcenter")} - threads
    assert left == set()
    assert "marker" not in caplog.text


def pull(peer: VCenterPeer, seconds: float = SECONDS, wanted: Wanted = WANTED) -> Pulled:
    window = Window(NOW - timedelta(minutes=5), NOW)
    began = time.monotonic()
    pulled = pull_vcenter(peer.access(), wanted, window, Deadline.after(seconds))
    assert time.monotonic() - began < seconds + GRACE
    assert PASSWORD not in repr(pulled)
    wait_for(lambda: not peer.sessions)
    return pulled


def wait_for(met: Callable[[], bool]) -> None:
    until = time.monotonic() + 2
    while not met():
        assert time.monotonic() < until
        time.sleep(0.01)


def rows(answer: bytes | None) -> list[dict[str, str]]:
    return list(json.loads(answer or b"[]"))


def proves_absence(pulled: Pulled, subject: str) -> bool:
    gap = any((g.source, g.subject) == ("vcenter", subject) for g in pulled.gaps)
    return "vcenter" in pulled.collected and not gap


@pytest.mark.parametrize("at", AT)
@pytest.mark.parametrize("kind", QUICK)
def test_a_wrong_answer_is_a_gap(peer: VCenterPeer, at: str, kind: str) -> None:
    peer.faults = [Fault(at, kind)]
    pulled = pull(peer, 5)
    assert pulled.gaps
    assert all(gap.why and gap.remedy for gap in pulled.gaps)
    absence = [proves_absence(pulled, "tasks"), proves_absence(pulled, "events")]
    assert absence != [True, True]


@pytest.mark.parametrize("at", ["connect", *AT[:3], AT[5], AT[7]])
@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_a_slow_answer_is_a_gap_in_time(peer: VCenterPeer, at: str, kind: str) -> None:
    peer.faults = [Fault(at, "hang" if at == "connect" else kind)]
    pulled = pull(peer)
    assert any("did not answer in time" in gap.why for gap in pulled.gaps)
    assert not proves_absence(pulled, "tasks")


def test_a_port_that_is_closed_is_a_gap(peer: VCenterPeer) -> None:
    access = replace(peer.access(), port=1)
    (gap,) = pull_vcenter(access, WANTED, Window(NOW, NOW), Deadline.after(SECONDS)).gaps
    assert "cannot be reached: Connection refused" in gap.why


# pyVim.connect (getSslContext) does not verify localhost unless it is handed a context.
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_that_is_not_trusted_is_refused_before_the_password(
    peer: VCenterPeer, host: str
) -> None:
    access = replace(peer.access(ca="host-ca"), host=host)
    (gap,) = pull_vcenter(access, WANTED, Window(NOW, NOW), Deadline.after(SECONDS)).gaps
    assert "certificate" in gap.why
    assert "ca_file" in (gap.remedy or "")
    assert peer.calls["Login"] == 0


def test_a_ca_file_that_is_not_there_is_a_gap(peer: VCenterPeer) -> None:
    (gap,) = pull_vcenter(
        peer.access(ca="nothing"), WANTED, Window(NOW, NOW), Deadline.after(SECONDS)
    ).gaps
    assert "nothing.pem" in gap.why


@pytest.mark.parametrize("at", AT[4:])
def test_an_expired_session_is_renewed_once(peer: VCenterPeer, at: str) -> None:
    peer.faults = [Fault(at, "NotAuthenticated", since=2 if at.startswith("Read") else 1, times=1)]
    peer.model.tasks = [task(1, NOW - timedelta(minutes=2), timedelta(minutes=1))]
    pulled = pull(peer, 5)
    assert (pulled.gaps, peer.calls["Login"]) == ((), 2)
    assert len(rows(pulled.vcenter.tasks)) == 1


def test_a_session_that_keeps_expiring_is_a_gap(peer: VCenterPeer) -> None:
    peer.faults = [Fault("ReadNextTasks", "NotAuthenticated")]
    pulled = pull(peer, 5)
    assert not proves_absence(pulled, "tasks")
    assert peer.calls["Login"] == 2


def test_ten_thousand_tasks_are_read_page_by_page(peer: VCenterPeer) -> None:
    began = NOW - timedelta(hours=1)
    peer.model.tasks = [
        task(n, began + timedelta(milliseconds=n), timedelta(minutes=59)) for n in range(10_000)
    ]
    pulled = pull(peer, 30, Wanted((WantedNode("SQL01"),)))
    assert len(rows(pulled.vcenter.tasks)) == 10_000
    assert proves_absence(pulled, "tasks")
    assert peer.model.left == []


# https://github.com/vmware/govmomi/issues/3450
def test_an_empty_page_is_not_the_end(peer: VCenterPeer) -> None:
    peer.model.empty_pages = 1
    peer.model.tasks = [task(1, NOW - timedelta(minutes=2), timedelta(minutes=1))]
    assert len(rows(pull(peer, 5).vcenter.tasks)) == 1


def test_a_page_that_cannot_be_read_leaves_the_others(peer: VCenterPeer) -> None:
    peer.faults = [Fault("ReadNextTasks", "garbage", times=1)]
    peer.model.tasks = [task(1, NOW - timedelta(minutes=2), timedelta(minutes=1))]
    pulled = pull(peer, 5)
    assert len(rows(pulled.vcenter.tasks)) == 1
    assert not proves_absence(pulled, "tasks")


def test_a_removal_that_began_long_before_the_window_is_found(peer: VCenterPeer) -> None:
    peer.model.tasks = [
        task(1, NOW - timedelta(hours=9), timedelta(hours=8, minutes=57)),
        task(2, NOW - timedelta(days=2), None),
        task(3, NOW - timedelta(hours=9), timedelta(hours=1)),
    ]
    found = {row["key"]: row["state"] for row in rows(pull(peer, 5).vcenter.tasks)}
    assert found == {"task-1": "success", "task-2": "running"}


def test_all_views_and_collectors_are_destroyed(peer: VCenterPeer) -> None:
    pull(peer, 5)
    assert (
        peer.calls["DestroyCollector"]
        == peer.calls["CreateCollectorForTasks"] + (peer.calls["CreateCollectorForEvents"])
    )
    assert (peer.model.left, peer.calls["Logout"]) == ([], 1)
    wait_for(lambda: peer.connections == 0)


def test_a_node_without_a_vm_keeps_absence_from_proving_anything(peer: VCenterPeer) -> None:
    pulled = pull(peer, 5, Wanted((WantedNode("SQL01"), WantedNode("SQL09"))))
    assert not proves_absence(pulled, "tasks")
    assert not proves_absence(pulled, "events")
    assert any(
        gap.subject == "SQL09" and "stuncheck.toml" in (gap.remedy or "") for gap in pulled.gaps
    )


@pytest.mark.parametrize("field", ["failedHost", "isolatedHost"])
def test_the_host_an_event_is_about_is_named(peer: VCenterPeer, field: str) -> None:
    from sources.vcenter.vmomi import vim  # noqa: PLC0415  slow to import

    host = vim.event.HostEventArgument(host=vim.HostSystem("host-9", None), name="esx09")
    kind = "DasHostFailedEvent" if field == "failedHost" else "DasHostIsolatedEvent"
    peer.model.events = [event(1, kind, NOW, **{field: host})]
    (row,) = rows(pull(peer, 5).vcenter.events)  # once, though VM, host and cluster were asked
    assert (row["eventTypeId"], row["host"]) == (kind, "esx09")


def test_what_vcenter_has_thrown_away_was_not_collected(peer: VCenterPeer) -> None:
    window = Window(NOW - timedelta(days=90), NOW)
    pulled = pull_history(peer.access(), [VMS[0]], window, Deadline.after(5))
    assert pulled.collected["vcenter"][0] > NOW - timedelta(days=31)
    assert any("keeps nothing from before" in gap.why for gap in pulled.gaps)


def test_neither_session_nor_wire_shows_a_secret(peer: VCenterPeer) -> None:
    with Session(peer.access(), Deadline.after(5)) as session:
        assert "session-" in session.wire.cookie
        shown = repr(session) + repr(session.wire) + repr(session.access)
    assert "session-" not in shown
    assert PASSWORD not in shown
