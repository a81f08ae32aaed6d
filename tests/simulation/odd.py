"""Guilty in less usual ways: bugcheck 0x9E, a split silence, a rival at the same moment."""

from random import Random

from tests.simulation import reaction, sqlserver
from tests.simulation.backup import Job
from tests.simulation.clock import seconds
from tests.simulation.crash import crash, shut_down
from tests.simulation.kinds import Told, kind
from tests.simulation.night import alerted, choose_victim, fatal_length, removal
from tests.simulation.reaction import Loss
from tests.simulation.truth import Expected, Truth, guilty
from tests.simulation.world import build

HANG_BUGCHECK = 0x9E  # USER_MODE_HEALTH_MONITOR, second parameter the timeout in seconds


@kind(2)
def removal_then_hang(rng: Random) -> Told:
    """A stun beyond 60 s: removed by heartbeat first, then 0x9E restarts the victim."""
    world = build(rng, versions=("2012 R2", "2016", "2019", "2022"))
    victim = choose_victim(world)
    length = world.between(64, 110)
    start = world.at - seconds(world.cluster.tolerance)
    stun = removal(world, victim, start, length)
    victim.freeze(start, length)
    loss = reaction.lose(world, victim, start, start + seconds(length))
    awake = start + seconds(length + world.between(0.2, 0.9))
    boot = awake + seconds(world.between(30, 70))
    crash(victim, awake, boot, HANG_BUGCHECK, 60)
    reaction.joins(world, victim, boot + seconds(world.between(40, 90)))
    alerted(world, loss.removed)
    why = "Rule 2: the stun passes; the 0x9E restart is a consequence, not a rival (section 4)."
    return Told(world, Truth(why, (guilty(loss.removed, stun, victim.name),)))


@kind(1)
def hang_first(rng: Random) -> Told:
    """Very wide heartbeats: ClusSvcHangTimeout breaks first and 0x9E restarts the node."""
    world = build(
        rng, workload=rng.choice(["fs", "fci"]), versions=("2012 R2", "2016"), beats=(2000, 60)
    )
    victim = world.cluster.owner
    length = world.between(64, 100)
    start = world.at - seconds(length)
    stun = removal(world, victim, start, length)
    awake = start + seconds(length + world.between(0.1, 0.5))
    boot = awake + seconds(world.between(25, 45))
    crash(victim, awake, boot, HANG_BUGCHECK, 60)
    gone = boot + seconds(world.between(10, 25))  # its service starts anew: the old one is gone
    loss = reaction.remove(world, victim, awake, Loss(gone - seconds(0.6), gone))
    back = gone + seconds(world.between(20, 60))
    reaction.joins(world, victim, back)
    alerted(world, loss.removed)
    why = (
        "Physics, hang detection: stunned longer than ClusSvcHangTimeout 60 s, so the node "
        "bugchecked 0x9E when it ran again; the survivors noticed when its service came back."
    )
    one = guilty(loss.removed, stun, victim.name, mechanism=("hang_detection",))
    return Told(world, Truth(why, (one,)))


@kind(1)
def split_silence(rng: Random) -> Told:
    """Two stuns less than one heartbeat apart: one silence, neither long enough alone."""
    world = build(
        rng,
        beats=(1000, 10),
        versions=("2012 R2", "2016"),
        workload=rng.choice(["fs", "fci", "dag"]),
    )
    victim = choose_victim(world)
    first, second, gap = world.between(6.2, 7.5), world.between(5.2, 6.5), world.between(0.15, 0.4)
    start = world.at - seconds(10)
    job = Job(world)
    again = start + seconds(first + gap)
    end = again + seconds(second + 1)
    stuns = [(start, first), (again, second)]
    vm = world.vm(victim)
    job.back_up(vm, start - seconds(700), (start - seconds(12), end), stuns)
    job.close()
    loss = reaction.stunned_out(world, victim, start, first + gap + second)
    alerted(world, loss.removed)
    why = "Section 4: stuns less than one heartbeat apart count as one silence."
    return Told(world, Truth(why, (guilty(loss.removed, None, victim.name),)))


@kind(2)
def removal_and_uplink(rng: Random) -> Told:
    """The stun passes the physics, and at the same moment the host lost an uplink."""
    world = build(rng)
    victim = choose_victim(world)
    start = world.at - seconds(world.cluster.tolerance)
    stun = removal(world, victim, start, fatal_length(world))
    loss = reaction.stunned_out(world, victim, stun.start, stun.length)
    host = world.vm(victim).host.name
    at = start + seconds(world.between(0.2, 1.5))
    text = f"Physical NIC vmnic3 linkstate is down on {host}."
    world.vcenter.event(at, "esx.problem.net.vmnic.linkstate.down", None, host, text)
    text = (
        "Lost network connectivity on virtual switch vSwitch1. Physical NIC vmnic3 "
        "is down. Affected portgroups: VM Network."
    )
    world.vcenter.event(at, "esx.problem.net.connectivity.lost", None, host, text)
    alerted(world, loss.removed)
    one = guilty(loss.removed, stun, victim.name, confidence=("likely",))
    return Told(
        world, Truth("Rule 2, second sentence: it passes, a rival stands beside it.", (one,))
    )


