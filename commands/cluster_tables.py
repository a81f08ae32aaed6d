"""The tables under a cluster's card: its nodes, its values, its last verdicts."""

from collections.abc import Iterator

from commands.cluster_facts import ClusterFacts, NodeFacts
from commands.history import verdict_table
from commands.limit_words import share
from commands.reply import Cell, Column, Room, Table
from sources.names import short
from verdict.cluster import Cluster
from verdict.heartbeat import believable, default, heartbeats, ranges
from verdict.tolerance import (
    HEALTH_CHECK_TIMEOUT,
    LEASE_TIMEOUT,
    MS,
    SESSION_TIMEOUT,
    windows_version,
)
from verdict.tradeoff import SECOND
from verdict.verdict import Mechanism
from verdict.words import seconds

NOT_READ = "not read"

ROUTES = ("RouteHistoryLength", 10)
"""VMware asks for 40 of it; 10 is the default (Microsoft, MSCS reference)."""


def cluster_tables(facts: ClusterFacts) -> Iterator[Table]:
    """Give the tables that have something in them."""
    if facts.nodes:
        first = facts.limits[0]
        lease = ", the lease" if first.mechanism is Mechanism.LEASE else ""
        columns = (
            Column("Node", room=Room.FOLDED),
            Column("VM", room=Room.FOLDED),
            Column("Host", room=Room.CUT),
            Column("Longest stun", right=True),
            Column(f"Of {seconds(first.length)}{lease}"),
            Column(""),
            Column("Log read", right=True),
        )
        yield Table("Nodes", columns, tuple(_node(one, facts) for one in facts.nodes))
    yield _values(facts.cluster)
    if facts.verdicts:
        yield verdict_table("Last verdicts", facts.verdicts)


def _node(one: NodeFacts, facts: ClusterFacts) -> tuple[Cell, ...]:
    node, used, reading = one.node, one.stuns.used, one.reading
    named = node.name, one.stuns.vm.name, short(node.host) if node.host else ""
    read = "never" if reading.until is None else f"{reading.part:.0%}".replace("%", " %")
    if not one.stuns.longest:
        return *named, "none" if reading.telling else "not known", "", "", read
    return *named, seconds(used), *share(used, facts.limits[0]), read


VALUES = (
    Column("Value", room=Room.FOLDED),
    Column("Is", right=True),
    Column("Default", right=True),
    Column("Windows takes"),
)


def _values(cluster: Cluster) -> Table:
    """Compare what is set with what Windows comes with."""
    read, usual = believable(cluster).properties, default(cluster).properties
    rows: list[tuple[Cell, ...]] = []
    for name in heartbeats(cluster).properties:
        least, most = ranges(cluster)[name]
        value = str(read.get(name, NOT_READ))
        rows.append((name, value, str(usual[name]), f"{least} to {most}"))
    name, preset = ROUTES
    if name in read:
        rows.append((name, str(read[name]), str(preset), "0 to 40"))
    for group in cluster.groups:
        for what, timeout, usually in (
            ("LeaseTimeout", group.lease_timeout, LEASE_TIMEOUT),
            ("HealthCheckTimeout", group.health_check_timeout, HEALTH_CHECK_TIMEOUT),
        ):
            is_now = str(round(timeout / MS)) if timeout else NOT_READ
            rows.append((f"{what} of {group.name}", is_now, str(round(usually / MS)), "ms"))
        session = str(SESSION_TIMEOUT // SECOND)
        rows.append((f"SESSION_TIMEOUT of {group.name}", NOT_READ, session, "s, in SQL Server"))
    version = windows_version(cluster.os)
    title = f"Values, defaults of Windows Server {version}" if version else "Values"
    return Table(title, VALUES, tuple(rows))
