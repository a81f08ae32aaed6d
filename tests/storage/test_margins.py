"""Margins: the worst node first, and nothing known is not the same as nothing happened."""

from datetime import timedelta

from storage.clusters import add_cluster
from storage.coverage import add_coverage
from storage.margins import node_margins
from storage.store import Store
from storage.stuns import add_stuns
from tests.storage.told import DAY, ZERO, at, cluster, log_read, stun


def test_the_node_with_the_longest_stun_stands_first(store: Store) -> None:
    add_cluster(store, cluster(("SQL01", "SQL02", "SQL03")), ZERO)
    add_stuns(store, [stun(0, 2), stun(9, 3), stun(5, 7, vm="sql02"), stun(-99, 50, vm="sql03")])
    found = node_margins(store, "sqlag01", ZERO, ZERO + DAY)
    assert [(one.node, one.longest) for one in found] == [
        ("SQL02", stun(5, 7, vm="sql02")),
        ("SQL01", stun(9, 3)),
        ("SQL03", None),
    ]


def test_it_says_how_much_of_the_time_was_read(store: Store) -> None:
    add_cluster(store, cluster(), ZERO, {"sql01": "vc1"})
    add_coverage(store, "vc1", [log_read(-50, 60), log_read(70, 80)], ZERO + DAY)
    found = {one.node: one.read for one in node_margins(store, "SQLAG01", ZERO, at(75))}
    assert found == {"SQL01": timedelta(seconds=65), "SQL02": timedelta(0)}
