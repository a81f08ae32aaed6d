"""A store as surveys would have filled it, and the context of a command that reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from commands.context import Context
from sources.access import ClusterAccess, Secret, Site, VCenterAccess, WinRmAccess
from storage.clusters import add_cluster
from storage.coverage import add_coverage
from storage.store import Store
from storage.stuns import add_stuns
from tests.storage.told import DAY, ZERO
from tests.storage.told import stun as stunned
from verdict.cluster import AvailabilityGroup, Cluster, Node
from verdict.facts import Coverage, Stun

NOW = ZERO + DAY
VCENTER = VCenterAccess("vc01", "vc01.corp.example", "reader", Secret("-"), read_logs=True)
SITE = Site(
    (ClusterAccess("SQLAG01", ("sql01",), WinRmAccess()),
     ClusterAccess("FS01", ("fs01",), WinRmAccess())),
    (VCENTER,),
)  # fmt: skip
GROUP = AvailabilityGroup("ag-sales", timedelta(seconds=20), timedelta(seconds=30))


def cluster(
    threshold: int = 10, os: str = "Windows Server 2016", *groups: AvailabilityGroup
) -> Cluster:
    properties = {
        "SameSubnetDelay": 1000, "SameSubnetThreshold": threshold,
        "CrossSubnetDelay": 1000, "CrossSubnetThreshold": 40,
    }  # fmt: skip
    nodes = tuple(
        Node(name, name.lower(), vm_proven=True, host="esx07.corp.example")
        for name in ("SQL01", "SQL02")
    )
    return Cluster("SQLAG01", os, nodes, properties, groups)


def nightly(*lengths: float, vm: str = "sql01") -> list[Stun]:
    """Give stuns of some lengths in seconds, the last one the day before NOW."""
    last = len(lengths) - 1
    return [stunned((n - last) * 86400, length, vm=vm) for n, length in enumerate(lengths)]


@contextmanager
def opened(folder: Path, site: Site = SITE) -> Iterator[Context]:
    with Store.open(folder / "stuncheck.db") as store:
        yield Context(site, store, lambda: NOW)


def fill(
    context: Context,
    told: Cluster,
    *stuns: Stun,
    read: float = 30,
    vms: tuple[str, ...] = ("sql01", "sql02"),
) -> None:
    """Store a cluster and stuns; of each VM's log the last `read` days were read."""
    vcenters = dict.fromkeys(vms, "vc01")
    add_cluster(context.store, told, NOW, vcenters)
    add_stuns(context.store, stuns, vcenters)
    covered = [Coverage("vmware.log", vm, NOW - read * DAY, NOW) for vm in vms] if read else []
    add_coverage(context.store, "vc01", covered, NOW)
