"""The past of a cluster in the shape that `verdict.odds.odds` takes."""

from datetime import datetime
from typing import TYPE_CHECKING

from storage.clusters import clusters_named, node_vms
from storage.coverage import covered
from storage.failovers import failovers_of
from storage.snapshot_tasks import tasks_of
from verdict.cluster import Cluster
from verdict.evidence import Evidence
from verdict.failover import Failover

if TYPE_CHECKING:
    from storage.store import Store


def past(
    store: "Store", cluster: str, since: datetime, now: datetime
) -> tuple[Evidence, tuple[Failover, ...]]:
    """Give what is stored of a cluster, so that `odds(*past(...))` says the odds.

    The evidence holds the removals and creations of its nodes' VMs and the intervals in which
    vCenter's tasks were read for it; failovers that were planned are left out, for nobody asks
    whether chance drained a node. Raises UserError.
    """
    with store.reading():
        known = clusters_named(store, cluster)
        tasks = (
            task for _, vm in node_vms(store, cluster) for task in tasks_of(store, vm, since, now)
        )
        evidence = Evidence(
            cluster=known[0] if known else Cluster(cluster),
            operations=tuple(tasks),
            coverage=covered(store, cluster, "vcenter", "tasks", since, now),
        )
        return evidence, failovers_of(store, cluster, since, without_planned=True)
