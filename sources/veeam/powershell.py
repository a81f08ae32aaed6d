"""Veeam by PowerShell over WinRM: for VBR before 12.3, or where its REST API is closed.

The answers are put into the shapes of the REST API, so that the same parser reads them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sources.access import VeeamAccess, WinRmAccess
from sources.deadline import Deadline
from sources.errors import LateError, SourceError
from sources.json_rows import Row
from sources.material import VeeamAnswers
from sources.pulled import Pulled
from sources.veeam.faults import AGAIN, SOURCE
from sources.veeam.pages import Listing, answer
from sources.veeam.wish import Span, Wish
from verdict.facts import Gap

if TYPE_CHECKING:
    from sources.windows.shell import Shell

SCRIPT = str(Path(__file__).parent / "scripts" / "sessions")

KINDS = {"Backup": "BackupJob", "Replica": "ReplicaJob", "BackupSync": "BackupCopyJob"}
"""Job types of PowerShell that the REST API spells otherwise."""

UNFINISHED = frozenset({"InProgress", "Pending"})

CONSOLE = (
    "The VBR console with its PowerShell module must be installed there, and the account needs "
    "the role Veeam Backup Administrator."
)

NO_CLOCK = Gap(
    SOURCE,
    "clock",
    "the clock of the server was not measured, for its REST API could not be asked",
    "Open TCP 9419, or mind that its times may be 2 s off.",
)


def pull_by_powershell(
    access: VeeamAccess, winrm: WinRmAccess, wish: Wish, span: Span, deadline: Deadline
) -> Pulled:
    """Read sessions, task sessions and steps by one script. Raises SourceError."""
    from sources.windows.shell import Shell  # noqa: PLC0415  loads pywinrm, which few need here

    try:
        with Shell(winrm, access.host, deadline) as shell:
            lots = [_ask(shell, names, span) for names in _batches(wish, span)]
    except SourceError as error:
        raise _ours(access.host, error) from error
    return read_lots(access.host, lots, span)


def read_lots(host: str, lots: Sequence[object], span: Span) -> Pulled:
    """Put what the script answered, once for each batch of VMs, into the shapes of REST.

    Raises SourceError where an answer is damaged.
    """
    sessions, tasks = Listing(), Listing()
    logs: dict[str, bytes] = {}
    for lot in lots:
        sessions += Listing([_session(row) for row in _rows(host, lot, "sessions")])
        tasks += Listing([_task(row) for row in _rows(host, lot, "tasks")])
        logs |= _logs(host, lot)
    return Pulled(
        veeam=VeeamAnswers(answer(sessions), answer(_typed(tasks, sessions)), logs),
        collected={SOURCE: span.covered} if span.covered else {},
    )


def _ask(shell: "Shell", names: Sequence[str], span: Span) -> object:
    return shell.script(SCRIPT, **_parameters(names, span))


def _parameters(names: Sequence[str], span: Span) -> dict[str, str | int]:
    return {"Names": "\n".join(names), "Start": _utc(span.start), "End": _utc(span.end)}


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _batches(wish: Wish, span: Span) -> Iterator[list[str]]:
    """Split the names so that each call keeps to the length of a command line; one is usual."""
    from sources.windows.script import line  # noqa: PLC0415  with the shell, above

    batch: list[str] = []
    for vm in wish.vms:
        try:
            line(SCRIPT, _parameters([*batch, vm.name], span))
        except ValueError:
            yield batch
            batch = []
        batch.append(vm.name)
    yield batch


def _ours(host: str, error: SourceError) -> SourceError:
    """Tell it as Veeam's, with Veeam's remedy where the script itself failed."""
    message = error.message.replace(SCRIPT, "for Veeam")
    hint = CONSOLE if message.startswith("the script") else error.hint
    kind = LateError if isinstance(error, LateError) else SourceError
    return kind(SOURCE, host, f"over WinRM: {message}", hint)


def _damaged(host: str, what: str) -> SourceError:
    return SourceError(SOURCE, host, f"over WinRM: the {what} are damaged", AGAIN)


def _rows(host: str, lot: object, what: str) -> list[Row]:
    rows = lot.get(what) if isinstance(lot, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _damaged(host, what)
    return [Row(row) for row in rows]


def _logs(host: str, lot: object) -> dict[str, bytes]:
    logs = lot.get("logs") if isinstance(lot, dict) else None
    if not isinstance(logs, dict):
        raise _damaged(host, "logs")
    return {str(ident): _log(_rows(host, logs, ident)) for ident in logs}


def _session(row: Row) -> object:
    kind = row.text("type") or ""
    return {
        "id": row.text("id"),
        "name": row.text("job"),
        "sessionType": KINDS.get(kind, kind),
        "state": row.text("state"),
        "creationTime": row.text("start"),
        "endTime": row.text("end"),
    }


def _task(row: Row) -> object:
    return {
        "id": row.text("id"),
        "sessionId": row.text("session"),
        "name": row.text("name"),
        "state": "Working" if row.text("status") in UNFINISHED else "Stopped",
        "creationTime": row.text("start"),
        "endTime": row.text("end"),
    }


def _typed(tasks: Listing, sessions: Listing) -> Listing:
    """Give each task the type of its session; leave out those that wait for their turn."""
    kinds = {}
    for entry in sessions.rows:
        if isinstance(entry, dict):
            kinds[entry["id"]] = entry["sessionType"]
    rows: list[object] = [
        {**task, "sessionType": kinds.get(task["sessionId"])}
        for task in tasks.rows
        if isinstance(task, dict) and (task["creationTime"] or task["state"] == "Stopped")
    ]
    return Listing(rows)


def _log(records: Sequence[Row]) -> bytes:
    rows: list[Mapping[str, object]] = [
        {
            "title": record.text("title"),
            "status": (record.text("status") or "").removeprefix("E"),
            "startTime": record.text("start"),
            "updateTime": record.text("update"),
        }
        for record in records
    ]
    return json.dumps({"totalRecords": len(rows), "records": rows}).encode()
