"""The world of one bundle: a cluster on ESXi, its vCenter and its backup server, drawn by seed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from tests.simulation.clock import Clock, measured, seconds, some_clock, unmeasured
from tests.simulation.cluster import DEFAULT_THRESHOLD, EDITIONS, Cluster, heartbeat
from tests.simulation.event import Spelling
from tests.simulation.node import Node
from tests.simulation.vcenter import Vcenter
from tests.simulation.veeam import Veeam
from tests.simulation.vm import Host, Vm

BEFORE = 3600.0  # seconds of quiet life before the failover
AFTER = 900.0  # and after it, when the evidence is collected


@dataclass(slots=True)
class Shown:
    """What of the world gets into the bundle."""

    vmware: bool = True
    tasks: bool = True
    events: bool = True
    inventory: bool = True
    sessions: bool = True
    task_sessions: bool = True
    steps: bool = True
    cluster_json: bool = True
    properties: bool = True
    cluster_log: bool = True
    error_log: bool = True
    named_failover: bool = True
    vcenter_since: float = 3 * 3600.0  # seconds before the failover from which vCenter was asked
    log_since: datetime | None = None  # vmware.log lines before are gone
    hidden_logs: set[str] = field(default_factory=set)  # rotated files that were not collected
    mapping: str = "same"  # same, nodes, cluster, inventory: where the VM names are told


@dataclass(slots=True)
class World:
    """Everything there is, in true time; `at` is about when the trouble comes."""

    rng: Random
    at: datetime
    cluster: Cluster
    hosts: list[Host]
    vms: dict[str, Vm]  # by node name
    other_vms: list[Vm]
    vcenter: Vcenter
    veeam: Veeam
    host_clock: Clock | None  # one measured clock for all hosts, or None: each its own
    shown: Shown = field(default_factory=Shown)
    until: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.until = self.at + seconds(AFTER)

    @property
    def since(self) -> datetime:
        """When the story begins."""
        return self.at - seconds(BEFORE)

    def vm(self, node: Node) -> Vm:
        """Return the VM of a node."""
        return self.vms[node.name]

    def chance(self, share: float) -> bool:
        """Return True in this share of the cases."""
        return self.rng.random() < share

    def between(self, low: float, high: float) -> float:
        """Return a number drawn evenly from the range."""
        return self.rng.uniform(low, high)


def build(
    rng: Random,
    *,
    workload: str = "",
    versions: tuple[str, ...] = tuple(DEFAULT_THRESHOLD),
    beats: tuple[int, int] | None = None,
    sizes: tuple[int, ...] = (2, 2, 2, 2, 3, 3, 4, 5),
    style: str = "",
) -> World:
    """Return a fresh world with everybody quiet; the arguments pin what the story needs."""
    at = datetime(
        2026,
        rng.randint(1, 10),
        rng.randint(1, 27),
        rng.choice([0, 1, 2, 3, 22, 23]),
        0,
        tzinfo=UTC,
    )
    at += seconds(rng.uniform(0, 3600))
    hosts, host_clock = _hosts(rng)
    cluster = _cluster(rng, workload, versions, beats, rng.choice(sizes))
    esxi = style or rng.choice(["new", "new", "new", "coded", "bare"])
    born = at - seconds(86400)
    vms: dict[str, Vm] = {}
    for number, node in enumerate(cluster.nodes):
        host = hosts[number % len(hosts)]
        guest = f"{node.name}.{node.domain}"
        vms[node.name] = Vm(node.name, f"vm-{4100 + number}", host, esxi, born, guest)
    others = [
        Vm(name, f"vm-{5100 + number}", rng.choice(hosts), esxi, born, f"{name}.corp.local".lower())
        for number, name in enumerate(
            rng.sample(["APP01", "WEB02", "DC01", "PRINT1", "VEEAMPX1"], 3)
        )
    ]
    veeam = Veeam(
        some_clock(rng),
        rng.choice([-6, -5, 0, 1, 2, 9]),
        rng.choice(["1.1", "1.2", "1.3", "1.3"]),
        rng,
    )
    vcenter = Vcenter(
        some_clock(rng),
        rng.choice([r"CORP\svc-veeam", r"VSPHERE.LOCAL\veeam", "veeam@vsphere.local"]),
    )
    world = World(rng, at, cluster, hosts, vms, others, vcenter, veeam, host_clock)
    _pick_what_is_shown(world)
    return world


def _hosts(rng: Random) -> tuple[list[Host], Clock | None]:
    names = [f"esx{number:02d}.corp.local" for number in rng.sample(range(1, 20), 6)]
    roll = rng.random()
    if roll < 0.4:
        clock = measured(rng, rng.choice([rng.gauss(0, 0.2), rng.uniform(-30, 30)]))
        return [Host(name, clock) for name in names], clock
    if roll < 0.65:
        return [Host(name, measured(rng, rng.uniform(-8, 8))) for name in names], None
    return [Host(name, unmeasured(rng)) for name in names], None


def _cluster(
    rng: Random,
    workload: str,
    versions: tuple[str, ...],
    beats: tuple[int, int] | None,
    size: int,
) -> Cluster:
    version = rng.choice(versions)
    kind = workload or rng.choice(["ag", "ag", "ag", "fci", "fs", "dag"])
    if kind == "ag" and version == "2008 R2":
        version = rng.choice([v for v in versions if v != "2008 R2"] or ["2016"])
    stem = {"ag": "SQL", "fci": "SQLFCI", "fs": "FS", "dag": "EXCH"}[kind]
    domain = rng.choice(["corp.local", "ad.example.com"])
    nodes = [
        Node(f"{stem}{number:02d}", domain, some_clock(rng), 0, _spelling(rng))
        for number in range(1, size + 1)
    ]
    hours = rng.choice([-6, -5, 0, 1, 2])
    for node in nodes:
        node.utc_offset = hours
    delay, threshold = beats or heartbeat(rng, version)
    name = f"{stem}CL{rng.randint(1, 9)}"
    made = Cluster(name, version, rng.choice(EDITIONS), kind, nodes, nodes[0], delay, threshold)
    made.databases = rng.sample(["Orders", "Billing", "Stock", "Archive"], rng.randint(1, 3))
    return made


def _spelling(rng: Random) -> Spelling:
    return Spelling(
        quote=rng.choice(["'", '"']),
        digits=rng.choice([7, 9]),
        named=rng.random() < 0.7,
        rooted=rng.random() < 0.4,
        newest_first=rng.random() < 0.25,
        encoding=rng.choice(["utf-8"] * 8 + ["utf-8-sig", "utf-16"]),
    )


def _pick_what_is_shown(world: World) -> None:
    shown, rng = world.shown, world.rng
    shown.cluster_log = rng.random() < 0.5
    shown.error_log = rng.random() < 0.8
    shown.named_failover = rng.random() < 0.7
    if rng.random() < 0.2:
        differing_names(world)


def differing_names(world: World) -> None:
    """Give the VMs names unlike their nodes' and say in one place which is whose."""
    world.shown.mapping = world.rng.choice(["nodes", "cluster", "inventory"])
    for number, vm in enumerate(world.vms.values()):
        vm.name = f"prd-w{world.cluster.version[:4]}-{number + 71}"
