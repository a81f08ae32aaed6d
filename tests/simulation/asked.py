"""Failovers somebody asked for, during a backup."""

from datetime import datetime
from random import Random

from tests.simulation import exchange, reaction, sqlserver, texts
from tests.simulation.clock import seconds
from tests.simulation.crash import shut_down
from tests.simulation.kinds import Told, kind
from tests.simulation.night import alerted, harmless, removal
from tests.simulation.truth import Truth, innocent
from tests.simulation.world import World, build

PLANNED = "Rule 1: asked for before anything fell silent; "


@kind(4)
def patch_reboot(rng: Random) -> Told:
    """Windows Update restarts the node: 1074, roles leave, the node goes and comes back."""
    world = build(rng)
    victim = world.cluster.owner
    asked = world.at - seconds(world.between(8, 35))
    harmless(world, victim, asked)
    process = rng.choice(
        [r"C:\Windows\system32\svchost.exe", r"C:\Windows\servicing\TrustedInstaller.exe"]
    )
    data = (
        ("param1", f"{process} ({victim.name})"),
        ("param2", victim.name),
        ("param3", "Operating System: Service pack (Planned)"),
        ("param4", "0x80020010"),
        ("param5", "restart"),
        ("param6", ""),
        ("param7", r"NT AUTHORITY\SYSTEM"),
    )
    victim.other(asked, 1074, "User32", data, 4)
    moved = asked + seconds(world.between(1.5, 5))
    reaction.take_over(world, victim, moved, orderly=True)
    stop = asked + seconds(world.between(9, 40))
    boot = stop + seconds(world.between(60, 200))
    shut_down(world, victim, asked + seconds(1), stop, boot)
    victim.service(stop - seconds(3), 7036, "Cluster Service", "stopped")
    if world.cluster.workload in {"ag", "fci"}:
        victim.sql(stop - seconds(2), texts.SYSTEM_SHUTDOWN, "spid6s")
    gone = stop - seconds(2.5)
    told = world.chance(0.6)
    if told:
        for node in world.cluster.others(victim):
            node.system(gone + seconds(0.6), 1135, ("NodeName", victim.name), level=1)
    reaction.joins(world, victim, boot + seconds(world.between(30, 80)))
    at = gone + seconds(0.6) if told else moved
    alerted(world, at)
    one = innocent(at, ("planned",), (victim.name,) if told else (victim.name, None))
    return Told(world, Truth(PLANNED + "the node was restarted (1074, 13, 6006).", (one,)))


@kind(4)
def manual_failover(rng: Random) -> Told:
    """A person moves the availability group."""
    world = build(rng, workload="ag", versions=("2012 R2", "2016", "2019", "2022"))
    old = world.cluster.owner
    at = world.at
    harmless(world, old, at)
    old.sql(at - seconds(0.3), texts.STOP_LEASE, "Server")
    sqlserver.resigns(old, at, world.cluster.databases)
    text = (
        "[RCM] move of group AG1 from {0}(1) to {1}(2) of type MoveType::Manual is "
        "about to succeed, failoverCount=0"
    )
    new = reaction.take_over(world, old, at + seconds(0.1), orderly=True)
    for node in (old, new):
        node.log(at + seconds(0.1), "INFO", text.format(old.name, new.name))
    sqlserver.returns_as_secondary(old, new, at + seconds(8))
    alerted(world, at)
    one = innocent(at, ("planned",), (None, old.name))
    return Told(world, Truth(PLANNED + "19420, 1641, 1203/1204 then 1200/1201, no 1135.", (one,)))


