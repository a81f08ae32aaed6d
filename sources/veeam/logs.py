"""The logs of sessions, side by side: as they came, and a gap for each that did not come."""

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from sources.errors import SourceError
from sources.json_rows import AGAIN, Row
from sources.veeam.client import Client
from sources.veeam.crew import Crew
from sources.veeam.session import takes_snapshots
from verdict.facts import Gap

IDENT = re.compile(r"[0-9A-Fa-f-]{8,64}", re.ASCII)
"""Veeam's ids are UUIDs; nothing else goes into a path."""


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs that are being read, by the id of their session, with what people call it."""

    pending: Mapping[str, tuple[str, Future[bytes | SourceError]]]
    gaps: tuple[Gap, ...]

    def read(self) -> tuple[dict[str, bytes], tuple[Gap, ...]]:
        """Wait for all of them."""
        logs: dict[str, bytes] = {}
        gaps = list(self.gaps)
        for ident, (name, future) in self.pending.items():
            log = future.result()
            if isinstance(log, bytes):
                logs[ident] = log
            else:
                gaps.append(Gap("veeam", f"log of {name}", log.message, log.hint))
        return logs, tuple(dict.fromkeys(gaps))


def begin_logs(client: Client, crew: Crew, path: str, rows: Iterable[object]) -> Logs:
    """Begin to read the logs of those sessions (or task sessions) that take snapshots."""
    wanted: dict[str, str] = {}
    gaps = []
    for entry in rows:
        row = Row(entry if isinstance(entry, dict) else {})
        ident, name = row.text("id") or "", row.text("name") or "a session"
        if not takes_snapshots(row.text("type"), row.text("sessionType")):
            continue
        if IDENT.fullmatch(ident):
            wanted[ident] = name
        else:
            gaps.append(Gap("veeam", f"log of {name}", "its id is no UUID", AGAIN))
    futures = crew.begin(
        partial(client.get, f"{path}/{ident}/logs", f"the log of {name}")
        for ident, name in wanted.items()
    )
    pending = zip(wanted.items(), futures, strict=True)
    return Logs({ident: (name, future) for (ident, name), future in pending}, tuple(gaps))
