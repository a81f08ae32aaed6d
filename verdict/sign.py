"""A sign: something that was noticed at one moment, and what it means."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from verdict.clock import Clock


class Kind(StrEnum):
    """What a sign means. The comment names the usual carrier; `sources/` knows the rest."""

    # membership
    NODE_REMOVED = "node_removed"  # 1135 on a survivor; subject: the removed node
    ROUTE_LOST = "route_lost"  # NETFT unreachable, 1650 lost; subject: the silent node if known
    HEARTBEATS_MISSED = "heartbeats_missed"  # 1650 "40 percent", "two consecutive"
    RECONNECTED = "reconnected"  # 1592: lost and found again, no failover
    QUORUM_LOST = "quorum_lost"  # 1177, status 5925: marks the victim
    NODE_HALTED = "node_halted"  # 1006, 5396, 1556: marks the victim
    NODE_JOINED = "node_joined"  # 1062 on the node itself
    NODE_QUARANTINED = "node_quarantined"  # 1672, 1675, 1676
    # roles
    ROLE_FAILING_OVER = "role_failing_over"  # 1153; subject: the role
    ROLE_FAILING_BACK = "role_failing_back"  # 1154
    ROLE_MOVING = "role_moving"  # 1641; neutral
    ROLE_ONLINE = "role_online"  # 1201, 1200
    ROLE_OFFLINE = "role_offline"  # 1204, 1203: orderly
    ROLE_FAILED = "role_failed"  # 1205, 1254
    RESOURCE_FAILED = "resource_failed"  # 1069; subject: the resource, detail: its type
    AG_STATE_CHANGED = "ag_state_changed"  # 19406, 1480; detail: "OLD>NEW"
    DATABASE_MOVED = "database_moved"  # Exchange 306/308; detail: ActionReason
    # availability group health
    LEASE_EXPIRED = "lease_expired"  # 19407, 19419, 19421, "[hadrag] ... lease is no longer valid"
    LEASE_RELEASED = "lease_released"  # 19420: orderly offline
    HEALTH_LOST = "health_lost"  # "[hadrag] diagnostics heartbeat is lost": HealthCheckTimeout
    HEALTH_FAILED = "health_failed"  # an internal state failed; FailureConditionLevel
    CONNECTION_LOST = "connection_lost"  # 35201, 35206, 35267: a consequence
    # going down on purpose
    SHUTDOWN_ASKED = "shutdown_asked"  # User32 1074; detail: who and why
    SHUTDOWN = "shutdown"  # Kernel-General 13, EventLog 6006, Kernel-Power 109
    SERVICE_STOPPED = "service_stopped"  # 1063, 7036 ClusSvc, SQL 17147/17148: asked for
    DRAINED = "drained"  # node drain, pause, maintenance
    MOVE_ASKED = "move_asked"  # a role or AG moved by hand; Exchange Cmdlet, Rebalance
    POWERED_OFF = "powered_off"  # a user's power task on the VM
    # coming down by itself
    BOOTED = "booted"  # Kernel-General 12, EventLog 6005
    UNCLEAN_BOOT = "unclean_boot"  # Kernel-Power 41, EventLog 6008; logged AFTER the boot
    BUGCHECKED = "bugchecked"  # BugCheck 1001, 41 with a code; detail: the code, "0x9e"
    VM_RESET = "vm_reset"  # VmResettingEvent, VmDasBeingResetEvent
    GUEST_CRASHED = "guest_crashed"  # VmGuestOSCrashedEvent
    # around it
    HOST_FAILED = "host_failed"  # DasHostFailedEvent, VmRestartedByHAEvent
    HOST_LOST = "host_lost"  # HostConnectionLostEvent: vCenter cannot see it; weaker
    HOST_NETWORK = "host_network"  # esx.problem.net.*, DasHostIsolatedEvent: uplink or port group
    NIC_DOWN = "nic_down"  # the guest's own adapter: link down, reset, 1554, 1553
    CLUSTER_NETWORK = "cluster_network"  # 1126, 1127, 1129, 1130: the cluster's view, often an echo
    STORAGE_LOST = "storage_lost"  # APD, PDL, VMFS heartbeat, 5120/5142, 1038, 1792
    DISK_ERROR = "disk_error"  # disk/storport 129, 153, 11, 15, 51, Ntfs
    SLOW_IO = "slow_io"  # SQL 833
    STARVED = "starved"  # 2004, 4869/4870, 17883/17884, hadrag CPU rows at 100 %
    RESOURCE_HUNG = "resource_hung"  # 1230, 1146
    SERVICE_CRASHED = "service_crashed"  # 7031, 7034, SQL dump; detail: the service
    SOFTWARE_FAILED = "software_failed"  # Exchange FailureItem, ManagedAvailability, 41143
    VM_MIGRATED = "vm_migrated"  # VmMigratedEvent and kin


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that was noticed at one moment.

    `node` is the node whose log holds it (None for vCenter); `subject` is what it is about: a
    node, a role, a VM, a host. `text` is a phrase for people that can stand in a sentence,
    with the id that proves it: "event 1135 on SQL02". `record` is the event's record id, which
    gives the true order inside one log whatever the clock did.
    """

    kind: Kind
    at: datetime
    clock: Clock
    source: str
    text: str
    node: str | None = None
    subject: str | None = None
    detail: str | None = None
    value: timedelta | None = None
    record: int | None = None
