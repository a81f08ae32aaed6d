"""Near misses of all clusters: stuns that used up more than half of the tolerance of their time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from storage.stuns import stun_of
from storage.times import duration, micros
from storage.views import MISSED
from storage.vms import Vm
from verdict.facts import Stun

if TYPE_CHECKING:
    from storage.store import Store

_BETWEEN = """
SELECT n.cluster, n.node, v.id, v.vcenter, v.name, t.us, t.known,
    s.start, s.us, s.phase, s.clock, s.ahead, s.snapshot
FROM MISSED AND s.start >= ?1 AND s.start < ?2
ORDER BY s.start, n.cluster, n.node
""".replace("MISSED", MISSED)


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
