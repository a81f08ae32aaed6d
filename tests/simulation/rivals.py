"""Failovers by storage, starvation, software or a VSS freeze, beside a harmless backup."""

from datetime import datetime
from random import Random

from tests.simulation import reaction, sqlserver, texts
from tests.simulation.backup import Job
from tests.simulation.clock import seconds
from tests.simulation.innocent import SHORT
from tests.simulation.kinds import Told, kind
from tests.simulation.night import (
    alerted,
    harmless,
)
from tests.simulation.node import Node
from tests.simulation.truth import Answers, Expected, Truth, innocent
from tests.simulation.world import World, build

SQL = ("ag", "fci")


def _fails_over(world: World, victim: Node, at: datetime) -> datetime:
    """Let the role fail on the victim and move; return the moment of the move."""
    reaction.resource_fails(world, victim, at)
    if world.cluster.workload == "ag":
        sqlserver.resigns(victim, at + seconds(0.1), world.cluster.databases)
    moved = at + seconds(world.between(0.5, 3))
    reaction.take_over(world, victim, moved)
    return moved


def _role_lost(world: World, victim: Node, at: datetime, cause: Answers, why: str) -> Told:
    alerted(world, at)
    one = innocent(at, cause, (None, victim.name))
    return Told(world, Truth(SHORT + why, (one,)))


def _owner_with_backup(
    rng: Random,
    workloads: tuple[str, ...] = SQL,
    versions: tuple[str, ...] = ("2012 R2", "2016", "2019", "2022"),
) -> tuple[World, Node]:
    world = build(rng, workload=rng.choice(workloads), versions=versions)
    victim = world.cluster.owner
    if world.chance(0.85):
        harmless(world, victim, world.at - seconds(2))
    return world, victim


@kind(3)
def storage_paths_down(rng: Random) -> Told:
    """All paths down on the host's datastore; the role's disk I/O stalls and it fails."""
    world, victim = _owner_with_backup(rng)
    host = world.vm(victim).host.name
    begin = world.at - seconds(world.between(25, 50))
    text = "Device or filesystem with identifier naa.600a09 has entered the All Paths Down state."
    world.vcenter.event(begin, "esx.problem.storage.apd.start", None, host, text)
    for order in range(3):
        at = begin + seconds(6 * order + world.between(1, 4))
        victim.other(at, 129, "pvscsi", (("", r"\Device\RaidPort1"),), 3)
    at = begin + seconds(18)
    for base in world.cluster.databases:
        victim.sql(at, texts.slow(base, 16200), "spid12s")
    victim.application(at, 833, "MSSQLSERVER", "1", "15", world.cluster.databases[0])
    moved = _fails_over(world, victim, world.at)
    return _role_lost(world, victim, moved, ("storage",), "the host's storage paths were down.")


@kind(3)
def slow_disks(rng: Random) -> Told:
    """Resets (129), retries (153) and slow I/O (833), then the role fails."""
    world, victim = _owner_with_backup(rng)
    for order in range(5):
        at = world.at - seconds(40 - 7 * order - world.between(0, 3))
        victim.other(at, 129, "pvscsi", (("", r"\Device\RaidPort2"),), 3)
        victim.other(
            at + seconds(1), 153, "disk", (("", r"\Device\Harddisk6\DR6"), ("", "0x1f40")), 3
        )
    for base in world.cluster.databases:
        victim.sql(world.at - seconds(9), texts.slow(base, 26728), "spid12s")
    victim.application(
        world.at - seconds(9), 833, "MSSQLSERVER", "1", "15", world.cluster.databases[0]
    )
    moved = _fails_over(world, victim, world.at)
    return _role_lost(
        world, victim, moved, ("storage",), "129, 153 and 833 stand before the failure."
    )


@kind(3)
def processor_starved(rng: Random) -> Told:
    """All processors at 100 %: the lease is not renewed; the rows have no hole."""
    world, victim = _owner_with_backup(rng, ("ag",))
    world.shown.cluster_log = True
    for late in (25, 12):
        data = (("ProcessName", "clussvc.exe"), ("ProcessId", "2116"), ("Seconds", "15"))
        victim.system(world.at - seconds(late), 4869, *data, level=3)
    at = world.at - seconds(1)
    sqlserver.lease_messages(world, victim, at)
    sqlserver.lease_rows(world, victim, at + seconds(0.1), (98.5, 100))
    moved = _fails_over(world, victim, at + seconds(0.3))
    return _role_lost(world, victim, moved, ("starvation",), "4869 and rows at 100 % CPU.")


