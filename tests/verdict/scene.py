"""A small cluster on which verdict tests play their scenes, in seconds from 02:14:00 UTC."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from verdict.clock import Clock
from verdict.cluster import AvailabilityGroup, Cluster, Node
from verdict.evidence import Evidence
from verdict.facts import Backup, Coverage, Operation, Phase, Stun
from verdict.judge import judge
from verdict.sign import Kind, Sign
from verdict.verdict import Verdict

ZERO = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
RIGHT = timedelta(0)
EXACT = Clock("exact", RIGHT)
LOOSE = Clock("esxi")


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def stun(
    start: float, length: float, phase: Phase = Phase.REMOVE, *, vm: str = "sql01",
    clock: Clock = EXACT,
) -> Stun:  # fmt: skip
    return Stun(vm, at(start), at(start + length), phase, clock)


def removed(subject: str, when: float, *, by: str = "SQL02", clock: Clock = EXACT) -> Sign:
    text = f"event 1135 on {by}"
    return Sign(Kind.NODE_REMOVED, at(when), clock, "events", text, node=by, subject=subject)


def sign(
    kind: Kind, when: float, *, node: str | None = "SQL01", subject: str | None = None,
    detail: str | None = None, clock: Clock = EXACT,
) -> Sign:  # fmt: skip
    source = "events" if node else "vcenter"
    return Sign(kind, at(when), clock, source, f"{kind} on {node}", node, subject, detail)


def task(start: float, end: float, phase: Phase = Phase.REMOVE, *, vm: str = "sql01") -> Operation:
    return Operation(vm, phase, at(start), at(end), EXACT, "vcenter", "Remove snapshot")


def backup(start: float, end: float, *, vm: str = "sql01") -> Backup:
    return Backup("Veeam", "SQL Nightly", vm, at(start), at(end), EXACT, transport="hotadd")


def log_read(start: float, end: float, *, vm: str = "sql01") -> Coverage:
    return Coverage("vmware.log", vm, at(start), at(end))


def tasks_read(start: float, end: float) -> Coverage:
    return Coverage("vcenter", "tasks", at(start), at(end))


def cluster(
    delay: int | None = 1000, threshold: int | None = 10, *, os: str = "Windows Server 2016",
    nodes: Sequence[str] = ("SQL01", "SQL02"), groups: Sequence[AvailabilityGroup] = (),
) -> Cluster:  # fmt: skip
    values = {"SameSubnetDelay": delay, "SameSubnetThreshold": threshold}
    properties = {name: value for name, value in values.items() if value is not None}
    members = tuple(Node(name, name.lower(), vm_proven=True, host="esx07") for name in nodes)
    return Cluster("SQLAG01", os, members, properties, tuple(groups))


def scene(*facts: object, of: Cluster | None = None, asked: float | None = None) -> Evidence:
    """Sort facts into the evidence by their type."""
    parts: dict[str, Any] = {}
    names = {
        Stun: "stuns", Sign: "signs", Operation: "operations", Backup: "backups",
        Coverage: "coverage",
    }  # fmt: skip
    for fact in facts:
        name = names.get(type(fact), f"{type(fact).__name__.lower()}s")
        parts[name] = (*parts.get(name, ()), fact)
    return Evidence(of or cluster(), at=None if asked is None else at(asked), **parts)


def verdict(*facts: object, of: Cluster | None = None, asked: float | None = None) -> Verdict:
    """Judge a scene that holds exactly one failover."""
    (only,) = judge(scene(*facts, of=of, asked=asked))
    return only
