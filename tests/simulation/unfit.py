"""Stuns that were there and yet did not do it: too short, too late, of another VM."""

from random import Random

from tests.simulation.backup import Job
from tests.simulation.clock import seconds
from tests.simulation.innocent import SHORT, host_lost_uplink, isolated
from tests.simulation.kinds import Told, kind
from tests.simulation.night import (
    alerted,
    choose_victim,
    fatal_length,
    harmless_length,
    heard,
    removal,
)
from tests.simulation.truth import Answers, Expected, Truth, innocent
from tests.simulation.world import build


@kind(3)
def half_stun(rng: Random) -> Told:
    """A stun between half and the limit, and a network fault: too short by itself."""
    world = build(rng, workload=rng.choice(["fs", "fci", "dag"]))
    cluster, victim = world.cluster, choose_victim(world)
    fault = world.at - seconds(cluster.tolerance)
    length = world.between(0.56 * cluster.tolerance, 0.92 * (cluster.tolerance - cluster.delay))
    removal(world, victim, fault - seconds(length + heard(world)), length)
    host_lost_uplink(world, victim, fault)
    loss = isolated(world, victim, fault)
    alerted(world, loss.removed)
    one = Expected(loss.removed, ("unknown",), ("network",), (victim.name,))
    return Told(
        world, Truth("Rule 5, second half: too short by itself, too long to clear.", (one,))
    )


@kind(3)
def stun_too_late(rng: Random) -> Told:
    """Long enough, but more than 20 s after the removal, the node being out already."""
    world = build(rng)
    victim = choose_victim(world)
    fault = world.at - seconds(world.cluster.tolerance)
    host_lost_uplink(world, victim, fault)
    loss = isolated(world, victim, fault, back=260)
    start = loss.removed + seconds(world.between(24, 120))
    removal(world, victim, start, fatal_length(world))
    alerted(world, loss.removed)
    why = "Rule 5: nothing in [T - tolerance - 60 s, T]; the long stun came after the removal."
    return Told(world, Truth(why, (innocent(loss.removed, ("network",), (victim.name,)),)))


@kind(2)
def survived_stun_before(rng: Random) -> Told:
    """A stun of nearly the tolerance was survived minutes before; then the network failed."""
    world = build(rng, workload=rng.choice(["fs", "fci", "dag"]))
    cluster, victim = world.cluster, choose_victim(world)
    fault = world.at - seconds(cluster.tolerance)
    length = cluster.tolerance - 0.7 * cluster.delay
    start = fault - seconds(length + cluster.tolerance + 60 + world.between(30, 200))
    removal(world, victim, start, length)
    host_lost_uplink(world, victim, fault)
    loss = isolated(world, victim, fault)
    alerted(world, loss.removed)
    why = "Rule 5: the survived stun lies before T - tolerance - 60 s."
    return Told(world, Truth(why, (innocent(loss.removed, ("network",), (victim.name,)),)))


@kind(3)
def stun_of_other_vm(rng: Random) -> Told:
    """The long stun is that of a VM outside the cluster, the proxy for one."""
    world = build(rng)
    victim = choose_victim(world)
    fault = world.at - seconds(world.cluster.tolerance)
    other = rng.choice(world.other_vms)
    job = Job(world)
    start = fault + seconds(world.between(-0.5, 0.5))
    length = fatal_length(world)
    span = (start - seconds(5), start + seconds(length + 1))
    job.back_up(other, start - seconds(600), span, [(start, length)])
    job.quick(world.vm(victim), start - seconds(1200))
    job.close()
    if rng.random() < 0.6:
        host_lost_uplink(world, victim, fault)
        cause: Answers = ("network",)
    else:
        cause = ("network", "unknown")
    loss = isolated(world, victim, fault)
    alerted(world, loss.removed)
    why = SHORT + "the long stun was of a VM that is no node."
    return Told(world, Truth(why, (innocent(loss.removed, cause, (victim.name,)),)))


@kind(3)
def survivor_stunned(rng: Random) -> Told:
    """The survivor was stunned for a moment; it is the other node that was lost."""
    world = build(rng, sizes=(2,))
    victim = choose_victim(world)
    survivor = world.cluster.others(victim)[0]
    fault = world.at - seconds(world.cluster.tolerance)
    length = harmless_length(world)
    removal(world, survivor, fault - seconds(length + heard(world)), length)
    host_lost_uplink(world, victim, fault)
    loss = isolated(world, victim, fault)
    alerted(world, loss.removed)
    why = SHORT + "the lost node's VM was not stunned, the survivor's only shortly."
    return Told(world, Truth(why, (innocent(loss.removed, ("network",), (victim.name,)),)))


@kind(3)
def no_snapshot_at_all(rng: Random) -> Told:
    """No vmware.log, but vCenter's tasks are complete and hold no snapshot of any node."""
    world = build(rng)
    victim = choose_victim(world)
    fault = world.at - seconds(world.cluster.tolerance)
    job = Job(world)
    for vm in world.other_vms:
        job.quick(vm, fault - seconds(world.between(200, 500)))
    job.close()
    cause: Answers = ("network", "unknown")
    if rng.random() < 0.5:
        host_lost_uplink(world, victim, fault)
        cause = ("network",)
    loss = isolated(world, victim, fault)
    alerted(world, loss.removed)
    world.shown.vmware = False
    why = "Rule 5, last part: vCenter's tasks from T - 30 min on touch no node's VM."
    return Told(world, Truth(why, (innocent(loss.removed, cause, (victim.name,)),)))


@kind(2)
def network_without_logs(rng: Random) -> Told:
    """A network fault inside a removal, and no vmware.log: named, but not cleared."""
    world = build(rng)
    victim = choose_victim(world)
    fault = world.at - seconds(world.cluster.tolerance)
    length = harmless_length(world)
    removal(world, victim, fault - seconds(length + heard(world)), length)
    host_lost_uplink(world, victim, fault)
    loss = isolated(world, victim, fault)
    alerted(world, loss.removed)
    world.shown.vmware = False
    one = Expected(
        loss.removed,
        ("unknown", "suspected"),
        ("network", "snapshot_remove_stun"),
        (victim.name,),
        (None, "heartbeat"),
    )
    why = "Rule 6: a rival does not clear the backup; suspected where it is not held confirmed (3)."
    return Told(world, Truth(why, (one,)))
