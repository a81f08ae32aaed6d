"""The cluster as it was configured: nodes and their VMs, heartbeat values, groups."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Node:
    """A member of the cluster and the VM it runs in.

    `vm_proven` is False where the VM's name was only assumed to equal the node's: absence of
    tasks on an assumed name proves nothing.
    """

    name: str
    vm: str
    vm_proven: bool = False
    host: str | None = None
    datastores: tuple[tuple[str, str], ...] = ()
    """Name and type (VMFS, NFS, vsan) of each datastore of the VM."""


@dataclass(frozen=True, slots=True)
class AvailabilityGroup:
    """A SQL Server availability group and its two timeouts; None where the value is not known."""

    name: str
    lease_timeout: timedelta | None = None
    health_check_timeout: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Windows failover cluster as it was configured at the time."""

    name: str
    os: str | None = None
    nodes: tuple[Node, ...] = ()
    properties: dict[str, int] = field(default_factory=dict)
    """Cluster common properties by Microsoft's names, SameSubnetDelay and so on."""
    groups: tuple[AvailabilityGroup, ...] = ()
    crosses_subnets: bool = False
    """True when the nodes' heartbeat addresses were seen in different subnets."""
