"""Quiesce: a VSS freeze that held the databases long enough to matter."""

from datetime import timedelta

from verdict.case import Case
from verdict.facts import Freeze
from verdict.failover import Loss
from verdict.fit import AWAKE
from verdict.unmeasured import needed, silence_window
from verdict.words import clock_time, seconds

USUAL = timedelta(seconds=5)
"""A freeze of a few seconds is every backup's; writers may hold up to 60 s (facts: VSS)."""


def quiesce(case: Case) -> Freeze | None:
    """Find the longest freeze of a suspect that fits in time and length."""
    fitting = [
        f for f in case.evidence.freezes if f.node in case.failover.suspects and _fits(case, f)
    ]
    return max(fitting, key=lambda f: _length(case, f), default=None)


def _fits(case: Case, freeze: Freeze) -> bool:
    first, last = silence_window(case)
    held = min(freeze.end or last, last) - max(freeze.start, first)
    if case.failover.loss is Loss.NODE:
        return held >= needed(case)
    slack = AWAKE + case.failover.uncertainty
    going_on = freeze.start <= last and (freeze.end is None or freeze.end >= last - slack)
    return going_on and _length(case, freeze) >= max(USUAL, case.limits.shortest / 2)


def _length(case: Case, freeze: Freeze) -> timedelta:
    return (freeze.end or case.failover.at) - freeze.start


def freeze_sentence(case: Case, freeze: Freeze) -> str:
    """Say what was frozen, and what a freeze cannot do."""
    end = f"to {clock_time(freeze.end)}" if freeze.end else "and no thaw is logged"
    count = "a database" if freeze.databases == 1 else f"{freeze.databases} databases"
    return (
        f"VSS froze {count} on {freeze.node} for {seconds(_length(case, freeze))} "
        f"(3197 at {clock_time(freeze.start)} {end}). The backup froze the databases, but a "
        f"freeze stops neither the network nor the cluster service."
    )
