"""The site of the demo: eight clusters, a vCenter and a Veeam server that nobody ever contacts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bot.inventory import Inventory, Names
from demo.cast import cast
from sources.access import ClusterAccess, Secret, Site, VCenterAccess, VeeamAccess, WinRmAccess
from sources.bundle import read_bundle
from sources.errors import UserError
from sources.material import Material
from sources.names import same

INCIDENTS = Path(__file__).parent / "incidents"

NETWORK = "192.0.2"
"""Addresses that lead nowhere (RFC 5737)."""
FIRST = 11
"""The last number of the first node's address."""

DUMMY = Secret("demo")
"""No password of anything."""


@dataclass(frozen=True, slots=True)
class Home:
    """A cluster of the demo.

    `bundle` is a recorded incident of one like it, which tells how it is configured and where its
    VMs run; `logs` is whether vmware.log may be read there.
    """

    names: Names
    bundle: str
    logs: bool = True

    def recorded(self) -> Material:
        """Give what was recorded, under this cluster's names. Raises UserError, OSError."""
        return cast(read_bundle(INCIDENTS / self.bundle), self.names)


def _home(
    cluster: str, nodes: tuple[str, str], group: str, bundle: str, *, logs: bool = True
) -> Home:
    return Home(Names(cluster, nodes, (group,), nodes), bundle, logs)


HOMES: Mapping[str, Home] = MappingProxyType(
    {
        home.names.cluster: home
        for home in (
            _home("SQLAG01", ("SQL01", "SQL02"), "AG-ORDERS", "removal-stun"),
            _home("SQLAG02", ("SQL11", "SQL12"), "AG-SHOP", "removal-stun"),
            _home("SQLAG03", ("SQL31", "SQL32"), "AG-HR", "patch-reboot"),
            _home("SQLAG04", ("SQL41", "SQL42"), "AG-STOCK", "removal-stun", logs=False),
            _home("SQLAG05", ("SQL51", "SQL52"), "AG-WMS", "host-failure"),
            _home("SQLAG06", ("SQL61", "SQL62"), "AG-BI", "vmotion-stun"),
            _home("SQLAG07", ("SQL71", "SQL72"), "AG-CRM", "lease-lost"),
            _home("SQLAG10", ("SQL101", "SQL102"), "AG-DOCS", "removal-stun"),
        )
    }
)
"""By the name of the cluster; those with a bundle of their own keep its names."""


def home(cluster: str) -> Home:
    """Find a cluster of the demo in any case. Raises UserError."""
    for name, found in HOMES.items():
        if same(name) == same(cluster):
            return found
    raise UserError(f"The demo has no cluster {cluster}.", f"Known: {', '.join(HOMES)}.")


def site() -> Site:
    """Give what the bot is configured with."""
    winrm = WinRmAccess("CORP\\svc-stuncheck", DUMMY)
    clusters = []
    for number, one in enumerate(HOMES.values()):
        last = FIRST + 10 * number
        hosts = tuple(f"{NETWORK}.{last + index}" for index in range(len(one.names.nodes)))
        vms = {node: node for node in one.names.nodes}
        clusters.append(ClusterAccess(one.names.cluster, hosts, winrm, vms))
    user = "svc-stuncheck@corp.example"
    return Site(
        clusters=tuple(clusters),
        vcenters=(VCenterAccess("vcenter01", f"{NETWORK}.2", user, DUMMY, read_logs=True),),
        veeams=(VeeamAccess("veeam01", f"{NETWORK}.3", user, DUMMY),),
    )


def inventory() -> Inventory:
    """Give the names by which alerts are recognised."""
    return Inventory(one.names for one in HOMES.values())
