"""What falls due by itself: proposals expire, changes for a time go back, changes are reported."""

from collections.abc import Callable, Iterable, Iterator

from commands.change import reconcile
from commands.cluster_change import LIVE, Change
from commands.context import Context
from commands.revert import revert_due
from sources.errors import UserError
from storage.applying import followed_up
from storage.deciding import expire
from storage.proposal_rows import due_follow_ups, due_to_expire, due_to_revert
from storage.proposals import Proposal


def due(context: Context, change: Change = LIVE) -> Iterator[Proposal]:
    """Do what is due by now, also after a day of downtime; yield each as it is done.

    What another one does at the same moment, or what has to wait for another change of the
    cluster, is left out; it is due again the next time.
    """
    now = context.now()
    yield from reconcile(context, change)
    yield from _each(
        due_to_expire(context.store, now),
        lambda one: expire(context.store, one.id, at=now),
    )
    yield from _each(
        due_to_revert(context.store, now), lambda one: revert_due(context, one.id, change)
    )
    yield from _each(
        due_follow_ups(context.store, now),
        lambda one: followed_up(context.store, one.id, at=context.now()),
    )


def _each(found: Iterable[Proposal], step: Callable[[Proposal], Proposal]) -> Iterator[Proposal]:
    for one in found:
        try:
            yield step(one)
        except UserError:
            continue
