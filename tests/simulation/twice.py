"""Several failovers in one bundle, minutes apart; the bundle names none of them."""

from datetime import datetime
from random import Random

from tests.simulation import reaction
from tests.simulation.clock import seconds
from tests.simulation.innocent import host_lost_uplink, isolated
from tests.simulation.kinds import Told, kind
from tests.simulation.night import choose_victim, fatal_length, harmless_length, removal
from tests.simulation.node import Node
from tests.simulation.truth import Expected, Truth, guilty, innocent
from tests.simulation.world import World, build

APART = (420.0, 700.0)  # seconds between two failovers of one night


def _stunned(world: World, victim: Node, start: datetime) -> Expected:
    length = max(fatal_length(world), world.cluster.tolerance + 0.4)
    stun = removal(world, victim, start, length, again=True)
    loss = reaction.stunned_out(world, victim, start, length)
    return guilty(loss.removed, stun, victim.name)


def _fs(rng: Random) -> World:
    world = build(rng, workload=rng.choice(["fs", "fci"]), sizes=(2, 3))
    world.shown.named_failover = False
    return world


@kind(2)
def two_stuns(rng: Random) -> Told:
    """Two nights' jobs in a row: each removal loses its node."""
    world = _fs(rng)
    first = choose_victim(world)
    second = rng.choice(world.cluster.nodes)
    start = world.at - seconds(world.between(*APART))
    one = _stunned(world, first, start)
    two = _stunned(world, second, world.at - seconds(world.cluster.tolerance))
    return Told(world, Truth("Rule 2 for each of two incidents.", (one, two)))


@kind(2)
def stun_then_network(rng: Random) -> Told:
    """The first is the backup's, the second the network's."""
    world = _fs(rng)
    victim = choose_victim(world)
    one = _stunned(world, victim, world.at - seconds(world.between(*APART)))
    fault = world.at - seconds(world.cluster.tolerance)
    host_lost_uplink(world, victim, fault)
    loss = isolated(world, victim, fault)
    two = innocent(loss.removed, ("network",), (victim.name,))
    why = "Rule 2 for the first; rule 5 for the second: no stun in its window."
    return Told(world, Truth(why, (one, two)))


@kind(2)
def network_then_stun(rng: Random) -> Told:
    """The first is the network's, the second the backup's."""
    world = _fs(rng)
    victim = choose_victim(world)
    fault = world.at - seconds(world.between(*APART))
    removal(world, victim, fault - seconds(8), min(1.0, harmless_length(world)), again=True)
    host_lost_uplink(world, victim, fault)
    loss = isolated(world, victim, fault)
    one = innocent(loss.removed, ("network",), (victim.name,))
    two = _stunned(world, victim, world.at - seconds(world.cluster.tolerance))
    return Told(world, Truth("Rule 5 for the first, rule 2 for the second.", (one, two)))


@kind(2)
def three_then_quarantine(rng: Random) -> Told:
    """Three removals by stuns within the hour; the third quarantines the node."""
    world = build(
        rng, workload=rng.choice(["fs", "fci"]), versions=("2016", "2019", "2022"), sizes=(2, 3)
    )
    world.shown.named_failover = False
    victim = choose_victim(world)
    each = []
    for back in (1500.0, 750.0, 0.0):
        start = world.at - seconds(back + world.between(0, 60) + world.cluster.tolerance)
        each.append(_stunned(world, victim, start))
    reaction.quarantined(world, victim, each[-1].at + seconds(world.between(1, 3)))
    return Told(world, Truth("Rule 2 for each; 1672 belongs to the third.", tuple(each)))
