"""Odds: how often a cluster's failovers fell into snapshot removals, and whether that is chance."""

from datetime import datetime, timedelta
from math import comb

from verdict.evidence import Evidence
from verdict.facts import Phase
from verdict.failover import Failover, Loss

FEWEST = 3
"""Below so many failovers a share says nothing."""

UNREMARKABLE = 0.05
"""A chance larger than this is nothing to remark on."""


def odds(evidence: Evidence, failovers: tuple[Failover, ...]) -> str | None:
    """Say how many of the failovers fell into removals; None where too little is known.

    The share of time that removals cover is taken over what was read of vCenter's tasks.
    """
    windows = [c for c in evidence.coverage if c.source == "vcenter" and c.subject == "tasks"]
    read = sum((w.end - w.start for w in windows), timedelta(0))
    counted = [
        f for f in failovers
        if f.loss is not Loss.ASKED and any(w.start <= f.at <= w.end for w in windows)
    ]  # fmt: skip
    if len(counted) < FEWEST or not read:
        return None
    vms = {node.vm for node in evidence.cluster.nodes}
    removals = [
        op for op in evidence.operations
        if op.vm in vms and op.phase is Phase.REMOVE and op.source == "vcenter" and op.end
    ]  # fmt: skip
    covered = union([(op.start, op.end) for op in removals if op.end])
    hits = sum(any(start <= f.at <= end for start, end in covered) for f in counted)
    share = min(1.0, sum((end - start for start, end in covered), timedelta(0)) / read)
    return sentence(len(counted), hits, share)


def union(intervals: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Join intervals that overlap."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def tail(n: int, k: int, p: float) -> float:
    """Give the chance that at least k of n independent failovers fall into a share p of time."""
    return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


def sentence(n: int, k: int, share: float) -> str:
    """Say the odds in words."""
    told = (
        f"{k} of the last {n} failovers fell into snapshot removals, which cover "
        f"{share:.1%} of the time"
    ).replace("%", " %")
    chance = tail(n, k, share)
    if k == 0 or chance > UNREMARKABLE:
        return f"{told}: no more than chance would bring."
    return (
        f"{told}: by chance that would happen about once in {round(1 / max(chance, 1e-9)):,} times."
    )