@kind(2)
def memory_exhausted(rng: Random) -> Told:
    """Windows ran out of virtual memory (2004); the lease is lost."""
    world, victim = _owner_with_backup(rng, ("ag",))
    provider = "Microsoft-Windows-Resource-Exhaustion-Detector"
    data = (("SystemCommitLimit", "17179869184"), ("SystemCommitCharge", "17171480576"))
    victim.other(world.at - seconds(world.between(15, 50)), 2004, provider, data, 3)
    at = world.at - seconds(1)
    sqlserver.lease_messages(world, victim, at)
    sqlserver.lease_rows(world, victim, at + seconds(0.1), (60, 90), memory=9.1e7)
    moved = _fails_over(world, victim, at + seconds(0.3))
    return _role_lost(world, victim, moved, ("starvation",), "2004: no virtual memory left.")


@kind(3)
def sql_crashed(rng: Random) -> Told:
    """The SQL Server service dies (7034) and the role fails over."""
    world, victim = _owner_with_backup(rng)
    at = world.at - seconds(1.5)
    name = "SQL Server (MSSQLSERVER)" if world.cluster.workload == "ag" else "SQL Server (INST1)"
    victim.service(at, 7034, name, "1")
    text = (
        "SQL Server is terminating because of fatal exception c0000005. This error "
        "may be caused by an unhandled Win32 or C++ exception, or by an access "
        "violation encountered during exception handling."
    )
    victim.sql(
        at - seconds(2), "***Stack Dump being sent to D:\\MSSQL\\LOG\\SQLDump0007.txt", "spid88"
    )
    victim.sql(at - seconds(0.2), text, "Server")
    victim.log(at + seconds(0.3), "ERR", sqlserver.AG_LABEL + "SQL server service is not alive")
    moved = _fails_over(world, victim, at + seconds(0.4))
    return _role_lost(
        world, victim, moved, ("software",), "SQL Server terminated by itself (7034)."
    )


@kind(3)
def resource_hung(rng: Random) -> Told:
    """A resource DLL hangs: 1230, 1146, then 1069."""
    world, victim = _owner_with_backup(rng, ("fs", "fci"))
    _, resource, kind_of = world.cluster.role
    at = world.at - seconds(3)
    data = (("Resource", resource), ("Type", kind_of), ("Dll", "clusres2.dll"))
    victim.system(at, 1230, *data)
    victim.system(at + seconds(0.5), 1146, level=1)
    moved = _fails_over(world, victim, at + seconds(1.2))
    return _role_lost(
        world, victim, moved, ("software",), "1230 and 1146 come first: the resource hung."
    )


@kind(3)
def long_freeze(rng: Random) -> Told:
    """VSS freezes the databases for long; the health check gives the role up."""
    world = build(rng, workload="ag", versions=("2016", "2019", "2022"))
    victim, cluster = world.cluster.owner, world.cluster
    length = world.between(31, 58)
    begin = world.at - seconds(length * world.between(0.75, 0.95))
    stunned = begin + seconds(length - 0.6)
    job = Job(world)
    end = stunned + seconds(300)
    vm = world.vm(victim)
    job.back_up(
        vm,
        stunned - seconds(1.5),
        (end, end + seconds(8)),
        [(end + seconds(6), 0.2)],
        create_stun=0.2,
    )
    job.close()
    victim.error_log = [row for row in victim.error_log if "I/O " not in row[2]]
    victim.events = [event for event in victim.events if event.number not in {3197, 3198}]
    sqlserver.freeze(cluster, victim, begin, length)
    world.shown.error_log = True
    sqlserver.health_rows(victim, world.at)
    moved = _fails_over(world, victim, world.at + seconds(0.2))
    alerted(world, moved)
    one = Expected(moved, ("suspected",), ("quiesce",), (None, victim.name), (None,))
    why = f"Rule 7: the databases were frozen for {length:.0f} s (3197 to 3198), the node was not."
    return Told(world, Truth(why, (one,)))
