"""Nights as stories need them: a job with one VM's removal placed to the second."""

from datetime import datetime

from tests.simulation.backup import Job
from tests.simulation.clock import seconds
from tests.simulation.node import Node
from tests.simulation.vm import Stun
from tests.simulation.world import World

LONGEST = 55.0  # seconds; stays below ClusSvcHangTimeout of 60 s


def choose_victim(world: World, *, owner: bool | None = None) -> Node:
    """Return the node to suffer: mostly the one that owns the role."""
    cluster = world.cluster
    if owner if owner is not None else world.chance(0.75):
        return cluster.owner
    return world.rng.choice(cluster.others(cluster.owner))


def fatal_length(world: World) -> float:
    """Return a stun length in seconds that costs the membership, at times only just."""
    cluster = world.cluster
    if world.chance(0.15):
        return world.between(cluster.tolerance - 0.6 * cluster.delay, cluster.tolerance)
    return world.between(cluster.tolerance + 0.4, min(2.2 * cluster.tolerance + 3, LONGEST))


def harmless_length(world: World) -> float:
    """Return a removal stun in seconds that is below half of every limit (DESIGN 4, rule 5)."""
    return world.between(0.1, min(3.0, 0.42 * world.cluster.lowest_limit))


def other_vms(world: World, job: Job, create: datetime) -> None:
    """Let the job pass over the other nodes, well before, and over unrelated VMs beside it."""
    for order, vm in enumerate(world.other_vms):
        job.quick(vm, create + seconds(world.between(-120, 60) + 15 * order))


def other_nodes(world: World, job: Job, victim: Node, create: datetime) -> None:
    """Let the job pass over the other nodes a quarter of an hour before the victim."""
    for order, node in enumerate(world.cluster.others(victim)):
        job.quick(world.vm(node), create - seconds(900 - 40 * order), 3.0)


def removal(
    world: World,
    victim: Node,
    start: datetime,
    length: float,
    *,
    before: tuple[float, ...] = (),
    again: bool = False,
) -> Stun:
    """Back the victim up so that its removal stuns it from `start` for `length` seconds.

    `before` are lengths of earlier stuns of the same removal; `again` keeps the run short and
    off the other nodes, for several runs a night. Returns the stun.
    """
    task = Job(world, world.rng.choice(["SQL Nightly", "Cluster nodes", "Tier 1 daily"]))
    create = start - seconds(world.between(150, 280) if again else world.between(500, 1300))
    lead = world.between(1.5, 40) + sum(before) + 9 * len(before)
    begin, end = start - seconds(lead), start + seconds(length + world.between(0.25, 2.5))
    stuns, current = [], begin + seconds(1)
    for one in before:
        stuns.append((current, one))
        current += seconds(one + 8)
    found = task.back_up(world.vm(victim), create, (begin, end), [*stuns, (start, length)])
    other_vms(world, task, create)
    if world.chance(0.7) and not again:
        other_nodes(world, task, victim, create)
    task.close(end + seconds(30 if again else world.between(30, 600)))
    return found[-1]


def creation(world: World, victim: Node, start: datetime, length: float) -> Stun:
    """Back the victim up so that the creation stuns it from `start`; returns the stun."""
    task = Job(world)
    late = world.between(1.5, 6)
    create = start - seconds(late)
    begin = start + seconds(length + world.between(200, 500))
    end = begin + seconds(world.between(5, 20))
    small = [(end - seconds(2.0), world.between(0.1, 0.5))]
    vm = world.vm(victim)
    found = task.back_up(vm, create, (begin, end), small, create_stun=length, stun_late=late)
    other_vms(world, task, create - seconds(400))
    task.close()
    return found[0]


def heard(world: World) -> float:
    """Return seconds between a stun and a fault in which a heartbeat surely gets through."""
    return 1.2 * world.cluster.delay + 0.3


def harmless(world: World, victim: Node, fault: datetime, *, near: bool | None = None) -> None:
    """Run a backup that did nothing: its short removal stun at the fault, or its creation before.

    Half of the nights put a removal stun of up to 3 s within seconds of the fault.
    """
    close = near if near is not None else world.chance(0.5)
    if close:
        length = harmless_length(world)
        start = fault - seconds(world.between(length + heard(world), 18))
        if world.chance(0.3):  # inside the silence, which it does not lengthen
            start = fault + seconds(
                world.between(0.5, max(0.6, world.cluster.tolerance - length - 1))
            )
        removal(world, victim, start, length)
        return
    task = Job(world)
    create = fault - seconds(world.between(120, 500))
    begin = fault + seconds(world.between(150, 400))
    end = begin + seconds(world.between(5, 60))
    late = end - seconds(3)
    vm = world.vm(victim)
    task.back_up(
        vm, create, (begin, end), [(late, min(0.4, harmless_length(world)))], create_stun=0.2
    )
    other_vms(world, task, create)
    task.close()


def alerted(world: World, removed: datetime) -> None:
    """Say in the bundle when the failover was: the removal to a few seconds."""
    world.at = removed + seconds(world.between(0, 4))
