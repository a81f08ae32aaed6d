"""A Windows failover cluster as a stand-in server shows it: change it while it is asked."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

ZERO = timedelta()
DEFAULTS = {
    "SameSubnetDelay": 1000,
    "SameSubnetThreshold": 20,
    "CrossSubnetDelay": 1000,
    "CrossSubnetThreshold": 20,
    "RouteHistoryLength": 10,
    "ClusSvcHangTimeout": 60,
    "QuarantineDuration": 7200,
}


@dataclass(slots=True)
class Faults:
    """What goes wrong with a node; actions are Logon, Create, Command, Receive, Signal, Delete."""

    unauthorized: bool = False
    denied: bool = False
    """May log on, may not have a shell."""
    quota: bool = False
    """As many shells are open as Windows allows."""
    hang: str = ""
    """The action that is never answered; `accept`: not even the first byte."""
    reset: str = ""
    """The action at which the connection is reset."""
    cut: str = ""
    """The action whose answer breaks off in its middle."""
    garbage: str = ""
    """The action answered by a web page, `Logon` for all."""
    drip: str = ""
    """The action whose answer comes a byte at a time, ten a second."""
    slow: float = 0.0
    """Seconds that every command takes."""
    broken_output: int = -1
    """The connection is lost after so many bytes of a command's output."""
    not_yet: str = ""
    """The action to which WinRM answers only that its time is over."""
    spared: int = 0
    """So many commands are started and answered before anything goes wrong."""


@dataclass(slots=True)
class NodeModel:
    """One node. `events` are XML as Windows stores it, in any order of channels."""

    name: str
    address: str = "127.0.0.1"
    events: list[str] = field(default_factory=list)
    state: str = "Up"
    uuid: str = "4207B2D2-7C31-4D5A-9F0A-0123456789AB"
    version: str = "10.0.17763"
    os: str = "Windows Server 2019 Standard"
    domain: str = "corp.example"
    ahead: timedelta = ZERO
    utc_offset: timedelta = ZERO
    separator: str = "."
    """Before the hundredths in %TIME%; a comma in most of Europe."""
    missing: set[str] = field(
        default_factory=lambda: {"Microsoft-Exchange-HighAvailability/Operational"}
    )
    closed: set[str] = field(default_factory=set)
    """Channels that the account may not read."""
    has_module: bool = True
    cluster_access: bool = True
    full_access: bool = True
    """Whether the account may change the cluster, too."""
    cluster_log: bytes = b""
    faults: Faults = field(default_factory=Faults)

    def now(self) -> datetime:
        """What time the node thinks it is, in UTC."""
        return datetime.now(UTC) + self.ahead


@dataclass(slots=True)
class Group:
    """A role and its owner."""

    name: str
    owner: str
    state: str = "Online"
    type: str = "Unknown"


@dataclass(slots=True)
class Resource:
    """A resource of SQL Server."""

    name: str
    group: str
    type: str = "SQL Server Availability Group"
    parameters: dict[str, int] = field(
        default_factory=lambda: {
            "LeaseTimeout": 20000,
            "HealthCheckTimeout": 30000,
            "FailureConditionLevel": 3,
        }
    )


@dataclass(slots=True)
class ClusterModel:
    """A cluster; `properties` is what a script may set.

    `stubborn` are properties that Windows does not set, `history` all values after each change.
    """

    name: str
    nodes: list[NodeModel]
    properties: dict[str, int] = field(default_factory=lambda: dict(DEFAULTS))
    groups: list[Group] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    stubborn: set[str] = field(default_factory=set)
    history: list[dict[str, int]] = field(default_factory=list)

    def put(self, name: str, value: int) -> None:
        """Set a property as the cluster service does."""
        self.properties[name] = value
        self.history.append(dict(self.properties))

    def node(self, name: str) -> NodeModel:
        """Give a node by its name."""
        return next(node for node in self.nodes if node.name == name)
