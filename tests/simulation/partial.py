"""Real stuns of which the bundle keeps only a part of the proof."""

from datetime import datetime
from random import Random

from tests.simulation import reaction
from tests.simulation.clock import seconds
from tests.simulation.kinds import Told, kind
from tests.simulation.night import alerted, choose_victim, fatal_length, removal
from tests.simulation.node import Node
from tests.simulation.reaction import Loss
from tests.simulation.truth import Answers, Expected, Truth
from tests.simulation.world import World, build

REMOVED: Answers = ("snapshot_remove_stun",)
ANY_STUN: Answers = ("snapshot_remove_stun", "snapshot_stun", "snapshot_create_stun", "unknown")


def _stunned(world: World, victim: Node, lag: str = "none") -> Loss:
    """Play a removal by a stun; the caller then withholds evidence."""
    start = world.at - seconds(world.cluster.tolerance)
    length = max(fatal_length(world), world.cluster.tolerance + 0.4)
    stun = removal(world, victim, start, length)
    loss = reaction.stunned_out(world, victim, stun.start, length, lag=lag)
    alerted(world, loss.removed)
    return loss


def _told(
    world: World,
    victim: Node,
    at: datetime,
    backup: Answers,
    cause: Answers,
    why: str,
    confidence: Answers = (),
) -> Told:
    mechanism: Answers = (None, "heartbeat")
    one = Expected(at, backup, cause, (victim.name,), mechanism, None, confidence)
    return Told(world, Truth(why, (one,)))


def _quiet(world: World) -> None:
    """Hide vmware.log and every guest-side measure of the pause."""
    world.shown.vmware = False
    world.shown.cluster_log = False


@kind(4)
def task_only(rng: Random) -> Told:
    """No vmware.log, but vCenter's removal task holds the silence."""
    world = build(rng)
    victim = choose_victim(world)
    loss = _stunned(world, victim)
    _quiet(world)
    why = "Rule 3: the silence lies inside the removal task, not measured, no rival."
    return _told(world, victim, loss.removed, ("suspected",), REMOVED, why, ("likely",))


@kind(3)
def veeam_step_only(rng: Random) -> Told:
    """Neither vmware.log nor vCenter; the step in Veeam's task log holds the silence."""
    world = build(rng)
    world.veeam.revision = rng.choice(["1.2", "1.3"])
    victim = choose_victim(world)
    loss = _stunned(world, victim)
    _quiet(world)
    world.shown.tasks = world.shown.events = False
    why = "Rule 3: the silence lies inside the step Removing VM snapshot of Veeam's log."
    return _told(world, victim, loss.removed, ("suspected",), REMOVED, why, ("likely",))


@kind(3)
def task_and_clock_jump(rng: Random) -> Told:
    """The removal task, and vmtoolsd set the guest's clock forward by the stun."""
    world = build(rng)
    victim = choose_victim(world)
    loss = _stunned(world, victim, "tools")
    world.shown.vmware = False
    why = "Rule 3, last part: a guest-side measure of the pause of at least tolerance - delay."
    return _told(world, victim, loss.removed, ("caused",), REMOVED, why, ("likely",))


@kind(2)
def step_and_clock_jump(rng: Random) -> Told:
    """The Veeam step, and vmtoolsd set the guest's clock forward by the stun."""
    world = build(rng)
    world.veeam.revision = rng.choice(["1.2", "1.3"])
    victim = choose_victim(world)
    loss = _stunned(world, victim, "tools")
    world.shown.vmware = world.shown.tasks = world.shown.events = False
    why = "Rule 3, last part, with the step in Veeam's log."
    return _told(world, victim, loss.removed, ("caused",), REMOVED, why, ("likely",))


@kind(2)
def task_and_counter_gap(rng: Random) -> Told:
    """The removal task, and a hole in hadrag's ten-second rows."""
    world = build(
        rng,
        workload="ag",
        versions=("2016", "2019"),
        beats=rng.choice([(1000, 10), (1000, 15), (1000, 20)]),
    )
    victim = world.cluster.owner
    start = world.at - seconds(world.cluster.tolerance)
    length = world.cluster.tolerance + world.between(9.5, 20)
    stun = removal(world, victim, start, length)
    loss = reaction.stunned_out(world, victim, stun.start, length, lag="none")
    alerted(world, loss.removed)
    world.shown.vmware, world.shown.cluster_log = False, True
    why = (
        "Rule 3, last part: a hole in the hadrag rows beyond their 10 s of at "
        "least tolerance - delay."
    )
    return _told(world, victim, loss.removed, ("caused",), REMOVED, why, ("likely",))


