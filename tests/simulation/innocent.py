"""Failovers with another cause while a backup runs: network, host and guest."""

from datetime import datetime
from random import Random

from tests.simulation import reaction
from tests.simulation.clock import seconds
from tests.simulation.crash import crash
from tests.simulation.kinds import Told, kind
from tests.simulation.night import alerted, choose_victim, harmless
from tests.simulation.node import Node
from tests.simulation.reaction import Loss
from tests.simulation.truth import Answers, Truth, innocent
from tests.simulation.world import World, build

SHORT = "Rule 5: vmware.log covers it and the longest stun is below half of every limit; "


def isolated(world: World, victim: Node, fault: datetime, back: float = 0.0) -> Loss:
    """Cut a running node off: both sides count out, the victim loses quorum; `back` s it is out."""
    was_owner = world.cluster.owner is victim
    loss = reaction.lose(world, victim, fault)
    at = loss.removed + seconds(world.between(-0.4, 0.4))
    reaction.finds_itself_out(world, victim, at, was_owner=was_owner, back=back)
    return loss


def host_lost_uplink(world: World, victim: Node, fault: datetime) -> None:
    """Write the host's side of a lost uplink into vCenter's events."""
    host, nic = world.vm(victim).host.name, world.rng.choice(["vmnic1", "vmnic3", "vmnic4"])
    text = f"Physical NIC {nic} linkstate is down."
    world.vcenter.event(fault, "esx.problem.net.vmnic.linkstate.down", None, host, text)
    text = (
        f"Lost network connectivity on virtual switch vSwitch1. Physical NIC {nic} "
        "is down. Affected portgroups: VM Network."
    )
    at = fault + seconds(0.3)
    world.vcenter.event(at, "esx.problem.net.connectivity.lost", None, host, text)
    later = fault + seconds(world.between(40, 120))
    world.vcenter.event(
        later,
        "esx.clear.net.vmnic.linkstate.up",
        None,
        host,
        f"Physical NIC {nic} linkstate is up.",
    )


def _with_backup(world: World, victim: Node, fault: datetime) -> None:
    if world.chance(0.85):
        harmless(world, victim, fault)


def _done(world: World, loss: Loss, victim: Node, cause: Answers, why: str) -> Told:
    alerted(world, loss.removed)
    return Told(world, Truth(why, (innocent(loss.removed, cause, (victim.name,)),)))


def _begin(
    rng: Random, sizes: tuple[int, ...] = (2, 2, 2, 3, 4, 5)
) -> tuple[World, Node, datetime]:
    world = build(rng, sizes=sizes)
    victim = choose_victim(world)
    fault = world.at - seconds(world.cluster.tolerance)
    _with_backup(world, victim, fault)
    return world, victim, fault


@kind(4)
def uplink_lost(rng: Random) -> Told:
    """The lost node's host loses its uplink."""
    world, victim, fault = _begin(rng)
    host_lost_uplink(world, victim, fault)
    return _done(
        world,
        isolated(world, victim, fault),
        victim,
        ("network",),
        SHORT + "the host lost its uplink.",
    )


@kind(3)
def guest_nic_reset(rng: Random) -> Told:
    """The guest's vmxnet3 resets itself."""
    world, victim, fault = _begin(rng)
    data = (
        ("IfGuid", "{5F1C0A77-1F2D-4E0B-9D7C-0A1B2C3D4E5F}"),
        ("IfIndex", "7"),
        ("IfLuid", "0x6008001000000"),
        ("AdapterName", "vmxnet3 Ethernet Adapter"),
        ("ResetReason", "4"),
        ("ResetCount", "3"),
    )
    victim.other(fault, 10400, "Microsoft-Windows-NDIS", data, 3)
    loss = isolated(world, victim, fault)
    nic = (("NetInterface", f"{victim.name} - Prod"), ("Node", victim.name), ("Network", "Prod"))
    victim.system(loss.declared, 1127, *nic)
    return _done(
        world, loss, victim, ("network",), SHORT + "the guest's adapter was resetting (NDIS 10400)."
    )


