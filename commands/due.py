"""What falls due by itself: proposals expire, changes for a time go back, changes are reported."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from commands.change import take_up
from commands.cluster_change import LIVE, Change
from commands.context import Context
from commands.revert import revert_due
from sources.errors import UserError
from storage.applying import followed_up
from storage.deciding import expire
from storage.proposal_rows import (
    due_follow_ups,
    due_to_expire,
    due_to_revert,
    folded,
    unfinished,
)
from storage.proposals import Proposal

AT_ONCE = 8
"""Clusters that are seen to side by side: one that hangs must not keep the others waiting."""


def due(context: Context, change: Change = LIVE) -> Iterator[Proposal]:
    """Do what is due by now, also after a day of downtime; yield what was done.

    What another one does at the same moment, or what has to wait for another change of the
    cluster, is left out; it is due again the next time.
    """
    store, now = context.store, context.now()
    waiting = (
        *unfinished(store),
        *due_to_expire(store, now),
        *due_to_revert(store, now),
        *due_follow_ups(store, now),
    )
    clusters = tuple(dict.fromkeys(folded(one.cluster) for one in waiting))
    if len(clusters) == 1:
        yield from _of_cluster(context, change, clusters[0])
    elif clusters:
        with ThreadPoolExecutor(min(len(clusters), AT_ONCE), "due") as pool:
            done = pool.map(lambda one: tuple(_of_cluster(context, change, one)), clusters)
            yield from chain.from_iterable(done)


def _of_cluster(context: Context, change: Change, cluster: str) -> Iterator[Proposal]:
    """Do what is due for one cluster; what was under way comes first, for it may fall due then."""
    store, now = context.store, context.now()

    def mine(found: Iterable[Proposal]) -> list[Proposal]:
        return [one for one in found if folded(one.cluster) == cluster]

    yield from _each(mine(unfinished(store)), lambda one: take_up(context, one, change))
    yield from _each(mine(due_to_expire(store, now)), lambda one: expire(store, one.id, at=now))
    yield from _each(
        mine(due_to_revert(store, now)), lambda one: revert_due(context, one.id, change)
    )
    yield from _each(
        mine(due_follow_ups(store, now)),
        lambda one: followed_up(store, one.id, at=context.now()),
    )


def _each(
    found: Iterable[Proposal], step: Callable[[Proposal], Proposal | None]
) -> Iterator[Proposal]:
    for one in found:
        try:
            done = step(one)
        except UserError:
            continue
        if done:
            yield done
