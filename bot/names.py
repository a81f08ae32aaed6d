"""The names that alerts are searched for: as configured, and as the clusters were last read."""

import time
from threading import Lock
from typing import TYPE_CHECKING

from bot.inventory import Inventory, Names
from storage.clusters import clusters_named

if TYPE_CHECKING:
    from sources.access import ClusterAccess, Site
    from storage.store import Store

FRESH = 10.0
"""Seconds for which the names are believed."""


class KnownNames:
    """Gives the inventory, read anew when somebody asks after ten seconds."""

    def __init__(self, site: "Site", store: "Store") -> None:
        self._site = site
        self._store = store
        self._lock = Lock()
        self._made: Inventory | None = None
        self._at = 0.0

    def inventory(self) -> Inventory:
        """Give all names that are known now. Raises UserError."""
        with self._lock:
            if self._made is None or time.monotonic() - self._at > FRESH:
                self._made, self._at = self._read(), time.monotonic()
            return self._made

    def _read(self) -> Inventory:
        return Inventory(map(self._names, self._site.clusters))

    def _names(self, access: "ClusterAccess") -> Names:
        nodes = [host for host in access.hosts if not host[:1].isdigit()]
        nodes += access.vms.keys()
        vms = [*access.vms.values()]
        roles: list[str] = []
        for known in clusters_named(self._store, access.name):
            nodes += [node.name for node in known.nodes]
            vms += [node.vm for node in known.nodes]
            roles += [group.name for group in known.groups]
        return Names(
            access.name, tuple(dict.fromkeys(nodes)), tuple(roles), tuple(dict.fromkeys(vms))
        )
