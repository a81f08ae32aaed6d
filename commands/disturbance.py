"""Which disturbances a look at the event logs shows, each under one key, told once.

A look may show half of a disturbance: a node is down, or has not yet written its part. The first
loud one is told at once all the same, by a sign that makes a disturbance whatever else is read.
What is quiet, or close to one that was told, waits until it can no longer turn out to be a part of
another: until every node was read after it ended.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from commands.watch_memory import Known, Memory, end, owner
from verdict.failover import AFTER, BEFORE, CHAIN, ECHO, SAME_NODE, Failover, Loss

LOUD = frozenset({Loss.NODE, Loss.LEASE, Loss.HEALTH})
"""Losses that people are told of before they are judged; a role may have been moved by hand."""

CALM = AFTER + ECHO + timedelta(seconds=30)
"""A disturbance is known for what it is where so much before it was read, too."""
SETTLED = BEFORE + SAME_NODE + timedelta(seconds=15)
"""So long after its last sign nothing that follows can draw a disturbance in."""
NEAR = timedelta(minutes=10)
"""Closer than SETTLED to one that was told, a disturbance may turn out to be the same; closer than
this where a node was not read."""
PATIENCE = timedelta(minutes=10)
"""So long it waits for nodes that cannot be read, by its first sign."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One disturbance. `key` is the same each time it is told, and no other's.

    `loud`: somebody should be told at once. A quiet one, a role that moved, is judged first, and
    not announced where somebody asked for the move. It is told again only if it becomes loud.
    """

    key: str
    failover: Failover
    loud: bool


@dataclass(frozen=True, slots=True)
class View:
    """What a look could show: everything since `start`, of every node if `whole`; in UTC."""

    start: datetime
    now: datetime
    whole: bool
    oldest: datetime | None = None
    """When the first event that is new was logged."""
    patience: timedelta = PATIENCE


@dataclass(slots=True)
class Notice:
    """What a look changes: what is to be told, what is remembered, and what has to wait."""

    cluster: str
    view: View
    memory: Memory
    told: list[Disturbance] = field(default_factory=list)
    waiting: list[datetime] = field(default_factory=list)

    @property
    def settled(self) -> bool:
        """Whether all that is new was understood, so that the marks may move."""
        return not self.waiting

    def take(self, found: tuple[Failover, ...]) -> None:
        """Take in the disturbances that were found, in order of time."""
        again: dict[int, Known] = {}
        for known in self.memory.known:
            mine = owner(self.cluster, known, found)
            if mine is not None:
                again.setdefault(id(mine), known)
        for failover in found:
            if id(failover) in again:
                self._again(again[id(failover)], failover)
            elif self._first(failover):
                self._tell(failover)
        if self._blind and self.view.oldest:
            self.waiting.append(self.view.oldest)
        since = min(self.waiting) - CALM - timedelta(seconds=1) if self.waiting else None
        self.memory = replace(self.memory.without(self.view.now), since=since)

    @property
    def _floor(self) -> bool:
        return self.view.start <= self.memory.floor(CALM, self.view.now)

    @property
    def _blind(self) -> bool:
        """Whether new events are so old that what stood beside them was not read this time."""
        oldest = self.view.oldest
        return not self._floor and oldest is not None and oldest < self.view.start + CALM

    def _again(self, known: Known, failover: Failover) -> None:
        """See a known one again; what it was told as may have been a part of it."""
        loud = failover.loss in LOUD
        if loud and not known.loud:
            self.told.append(Disturbance(known.key, failover, loud))
        now = replace(
            known,
            until=max(known.until, end(failover)),
            loud=known.loud or loud,
            told=self.view.now if loud and not known.loud else known.told,
        )
        self._remember(now)

    def _first(self, failover: Failover) -> bool:
        """Whether one that is not known is to be told now; else it waits, or is none of ours."""
        first, last = failover.core[0].at, failover.core[-1].at
        if first < self.memory.begin:
            return False
        if not self._floor and first < self.view.start + CALM:
            if not any(k.at - BEFORE <= first <= k.until + CHAIN for k in self.memory.known):
                self.waiting.append(first)
            return False
        reach = SETTLED if self.view.whole else NEAR
        near = any(k.at - reach <= last and first <= k.until + reach for k in self.memory.known)
        rested = self.view.whole and self.view.now - last >= SETTLED
        given_up = self.view.now - first >= self.view.patience
        if (failover.loss in LOUD and not near) or rested or given_up:
            return True
        self.waiting.append(first)
        return False

    def _tell(self, failover: Failover) -> None:
        loud = failover.loss in LOUD
        known = Known.of(self.cluster, failover, self.view.now, loud=loud)
        self._remember(known)
        self.told.append(Disturbance(known.key, failover, loud))

    def _remember(self, known: Known) -> None:
        known_by_key = {k.key: k for k in self.memory.known} | {known.key: known}
        self.memory = replace(self.memory, known=tuple(known_by_key.values()))
