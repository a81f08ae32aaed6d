"""Veeam pulled live: sessions, steps, names, clock, and every way in which it can fail."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sources.access import Secret, Window
from sources.deadline import Deadline
from sources.pulled import Pulled
from sources.veeam.pull import pull_history, pull_veeam
from sources.veeam.wish import WantedVm
from tests.peers.veeam_server import Fault, VeeamServer
from tests.peers.veeam_tokens import PASSWORD
from tests.sources.veeam.night import (
    MINUTE,
    NIGHT,
    REMOVAL,
    SQL01,
    WINDOW,
    read,
    server,
    whys,
)
from verdict.facts import Phase

pytestmark = pytest.mark.timed

TASKS = "/api/v1/taskSessions"


@pytest.fixture
def veeam(tmp_path: Path) -> Iterator[VeeamServer]:
    with server(tmp_path) as running:
        yield running


def pull(veeam: VeeamServer, *vms: WantedVm, seconds: float = 5) -> Pulled:
    return pull_veeam(veeam.access, vms or (SQL01,), WINDOW, Deadline.after(seconds))


def rows(answer: bytes | None) -> list[dict[str, object]]:
    data: list[dict[str, object]] = json.loads(answer or b'{"data": []}')["data"]
    return data


@pytest.mark.parametrize("revision", [(1, 2, 0), (1, 2, 1), (1, 3, 0), (1, 3, 1), (1, 3, 2)])
def test_the_removal_comes_back_with_its_job_proxy_and_mode(
    tmp_path: Path, revision: tuple[int, int, int]
) -> None:
    with server(tmp_path, revision) as veeam:
        pulled = pull(veeam)
    (backup,) = read(pulled).backups
    assert (backup.job, backup.vm, backup.transport) == ("SQL Nightly", "SQL01", "hotadd")
    removal = next(step for step in backup.steps if step.phase is Phase.REMOVE)
    assert abs(removal.start - NIGHT) < timedelta(seconds=0.25)
    assert removal.end is not None
    assert removal.end - removal.start == REMOVAL
    assert pulled.gaps == ()
    assert [row["name"] for row in rows(pulled.veeam.sessions)] == ["SQL Nightly"]


@pytest.mark.parametrize("hours", [-8, 0, 1, 5])
@pytest.mark.parametrize("ahead", [-7200, -2, 0, 3, 7200])
def test_a_clock_that_is_wrong_or_elsewhere_moves_nothing(
    veeam: VeeamServer, hours: int, ahead: int
) -> None:
    veeam.model.hours, veeam.model.ahead = hours, timedelta(seconds=ahead)
    pulled = pull(veeam)
    assert abs(pulled.clocks["veeam"] - timedelta(seconds=ahead)) < timedelta(seconds=0.25)
    (backup,) = read(pulled).backups
    assert abs(backup.steps[1].start - NIGHT) < timedelta(seconds=0.25)
    start, end = pulled.collected["veeam"]
    shift = pulled.clocks["veeam"]
    assert max(start, start - shift) <= WINDOW.start
    assert min(end, end - shift) >= WINDOW.end


def test_what_is_still_running_is_found_however_long_it_runs(veeam: VeeamServer) -> None:
    for state in ("Working", "Stopping", "Postprocessing"):
        run = veeam.model.run(f"Long {state}", NIGHT - 26 * 60 * MINUTE, None)
        run.state = state
        veeam.model.back_up(run, "SQL02", NIGHT - 25 * 60 * MINUTE, None)
    pulled = pull(veeam, WantedVm("sql02"))
    backups = read(pulled).backups
    assert sorted(b.job for b in backups) == [
        "Long Postprocessing",
        "Long Stopping",
        "Long Working",
    ]
    assert all(b.end is None and b.steps[1].end is None for b in backups)
    assert len(rows(pulled.veeam.sessions)) == 4


def test_before_12_3_the_jobs_name_their_vms_and_the_steps_are_a_gap(tmp_path: Path) -> None:
    for revision in ((1, 0, 1), (1, 0, 2), (1, 1, 0), (1, 1, 2)):
        with server(tmp_path, revision) as veeam:
            pulled = pull(veeam)
        assert {b.vm for b in read(pulled).backups} == {"SQL01", "FILE07"}
        assert pulled.veeam.task_sessions is None
        assert pulled.collected
        assert [gap.subject for gap in pulled.gaps] == ["snapshot steps"]
        assert not read(pulled).gaps


def test_a_revision_that_lacks_task_sessions_after_all_is_read_by_its_jobs(
    veeam: VeeamServer,
) -> None:
    veeam.faults = [Fault("404", TASKS)]
    pulled = pull(veeam)
    assert "SQL01" in {b.vm for b in read(pulled).backups}
    assert [gap.subject for gap in pulled.gaps] == ["snapshot steps"]


def test_a_vm_that_veeam_knows_by_another_name_is_found_by_its_moref(veeam: VeeamServer) -> None:
    renamed = WantedVm("SQL01-new", "vm-101", "VCENTER01")
    pulled = pull(veeam, renamed)
    (backup,) = read(pulled).backups
    assert backup.vm == "SQL01-new"
    assert rows(pulled.veeam.task_sessions)[0]["nameInVeeam"] == "SQL01"
    assert pulled.gaps == ()


@pytest.mark.parametrize("vcenter", [None, "vcenter02", "vcenter01.other.local"])
def test_the_same_moref_below_another_vcenter_is_no_proof(
    veeam: VeeamServer, vcenter: str | None
) -> None:
    pulled = pull(veeam, WantedVm("SQL01-new", "vm-101", vcenter))
    assert not read(pulled).backups
    assert "as SQL01; whether that is this VM is not known" in whys(pulled)
    assert not pulled.collected


def test_rows_of_other_vms_that_the_filter_lets_pass_are_left_out(veeam: VeeamServer) -> None:
    veeam.model.tasks[1].kind = "SQL01"  # the pattern matches any field
    assert [row["name"] for row in rows(pull(veeam).veeam.task_sessions)] == ["SQL01"]


@pytest.mark.parametrize("name", ["SQL01", "SQL01-new"])
def test_a_filter_on_names_that_matches_nothing_is_noticed(veeam: VeeamServer, name: str) -> None:
    veeam.deaf = True
    pulled = pull(veeam, replace(SQL01, name=name))
    found = [row["name"] for row in rows(pulled.veeam.task_sessions)]
    assert found == (["SQL01"] if name == "SQL01" else [])
    assert bool(read(pulled).backups) == bool(found) == bool(pulled.collected)
    assert ("could not be asked" in whys(pulled)) == (not found)


def test_unknown_words_pass(veeam: VeeamServer) -> None:
    run = veeam.model.runs[0]
    run.kind = run.state = veeam.model.tasks[0].kind = "NewIn15"
    pulled = pull(veeam)
    assert rows(pulled.veeam.sessions)[0]["sessionType"] == "NewIn15"
    assert read(pulled).backups


def test_ten_thousand_sessions_are_all_read(veeam: VeeamServer) -> None:
    for number in range(10_000):
        veeam.model.run(f"Log {number}", NIGHT - MINUTE, NIGHT, "SqlLogBackup")
    pulled = pull(veeam, seconds=30)
    assert len(rows(pulled.veeam.sessions)) == 10_001
    assert pulled.collected
    assert pulled.gaps == ()
    assert read(pulled).backups


def test_requests_do_not_grow_with_the_vms_that_are_protected(veeam: VeeamServer) -> None:
    pull(veeam)
    few = len(veeam.requests)
    for number in range(600):
        veeam.model.back_up(veeam.model.runs[0], f"VM{number}", NIGHT, REMOVAL)
        veeam.model.protect(f"VM{number}", f"vm-9{number}")
    veeam.requests.clear()
    assert len(rows(pull(veeam).veeam.task_sessions)) == 1
    assert len(veeam.requests) == few


def test_a_page_that_fails_is_a_gap_and_nothing_counts_as_collected(veeam: VeeamServer) -> None:
    veeam.most = 1
    for number in range(4):
        veeam.model.run(f"Other {number}", NIGHT - MINUTE, NIGHT)
    veeam.faults = [Fault("500", "/api/v1/sessions", times=1)]
    pulled = pull(veeam)
    assert not pulled.collected
    assert "sessions: the server answered 500 UnknownError" in whys(pulled)
    assert read(pulled).backups  # what was had is kept


def test_a_log_that_fails_is_a_gap_of_its_own(veeam: VeeamServer) -> None:
    veeam.faults = [Fault("500", f"{TASKS}/")]
    pulled = pull(veeam)
    assert "veeam log of SQL01: the log of SQL01: the server answered 500" in whys(pulled)
    assert pulled.collected
    assert read(pulled).backups[0].steps == ()


def test_history_reads_the_sessions_of_the_vms_alone(veeam: VeeamServer) -> None:
    for day in range(1, 4):
        run = veeam.model.run("Others", NIGHT - day * 1440 * MINUTE, NIGHT)
        veeam.model.back_up(run, "FILE07", NIGHT - day * 1440 * MINUTE, REMOVAL)
    days = Window(NIGHT - 30 * 1440 * MINUTE, WINDOW.end)
    pulled = pull_history(veeam.access, [SQL01], days, Deadline.after(5))
    assert [row["name"] for row in rows(pulled.veeam.sessions)] == ["SQL Nightly"]
    assert [b.job for b in read(pulled).backups] == ["SQL Nightly"]
    assert pulled.gaps == ()
    assert pulled.collected


def test_a_slow_answer_measures_no_clock(veeam: VeeamServer) -> None:
    veeam.slow = 0.6
    began = time.monotonic()
    pulled = pull(veeam, seconds=20)
    assert time.monotonic() - began < 1.25 * 7 * 0.6  # probe twice, token, lists, logs, goodbye
    assert pulled.clocks == {}
    assert "too long to measure its clock by" in whys(pulled)
    assert read(pulled).backups


def test_the_future_is_not_said_to_be_collected(veeam: VeeamServer) -> None:
    tomorrow = Window(NIGHT, NIGHT + 3000 * MINUTE)
    pulled = pull_veeam(veeam.access, [SQL01], tomorrow, Deadline.after(5))
    assert pulled.collected["veeam"][1] < tomorrow.end - 1000 * MINUTE
    beyond = Window(NIGHT + 2000 * MINUTE, NIGHT + 3000 * MINUTE)
    assert not pull_veeam(veeam.access, [SQL01], beyond, Deadline.after(5)).collected


EVERYWHERE = ["/", "/api/oauth2/token", "/api/v1/sessions", TASKS, f"{TASKS}/"]


@pytest.mark.parametrize("at", EVERYWHERE)
@pytest.mark.parametrize("kind", ["hang", "reset", "half", "stall", "garbage", "401", "403", "500"])
def test_every_fault_is_a_gap_within_the_deadline_and_leaves_nothing(
    veeam: VeeamServer, kind: str, at: str
) -> None:
    veeam.faults = [Fault(kind, at)]
    before = set(threading.enumerate())
    began = time.monotonic()
    pulled = pull(veeam, seconds=0.8)
    assert time.monotonic() - began < 0.8 + 0.5
    found = read(pulled)
    assert any(gap.why and gap.remedy for gap in (*pulled.gaps, *found.gaps))
    assert (not pulled.collected) or at == f"{TASKS}/"
    assert PASSWORD not in repr(pulled)
    ours = {t for t in set(threading.enumerate()) - before if "process_request" not in t.name}
    assert not ours
    # a token whose answer broke off nobody has, so nobody can give it back
    assert not veeam.tokens or at in {"/", "/api/oauth2/token"}


@pytest.mark.parametrize("at", ["/api/v1/sessions", TASKS, f"{TASKS}/"])
def test_a_token_that_ends_in_the_middle_costs_nothing(veeam: VeeamServer, at: str) -> None:
    veeam.faults = [Fault("401", at, times=1)]
    pulled = pull(veeam)
    assert pulled.gaps == ()
    assert read(pulled).backups[0].steps
    assert veeam.grants == ["password", "refresh_token"]


def test_a_closed_port_and_a_strange_certificate_are_gaps_with_remedies(veeam: VeeamServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = replace(veeam.access, port=taken.getsockname()[1])
        pulled = pull_veeam(closed, [SQL01], WINDOW, Deadline.after(5))
    assert "veeam sessions: localhost: port" in whys(pulled)
    strange = replace(veeam.access, ca_file=None)
    pulled = pull_veeam(strange, [SQL01], WINDOW, Deadline.after(5))
    assert "ca_file" in whys(pulled)
    assert veeam.grants == []


def test_no_log_line_tells_a_secret(veeam: VeeamServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = replace(veeam.access, password=Secret(f"{PASSWORD}-no"))
    for access in (veeam.access, wrong):
        pulled = pull_veeam(access, [SQL01], WINDOW, Deadline.after(5))
        assert PASSWORD not in repr(pulled) + repr(access)
    assert caplog.records
    assert not [
        r for r in caplog.records if PASSWORD in r.getMessage() or "access-" in r.getMessage()
    ]
