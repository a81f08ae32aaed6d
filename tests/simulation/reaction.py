"""How the cluster reacts: a silent node is removed, roles move, the lost node finds itself out."""

from dataclasses import dataclass
from datetime import datetime

from tests.simulation import exchange, sqlserver, texts
from tests.simulation.clock import seconds
from tests.simulation.event import CLUSTERING
from tests.simulation.node import TOOLS, W32TIME, Node
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Loss:
    """A removal: when the heartbeats were counted out and when event 1135 was written."""

    declared: datetime
    removed: datetime


def lose(world: World, victim: Node, silent: datetime, spoke: datetime | None = None) -> Loss:
    """Remove a node silent from `silent` on; `spoke` is when it could be heard again, if ever."""
    cluster = world.cluster
    low, high = cluster.tolerance - cluster.delay, cluster.tolerance
    if spoke is not None:
        high = min(high, (spoke - silent).total_seconds())
    if high < low:
        raise ValueError("this silence is too short to lose the node")
    declared = silent + seconds(world.between(low, high))
    removed = declared + seconds(world.between(0.55, 0.65))
    return remove(world, victim, silent, Loss(declared, removed))


def remove(world: World, victim: Node, silent: datetime, loss: Loss) -> Loss:
    """Write a removal on the survivors, and the role's move if the victim had it."""
    cluster = world.cluster
    for survivor in cluster.others(victim):
        _survivor(world, survivor, victim, silent, loss)
    if cluster.owner is victim:
        take_over(world, victim, loss.removed + seconds(world.between(0.05, 0.4)))
    elif cluster.workload == "ag":
        cluster.owner.sql(loss.declared + seconds(0.5), texts.partner_lost(victim.name))
    return loss


def _survivor(world: World, node: Node, victim: Node, silent: datetime, loss: Loss) -> None:
    jitter = seconds(world.between(0, 0.03))
    number = world.cluster.nodes.index(victim) + 1
    own = world.cluster.nodes.index(node) + 1
    node.system(loss.removed + jitter, 1135, ("NodeName", victim.name), level=1)
    ends = f"10.20.0.{own}:~3343~", f"10.20.0.{number}:~3343~"
    warned = silent + seconds(world.cluster.tolerance * 0.4)
    text = (
        "[IM] Microsoft Failover Cluster Virtual Adapter (NetFT) has missed more "
        "than 40 percent of consecutive heartbeats."
    )
    node.log(warned, "INFO", text)
    text = f"[IM] got event: Remote endpoint {ends[1]} unreachable from {ends[0]}"
    node.log(loss.declared + jitter, "INFO", text)
    text = f"[IM] Marking Route from {ends[0]} to {ends[1]} as down"
    node.log(loss.declared + jitter, "INFO", text)
    node.log(loss.declared + jitter, "INFO", f"[RGP] node {own}: Node Disconnected {number}")
    view = (
        f"[CORE] Node {own}: New View is <ViewChanged joiners=() downers=({number}) "
        f"newView=1301({own}) oldView=1101({own} {number}) joiner=false form=false/>"
    )
    node.log(loss.removed + jitter - seconds(0.01), "INFO", view)
    text = (
        f"Cluster node '{victim.name}' was removed from the active failover cluster "
        "membership. The Cluster service on this node may have stopped."
    )
    node.log(loss.removed + jitter, "DBG", "[System] " + text)


def take_over(world: World, old: Node, at: datetime, *, orderly: bool = False) -> Node:
    """Move the role from `old` to another node, by failure or (orderly) as asked; return who."""
    cluster = world.cluster
    new = next(n for n in cluster.others(old) if n.runs_at(at))
    group, resource, _ = cluster.role
    if orderly:
        old.operational(at, 1641, ("Group", group), ("From", old.name), ("To", new.name))
        old.operational(at + seconds(0.1), 1203, ("Group", group))
        old.operational(at + seconds(0.9), 1204, ("Group", group))
    else:
        new.operational(at, 1153, ("Group", group), ("From", old.name), ("To", new.name))
        text = (
            f"[RCM] move of group {group} from {old.name}(1) to {new.name}(2) of type "
            "MoveType::NodeDown is about to succeed, failoverCount=1"
        )
        new.log(at, "INFO", text)
    new.operational(at + seconds(1.0), 1200, ("Group", group))
    new.operational(at + seconds(world.between(2, 7)), 1201, ("Group", group))
    state = (("Resource", resource), ("Group", group), ("Old", "OnlinePending"), ("New", "Online"))
    new.operational(at + seconds(1.9), 1637, *state)
    if cluster.workload == "ag":
        sqlserver.becomes_primary(world, new, at + seconds(0.5))
    if cluster.workload == "dag" and not orderly:
        exchange.moves(world, old, new, at + seconds(2), reason="NodeDownConfirmed")
    cluster.owner = new
    return new


