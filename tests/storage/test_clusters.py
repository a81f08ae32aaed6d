"""Clusters: as they were last read, with the tolerance each time had."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.clusters import add_cluster, cluster_names, clusters_named, clusters_of, node_vms
from storage.store import Store
from tests.storage.told import DAY, ZERO, cluster, clusters, fresh


@given(data=st.data())
def test_a_cluster_comes_back_as_it_was_read(shared: Store, data: st.DataObject) -> None:
    told = data.draw(clusters(f"ROUND{next(fresh)}"))
    add_cluster(shared, told, ZERO)
    add_cluster(shared, told, ZERO)
    assert clusters_named(shared, told.name.lower()) == (told,)


def test_a_newer_reading_replaces_the_nodes_and_an_older_one_does_not(store: Store) -> None:
    add_cluster(store, cluster(("SQL01", "SQL02")), ZERO)
    add_cluster(store, cluster(("SQL02", "SQL03")), ZERO + DAY)
    add_cluster(store, cluster(("SQL01", "SQL02")), ZERO)
    assert [name for name, _ in node_vms(store, "sqlag01")] == ["SQL02", "SQL03"]
    assert cluster_names(store) == ("SQLAG01",)


def test_a_vm_knows_its_clusters(store: Store) -> None:
    add_cluster(store, cluster(), ZERO, {"sql02": "vc1"})
    _, (node, vm) = node_vms(store, "SQLAG01")
    assert (node, vm.vcenter, vm.name) == ("SQL02", "vc1", "sql02")
    assert clusters_of(store, vm) == (("SQLAG01", "SQL02"),)


@pytest.mark.parametrize("order", [1, -1])
def test_a_tolerance_is_kept_from_when_it_was_first_seen(store: Store, order: int) -> None:
    seen = [(0, 10), (1, 10), (2, 20), (3, 20)]
    for day, threshold in seen[::order]:
        add_cluster(store, cluster(threshold=threshold), ZERO + day * DAY)
    kept = store.db.execute(
        "SELECT substr(since, 1, 10), ms FROM tolerances_readable ORDER BY since"
    ).fetchall()
    changes = [row for i, row in enumerate(kept) if i == 0 or row[1] != kept[i - 1][1]]
    assert changes == [("2026-03-01", 10_000), ("2026-03-03", 20_000)]


def test_an_unknown_cluster_is_none_at_all(store: Store) -> None:
    assert clusters_named(store, "SQLAG01") == ()
    assert node_vms(store, "SQLAG01") == ()
    add_cluster(store, replace(cluster(), nodes=()), ZERO)
    assert node_vms(store, "SQLAG01") == ()
