"""What the events of the failover cluster itself mean.

Providers Microsoft-Windows-FailoverClustering (channels System and Operational) and
FailoverClustering-NetFt. Only ids and positions are read: texts come in the language of the
server, and the names of the data differ between versions.
"""

from collections.abc import Callable

from sources.windows.event_meaning import Meaning, Rule, host
from sources.windows.event_xml import WindowsEvent
from verdict.sign import Kind

CLUSTER = "microsoft-windows-failoverclustering"
NETFT = "microsoft-windows-failoverclustering-netft"

RULES = {
    1000: Rule(Kind.SERVICE_CRASHED, says="ClusSvc"),
    1006: Rule(Kind.NODE_HALTED),
    1011: Rule(Kind.DRAINED, node=1, says="evicted"),
    1038: Rule(Kind.STORAGE_LOST, thing=1),
    1061: Rule(Kind.NODE_JOINED),
    1062: Rule(Kind.NODE_JOINED),
    1063: Rule(Kind.SERVICE_STOPPED, says="cluster"),
    1126: Rule(Kind.CLUSTER_NETWORK, node=2, says="1126"),
    1127: Rule(Kind.CLUSTER_NETWORK, node=2, says="1127"),
    1129: Rule(Kind.CLUSTER_NETWORK, nobody=True, says="1129"),
    1130: Rule(Kind.CLUSTER_NETWORK, nobody=True, says="1130"),
    1135: Rule(Kind.NODE_REMOVED, node=1),
    1137: Rule(Kind.DRAINED, detail=1),
    1146: Rule(Kind.RESOURCE_HUNG, nobody=True, says="RHS"),
    1177: Rule(Kind.QUORUM_LOST),
    1200: Rule(Kind.ROLE_ONLINE, thing=1, says="begun"),
    1201: Rule(Kind.ROLE_ONLINE, thing=1, says="done"),
    1203: Rule(Kind.ROLE_OFFLINE, thing=1, says="begun"),
    1204: Rule(Kind.ROLE_OFFLINE, thing=1, says="done"),
    1205: Rule(Kind.ROLE_FAILED, thing=1),
    1230: Rule(Kind.RESOURCE_HUNG, thing=1, detail=2),
    1254: Rule(Kind.ROLE_FAILED, thing=1),
    1553: Rule(Kind.NIC_DOWN),
    1554: Rule(Kind.NIC_DOWN),
    1556: Rule(Kind.NODE_HALTED, detail=2),
    1672: Rule(Kind.NODE_QUARANTINED, node=1),
    1675: Rule(Kind.NODE_QUARANTINED, node=1),
    1676: Rule(Kind.NODE_QUARANTINED),
    1677: Rule(Kind.DRAINED, node=1),
    1680: Rule(Kind.RECONNECTED, node=1),
    1792: Rule(Kind.STORAGE_LOST, thing=1, detail=4),
    1793: Rule(Kind.STORAGE_LOST, thing=1, detail=4),
    1794: Rule(Kind.STORAGE_LOST, thing=1, detail=4),
    1795: Rule(Kind.STORAGE_LOST, thing=1, detail=4),
    4614: Rule(Kind.SERVICE_STOPPED, says="cluster"),
    4869: Rule(Kind.STARVED, detail=1, seconds=3),
    4870: Rule(Kind.STARVED, detail=1, seconds=3),
    5120: Rule(Kind.STORAGE_LOST, thing=1, detail=3),
    5142: Rule(Kind.STORAGE_LOST, thing=1, detail=3),
    5377: Rule(Kind.STARVED, seconds=2),
    5396: Rule(Kind.NODE_HALTED),
}
"""1561 and 5398 are left out: a cluster service that cannot start was lost earlier, and 1651
because its two messages, adapter connected and disconnected, carry the same data."""

WATCHDOG = {20480: Rule(Kind.STARVED, detail=4)}
"""NetFt: the cluster service did not answer its own driver; data 4 is the process."""

MOVES = {1153: Kind.ROLE_FAILING_OVER, 1154: Kind.ROLE_FAILING_BACK, 1641: Kind.ROLE_MOVING}


def wants(provider: str, event_id: int) -> bool:
    """Tell whether this module reads such an event; the provider's name in lower case."""
    if provider == NETFT:
        return event_id in WATCHDOG
    return provider == CLUSTER and (event_id in RULES or event_id in READERS)


def meanings(event: WindowsEvent, writer: str) -> tuple[Meaning, ...]:
    """Read one event that `wants` accepts, logged by the node `writer`."""
    if reader := READERS.get(event.id):
        return reader(event, writer)
    return ((WATCHDOG | RULES)[event.id].read(event, writer),)


def _failed(event: WindowsEvent, _: str) -> tuple[Meaning, ...]:
    """1069 names the resource, its role and, but for the oldest wording, its type."""
    about = f" for role {event.at(2)}" if event.at(2) else ""
    resource, kind = event.at(1) or None, event.at(3) or None
    return (Meaning(Kind.RESOURCE_FAILED, resource, kind, None, about),)


def _move(event: WindowsEvent, _: str) -> tuple[Meaning, ...]:
    """1153, 1154 and the longer 1641 name role, old and new owner; the shorter 1641 role, new."""
    owners = [host(event.at(n)) for n in (2, 3) if event.at(n)]
    return (Meaning(MOVES[event.id], event.at(1) or None, ">".join(owners) or None),)


def _reconnected(event: WindowsEvent, writer: str) -> tuple[Meaning, ...]:
    """1592 names two nodes; the one that did not write it is the one that was away."""
    one, other = host(event.at(1)), host(event.at(2))
    away = one if other.casefold() == writer.casefold() else other
    return (Meaning(Kind.RECONNECTED, away or None),)


def _heartbeats(event: WindowsEvent, _: str) -> tuple[Meaning, ...]:
    """1650 has three messages, connected, lost and 40 percent missed, with the same two data.

    Without the text nothing tells them apart, so the mildest that is worth noting is taken.
    """
    link = " to ".join(event.at(n) for n in (1, 2) if event.at(n))
    about = f" (heartbeat link {link})" if link else ""
    return (Meaning(Kind.HEARTBEATS_MISSED, None, "1650", None, about),)


def _isolated(event: WindowsEvent, _: str) -> tuple[Meaning, ...]:
    """1673 with one datum: a node entered the isolated state; with five: a resource was moved."""
    if event.at(2) or not event.at(1):
        return ()
    return (Meaning(Kind.ROUTE_LOST, host(event.at(1)), "isolated"),)


READERS: dict[int, Callable[[WindowsEvent, str], tuple[Meaning, ...]]] = {
    1069: _failed,
    1592: _reconnected,
    1650: _heartbeats,
    1673: _isolated,
    **dict.fromkeys(MOVES, _move),
}
"""The ids whose data need a second look."""
