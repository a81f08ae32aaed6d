"""The quiet life around the trouble: lines and events that mean nothing."""

from datetime import datetime

from tests.simulation.clock import seconds
from tests.simulation.event import SCM
from tests.simulation.node import W32TIME, Node
from tests.simulation.vm import Vm
from tests.simulation.world import World

VM_CHATTER = (
    ("vmx", "GuestRpcSendTimedOut: message to toolbox-dnd timed out."),
    ("vcpu-1", "Guest: vsep: NotifyGuestInfo: 0"),
    (
        "vmx",
        (
            "VigorTransportProcessClientPayload: opID=auto-7f seq=1044: Receiving "
            "GuestStats.SetNotificationThreshold request."
        ),
    ),
    (
        "vmx",
        (
            "VigorTransport_ServerSendResponse opID=auto-7f seq=1044: Completed "
            "GuestStats request with messages."
        ),
    ),
    ("vcpu-0", "Tools: Tools heartbeat timeout."),
    ("vmx", "TOOLS autoupgrade protocol version 2"),
    ("vmx", "ToolsSetVersionWork: new guest tools version 12389 matches current"),
    ("vcpu-2", "VMXNET3 user: Ethernet0 Driver Info: version = 17238272 gosBits = 2 gosType = 2"),
    ("vmx", "MKSVMX: Vigor requested a screenshot"),
    ("mks", "MKSControlMgr: connected"),
    ("vmx", "Guest: toolbox: Version: build-20841705"),
)
SERVICES = ("Windows Update", "Software Protection", "WMI Performance Adapter", "Remote Registry")


def live(world: World) -> None:
    """Fill everybody's logs; keeps silent where a guest was stunned or down."""
    for vm in [*world.vms.values(), *world.other_vms]:
        _chat(world, vm)
    for node in world.cluster.nodes:
        _events(world, node)
        _sql(world, node)
    _vcenter(world)


def _moments(world: World, mean: float) -> list[datetime]:
    found, current = [], world.since
    while current < world.until + seconds(60):
        current += seconds(world.rng.uniform(0.2 * mean, 1.8 * mean))
        found.append(current)
    return found


def _chat(world: World, vm: Vm) -> None:
    begin = world.since - seconds(60)
    vm.say(
        begin,
        "vmx",
        "Log for VMware ESX pid=2101344 version=7.0.3 build=build-21313628 option=Release",
    )
    for moment in _moments(world, 70):
        thread, text = world.rng.choice(VM_CHATTER)
        vm.say(moment, thread, text)


def _events(world: World, node: Node) -> None:
    for moment in _moments(world, 200):
        if not node.runs_at(moment):
            continue
        kind = world.rng.randrange(4)
        if kind == 0:
            node.time_change(moment, world.rng.gauss(0, 0.4), W32TIME)
        elif kind == 1:
            name = world.rng.choice(SERVICES)
            state = world.rng.choice(["running", "stopped"])
            node.other(moment, 7036, SCM, (("param1", name), ("param2", state)), 4)
        elif kind == 2:
            right = (("param1", "machine-default"), ("param2", "Local"), ("param3", "Launch"))
            node.other(moment, 10016, "Microsoft-Windows-DistributedCOM", right, 3)
        else:
            policy = (("SupportInfo1", "1"), ("ProcessingTimeInMilliseconds", "391"))
            node.other(moment, 1500, "Microsoft-Windows-GroupPolicy", policy, 4)
    for moment in _moments(world, 400):
        if node.runs_at(moment):
            node.log(
                moment,
                "INFO",
                "[GUM] Node 1: Executing locally gumId: 357, updates: 1, first action: /dm/update",
            )
            node.log(moment, "INFO", "[API] s_ApiGetQuorumResource final status 0.")


def _sql(world: World, node: Node) -> None:
    if world.cluster.workload not in {"ag", "fci"}:
        return
    for moment in _moments(world, 500):
        if node.runs_at(moment):
            base = world.rng.choice(world.cluster.databases)
            text = (
                f"Log was backed up. Database: {base}, creation date(time): "
                "2024/05/11(10:01:33), first LSN: 2041:88:1. This is an informational "
                "message only. No user action is required."
            )
            node.sql(moment, text, "Backup")


def _vcenter(world: World) -> None:
    for moment in _moments(world, 600):
        vm = world.rng.choice(world.other_vms)
        text = f"Alarm 'Virtual machine CPU usage' on {vm.name} changed from Green to Yellow"
        world.vcenter.event(moment, "AlarmStatusChangedEvent", vm.name, vm.host.name, text)
        text = "User root@127.0.0.1 logged in as pyvmomi"
        world.vcenter.event(moment, "UserLoginSessionEvent", None, None, text)