@kind(2)
def session_only(rng: Random) -> Told:
    """Only a task session of the VM overlaps."""
    world = build(rng)
    world.veeam.revision = rng.choice(["1.2", "1.3"])
    victim = choose_victim(world)
    loss = _stunned(world, victim)
    _quiet(world)
    world.shown.tasks = world.shown.events = world.shown.steps = False
    why = "Rule 4: only a backup session overlaps."
    return _told(world, victim, loss.removed, ("suspected",), ANY_STUN, why, ("possible",))


@kind(1)
def job_session_only(rng: Random) -> Told:
    """VBR 12.0: only the job's session overlaps, nothing says which VMs it touched."""
    world = build(rng)
    world.veeam.revision = "1.1"
    victim = choose_victim(world)
    loss = _stunned(world, victim)
    _quiet(world)
    world.shown.tasks = world.shown.events = False
    why = "Rule 4, or 9: the session overlaps, but 1.1 does not say that it held this VM."
    return _told(world, victim, loss.removed, ("suspected", "unknown"), ANY_STUN, why)


@kind(2)
def log_starts_after(rng: Random) -> Told:
    """vmware.log begins after the failover, nothing else is there."""
    world = build(rng)
    victim = choose_victim(world)
    loss = _stunned(world, victim)
    _quiet(world)
    world.shown.vmware = True
    world.shown.log_since = world.at + seconds(rng.uniform(15, 400))
    world.shown.tasks = world.shown.sessions = world.shown.task_sessions = world.shown.steps = False
    why = "Rule 9: the log does not cover the failover, so it neither accuses nor clears."
    return _told(world, victim, loss.removed, ("unknown",), ("unknown",), why)


@kind(2)
def rotation_missing(rng: Random) -> Told:
    """The rotated file with the stun was not collected; older and newer ones were."""
    world = build(rng)
    victim = choose_victim(world)
    loss = _stunned(world, victim)
    _quiet(world)
    world.shown.vmware = True
    for vm in world.vms.values():
        vm.rotations += [
            world.at - seconds(rng.uniform(2000, 2600)),
            world.at - seconds(rng.uniform(150, 400) + world.cluster.tolerance),
            world.at + seconds(rng.uniform(60, 200)),
        ]
    world.shown.hidden_logs = {"vmware-5.log"}
    world.shown.tasks = world.shown.sessions = world.shown.task_sessions = world.shown.steps = False
    why = "Rules 5 and 9: a missing rotation is a gap."
    return _told(world, victim, loss.removed, ("unknown",), ("unknown",), why)


@kind(2)
def nothing_at_all(rng: Random) -> Told:
    """Only the nodes' logs."""
    world = build(rng)
    victim = choose_victim(world)
    loss = _stunned(world, victim)
    _quiet(world)
    world.shown.tasks = world.shown.events = False
    world.shown.sessions = world.shown.task_sessions = world.shown.steps = False
    why = "Rule 9: no hypervisor and no backup evidence."
    return _told(world, victim, loss.removed, ("unknown",), ("unknown",), why)


@kind(2)
def hosts_hours_off(rng: Random) -> Told:
    """The hosts' clocks are off by whole hours and nobody measured them."""
    world = build(rng)
    victim = choose_victim(world)
    loss = _stunned(world, victim)
    world.shown.cluster_log = False
    hours = rng.choice([-2, -1, 1, 2])
    for host in world.hosts:
        host.clock.measured = None
        host.clock.offset = 3600.0 * hours + rng.uniform(-0.8, 0.8)
    world.host_clock = None
    with_tasks = rng.random() < 0.5
    if not with_tasks:
        world.shown.tasks = world.shown.sessions = False
        world.shown.task_sessions = world.shown.steps = False
    why = (
        "Clocks, section 4: a stun that fits but for whole hours is a hint, never "
        "proof, nor a clearance."
    )
    return _told(world, victim, loss.removed, ("unknown", "suspected"), ANY_STUN, why)


@kind(2)
def vcenter_asked_too_late(rng: Random) -> Told:
    """Ask vCenter for some minutes only and find no snapshot: that is no coverage."""
    world = build(rng)
    victim = choose_victim(world)
    at = world.at - seconds(world.cluster.tolerance)
    length = max(fatal_length(world), world.cluster.tolerance + 0.4)
    victim.freeze(at, length)
    loss = reaction.stunned_out(world, victim, at, length, lag="none")
    alerted(world, loss.removed)
    _quiet(world)
    world.shown.vcenter_since = rng.uniform(300, 900)
    world.shown.sessions = world.shown.task_sessions = world.shown.steps = False
    why = "Rule 5 wants tasks from T - 30 min; rule 9."
    return _told(world, victim, loss.removed, ("unknown",), ("unknown",), why)
