"""The course of a check: what stands in its card until the verdict is there."""

import time
from threading import Lock

from commands.reply import Card, Reply, Section, Tone

NAMES = {"winrm": "Cluster", "vcenter": "vCenter", "veeam": "Veeam"}
"""Sources as people call them."""

NODES = "nodes"
"""What `pull` calls all nodes together."""


def placeholder(cluster: str, when: str) -> Reply:
    """Say that a check was begun."""
    return _reply(cluster, when, ("The cluster, vCenter and Veeam are being asked.",), ())


class Course:
    """Notes which source is asked, has answered or is late, from any thread."""

    def __init__(self, cluster: str, when: str) -> None:
        self._cluster = cluster
        self._when = when
        self._lock = Lock()
        self._rows: dict[tuple[str, str], tuple[str, float]] = {}

    def told(self, source: str, name: str, state: str) -> None:
        """Take in what a source is at."""
        with self._lock:
            _, began = self._rows.get((source, name), ("", time.monotonic()))
            at = time.monotonic() if state == "asked" else time.monotonic() - began
            self._rows[source, name] = (state, at)

    def reply(self) -> Reply:
        """Say how far the check is."""
        with self._lock:
            rows = list(self._rows.items())
        said = tuple(_said(source, name, *row) for (source, name), row in rows)
        return _reply(self._cluster, self._when, (), said)


def _said(source: str, name: str, state: str, at: float) -> str:
    what = f"{NAMES.get(source, source)}, {name}"
    if state == "asked":
        return f"{what}: asked, {time.monotonic() - at:.0f} s"
    return f"{what}: {state}, {at:.1f} s"


def _reply(cluster: str, when: str, said: tuple[str, ...], course: tuple[str, ...]) -> Reply:
    sections = (Section("So far", course),) if course else ()
    card = Card(Tone.GREY, "Checking this failover", (cluster, when), said, sections=sections)
    return Reply(payload={}, cards=(card,))
