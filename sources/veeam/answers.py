"""Veeam's REST answers: which VM was backed up when, by which job, and the snapshot steps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sources.findings import Findings
from sources.json_rows import AGAIN, Row, UnreadableError, read_each
from sources.veeam.session import Session, read_page, takes_snapshots
from sources.veeam.step_log import Record, SessionLog, read_log
from sources.veeam.times import ServerTimes
from verdict.clock import Clock
from verdict.facts import Backup, Gap, Operation, Phase

PRODUCT = "Veeam"

UNKNOWN_JOB = "unknown"
"""Stands for the job's name where its session was not read."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the rows are read with. All ids are in lower case."""

    sessions: Mapping[str, Session]
    logs: Mapping[str, bytes]
    clock: Clock

    def log(self, ident: str, subject: str) -> SessionLog:
        """Read the log of a session; empty where nobody collected it."""
        return read_log(self.logs[ident], subject) if ident in self.logs else SessionLog()


@dataclass(frozen=True, slots=True)
class _Timed:
    """A log record with the time it ran, in UTC by Veeam's clock."""

    record: Record
    start: datetime
    end: datetime | None


def read_veeam(
    sessions: bytes | None,
    task_sessions: bytes | None,
    logs: Mapping[str, bytes],
    clock: Clock,
) -> Findings:
    """Read what `/sessions`, `/taskSessions` and `/taskSessions/{id}/logs` answered.

    `logs` are keyed by the id of their task session, or of their job session: VBR before 12.3
    has no task sessions, and there only the job's log names the VMs, without snapshot steps.
    Gives no coverage: only who asked knows for what interval.
    """
    session_rows, session_gaps = read_page(sessions, "sessions")
    found, bad_sessions = read_each(session_rows, Session.read, "veeam", "sessions")
    task_rows, task_gaps = read_page(task_sessions, "task sessions")
    by_id = {session.id: session for session in found}
    reading = _Reading(by_id, {ident.lower(): log for ident, log in logs.items()}, clock)
    lots, bad_tasks = read_each(
        task_rows, lambda row: _task(row, reading), "veeam", "task sessions"
    )
    with_tasks = _idents(task_rows, "sessionId")
    jobs = [session for session in found if session.id not in with_tasks]
    lots += [_job(session, reading) for session in jobs if session.id in reading.logs]
    gaps = (*session_gaps, *bad_sessions, *task_gaps, *bad_tasks)
    gaps += _strangers(reading, _idents(task_rows, "id"))
    if task_sessions is None or task_gaps:
        gaps += _silent_jobs(jobs, reading)
    backups = dict.fromkeys(backup for lot in lots for backup in lot.backups)
    return Findings(
        backups=tuple(sorted(backups, key=lambda backup: backup.start)),
        gaps=gaps + tuple(gap for lot in lots for gap in lot.gaps),
    )


def _task(row: Row, reading: _Reading) -> Findings:
    """Read one task session: one VM's part in a run of a job."""
    ident = row.needed("id").lower()
    subject = f"log of {row.text('name') or ident}"
    log = reading.log(ident, subject)
    if not takes_snapshots(row.text("type"), row.text("sessionType")) and not log.touches_snapshots:
        return Findings()
    vm = row.needed("name")
    session = reading.sessions.get((row.text("sessionId") or "").lower())
    times = ServerTimes(session, log)
    start, end, own_gaps = times.of_task(row)
    wanted = [record for record in log.records if record.phase]
    steps, step_gaps = _timed(wanted, times, subject, running=end is None)
    backup = Backup(
        product=PRODUCT,
        job=(session.job if session else None) or UNKNOWN_JOB,
        vm=vm,
        start=reading.clock.utc(start),
        end=None if end is None else reading.clock.utc(end),
        clock=reading.clock,
        session=ident,
        proxy=log.proxy,
        transport=log.transport,
        steps=tuple(_step(step, vm, reading.clock) for step in steps),
    )
    return Findings(backups=(backup,), gaps=(*log.gaps, *own_gaps, *step_gaps))


def _job(session: Session, reading: _Reading) -> Findings:
    """Read a job's own log: one part for each VM it says it processed."""
    if not takes_snapshots(session.kind):
        return Findings()
    subject = f"log of {session.job or session.id}"
    log = reading.log(session.id, subject)
    wanted = [record for record in log.records if record.vm]
    times = ServerTimes(session, log)
    parts, gaps = _timed(wanted, times, subject, running=session.end is None)
    backups = tuple(_part(part, session, reading.clock) for part in parts)
    return Findings(backups=backups, gaps=log.gaps + gaps)


def _timed(
    records: list[Record], times: ServerTimes, subject: str, *, running: bool
) -> tuple[list[_Timed], tuple[Gap, ...]]:
    """Time records, earliest first; those that cannot be timed are counted in one Gap."""
    timed = []
    for record in records:
        try:
            timed.append(_Timed(record, *times.of_record(record, running=running)))
        except UnreadableError:
            continue  # counted below
    timed.sort(key=lambda step: step.start)
    missed = len(records) - len(timed)
    why = f"{missed} of {len(records)} steps carry no usable time"
    return timed, (Gap("veeam", subject, why, AGAIN),) if missed else ()


def _step(step: _Timed, vm: str, clock: Clock) -> Operation:
    return Operation(
        vm=vm,
        phase=step.record.phase or Phase.UNKNOWN,
        start=clock.utc(step.start),
        end=None if step.end is None else clock.utc(step.end),
        clock=clock,
        source="veeam",
        title=step.record.title,
    )


def _part(part: _Timed, session: Session, clock: Clock) -> Backup:
    return Backup(
        product=PRODUCT,
        job=session.job or UNKNOWN_JOB,
        vm=part.record.vm or "",
        start=clock.utc(part.start),
        end=None if part.end is None else clock.utc(part.end),
        clock=clock,
        session=session.id,
    )


def _silent_jobs(jobs: list[Session], reading: _Reading) -> tuple[Gap, ...]:
    """Without task sessions, a job whose log was not read does not say whom it backed up."""
    silent = [job for job in jobs if takes_snapshots(job.kind) and job.id not in reading.logs]
    if not silent:
        return ()
    why = f"{len(silent)} job runs do not say which VMs they backed up"
    remedy = "VBR 12.3 and later says it in task sessions; before, read the job sessions' logs."
    return (Gap("veeam", "task sessions", why, remedy),)


def _strangers(reading: _Reading, tasks: set[str]) -> tuple[Gap, ...]:
    """Count the logs that belong to no session that was read: they name no VM."""
    count = len(reading.logs.keys() - tasks - reading.sessions.keys())
    if not count:
        return ()
    return (Gap("veeam", "logs", f"{count} logs belong to no session that was read", AGAIN),)


def _idents(entries: Iterable[object], field: str) -> set[str]:
    texts = (Row(entry).text(field) for entry in entries if isinstance(entry, dict))
    return {text.lower() for text in texts if text}
