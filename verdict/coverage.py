"""Coverage: what was really read, and therefore what absence proves."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from verdict.case import LOOK_BACK, Case
from verdict.facts import Coverage, Gap
from verdict.words import clock_time

TASKS_BACK = timedelta(minutes=30)
"""How far before a failover vCenter's tasks must have been read to clear (DESIGN 4, rule 5)."""

EVENTS_AROUND = timedelta(minutes=1)
"""How far around a moment the event logs must reach to say that it holds no failover."""

JOIN = timedelta(seconds=1)
"""Intervals this close are one: time stamps are rounded."""


def covers(coverage: Iterable[Coverage], start: datetime, end: datetime) -> bool:
    """Whether intervals, put together, leave no hole between two moments."""
    reached = start
    for part in sorted(coverage, key=lambda part: part.start):
        if part.start > reached + (JOIN if reached > start else timedelta(0)):
            return False
        reached = max(reached, part.end)
        if reached >= end:
            return True
    return False


def log_window(case: Case) -> tuple[datetime, datetime]:
    """What a vmware.log must cover to clear: from a minute before the silence to the moment."""
    return case.failover.at - case.reach - LOOK_BACK, case.failover.at


def log_covers(case: Case, vm: str) -> bool:
    """Whether the vmware.log of a VM was read over the whole window."""
    return covers(_of(case, "vmware.log", vm), *log_window(case))


def logs_cover(case: Case) -> bool:
    """Whether the logs of all VMs that may have been lost were; never so for no VM at all."""
    return bool(case.nodes) and all(log_covers(case, node.vm) for node in case.nodes)


def tasks_cover(case: Case) -> bool:
    """Whether vCenter's tasks of the last half hour are complete."""
    parts = _of(case, "vcenter", "tasks")
    return covers(parts, case.failover.at - TASKS_BACK, case.failover.at)


def events_cover(case: Case) -> bool:
    """Whether every node's event log was read around the moment."""
    start, end = case.failover.at - EVENTS_AROUND, case.failover.at + EVENTS_AROUND
    nodes = case.evidence.cluster.nodes
    return bool(nodes) and all(covers(_of(case, "events", n.name), start, end) for n in nodes)


def log_gap(case: Case, vm: str) -> Gap | None:
    """Say where the vmware.log of a VM falls short of the window, if it was read at all."""
    parts = sorted(_of(case, "vmware.log", vm), key=lambda part: part.start)
    if not parts or log_covers(case, vm):
        return None
    start, end = log_window(case)
    first, last = parts[0].start, parts[-1].end
    if first > start:
        why = f"it starts at {first:%Y-%m-%d} {clock_time(first)}, too late for {clock_time(start)}"
    elif last < end:
        why = f"it ends at {last:%Y-%m-%d} {clock_time(last)}, before the failover"
    else:
        why = f"it has a hole between {clock_time(start)} and {clock_time(end)}"
    return Gap("vmware.log", vm, why, "Add the rotated vmware-*.log files of the VM's folder.")


def _of(case: Case, source: str, subject: str) -> list[Coverage]:
    return [c for c in case.evidence.coverage if c.source == source and c.subject == subject]
