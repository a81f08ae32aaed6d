"""Failovers that a migration's stun caused: the backup did not."""

from random import Random

from tests.simulation import reaction
from tests.simulation.clock import seconds
from tests.simulation.kinds import Told, kind
from tests.simulation.migration import migrate
from tests.simulation.night import (
    alerted,
    choose_victim,
    fatal_length,
    harmless,
)
from tests.simulation.truth import Expected, Truth
from tests.simulation.world import build


def _migrated(rng: Random, *, during: bool, failed: bool) -> Told:
    world = build(rng, style=rng.choice(["new", "coded"]))
    victim = choose_victim(world)
    start = world.at - seconds(world.cluster.tolerance)
    if during:
        harmless(world, victim, start, near=False)
    length = max(fatal_length(world), world.cluster.tolerance + 0.4)
    stun = migrate(world, victim, start, length, failed=failed)
    loss = reaction.stunned_out(world, victim, start, length)
    alerted(world, loss.removed)
    one = Expected(
        loss.removed, ("cleared",), ("migration_stun",), (victim.name,), ("heartbeat", None), stun
    )
    why = "Rule 2, last sentence: a migration stun passes, no snapshot stun does."
    return Told(world, Truth(why, (one,)))


@kind(3)
def migration_stun(rng: Random) -> Told:
    """A vMotion's switchover stuns the node past the tolerance; no backup runs."""
    return _migrated(rng, during=False, failed=False)


@kind(3)
def migration_during_backup(rng: Random) -> Told:
    """The same while a backup is running, between its creation and its removal."""
    return _migrated(rng, during=True, failed=False)


@kind(2)
def migration_failed(rng: Random) -> Told:
    """A vMotion fails and the VM resumes on its host after a long switchover."""
    return _migrated(rng, during=False, failed=True)