def resource_fails(world: World, node: Node, at: datetime, code: str = "0x80131500") -> None:
    """Write 1069 for the clustered role on its owner."""
    group, resource, kind = world.cluster.role
    data = (("ResourceName", resource), ("ResourceGroup", group), ("ResTypeDll", kind))
    node.system(at, 1069, *data, ("ErrorCode", code))
    text = f"[RCM] rcm::RcmResource::HandleFailure: ({resource})"
    node.log(at, "WARN", text)


def finds_itself_out(
    world: World, victim: Node, at: datetime, *, was_owner: bool, back: float = 0.0
) -> datetime:
    """Write what a node does that learns it was removed; return when it has joined again."""
    cluster, two = world.cluster, len(world.cluster.nodes) == 2
    if world.chance(0.8 if two else 0.5):
        for other in cluster.others(victim):
            victim.system(at, 1135, ("NodeName", other.name), level=1)
            text = (
                f"Cluster node '{other.name}' was removed from the active failover cluster "
                "membership."
            )
            victim.log(at, "DBG", "[System] " + text)
    number = 1006 if not two and world.chance(0.3) else 1177
    victim.system(at + seconds(0.01), number, level=1)
    victim.log(at + seconds(0.01), "WARN", "[QUORUM] Node 1: Lost quorum (1)")
    victim.log(at + seconds(0.01), "WARN", "lost quorum (status = 5925), executing OnStop")
    if world.chance(0.5):
        victim.system(at + seconds(0.2), 1556, ("Unknown", "1"), ("ErrorCode", "5050"))
    if world.chance(0.6):
        victim.system(at + seconds(0.35), 1146, level=1)
    gone = at + seconds(world.between(0.6, 2))
    victim.service(gone, 7031, "Cluster Service", "1")
    victim.log(
        gone,
        "WARN",
        "[RHS] Cluster service has terminated. Cluster.Service.Running.Event got signaled.",
    )
    if cluster.workload == "ag":
        victim.sql(gone, texts.CLUSTER_GONE)
        victim.application(gone, 41048, "MSSQLSERVER")
        if was_owner:
            sqlserver.resigns(victim, gone + seconds(0.1), cluster.databases)
    return joins(world, victim, at + seconds(back or world.between(20, 90)))


def joins(world: World, node: Node, at: datetime) -> datetime:
    """Write a node's return into the cluster."""
    node.service(at - seconds(6), 7036, "Cluster Service", "running")
    node.operational(at, 1062, ("ClusterName", world.cluster.name))
    if world.cluster.workload == "ag":
        sqlserver.returns_as_secondary(node, world.cluster.owner, at + seconds(3))
    return at


def stunned_out(
    world: World, victim: Node, start: datetime, length: float, *, lag: str = "any"
) -> Loss:
    """Play a removal by a stun from the silence to the victim's return.

    `lag` says what the victim's clock does: none, tools (set right by vmtoolsd), w32time, any.
    """
    was_owner = world.cluster.owner is victim
    end = victim.freeze(start, length)
    loss = lose(world, victim, start, end)
    wakes(world, victim, start, length, lag)
    at = end + seconds(world.between(0.05, 0.6))
    if was_owner and world.cluster.workload == "ag" and length >= world.cluster.lease_limit:
        sqlserver.lease_messages(world, victim, at)
        if lag == "none":
            sqlserver.lease_rows(world, victim, at + seconds(0.2), (5, 40))
    finds_itself_out(world, victim, at + seconds(0.05), was_owner=was_owner)
    return loss


def wakes(world: World, victim: Node, start: datetime, length: float, lag: str) -> None:
    """Let the victim's clock behave after the stun as `lag` says (facts/cluster.md 2.3)."""
    kind = world.rng.choice(["none", "tools", "tools", "w32time"]) if lag == "any" else lag
    if kind == "none":
        return
    end = start + seconds(length)
    process = TOOLS if kind == "tools" else W32TIME
    victim.lag(end, length, end + seconds(world.between(0.5, 40)), process)


def quarantined(world: World, victim: Node, at: datetime) -> None:
    """Write 1672 on the survivors: the node lost membership three times within an hour."""
    until = f"{at + seconds(7200):%Y/%m/%d-%H:%M:%S}"
    for node in world.cluster.others(victim):
        data = (("NodeName", victim.name), ("Count", "3"), ("Until", until))
        node.system(at, 1672, *data)
    victim.other(at + seconds(3), 1676, CLUSTERING, (("By", "cluster"), ("Until", until)))
