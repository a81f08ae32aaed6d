"""The heartbeat values a cluster had when it failed over, which may not be those it has now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from commands.context import Context
from commands.wording import date_time
from storage.values import after, before
from verdict.cluster import Cluster
from verdict.facts import Gap
from verdict.heartbeat import four
from verdict.tolerance import tolerances

REMEDY = "Who changed them, and when? `stuncheck audit` knows of changes made by stuncheck."


@dataclass(frozen=True, slots=True)
class Then:
    """The cluster as it was configured at a moment; `gap` says where that is not certain."""

    cluster: Cluster
    gap: Gap | None = None


def values_then(context: Context, cluster: Cluster, at: datetime) -> Then:
    """Give a cluster, read now, as it was at a moment (UTC), by what was read around it.

    Where the readings before and after differ, nobody knows when in between somebody changed the
    values. Then the shorter tolerance is taken: judged by it a stun is not cleared that may have
    been too long, and one is accused only if the removal came when that tolerance says.
    """
    earlier, later = (find(context.store, cluster.name, at) for find in (before, after))
    next_read = later.values if later else four(cluster.properties)
    then = _with(cluster, next_read)
    if earlier is None or not next_read or earlier.values == next_read:
        return Then(then)
    was = _with(cluster, earlier.values)
    until = later.since if later else context.now()
    why = (
        f"its heartbeat values were changed between {date_time(earlier.until)} and "
        f"{date_time(until)}, by whomever; of both tolerances the shorter was taken"
    )
    shorter = min((was, then), key=lambda one: tolerances(one)[0].length)
    return Then(shorter, Gap("cluster", cluster.name, why, REMEDY))


def _with(cluster: Cluster, values: Mapping[str, int]) -> Cluster:
    return replace(cluster, properties={**cluster.properties, **values})
