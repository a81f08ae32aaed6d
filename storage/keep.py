"""Keeping what was gathered: facts and the coverage that calls them complete, in one piece."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage.backups import add_backups
from storage.clusters import add_cluster, clusters_named
from storage.coverage import add_coverage
from storage.failovers import add_failovers
from storage.snapshot_tasks import add_tasks
from storage.stuns import add_stuns
from storage.vms import NO_VCENTERS, take_in
from verdict.evidence import Evidence
from verdict.facts import Coverage
from verdict.failover import failovers

if TYPE_CHECKING:
    from sqlite_utils.db import Database

    from storage.store import Store

LOG = "vmware.log"
"""The source whose subject is a VM, which is known by its vCenter and not by its cluster."""


@dataclass(frozen=True, slots=True)
class Added:
    """How many rows of each kind were new or are now better known."""

    stuns: int
    tasks: int
    backups: int
    failovers: int


def keep(
    store: "Store",
    evidence: Evidence,
    read: datetime,
    vcenters: Mapping[str, str] = NO_VCENTERS,
    incident: str | None = None,
) -> Added:
    """Store all facts of the evidence of one cluster; the same evidence again adds nothing.

    `read` is when it was gathered, `vcenters` the vCenter of each VM where it is known,
    `incident` the one that the failovers in it belong to. A cluster that did not answer keeps the
    nodes and values that were read before. All or nothing. Raises UserError.
    """
    with store.writing() as db:
        if evidence.cluster.properties or not clusters_named(store, evidence.cluster.name):
            add_cluster(store, evidence.cluster, read, vcenters)
        added = Added(
            stuns=add_stuns(store, evidence.stuns, vcenters),
            tasks=add_tasks(store, evidence.operations, vcenters),
            backups=add_backups(store, evidence.backups, vcenters),
            failovers=add_failovers(store, evidence.cluster.name, failovers(evidence), incident),
        )
        for part in evidence.coverage:
            scope, known = _scope(db, part, evidence.cluster.name, vcenters)
            add_coverage(store, scope, [known], read)
        return added


def _scope(
    db: "Database", part: Coverage, cluster: str, vcenters: Mapping[str, str]
) -> tuple[str, Coverage]:
    """Say whose coverage it is, and under which name its VM is stored."""
    if part.source != LOG:
        return cluster, part
    vm = take_in(db, [part.subject], vcenters)[part.subject]
    return vm.vcenter, Coverage(part.source, vm.name, part.start, part.end)