@kind(1)
def bare_stun(rng: Random) -> Told:
    """A stun that fits, but nothing tells what it was for."""
    world = build(rng)
    world.shown.tasks = world.shown.sessions = world.shown.task_sessions = world.shown.steps = False
    victim = choose_victim(world)
    start = world.at - seconds(world.cluster.tolerance)
    stun = world.vm(victim).stun(rng, start, fatal_length(world))
    loss = reaction.stunned_out(world, victim, stun.start, stun.length)
    alerted(world, loss.removed)
    one = Expected(
        loss.removed,
        ("caused", "suspected"),
        ("snapshot_stun",),
        (victim.name,),
        ("heartbeat",),
        None,
    )
    why = "Rule 2 with phase unknown; suspected is defensible, as no snapshot is on record."
    return Told(world, Truth(why, (one,)))


@kind(1)
def slow_cluster_stun(rng: Random) -> Told:
    """A second snapshot operation follows the loss while the node is still out: no new failover."""
    world = build(rng)
    victim = choose_victim(world)
    start = world.at - seconds(world.cluster.tolerance)
    stun = removal(world, victim, start, fatal_length(world))
    loss = reaction.stunned_out(world, victim, stun.start, stun.length)
    later = stun.start + seconds(stun.length + 12)
    small = world.between(0.2, 0.9)
    world.vm(victim).stun(rng, later, small)
    victim.freeze(later, small)
    alerted(world, loss.removed)
    why = "Rule 2: the longest single stun counts; the small one after it changes nothing."
    return Told(world, Truth(why, (guilty(loss.removed, stun, victim.name),)))


@kind(2)
def removal_and_interfaces(rng: Random) -> Told:
    """The survivors also report the silent node's interface: a consequence of the stun."""
    world = build(rng)
    victim = choose_victim(world)
    start = world.at - seconds(world.cluster.tolerance)
    stun = removal(world, victim, start, fatal_length(world))
    loss = reaction.stunned_out(world, victim, stun.start, stun.length)
    nic = (("NetInterface", f"{victim.name} - Prod"), ("Node", victim.name), ("Network", "Prod"))
    number = rng.choice([1126, 1127])
    for node in world.cluster.others(victim):
        node.system(loss.declared + seconds(0.2), number, *nic)
    alerted(world, loss.removed)
    why = "Rule 2: caused; likely is defensible, as 1126 or 1127 may count as a rival beside it."
    one = guilty(loss.removed, stun, victim.name, confidence=("confirmed", "likely"))
    return Told(world, Truth(why, (one,)))


@kind(2)
def removal_after_reboot(rng: Random) -> Told:
    """The node was restarted for patches half an hour before and had long joined again."""
    world = build(rng)
    world.shown.named_failover = True
    victim = world.cluster.owner
    start = world.at - seconds(world.cluster.tolerance)
    asked = start - seconds(world.between(1700, 2400))
    data = (
        ("param1", rf"C:\Windows\system32\wbem\wmiprvse.exe ({victim.name})"),
        ("param2", victim.name),
        ("param3", "Operating System: Service pack (Planned)"),
        ("param4", "0x80020010"),
        ("param5", "restart"),
        ("param6", ""),
        ("param7", r"NT AUTHORITY\SYSTEM"),
    )
    victim.other(asked, 1074, "User32", data, 4)
    boot = asked + seconds(100)
    shut_down(world, victim, asked, asked + seconds(20), boot)
    reaction.joins(world, victim, boot + seconds(60))
    stun = removal(world, victim, start, fatal_length(world), again=True)
    loss = reaction.stunned_out(world, victim, stun.start, stun.length)
    alerted(world, loss.removed)
    why = "Rule 2; rule 1 does not reach a restart that was over half an hour before."
    return Told(world, Truth(why, (guilty(loss.removed, stun, victim.name),)))


@kind(2)
def lease_task_only(rng: Random) -> Told:
    """A lease lost in the stun of a removal, no vmware.log; the rows have the hole."""
    world = build(rng, workload="ag", versions=("2019", "2022", "2025"), beats=(1000, 40))
    victim = world.cluster.owner
    length = world.between(20, 35)
    start = world.at - seconds(length)
    removal(world, victim, start, length)
    at = start + seconds(length + world.between(0.05, 0.5))
    sqlserver.lease_messages(world, victim, at)
    sqlserver.lease_rows(world, victim, at + seconds(0.1), (5, 40))
    reaction.resource_fails(world, victim, at + seconds(0.3))
    moved = at + seconds(1)
    reaction.take_over(world, victim, moved)
    alerted(world, moved)
    world.shown.vmware = False
    one = Expected(
        moved,
        ("suspected", "caused"),
        ("snapshot_remove_stun",),
        (victim.name, None),
        (None, "lease"),
    )
    why = (
        "Rule 3; caused is defensible where cluster.log shows a hole of at least LeaseTimeout/2, "
        "as rule 3 speaks of tolerance - delay only."
    )
    return Told(world, Truth(why, (one,)))
