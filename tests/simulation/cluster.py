"""The cluster: its Windows version, heartbeat values, workload and roles."""

from dataclasses import dataclass, field
from random import Random

from tests.simulation.node import Node

DEFAULT_THRESHOLD = {  # SameSubnetThreshold at 1000 ms, facts/cluster.md 1.2
    "2008 R2": 5,
    "2012": 5,
    "2012 R2": 5,
    "2016": 10,
    "2019": 20,
    "2022": 20,
    "2025": 20,
}
EDITIONS = ("Standard", "Datacenter")


@dataclass(slots=True)
class Cluster:
    """One cluster and what its nodes tolerate; milliseconds where Windows keeps them so."""

    name: str
    version: str
    edition: str
    workload: str  # ag, fci, fs, dag
    nodes: list[Node]
    owner: Node
    delay_ms: int
    threshold: int
    lease_ms: int = 20000
    health_ms: int = 30000
    hang_seconds: int = 60
    databases: list[str] = field(default_factory=list)

    @property
    def delay(self) -> float:
        """Seconds between two heartbeats."""
        return self.delay_ms / 1000

    @property
    def tolerance(self) -> float:
        """Seconds a node may be silent."""
        return self.delay_ms * self.threshold / 1000

    @property
    def lease_limit(self) -> float:
        """Seconds after which a stunned AG primary loses its lease: half of LeaseTimeout."""
        return self.lease_ms / 2000

    @property
    def lowest_limit(self) -> float:
        """Seconds of the first mechanism to break, counted strictly."""
        limits = [self.tolerance - self.delay, self.health_ms / 1000, float(self.hang_seconds)]
        if self.workload == "ag":
            limits.append(self.lease_limit)
        return min(limits)

    @property
    def role(self) -> tuple[str, str, str]:
        """Return (group, resource, resource type) of the clustered role."""
        if self.workload == "ag":
            return "AG1", "AG1", "SQL Server Availability Group"
        if self.workload == "fci":
            return "SQL Server (INST1)", "SQL Server (INST1)", "SQL Server"
        if self.workload == "fs":
            return "FILES", r"File Server (\\FILES)", "File Server"
        return "Cluster Group", "Cluster IP Address", "IP Address"

    def others(self, node: Node) -> list[Node]:
        """Return every node but this one."""
        return [each for each in self.nodes if each is not node]

    def as_json(self, vms: dict[str, str], *, values: bool, names: bool) -> dict[str, object]:
        """Return cluster.json; `values` with the properties, `names` with the VM names."""
        found: dict[str, object] = {
            "name": self.name,
            "os": f"Windows Server {self.version} {self.edition}",
            "nodes": [
                {"name": n.name, "vm": vms[n.name]} if names else {"name": n.name}
                for n in self.nodes
            ],
        }
        if values:
            found["properties"] = {
                "SameSubnetDelay": self.delay_ms,
                "SameSubnetThreshold": self.threshold,
                "CrossSubnetDelay": self.delay_ms,
                "CrossSubnetThreshold": self.threshold,
                "RouteHistoryLength": 10,
                "ClusSvcHangTimeout": self.hang_seconds,
                "QuarantineThreshold": 3,
            }
        if self.workload == "ag" and values:
            found["availability_groups"] = [
                {
                    "name": "AG1",
                    "lease_timeout_ms": self.lease_ms,
                    "health_check_timeout_ms": self.health_ms,
                }
            ]
        return found


def heartbeat(rng: Random, version: str) -> tuple[int, int]:
    """Return (delay ms, threshold): the version's default or values somebody set."""
    if rng.random() < 0.6:
        return 1000, DEFAULT_THRESHOLD[version]
    if version == "2008 R2":
        return rng.choice([(1000, 10), (2000, 10), (2000, 5)])
    return rng.choice([(1000, 10), (1000, 20), (2000, 10), (1000, 15), (1000, 30), (500, 20)])