@kind(3)
def node_drain(rng: Random) -> Told:
    """A node is drained for maintenance."""
    world = build(
        rng, workload=rng.choice(["fci", "fs", "ag"]), versions=("2012 R2", "2016", "2019", "2022")
    )
    old = world.cluster.owner
    at = world.at
    harmless(world, old, at)
    old.operational(
        at - seconds(0.4),
        1641,
        ("Group", "Cluster Group"),
        ("From", old.name),
        ("To", world.cluster.nodes[-1].name),
    )
    if world.cluster.workload == "ag":
        old.sql(at - seconds(0.3), texts.STOP_LEASE, "Server")
        sqlserver.resigns(old, at, world.cluster.databases)
    new = reaction.take_over(world, old, at, orderly=True)
    group = world.cluster.role[0]
    for node in (old, new):
        text = (
            f"[RCM] move of group {group} from {old.name}(1) to {new.name}(2) of type "
            "MoveType::Drain is about to succeed, failoverCount=0"
        )
        node.log(at, "INFO", text)
    alerted(world, at)
    one = innocent(at, ("planned",), (None, old.name))
    return Told(world, Truth(PLANNED + "drained: 1641 and an orderly 1203/1204, no 1135.", (one,)))


@kind(3)
def exchange_redistribution(rng: Random) -> Told:
    """Databases are moved by the redistribution script."""
    world = build(rng, workload="dag")
    old = world.cluster.owner
    new = world.cluster.others(old)[0]
    at = world.at
    harmless(world, old, at)
    comment = "Moved as part of database redistribution (RedistributeActiveDatabases.ps1)."
    exchange.moves(world, old, new, at, reason=rng.choice(["Rebalance", "Cmdlet"]), comment=comment)
    alerted(world, at)
    one = innocent(at, ("planned",), (None, old.name))
    return Told(world, Truth(PLANNED + "306 says Rebalance or Cmdlet.", (one,)))


@kind(3)
def vm_shut_down(rng: Random) -> Told:
    """Somebody shuts the guest down from vCenter."""
    world = build(rng)
    victim = world.cluster.owner
    asked = world.at - seconds(world.between(6, 25))
    harmless(world, victim, asked, near=False)
    return _shut(world, asked, r"VSPHERE.LOCAL\Administrator")


@kind(2)
def vm_shut_down_in_removal(rng: Random) -> Told:
    """The guest is shut down from vCenter while its snapshot is removed."""
    world = build(rng)
    victim = world.cluster.owner
    asked = world.at - seconds(world.between(6, 25))
    removal(world, victim, asked - seconds(4), world.between(0.1, 0.4 * world.cluster.lowest_limit))
    return _shut(world, asked, r"CORP\ops3")


def _shut(world: World, asked: datetime, user: str) -> Told:
    victim, vm = world.cluster.owner, world.vm(world.cluster.owner)
    world.vcenter.task(vm, "VirtualMachine.shutdownGuest", asked, asked + seconds(0.2), user)
    text = f"Guest OS shut down for {vm.name} on {vm.host.name}"
    world.vcenter.event(asked + seconds(0.1), "VmGuestShutdownEvent", vm.name, vm.host.name, text)
    data = (
        ("param1", r"C:\Program Files\VMware\VMware Tools\vmtoolsd.exe"),
        ("param2", victim.name),
        ("param3", "Legacy API shutdown"),
        ("param4", "0x80070000"),
        ("param5", "shutdown"),
        ("param6", ""),
        ("param7", r"NT AUTHORITY\SYSTEM"),
    )
    victim.other(asked + seconds(0.8), 1074, "User32", data, 4)
    stop = asked + seconds(world.between(9, 30))
    shut_down(world, victim, asked + seconds(1.5), stop, None)
    gone = stop - seconds(world.between(1, 4))
    for node in world.cluster.others(victim):
        node.system(gone + seconds(0.6), 1135, ("NodeName", victim.name), level=1)
    reaction.take_over(world, victim, gone + seconds(1))
    vm.off.append((stop, world.until + seconds(7200)))
    off = f"{vm.name} on {vm.host.name} is powered off"
    world.vcenter.event(stop + seconds(1), "VmPoweredOffEvent", vm.name, vm.host.name, off)
    alerted(world, gone + seconds(0.6))
    one = innocent(gone + seconds(0.6), ("planned",), (victim.name,))
    return Told(
        world, Truth(PLANNED + "the guest was shut down in order (1074, 13, 6006).", (one,))
    )