@kind(4)
def switch_outage(rng: Random) -> Told:
    """A switch fails: interfaces and networks are named by every node."""
    world, victim, fault = _begin(rng)
    loss = isolated(world, victim, fault)
    for node in world.cluster.nodes:
        at = loss.declared - seconds(world.between(0.2, 1.0))
        for other in world.cluster.nodes:
            nic = (
                ("NetInterface", f"{other.name} - Prod"),
                ("Node", other.name),
                ("Network", "Prod"),
            )
            node.system(at, rng.choice([1126, 1127]), *nic)
        node.system(at + seconds(0.1), rng.choice([1129, 1130]), ("Network", "Prod"))
    return _done(
        world, loss, victim, ("network",), SHORT + "the nodes report the network itself down."
    )


@kind(4)
def host_failure(rng: Random) -> Told:
    """The host dies; vSphere HA restarts the VM elsewhere."""
    world, victim, fault = _begin(rng, (2, 3))  # one node a host
    vm = world.vm(victim)
    old, new = vm.host, next(h for h in world.hosts if h is not vm.host)
    boot = fault + seconds(world.between(60, 150))
    for each in [*world.vms.values(), *world.other_vms]:
        if each.host is old:
            each.off.append((fault, boot - seconds(20)))
            each.rotations.append(boot - seconds(20))
            each.moves.append((boot - seconds(20), new))
    for node in world.cluster.nodes:
        if world.vm(node).host is old:
            node.down.append((fault, boot))
    crash(victim, fault, boot)
    loss = reaction.lose(world, victim, fault)
    reaction.joins(world, victim, boot + seconds(world.between(30, 70)))
    seen = fault + seconds(world.between(12, 30))
    vcenter = world.vcenter
    text = f"vSphere HA detected a host failure of host {old.name}"
    vcenter.event(
        seen,
        rng.choice(["com.vmware.vc.HA.DasHostFailedEvent", "DasHostFailedEvent"]),
        None,
        old.name,
        text,
    )
    vcenter.event(
        seen, "HostConnectionLostEvent", None, old.name, f"Host {old.name} is not responding"
    )
    text = f"vSphere HA restarted virtual machine {vm.name} on host {new.name}"
    vcenter.event(
        boot - seconds(18), "com.vmware.vc.ha.VmRestartedByHAEvent", vm.name, new.name, text
    )
    return _done(
        world,
        loss,
        victim,
        ("host_failure",),
        "Rule 6: a host gone is confirmed and excludes a stun.",
    )


@kind(4)
def guest_crash(rng: Random) -> Told:
    """The guest bugchecks with a driver's fault."""
    world, victim, fault = _begin(rng)
    boot = fault + seconds(world.between(35, 120))
    crash(victim, fault, boot, rng.choice([0x7E, 0xD1, 0x50, 0x3B]), 0x1000)
    loss = reaction.lose(world, victim, fault)
    reaction.joins(world, victim, boot + seconds(world.between(30, 70)))
    vm = world.vm(victim)
    if world.chance(0.5):
        text = f"{vm.name}: Guest operating system has crashed."
        world.vcenter.event(
            fault + seconds(0.5), "VmGuestOSCrashedEvent", vm.name, vm.host.name, text
        )
    why = "Rule 6: a crash dump other than 0x9E is confirmed and excludes a stun."
    return _done(world, loss, victim, ("guest_restart",), why)


@kind(3)
def vm_reset(rng: Random) -> Told:
    """Somebody resets the VM in vCenter."""
    world, victim, fault = _begin(rng)
    vm = world.vm(victim)
    boot = fault + seconds(world.between(25, 60))
    crash(victim, fault, boot)
    loss = reaction.lose(world, victim, fault)
    reaction.joins(world, victim, boot + seconds(world.between(30, 70)))
    world.vcenter.task(
        vm, "VirtualMachine.reset", fault - seconds(0.6), fault + seconds(0.4), r"CORP\ops7"
    )
    world.vcenter.event(
        fault - seconds(0.5),
        "VmResettingEvent",
        vm.name,
        vm.host.name,
        f"{vm.name} on {vm.host.name} is reset",
    )
    vm.say(fault, "vmx", "Vigor: PowerOp: reset requested")
    why = SHORT + "the VM was reset (41 and 6008 without a dump)."
    return _done(world, loss, victim, ("guest_restart", "planned"), why)
