"""The log of one Veeam session: snapshot steps, the proxy, and how it read the disks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sources.json_rows import AGAIN, Row, UnreadableError, load, read_each
from verdict.facts import Gap, Phase

_REMOVAL = re.compile(
    r"\b(?:remov|delet|consolidat)\w*\b.*\bsnapshots?\b|\bsnapshots?\b.*\b(?:remov|consolidat)",
    re.IGNORECASE,
)
_CREATION = re.compile(
    r"\b(?:creat|tak)\w*\b.*\bsnapshots?\b|\bsnapshots?\b.*\bcreation\b", re.IGNORECASE
)
_NOT_THIS_VM = re.compile(
    r"\b(?:replica|restore points?|retention|waiting|queued|skipp\w+)\b", re.IGNORECASE
)
"""Snapshots of a replica, and mere waiting: none of it stops the VM."""

_NOT_ESXI = re.compile(r"^(?!.*\bVM snapshot).*\b(?:storage|VSS)\b", re.IGNORECASE)
"""Snapshots made by an array or in the guest."""

_PROXY = re.compile(r"\bUsing (?:backup |source )?proxy (.+?) for .*\[([^\]]+)\]", re.IGNORECASE)
"""`Using backup proxy NAME for disk DISK [MODE]` (example in Veeam's REST reference)."""

_PROCESSING = re.compile(r"Processing (?!finished\b|started\b|rate\b)(\S.*)", re.IGNORECASE)
"""A job's own log names its VMs so: `Processing winsrv100` (example in Veeam's REST reference)."""

_DONE = frozenset({"succeeded", "warning", "failed"})


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a session's log. `start` and `update` are naive where they name no offset."""

    title: str
    done: bool
    start: datetime | None
    update: datetime | None

    @property
    def phase(self) -> Phase | None:
        """What it did to the VM's snapshots, or None."""
        if _NOT_THIS_VM.search(self.title) or _NOT_ESXI.search(self.title):
            return None
        if _REMOVAL.search(self.title):
            return Phase.REMOVE
        return Phase.CREATE if _CREATION.search(self.title) else None

    @property
    def vm(self) -> str | None:
        """The VM that a job's own log says it processed, or None."""
        match = _PROCESSING.fullmatch(self.title)
        return match[1].strip("'\"") if match else None


@dataclass(frozen=True, slots=True)
class SessionLog:
    """The records of one session's log, in no certain order."""

    records: tuple[Record, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def stamps(self) -> tuple[datetime, ...]:
        """Every time in it."""
        both = (stamp for record in self.records for stamp in (record.start, record.update))
        return tuple(stamp for stamp in both if stamp is not None)

    @property
    def touches_snapshots(self) -> bool:
        """Whether any of its steps created or removed a snapshot of the VM."""
        return any(record.phase for record in self.records)

    @property
    def proxy(self) -> str | None:
        """The proxies that read the disks, as the product writes them."""
        return _joined(match[1] for match in self._routes())

    @property
    def transport(self) -> str | None:
        """How they read: hotadd, nbd, san; several where the disks were read differently."""
        return _joined(match[2] for match in self._routes())

    def _routes(self) -> list[re.Match[str]]:
        matches = (_PROXY.search(record.title) for record in self.records)
        return [match for match in matches if match]


def read_log(data: bytes, subject: str) -> SessionLog:
    """Read what `/taskSessions/{id}/logs` or `/sessions/{id}/logs` answered.

    `subject` says whose log it is, for the gaps.
    """
    try:
        entries, total = _entries(data)
    except UnreadableError as error:
        return SessionLog(gaps=(Gap("veeam", subject, str(error), AGAIN),))
    records, gaps = read_each(entries, _record, "veeam", subject)
    if total is not None and total > len(entries):
        why = f"only {len(entries)} of {total} records were read"
        gaps += (Gap("veeam", subject, why, AGAIN),)
    return SessionLog(tuple(records), gaps)


def _entries(data: bytes) -> tuple[list[object], int | None]:
    """Give the records and how many the server says there are."""
    parsed = load(data)
    total = Row(parsed).number("totalRecords") if isinstance(parsed, dict) else None
    entries = parsed.get("records") if isinstance(parsed, dict) else parsed
    if not isinstance(entries, list):
        raise UnreadableError("it holds no records")
    return entries, total


def _record(row: Row) -> Record:
    return Record(
        title=row.text("title") or "",
        done=(row.text("status") or "").lower() in _DONE,
        start=row.stamp("startTime"),
        update=row.stamp("updateTime"),
    )


def _joined(names: Iterable[str]) -> str | None:
    return ", ".join(dict.fromkeys(name.strip() for name in names)) or None
