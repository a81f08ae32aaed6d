"""Veeam's sessions, task sessions and logs as its REST API answers them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.findings import Findings
from sources.veeam.answers import read_veeam
from verdict.clock import Clock
from verdict.facts import Operation, Phase

CLOCK = Clock("veeam", timedelta(0))

# Shapes: VBR REST 1.2-rev1, /sessions, /taskSessions and /taskSessions/{id}/logs. The task
# session has no offset, as in every revision's example; the server stands at UTC+1.
SESSION: dict[str, object] = {
    "sessionType": "BackupJob",
    "state": "Stopped",
    "id": "9811FB69-0000-0000-0000-000000000001",
    "name": "SQL Nightly",
    "jobId": "c05dfa57-0000-0000-0000-000000000001",
    "creationTime": "2026-03-01T03:00:00.983+01:00",
    "endTime": "2026-03-01T03:20:00.617+01:00",
    "result": {"result": "Success", "message": "", "isCanceled": False},
}
TASK: dict[str, object] = {
    "algorithm": "Increment",
    "state": "Stopped",
    "name": "sql01",
    "progress": {"duration": "00:14:17", "transferedSize": 343923660},
    "type": "Backup",
    "sessionType": "BackupJob",
    "id": "8bec8b2d-0000-0000-0000-000000000001",
    "sessionId": "9811fb69-0000-0000-0000-000000000001",
    "creationTime": "2026-03-01T03:00:45.528604",
    "endTime": "2026-03-01T03:15:02.865537",
}
TASK_ID = str(TASK["id"])


def record(title: str, start: str, end: str, status: str = "Succeeded") -> dict[str, object]:
    zone = "2026-03-01T{}+01:00"
    times = {"startTime": zone.format(start), "updateTime": zone.format(end)}
    return {"id": 1, "status": status, "title": title, "description": ""} | times


REMOVING = record("Removing VM snapshot", "03:13:48.3016321", "03:14:31")
RECORDS = [
    REMOVING,
    record("Using backup proxy PROXY 1 for disk Hard disk 1 [hotadd]", "03:01:10", "03:01:20"),
    record("Using backup proxy PROXY 1 for disk Hard disk 2 [hotadd]", "03:01:20", "03:01:30"),
    record("Creating VM snapshot", "03:00:50", "03:00:53"),
    record("Hard disk 1 (20 GB)", "03:01:21", "03:13:29"),
]


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-01T{clock}").replace(tzinfo=UTC)


def answer(*rows: object, total: int | None = None) -> bytes:
    page = {"total": len(rows) if total is None else total, "count": len(rows)}
    return json.dumps({"data": rows, "pagination": page}).encode()


def log(*records: object) -> bytes:
    return json.dumps({"totalRecords": len(records), "records": records}).encode()


def read(
    task: Mapping[str, object] | None = None,
    session: Mapping[str, object] | None = None,
    records: list[dict[str, object]] | None = None,
) -> Findings:
    logs = {TASK_ID: log(*records)} if records is not None else {}
    return read_veeam(
        answer({**SESSION, **(session or {})}), answer({**TASK, **(task or {})}), logs, CLOCK
    )


def whys(findings: Findings) -> list[str]:
    return [gap.why for gap in findings.gaps]


def test_a_task_session_is_a_backup_with_job_proxy_transport_and_steps() -> None:
    findings = read(records=RECORDS)
    backup = findings.backups[0]
    assert (backup.product, backup.job, backup.vm) == ("Veeam", "SQL Nightly", "sql01")
    assert (backup.start, backup.end) == (at("02:00:45.528604"), at("02:15:02.865537"))
    assert (backup.proxy, backup.transport) == ("PROXY 1", "hotadd")
    assert backup.session == TASK_ID
    assert [(step.phase, step.title) for step in backup.steps] == [
        (Phase.CREATE, "Creating VM snapshot"),
        (Phase.REMOVE, "Removing VM snapshot"),
    ]
    assert backup.steps[1] == Operation(
        vm="sql01",
        phase=Phase.REMOVE,
        start=at("02:13:48.301632"),
        end=at("02:14:31"),
        clock=CLOCK,
        source="veeam",
        title="Removing VM snapshot",
    )
    assert not findings.gaps
    assert not findings.operations


def test_times_are_shifted_by_veeams_clock() -> None:
    behind = Clock("veeam", timedelta(seconds=-2))
    logs = {TASK_ID: log(*RECORDS)}
    backup = read_veeam(answer(SESSION), answer(TASK), logs, behind).backups[0]
    assert backup.start == at("02:00:47.528604")
    assert backup.steps[1].end == at("02:14:33")


@pytest.mark.parametrize(
    ("title", "phase"),
    [
        ("Removing VM snapshot", Phase.REMOVE),
        ("removing vm snapshot", Phase.REMOVE),
        ("VM snapshot removal", Phase.REMOVE),
        ("Failed to remove VM snapshot, retrying", Phase.REMOVE),
        ("Creating VM snapshot", Phase.CREATE),
        ("Creating storage snapshot", None),
        ("Creating VSS snapshot", None),
        ("Removing replica snapshot", None),
        ("Waiting for VM snapshot removal", None),
        ("Finalizing", None),
    ],
)
def test_steps_are_known_by_their_titles(title: str, phase: Phase | None) -> None:
    steps = read(records=[record(title, "03:13:48", "03:14:31")]).backups[0].steps
    assert [step.phase for step in steps] == ([phase] if phase else [])


def test_the_time_zone_comes_from_the_log_where_the_session_was_not_read() -> None:
    findings = read_veeam(None, answer(TASK), {TASK_ID: log(*RECORDS)}, CLOCK)
    assert findings.backups[0].start == at("02:00:45.528604")
    assert findings.backups[0].job == "unknown"


def test_local_times_in_an_unknown_time_zone_are_a_gap_and_never_utc() -> None:
    findings = read_veeam(None, answer(TASK), {}, CLOCK)
    assert not findings.backups
    why = "1 of 1 rows were unreadable: local times in an unknown time zone (1)"
    assert whys(findings) == [why]


def test_a_session_through_the_change_to_summer_time_is_followed() -> None:
    session = {
        "creationTime": "2026-03-29T01:30:00+01:00",
        "endTime": "2026-03-29T04:00:00+02:00",
    }
    task = {"creationTime": "2026-03-29T01:31:00", "endTime": "2026-03-29T03:50:00"}
    backup = read(task, session).backups[0]
    assert (backup.start.hour, backup.start.minute) == (0, 31)
    assert (backup.end or backup.start).hour == 1


def test_a_task_that_does_not_lie_in_its_session_is_timed_by_its_log() -> None:
    wrong = {"creationTime": "2026-03-01T09:00:45", "endTime": "2026-03-01T09:15:02"}
    backup = read(wrong, records=RECORDS).backups[0]
    assert (backup.start, backup.end) == (at("02:00:50"), at("02:14:31"))
    assert "timed by its log" in whys(read(wrong, records=RECORDS))[0]
    assert not read(wrong).backups
    assert "do not lie within its session" in whys(read(wrong))[0]


def test_a_running_task_and_its_running_step_have_no_end() -> None:
    working = {"state": "Working", "endTime": None}
    records = [RECORDS[3], REMOVING | {"status": "None"}]
    backup = read(working, working, records).backups[0]
    assert backup.end is None
    assert [step.end for step in backup.steps] == [at("02:00:53"), None]


def test_a_task_whose_session_is_over_is_over() -> None:
    backup = read({"state": "Working", "endTime": None}, records=RECORDS).backups[0]
    assert backup.end == at("02:20:00.617")


def test_a_zero_of_dotnet_is_no_end() -> None:
    zero = {"state": "Working", "endTime": "0001-01-01T00:00:00"}
    assert read(zero, zero).backups[0].end is None


def test_answers_come_as_a_page_as_pages_or_as_a_bare_list() -> None:
    second = TASK | {"id": "8bec8b2d-0000-0000-0000-000000000002", "name": "sql02"}
    page, other = json.loads(answer(TASK, total=2)), json.loads(answer(second, total=2))
    for material in ([page, other], [TASK, second], json.loads(answer(TASK, second))):
        findings = read_veeam(answer(SESSION), json.dumps(material).encode(), {}, CLOCK)
        assert [backup.vm for backup in findings.backups] == ["sql01", "sql02"]
        assert not findings.gaps


def test_a_page_of_many_is_a_gap() -> None:
    findings = read_veeam(answer(SESSION), answer(TASK, total=307), {}, CLOCK)
    assert whys(findings) == ["only 1 of 307 were read"]


def test_a_log_that_lost_records_is_a_gap() -> None:
    short = json.dumps({"totalRecords": 17, "records": [REMOVING]}).encode()
    findings = read_veeam(answer(SESSION), answer(TASK), {TASK_ID.upper(): short}, CLOCK)
    assert whys(findings) == ["only 1 of 17 records were read"]
    assert findings.gaps[0].subject == "log of sql01"


@pytest.mark.parametrize(
    "kinds",
    [
        {"type": "Restore", "sessionType": "RestoreVm"},
        {"type": "Antivirus", "sessionType": "MalwareDetection"},
        {"sessionType": "ConfigurationBackup"},
        {"sessionType": "SqlLogBackup"},
        {"sessionType": "AgentBackup"},
        {"sessionType": "BackupCopyJob"},
    ],
)
def test_work_without_vm_snapshots_is_left_out_unless_its_log_shows_one(
    kinds: dict[str, object],
) -> None:
    assert not read(kinds).backups
    assert read(kinds, records=[REMOVING]).backups


@pytest.mark.parametrize("kind", ["ReplicaJob", "Job", "SomethingNewIn14", None])
def test_replicas_and_unknown_types_are_kept(kind: str | None) -> None:
    assert read({"sessionType": kind, "type": "Replica"}).backups


def test_before_task_sessions_the_jobs_own_log_names_the_vms() -> None:
    # VBR 12.0, REST 1.1-rev0: activityId for jobId, "Job" for "BackupJob"
    session = {k: v for k, v in SESSION.items() if k != "jobId"}
    session |= {"activityId": SESSION["jobId"], "sessionType": "Job"}
    records = [
        record("Processing sql01", "03:00:18", "03:14:40"),
        record("Processing finished at 3/1/2026 3:14:40 AM", "03:14:40", "03:14:40"),
        record("All VMs have been queued for processing", "03:00:59", "03:00:59"),
    ]
    findings = read_veeam(answer(session), None, {str(SESSION["id"]): log(*records)}, CLOCK)
    backup = findings.backups[0]
    assert (backup.vm, backup.job, backup.steps) == ("sql01", "SQL Nightly", ())
    assert (backup.start, backup.end) == (at("02:00:18"), at("02:14:40"))
    assert len(findings.backups) == 1
    assert not findings.gaps


def test_job_runs_that_do_not_name_their_vms_are_a_gap() -> None:
    findings = read_veeam(answer(SESSION), None, {}, CLOCK)
    assert whys(findings) == ["1 job runs do not say which VMs they backed up"]
    assert not read_veeam(answer(SESSION), answer(), {}, CLOCK).gaps


def test_a_log_of_nobody_is_a_gap() -> None:
    findings = read_veeam(None, answer(), {"f00d": log(REMOVING)}, CLOCK)
    assert whys(findings) == ["1 logs belong to no session that was read"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": None}, "no name"),
        ({"id": 7}, "no id"),
        ({"creationTime": None}, "no creationTime"),
        ({"creationTime": "soon"}, "creationTime is no time"),
        ({"endTime": "2026-03-01T02:00:00"}, "ended before it began"),
    ],
)
def test_a_task_that_cannot_be_read_is_a_gap(change: dict[str, object], why: str) -> None:
    findings = read(change)
    assert not findings.backups
    assert whys(findings) == [f"1 of 1 rows were unreadable: {why} (1)"]


def test_a_step_without_a_usable_time_is_a_gap() -> None:
    backwards = record("Removing VM snapshot", "03:14:31", "03:13:48")
    findings = read(records=[RECORDS[3], backwards])
    assert [step.phase for step in findings.backups[0].steps] == [Phase.CREATE]
    assert whys(findings) == ["1 of 2 steps carry no usable time"]


def test_the_same_task_on_two_pages_is_one_backup() -> None:
    assert len(read_veeam(answer(SESSION), answer(TASK, TASK), {}, CLOCK).backups) == 1


@pytest.mark.parametrize(
    "data", [b"", b"7", b'{"data": 7}', b'{"data": [{"id"', b"[" * 100_000, b"\xfc"]
)
def test_damaged_files_are_gaps(data: bytes) -> None:
    findings = read_veeam(data, data, {TASK_ID: data}, CLOCK)
    assert {gap.subject for gap in findings.gaps} == {"sessions", "task sessions", "logs"}
    findings = read_veeam(answer(SESSION), answer(TASK), {TASK_ID: data}, CLOCK)
    assert {gap.subject for gap in findings.gaps} == {"log of sql01"}
    assert len(findings.backups) == 1


VALUES = (
    st.none()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["2026-03-01T03:05:00", "2026-03-01T03:05:00Z", "Stopped", "Working"])
)
CHANGES = st.dictionaries(st.sampled_from(sorted({*TASK, *SESSION, *REMOVING})), VALUES)


@given(task=CHANGES, session=CHANGES, step=CHANGES)
def test_damaged_fields_never_raise_nor_lose_a_backup_silently(
    task: dict[str, object], session: dict[str, object], step: dict[str, object]
) -> None:
    task = {key: value for key, value in task.items() if key not in {"type", "sessionType"}}
    findings = read(task, session, [REMOVING | step, *RECORDS[1:]])
    assert findings.backups or findings.gaps
    for backup in findings.backups:
        assert backup.end is None or backup.start <= backup.end
