"""`doctor` against a stand-in Veeam server: what is found, and the line that mends it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from commands.doctor import System, doctor
from commands.doctor_mapping import Found, VeeamMapping
from commands.doctor_veeam import VeeamProbe
from commands.reply import Reply
from sources.access import Secret, VCenterAccess, VeeamAccess
from sources.deadline import Deadline
from sources.vcenter.properties import LiveVm
from tests.peers.veeam_server import Fault, VeeamServer
from tests.peers.veeam_tokens import PASSWORD


@pytest.fixture
def server(tmp_path: Path) -> Iterator[VeeamServer]:
    """Give a server that is as it should be; nothing may be left of what asked it."""
    threads = set(threading.enumerate())
    with VeeamServer(tmp_path) as running:
        yield running
    broken = [fault for fault in running.faults if "token" in fault.at]
    assert running.tokens == {} or broken  # nobody can sign out with a token that never came
    assert set(threading.enumerate()) <= threads


def examine(*systems: System, seconds: float = 10) -> Reply:
    reply = doctor([systems], Deadline.after(seconds), seconds)
    assert PASSWORD not in repr(reply)
    return reply


def wrong(reply: Reply) -> dict[str, str]:
    """Give what is wrong: the check and its remedy."""
    lines = reply.payload["checks"]
    return {line["check"]: line["remedy"] for line in lines if line["state"] == "wrong"}


def probe(access: VeeamAccess) -> Reply:
    return examine(VeeamProbe(access).system())


def test_a_server_that_is_as_it_should_be_is_found_well(server: VeeamServer) -> None:
    reply = probe(server.access)
    assert {line["check"]: line["state"] for line in reply.payload["checks"]} == dict.fromkeys(
        ("connection", "certificate", "revision", "log-on", "role", "snapshot steps", "clock"), "ok"
    )


def test_no_password_is_sent_to_a_server_that_is_not_trusted(server: VeeamServer) -> None:
    reply = probe(replace(server.access, ca_file=None))
    assert "openssl s_client" in wrong(reply)["certificate"]
    assert server.grants == []


def test_a_wrong_password_is_sent_once(server: VeeamServer) -> None:
    reply = probe(replace(server.access, password=Secret("marker-other")))
    assert list(wrong(reply)) == ["log-on"]
    assert server.grants == ["password"]
    assert "marker-other" not in repr(reply)


def test_a_missing_role_comes_with_the_line_that_gives_it(server: VeeamServer) -> None:
    server.faults.append(Fault("403", "/api/v1/sessions"))
    line = "Add-VBRUserRoleAssignment -Name 'svc-stuncheck' -Role BackupViewer"
    assert line in wrong(probe(server.access))["role"]


def test_a_server_that_tells_no_steps_is_wrong_unless_powershell_is_asked(
    server: VeeamServer,
) -> None:
    server.model.revision = (1, 1, 0)
    assert "[veeam.winrm]" in wrong(probe(server.access))["snapshot steps"]


@pytest.mark.parametrize("seconds", [-600, 5])
def test_a_clock_that_is_off_comes_with_the_line_that_sets_it(
    server: VeeamServer, seconds: int
) -> None:
    server.model.ahead = timedelta(seconds=seconds)
    assert "w32tm /resync" in wrong(probe(server.access))["clock"]


@pytest.mark.parametrize("kind", ["hang", "reset", "half", "garbage", "500"])
@pytest.mark.parametrize("at", ["/api/v1/serverTime", "/api/oauth2/token", "/api/v1/sessions"])
def test_whatever_goes_wrong_is_told_in_time(server: VeeamServer, kind: str, at: str) -> None:
    server.faults.append(Fault(kind, at))
    reply = examine(VeeamProbe(server.access).system(), seconds=2)
    assert reply.problems
    assert "Traceback" not in repr(reply)


def vm(name: str, ref: str) -> Found:
    access = VCenterAccess("vc01", "vcenter01.tech.local", "u", Secret("p"))
    return Found(LiveVm(ref, name), access)


def test_a_vm_is_found_by_its_reference_whatever_veeam_calls_it(server: VeeamServer) -> None:
    server.model.protect("sql01-old-name", "vm-48")
    reply = examine(VeeamMapping(VeeamProbe(server.access), [vm("sql01", "vm-48")]).system())
    last = reply.payload["checks"][-1]
    assert (last["state"], last["text"]) == ("ok", "vm-48, backed up as sql01-old-name")


def test_a_vm_that_veeam_does_not_back_up_is_no_fault(server: VeeamServer) -> None:
    server.model.protect("other", "vm-481")
    reply = examine(VeeamMapping(VeeamProbe(server.access), [vm("sql01", "vm-48")]).system())
    assert reply.payload["checks"][-1]["state"] == "not used"


def test_an_answer_that_cannot_be_read_is_no_proof_of_absence(server: VeeamServer) -> None:
    server.faults.append(Fault("garbage", "/api/v1/backupObjects"))
    reply = examine(VeeamMapping(VeeamProbe(server.access), [vm("sql01", "vm-48")]).system())
    assert list(wrong(reply)) == ["sql01"]


def test_a_reference_below_another_vcenter_is_not_taken_for_this_vm(server: VeeamServer) -> None:
    server.model.protect("theirs", "vm-48", "vcenter02.tech.local")
    reply = examine(VeeamMapping(VeeamProbe(server.access), [vm("sql01", "vm-48")]).system())
    assert "Configure the vCenter by the name" in wrong(reply)["sql01"]
