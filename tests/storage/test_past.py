"""The past of a cluster, in the shape the odds are worked out from."""

from storage.clusters import add_cluster
from storage.coverage import add_coverage
from storage.failovers import add_failovers
from storage.past import past
from storage.snapshot_tasks import add_tasks
from storage.store import Store
from tests.storage.told import DAY, ZERO, cluster, failover, task, tasks_read
from verdict.odds import odds

NIGHT = 86400


def test_four_of_five_stored_failovers_in_rare_removals_are_no_chance(store: Store) -> None:
    add_cluster(store, cluster(), ZERO)
    add_failovers(store, "SQLAG01", [failover(day * NIGHT) for day in range(5)])
    add_tasks(store, [task(day * NIGHT - 500, day * NIGHT + 500) for day in range(4)])
    add_tasks(store, [task(day * NIGHT - 500, day * NIGHT + 500, vm="web01") for day in range(5)])
    add_coverage(store, "SQLAG01", [tasks_read(-NIGHT, 5 * NIGHT)], ZERO + 9 * DAY)
    said = odds(*past(store, "sqlag01", ZERO - 30 * DAY, ZERO + 30 * DAY))
    assert said is not None
    assert said.startswith("4 of the last 5 failovers fell into snapshot removals, which cover")
    assert "0.8 % of the time" in said


def test_without_coverage_of_the_tasks_there_are_no_odds(store: Store) -> None:
    add_failovers(store, "SQLAG01", [failover(day * NIGHT) for day in range(5)])
    evidence, found = past(store, "SQLAG01", ZERO - DAY, ZERO + 30 * DAY)
    assert len(found) == 5
    assert odds(evidence, found) is None
