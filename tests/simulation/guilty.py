"""Failovers that a snapshot's stun caused, with vmware.log to prove it."""

from dataclasses import replace
from random import Random

from tests.simulation import reaction, sqlserver
from tests.simulation.clock import seconds
from tests.simulation.kinds import Told, kind
from tests.simulation.night import alerted, choose_victim, creation, fatal_length, removal
from tests.simulation.node import Node
from tests.simulation.truth import Truth, guilty
from tests.simulation.vm import Stun
from tests.simulation.world import World, build, differing_names

SURE = "Rule 2: a measured stun of the lost node passes the physics."


def _heartbeat(world: World, victim: Node, stun: Stun, why: str = SURE, lag: str = "any") -> Told:
    loss = reaction.stunned_out(world, victim, stun.start, stun.length, lag=lag)
    alerted(world, loss.removed)
    return Told(world, Truth(why, (guilty(loss.removed, stun, victim.name),)))


def _removed(world: World, before: tuple[float, ...] = ()) -> Told:
    victim = choose_victim(world)
    length = fatal_length(world)
    start = world.at - seconds(world.cluster.tolerance)
    return _heartbeat(world, victim, removal(world, victim, start, length, before=before))


@kind(10)
def removal_heartbeat(rng: Random) -> Told:
    """Remove the snapshot, stun the node past the tolerance."""
    return _removed(build(rng))


@kind(2)
def removal_old_esxi(rng: Random) -> Told:
    """The same on ESXi 5.0, one stun."""
    return _removed(build(rng, style="bare", versions=("2008 R2", "2012", "2012 R2")))


@kind(3)
def removal_several_stuns(rng: Random) -> Told:
    """One removal stuns several times; only the last is long enough."""
    world = build(rng)
    short = tuple(
        world.between(0.3, 0.6 * world.cluster.lowest_limit) for _ in range(rng.randint(1, 3))
    )
    return _removed(world, before=short)


@kind(2)
def removal_file_server(rng: Random) -> Told:
    """A file server cluster."""
    return _removed(build(rng, workload="fs"))


@kind(2)
def removal_exchange(rng: Random) -> Told:
    """An Exchange DAG."""
    return _removed(build(rng, workload="dag"))


@kind(2)
def removal_instance(rng: Random) -> Told:
    """A SQL failover cluster instance."""
    return _removed(build(rng, workload="fci"))


@kind(2)
def removal_many_nodes(rng: Random) -> Told:
    """Three to five nodes, all survivors name the one."""
    return _removed(build(rng, sizes=(3, 4, 5)))


@kind(3)
def removal_names_differ(rng: Random) -> Told:
    """The VM is not named like the node; the bundle says in one place which is whose."""
    world = build(rng)
    differing_names(world)
    return _removed(world)


@kind(3)
def removal_default_tolerance(rng: Random) -> Told:
    """The heartbeat values are not in the bundle: the version's default, at most likely."""
    world = build(rng, beats=(1000, 5), versions=("2012", "2012 R2"))
    if rng.random() < 0.7:
        world = build(rng, versions=("2016",), beats=(1000, 10))
        if rng.random() < 0.5:
            world = build(rng, versions=("2019", "2022", "2025"), beats=(1000, 20))
    world.shown.properties = False
    told = _removed(world)
    likely = replace(told.truth.each[0], confidence=("likely",))
    return Told(world, Truth("Rules 2 and 8: tolerance not known, so at most likely.", (likely,)))


@kind(3)
def removal_rotated(rng: Random) -> Told:
    """The log was rotated after the stun: the stun stands in the newest old file."""
    world = build(rng)
    told = _removed(world)
    stun = told.truth.each[0].stun
    for vm in world.vms.values():
        vm.rotations.append(world.at - seconds(rng.uniform(1500, 3000)))
        if stun and vm.name == stun.vm:
            vm.rotations.append(world.at + seconds(rng.uniform(60, 400)))
    return told


@kind(3)
def removal_lagging_clock(rng: Random) -> Told:
    """Two nodes accuse each other; the stunned one stamps its events before the stun began."""
    world = build(rng, sizes=(2,))
    victim = choose_victim(world)
    start = world.at - seconds(world.cluster.tolerance)
    stun = removal(world, victim, start, fatal_length(world))
    why = SURE + " The lost node is the one with 1177; its clock lagged, the survivor's counts."
    return _heartbeat(world, victim, stun, why, lag="tools")


@kind(4)
def creation_heartbeat(rng: Random) -> Told:
    """The snapshot's creation stuns the node."""
    world = build(rng)
    victim = choose_victim(world)
    start = world.at - seconds(world.cluster.tolerance)
    told = _heartbeat(world, victim, creation(world, victim, start, fatal_length(world)))
    cause = replace(told.truth.each[0], cause=("snapshot_create_stun",))
    return Told(world, Truth(SURE, (cause,)))


@kind(5)
def lease_lost(rng: Random) -> Told:
    """Wide heartbeats: the AG lease of the stunned primary breaks first, nobody is removed."""
    versions = ("2019", "2022", "2025")
    world = build(
        rng,
        workload="ag",
        versions=versions,
        beats=rng.choice([(1000, 20), (1000, 40), (2000, 20)]),
    )
    victim = world.cluster.owner
    top = min(world.cluster.tolerance - world.cluster.delay - 0.2, 30)
    length = world.between(10.6, top)
    start = world.at - seconds(length)
    stun = removal(world, victim, start, length)
    end = start + seconds(length)
    lag = rng.choice(["none", "none", "tools"])
    reaction.wakes(world, victim, start, length, lag)
    at = end + seconds(world.between(0.05, 0.5))
    sqlserver.lease_messages(world, victim, at)
    sqlserver.lease_rows(world, victim, at + seconds(0.1), (5, 40))
    sqlserver.resigns(victim, at + seconds(0.2), world.cluster.databases)
    reaction.resource_fails(world, victim, at + seconds(0.3))
    moved = at + seconds(world.between(0.8, 2))
    reaction.take_over(world, victim, moved)
    alerted(world, moved)
    one = replace(
        guilty(moved, stun, victim.name, mechanism=("lease",)), lost_node=(victim.name, None)
    )
    why = f"Rule 2, lease: stunned longer than LeaseTimeout/2 = {world.cluster.lease_limit} s."
    return Told(world, Truth(why, (one,)))


@kind(1)
def health_check(rng: Random) -> Told:
    """Wide heartbeats and a long lease: the health check is the first to break."""
    world = build(rng, workload="ag", versions=("2019", "2022"), beats=(1000, 60))
    cluster = world.cluster
    cluster.lease_ms, cluster.health_ms = 100000, rng.choice([20000, 30000])
    victim = cluster.owner
    length = world.between(cluster.health_ms / 1000 + 1.5, 45)
    start = world.at - seconds(length)
    stun = removal(world, victim, start, length)
    reaction.wakes(world, victim, start, length, "any")
    at = start + seconds(length + world.between(0.1, 0.6))
    sqlserver.health_rows(victim, at)
    reaction.resource_fails(world, victim, at + seconds(0.2))
    sqlserver.resigns(victim, at + seconds(0.3), cluster.databases)
    moved = at + seconds(world.between(0.8, 2))
    reaction.take_over(world, victim, moved)
    alerted(world, moved)
    one = guilty(moved, stun, victim.name, mechanism=("health_check",))
    one = replace(one, lost_node=(victim.name, None))
    why = "Rule 2, health check: stunned longer than HealthCheckTimeout, lease and heartbeats held."
    world.shown.cluster_log = True
    return Told(world, Truth(why, (one,)))
