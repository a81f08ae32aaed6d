"""Margins: the longest stun of every node of a cluster, and how much of the time was read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from storage.clusters import node_vms
from storage.coverage import covered
from storage.stuns import longest_stun
from storage.vms import Vm
from verdict.facts import Stun

if TYPE_CHECKING:
    from storage.store import Store


@dataclass(frozen=True, slots=True)
class NodeMargin:
    """The longest stun of a node's VM in a time, None where none is stored.

    `read` is how much of that time its vmware.log was read: none stored and nothing read means
    that nothing is known, not that there was none.
    """

    node: str
    vm: Vm
    longest: Stun | None
    read: timedelta

    @property
    def used(self) -> timedelta:
        """How much of a tolerance the longest stun used up."""
        return self.longest.duration if self.longest else timedelta(0)


def node_margins(
    store: "Store", cluster: str, since: datetime, now: datetime
) -> tuple[NodeMargin, ...]:
    """Give every node of a cluster, the one with the longest stun first. Raises UserError."""
    with store.reading():
        found = [_margin(store, node, vm, since, now) for node, vm in node_vms(store, cluster)]
    return tuple(sorted(found, key=lambda margin: (-margin.used, margin.node)))


def _margin(store: "Store", node: str, vm: Vm, since: datetime, now: datetime) -> NodeMargin:
    parts = covered(store, vm.vcenter, "vmware.log", vm.name, since, now)
    read = sum((part.end - part.start for part in parts), timedelta(0))
    return NodeMargin(node, vm, longest_stun(store, vm, since), read)
