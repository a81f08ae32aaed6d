"""What SQL Server and its cluster resource write when an availability group moves or is frozen."""

from datetime import datetime

from tests.simulation import texts
from tests.simulation.clock import seconds
from tests.simulation.cluster import Cluster
from tests.simulation.node import Node
from tests.simulation.world import World

AG_LABEL = "[RES] SQL Server Availability Group <AG1>: [hadrag] "


def becomes_primary(world: World, node: Node, at: datetime) -> None:
    """Write the new primary's way: 19406 to PRIMARY_NORMAL and 1480."""
    late = world.between(0.6, 2.5)
    node.sql(at, texts.state_change("SECONDARY_NORMAL", "RESOLVING_PENDING_FAILOVER"))
    node.sql(
        at + seconds(0.2), texts.state_change("RESOLVING_PENDING_FAILOVER", "RESOLVING_NORMAL")
    )
    node.sql(at + seconds(0.4), texts.state_change("RESOLVING_NORMAL", "PRIMARY_PENDING"))
    node.sql(at + seconds(late), texts.state_change("PRIMARY_PENDING", "PRIMARY_NORMAL"))
    for base in world.cluster.databases:
        node.sql(at + seconds(0.3), texts.role_change(base, "SECONDARY", "RESOLVING"), "spid31s")
        node.sql(at + seconds(late), texts.role_change(base, "RESOLVING", "PRIMARY"), "spid31s")
        node.application(at + seconds(late), 1480, "MSSQLSERVER", base, "RESOLVING", "PRIMARY")


def resigns(node: Node, at: datetime, bases: list[str]) -> None:
    """Write the old primary's way down, and up again as a secondary a little later."""
    node.sql(at, texts.state_change("PRIMARY_NORMAL", "RESOLVING_NORMAL"))
    for base in bases:
        node.sql(at + seconds(0.1), texts.role_change(base, "PRIMARY", "RESOLVING"), "spid31s")


def returns_as_secondary(node: Node, primary: Node, at: datetime) -> None:
    """Write the old primary's return and the connections made again."""
    node.sql(at, texts.state_change("RESOLVING_NORMAL", "SECONDARY_NORMAL"))
    primary.sql(at + seconds(1.2), texts.partner_back(primary.name, node.name), "spid35s")


def lease_messages(world: World, node: Node, at: datetime) -> None:
    """Write what SQL says of a lost lease: 19407 and one or both of its sides."""
    node.sql(at, texts.LEASE_EXPIRED, "Server", "19407,16,1")
    if world.chance(0.7):
        node.sql(at + seconds(0.01), texts.NO_SIGNAL_FROM_CLUSTER, "Server", "19421,16,1")
    if world.chance(0.4):
        node.sql(at + seconds(0.02), texts.NO_SIGNAL_FROM_SQL, "Server", "19419,16,1")
    node.application(at, 19407, "MSSQLSERVER", "AG1")


def lease_rows(
    world: World, node: Node, at: datetime, processor: tuple[float, float], *, memory: float = 4e9
) -> None:
    """Write hadrag's lease lines and the rows it sampled every 10 s while the guest ran."""
    node.log(at, "ERR", AG_LABEL + "Availability Group lease is no longer valid")
    node.log(
        at, "WARN", AG_LABEL + "Lease timeout detected, logging perf counter data collected so far"
    )
    node.log(
        at,
        "WARN",
        AG_LABEL + "Date/Time, Processor time(%), Available memory(bytes), Avg disk read(secs), "
        "Avg disk write(secs)",
    )
    for moment in _samples(node, at):
        stamp = node.clock.stamp(moment)
        clock = f"{stamp.month}/{stamp.day}/{stamp.year} {stamp.hour}:{stamp:%M:%S}.0"
        values = f"{world.between(*processor):.6f}, {memory:.6f}, 0.000446, 0.000304"
        node.log(at, "WARN", f"{AG_LABEL}{clock}, {values}")
    node.log(at + seconds(0.01), "ERR", AG_LABEL + "Resource Alive result 0.")


def _samples(node: Node, at: datetime) -> list[datetime]:
    """Return the moments of the rows: every 10 s, a beat overdue after a stun falls at its end."""
    moments: list[datetime] = []
    current = at - seconds(75)
    while current <= at:
        moments.append(node.written(current))
        current = moments[-1] + seconds(10)
    return moments[-6:]


def health_rows(node: Node, at: datetime) -> None:
    """Write hadrag's health check failure."""
    node.log(at, "ERR", AG_LABEL + "Failure detected, diagnostics heartbeat is lost")
    text = (
        "Availability Group is not healthy with given HealthCheckTimeout and FailureConditionLevel"
    )
    node.log(at, "ERR", AG_LABEL + text)
    node.log(at, "ERR", AG_LABEL + "Resource Alive result 0.")
    text = "[RCM] HandleMonitorReply: FAILURENOTIFICATION for 'AG1', gen(0) result 1/0."
    node.log(at + seconds(0.001), "INFO", text)


def freeze(cluster: Cluster, node: Node, at: datetime, length: float) -> None:
    """Write a VSS freeze: 3197 and 3198 of every database, then the image backup's 18264."""
    if cluster.workload not in {"ag", "fci"}:
        return
    for order, base in enumerate(["master", *cluster.databases]):
        begin = at + seconds(0.02 * order)
        node.sql(begin, texts.frozen(base), f"spid{60 + order}")
        node.application(begin, 3197, "MSSQLSERVER", base)
        end = at + seconds(length + 0.02 * order)
        node.sql(end, texts.resumed(base), f"spid{60 + order}")
        node.application(end, 3198, "MSSQLSERVER", base)
