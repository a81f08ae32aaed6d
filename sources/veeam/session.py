"""Veeam's sessions: one run of one job, and which kinds of them take snapshots of VMs."""

import re
from dataclasses import dataclass
from datetime import datetime

from sources.json_rows import AGAIN, Row, UnreadableError, load
from verdict.facts import Gap

_NO_SNAPSHOT = re.compile(
    r"restore|recovery|antivirus|malware|migration|failover|failback|cdp|copy|archiv|retriev"
    r"|logbackup|agent|surebackup|fileserver|filebackup|nas|unstructured|entraid|configuration"
    r"|infrastructure|repository|deletebackup|publish|directbackupsync|retention|discover"
    r"|deploy|logsexport|credential|compliance|update|automation|background",
    re.IGNORECASE,
)
"""Session types (VBR REST 1.1-rev0 to 1.3-rev1) whose work takes no VMware snapshot of a
production VM: transaction logs, copies, agents, file shares, restores, housekeeping. The list of
types grows with each revision, so an unknown one counts as a backup."""


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a job. Times are as the server wrote them, with its offset."""

    id: str
    job: str | None
    kind: str
    start: datetime | None
    end: datetime | None

    @property
    def stamps(self) -> tuple[datetime, ...]:
        """Its times."""
        return tuple(stamp for stamp in (self.start, self.end) if stamp is not None)

    @classmethod
    def read(cls, row: Row) -> "Session":
        """Read a row of `/api/v1/sessions`. Raises UnreadableError."""
        return cls(
            id=row.needed("id").lower(),
            job=row.text("name"),
            kind=row.text("sessionType") or "",
            start=row.stamp("creationTime"),
            end=row.stamp("endTime"),
        )


def takes_snapshots(*kinds: str | None) -> bool:
    """Whether work of these types may take a snapshot of a VM."""
    return not any(kind and _NO_SNAPSHOT.search(kind) for kind in kinds)


def read_page(data: bytes | None, subject: str) -> tuple[list[object], tuple[Gap, ...]]:
    """Give the rows of a REST answer: `{"data", "pagination"}`, several of these, or a bare list.

    None is material that nobody collected: no rows, and no gap of ours.
    """
    if data is None:
        return [], ()
    try:
        pages = _pages(load(data))
    except UnreadableError as error:
        return [], (Gap("veeam", subject, str(error), AGAIN),)
    rows = [row for entries, _ in pages for row in entries]
    total = max((total for _, total in pages), default=0)
    if total <= len(rows):
        return rows, ()
    why = f"only {len(rows)} of {total} were read"
    return rows, (Gap("veeam", subject, why, "Collect all pages (skip and limit)."),)


def _pages(parsed: object) -> list[tuple[list[object], int]]:
    """Each page's rows, and how many rows the server says there are on all pages."""
    if isinstance(parsed, dict):
        return [_page(parsed)]
    if not isinstance(parsed, list):
        raise UnreadableError("it is no answer of the REST API")
    if parsed and all(isinstance(entry, dict) and "data" in entry for entry in parsed):
        return [_page(entry) for entry in parsed]
    return [(parsed, 0)]


def _page(answer: dict[str, object]) -> tuple[list[object], int]:
    rows, pagination = answer.get("data"), answer.get("pagination")
    if not isinstance(rows, list):
        raise UnreadableError("it holds no data")
    total = Row(pagination).number("total") if isinstance(pagination, dict) else None
    return rows, total or 0
