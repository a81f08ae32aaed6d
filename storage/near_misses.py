"""Near misses of all clusters: stuns that used up more than half of the tolerance of their time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from storage.stuns import stun_of
from storage.times import duration, micros
from storage.vms import Vm
from verdict.facts import Stun

if TYPE_CHECKING:
    from storage.store import Store

_BETWEEN = """
SELECT n.cluster, n.node, v.id, v.vcenter, v.name, t.us, t.known,
    s.start, s.us, s.phase, s.clock, s.ahead, s.snapshot
FROM nodes n
JOIN vms v ON v.id = n.vm
JOIN stuns s ON s.vm = n.vm
JOIN tolerances t ON t.cluster = n.cluster AND t.since = coalesce(
    (SELECT max(since) FROM tolerances o WHERE o.cluster = n.cluster AND o.since <= s.start),
    (SELECT min(since) FROM tolerances o WHERE o.cluster = n.cluster))
WHERE s.start >= ?1 AND s.start < ?2 AND s.us * 2 > t.us AND NOT EXISTS (
    SELECT 1 FROM failovers f
    WHERE f.cluster = n.cluster AND (f.lost IS NULL OR f.lost = n.node)
        AND f.at BETWEEN s.start - 2000000 AND s.start + s.us + 60000000)
ORDER BY s.start, n.cluster, n.node
"""
"""The same allowances as in the view `near_misses` (storage/views.py)."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A stun of a node's VM that cost no failover anybody knows of.

    `tolerance` is that of its time; `known` is False where a default was taken for it.
    """

    cluster: str
    node: str
    vm: Vm
    stun: Stun
    tolerance: timedelta
    known: bool

    @property
    def used(self) -> float:
        """The part of the tolerance that the stun used up; 1.0 is all of it."""
        return self.stun.duration / self.tolerance


def near_misses_between(store: "Store", since: datetime, until: datetime) -> tuple[NearMiss, ...]:
    """Give those that began from one moment (UTC) to before another, in order. Raises UserError."""
    with store.reading() as db:
        rows = db.execute(_BETWEEN, [micros(since), micros(until)]).fetchall()
    return tuple(_miss(row) for row in rows)


def _miss(row: Sequence[Any]) -> NearMiss:
    cluster, node, number, vcenter, name, us, known, *stun = row
    vm = Vm(number, vcenter, name)
    return NearMiss(cluster, node, vm, stun_of(name, stun), duration(us), bool(known))
