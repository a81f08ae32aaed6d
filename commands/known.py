"""Known: the clusters and VMs that were read into storage, found by the name a person types."""

from collections.abc import Iterable, Sequence

from commands.context import Context, unknown
from sources.errors import UserError
from sources.names import nearest, same, short
from storage.clusters import cluster_names, clusters_named, node_vms
from storage.vms import Vm, vm_names, vms_named
from verdict.cluster import Cluster

SURVEY = (
    "Type `stuncheck survey`, and have it run every hour; `stuncheck doctor` says what hinders."
)

FEW = 12
"""So many names are listed; of more only the nearest is named."""


def known_cluster(context: Context, name: str) -> Cluster:
    """Give a cluster as it was last read, found in any case. Raises UserError for a stranger."""
    read = cluster_names(context.store)
    for spelt in (one for one in read if same(one) == same(name)):
        return clusters_named(context.store, spelt)[0]
    configured = [access.name for access in context.site.clusters]
    if any(same(one) == same(name) for one in configured):
        raise UserError(f"{name} is configured but was never read.", SURVEY)
    if not read and not configured:
        raise UserError("No cluster is configured and none was read.", SURVEY)
    raise unknown("cluster", name, {*configured, *read})


def known_vms(context: Context, name: str) -> tuple[Vm, ...]:
    """Find a VM by its name or its node's, in any case; several where vCenters share a name.

    Raises UserError for a stranger.
    """
    store = context.store
    found = vms_named(store, name) or vms_named(store, short(name))
    if found:
        return found
    nodes = [pair for cluster in cluster_names(store) for pair in node_vms(store, cluster)]
    if mine := [vm for node, vm in nodes if same(node) == same(name)]:
        return tuple(dict.fromkeys(mine))
    known = {*vm_names(store), *(node for node, _ in nodes)}
    if not known:
        raise UserError(f"There is no VM {name}: none was read yet.", SURVEY)
    raise _stranger(name, known)


def _stranger(name: str, known: Iterable[str]) -> UserError:
    """Name the nearest; of thousands of VMs no list."""
    names: Sequence[str] = sorted(known)
    if len(names) <= FEW:
        return unknown("VM", name, names)
    near = nearest(name, names)
    hint = f"Perhaps {near} is meant." if near else "`stuncheck cluster NAME` lists its VMs."
    return UserError(f"There is no VM {name}.", hint)
