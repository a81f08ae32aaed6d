"""Facts as sources tell them: single ones for scenes, and any at all for round trips."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import strategies as st

from verdict.clock import Clock
from verdict.cluster import AvailabilityGroup, Cluster, Node
from verdict.facts import Backup, Coverage, Operation, Phase, Stun
from verdict.failover import LAST, Failover, Loss

ZERO = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
DAY = timedelta(days=1)
RIGHT = Clock("esx07", timedelta(0))

fresh = count(1)
"""Numbers for names that no other example has used."""


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def stun(
    start: float, length: float, *, vm: str = "sql01", phase: Phase = Phase.REMOVE,
    clock: Clock = RIGHT, snapshot: str | None = None,
) -> Stun:  # fmt: skip
    return Stun(vm, at(start), at(start + length), phase, clock, snapshot)


def task(start: float, end: float | None, *, vm: str = "sql01", clock: Clock = RIGHT) -> Operation:
    over = None if end is None else at(end)
    return Operation(vm, Phase.REMOVE, at(start), over, clock, "vcenter", "Remove snapshot")


def backup(start: float, end: float | None, *, vm: str = "sql01") -> Backup:
    over = None if end is None else at(end)
    return Backup("Veeam", "SQL Nightly", vm, at(start), over, RIGHT, "session")


def failover(seconds: float, lost: str | None = "SQL01", loss: Loss = Loss.NODE) -> Failover:
    suspects = (lost,) if lost else ("SQL01", "SQL02")
    return Failover(at(seconds), timedelta(seconds=2), loss, lost, suspects, (), LAST)


def log_read(start: float, end: float, vm: str = "sql01") -> Coverage:
    return Coverage("vmware.log", vm, at(start), at(end))


def tasks_read(start: float, end: float) -> Coverage:
    return Coverage("vcenter", "tasks", at(start), at(end))


def cluster(nodes: Sequence[str] = ("SQL01", "SQL02"), threshold: int = 10) -> Cluster:
    members = tuple(Node(name, name.lower(), vm_proven=True) for name in nodes)
    properties = {"SameSubnetDelay": 1000, "SameSubnetThreshold": threshold}
    return Cluster("SQLAG01", "Windows Server 2016", members, properties)


names = st.text(min_size=1, max_size=20)
times = st.timedeltas(-50 * 365 * DAY, 70 * 365 * DAY).map(lambda since: ZERO + since)
lengths = st.timedeltas(timedelta(0), timedelta(hours=30))
clocks = st.builds(
    Clock, names, st.none() | st.timedeltas(timedelta(hours=-30), timedelta(hours=30))
)
phases = st.sampled_from(Phase)


@st.composite
def stuns(draw: st.DrawFn, vm: str) -> Stun:
    start = draw(times)
    snapshot = draw(st.none() | names)
    return Stun(vm, start, start + draw(lengths), draw(phases), draw(clocks), snapshot)


@st.composite
def operations(draw: st.DrawFn, vm: str) -> Operation:
    start = draw(times)
    end = draw(st.none() | lengths.map(lambda length: start + length))
    by = draw(st.none() | names)
    return Operation(vm, draw(phases), start, end, draw(clocks), draw(names), draw(names), by)


@st.composite
def backups(draw: st.DrawFn, vm: str) -> Backup:
    start = draw(times)
    end = draw(st.none() | lengths.map(lambda length: start + length))
    steps = draw(st.lists(operations(vm), max_size=4, unique_by=lambda step: step.title))
    session, proxy, transport = (draw(st.none() | names) for _ in range(3))
    product, job, clock = draw(names), draw(names), draw(clocks)
    more = (session, proxy, transport, tuple(steps))
    return Backup(product, job, vm, start, end, clock, *more)


groups = st.builds(AvailabilityGroup, names, st.none() | lengths, st.none() | lengths)


@st.composite
def clusters(draw: st.DrawFn, name: str) -> Cluster:
    vms = [f"{name}-{number}" for number in range(draw(st.integers(0, 3)))]
    nodes = tuple(
        Node(
            vm.upper(), vm, draw(st.booleans()), draw(st.none() | names),
            tuple(draw(st.lists(st.tuples(names, names), max_size=2))),
        )
        for vm in vms
    )  # fmt: skip
    properties = draw(st.dictionaries(names, st.integers(0, 2**32 - 1), max_size=3))
    found = tuple(draw(st.lists(groups, max_size=2)))
    os = draw(st.none() | names)
    return Cluster(name, os, nodes, properties, found, draw(st.booleans()))
