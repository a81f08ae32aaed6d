"""The heartbeat values of the demo's clusters: as recorded at first, then as they were set."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from commands.cluster_change import Change
from demo.journal import Journal, Setting
from demo.site import home
from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.errors import SourceError, UserError
from sources.names import same
from sources.windows.apply import UNCHANGED, Applied, Outcome, outcome
from sources.windows.heartbeat_steps import in_order, objection
from sources.windows.heartbeat_values import Values
from sources.windows.set_heartbeat import Told
from verdict.cluster import Cluster, Node
from verdict.heartbeat import heartbeats

READING, SETTING = 0.3, 0.5
"""Seconds that a node takes at a pace of 1 to tell its values, and to set and tell them again."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class RecordedValues:
    """The values of every cluster, read and set as those of a running one are.

    Safe to share between threads; what a journal in a file allows between processes, it says.
    """

    pace: float = 1.0
    """How slow the nodes are: 0 answers at once."""
    now: Callable[[], datetime] = _now
    journal: Journal = field(default_factory=Journal)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def change(self) -> Change:
        """The way to the values."""
        return Change(self.read, self.apply, self.may_change)

    def read(self, access: ClusterAccess, _: Deadline) -> Values:
        """Read the values of a cluster. Raises SourceError for none of the demo's."""
        found = _asked(access)
        self._pause(READING)
        with self._lock:
            return Values(self._stand(found), self.now(), found.nodes[0].name)

    def may_change(self, access: ClusterAccess, _: Deadline) -> str | None:
        """Say that the account may. Raises SourceError for none of the demo's clusters."""
        _asked(access)
        return None

    def apply(
        self,
        access: ClusterAccess,
        expected: Mapping[str, int],
        wanted: Mapping[str, int],
        deadline: Deadline,
    ) -> Applied:
        """Set values as `sources.windows.apply` does: only if all four are still as expected."""
        expected, wanted = dict(expected), dict(wanted)
        if why := objection(expected, wanted, ""):
            return Applied(Outcome.FAILED, {}, None, f"{why} {UNCHANGED}")
        try:
            found, values = _asked(access), self.read(access, deadline)
        except SourceError as error:
            why = f"{error.subject}: {error.message}. {UNCHANGED}"
            return Applied(Outcome.FAILED, {}, None, why, error.hint)
        now, node = values.properties, values.node
        if now == expected and (why := objection(expected, wanted, found.os or "")):
            return Applied(Outcome.FAILED, now, now, f"{why} {UNCHANGED}", node=node)
        self._pause(SETTING / 2)
        told = self._set(found, expected, wanted)
        self._pause(SETTING / 2)
        return outcome(access, told, expected, {**expected, **wanted}, node)

    def put(self, cluster: str, **values: int) -> None:
        """Set values by hand, asking nobody. Raises UserError for none of the demo's, OSError."""
        name = home(cluster).names.cluster
        with self._lock:
            self.journal.add(Setting(self.now(), name, values, by_hand=True))

    def restore(self, cluster: str) -> None:
        """Put a cluster back to its recording by hand, if it was tuned. Raises as `put` does."""
        found = _recorded(home(cluster).names.cluster)
        recorded = heartbeats(found).properties
        with self._lock:
            tuned = self._stand(found) != recorded
        if tuned:
            self.put(cluster, **recorded)

    def set_by(self, cluster: str, moment: datetime) -> dict[str, int]:
        """Give what had been set on a cluster by a moment (UTC): nothing where nothing was."""
        with self._lock:
            return self._set_since_recorded(cluster, moment)

    def _set(self, found: Cluster, expected: Mapping[str, int], wanted: Mapping[str, int]) -> Told:
        """Compare, set and read back in one piece, as the script on a node does."""
        with self._lock:
            before = self._stand(found)
            if before != expected:
                return Told(began=False, before=before, drifted=True)
            if in_order(expected, wanted):
                self.journal.add(Setting(self.now(), found.name, wanted))
            return Told(began=True, before=before, after=self._stand(found))

    def _stand(self, found: Cluster) -> dict[str, int]:
        """Give all four values as they stand; the caller holds the lock."""
        return heartbeats(found).properties | self._set_since_recorded(found.name)

    def _set_since_recorded(self, cluster: str, until: datetime | None = None) -> dict[str, int]:
        stand: dict[str, int] = {}
        for one in self.journal.read():
            if same(one.cluster) == same(cluster) and (until is None or one.at <= until):
                stand |= one.wanted
        return stand

    def _pause(self, seconds: float) -> None:
        if self.pace > 0:
            time.sleep(self.pace * seconds)


def _asked(access: ClusterAccess) -> Cluster:
    """Find the cluster that is asked. Raises SourceError."""
    try:
        return _recorded(home(access.name).names.cluster)
    except UserError as error:
        raise SourceError("winrm", access.name, error.message.rstrip("."), error.hint) from None


@cache
def _recorded(cluster: str) -> Cluster:
    """Give a cluster of the demo as it was recorded; reading a bundle takes a while."""
    sheet = home(cluster).recorded().cluster
    nodes = tuple(Node(node, vm or node) for node, vm in sheet.nodes.items())
    return Cluster(cluster, sheet.os, nodes, dict(sheet.properties))
