"""Clusters as they were last read, their nodes' VMs, and the tolerance they had from when on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from storage.rows import Row, many, text
from storage.times import duration, length, micros
from storage.values import add_values
from storage.vms import NO_VCENTERS, Vm, take_in
from verdict.cluster import AvailabilityGroup, Cluster, Node
from verdict.tolerance import tolerances

if TYPE_CHECKING:
    from sqlite_utils.db import Database

    from storage.store import Store

_CLUSTER = """
INSERT INTO clusters (name, os, properties, groups, crosses_subnets, read)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET
    name = excluded.name, os = excluded.os, properties = excluded.properties,
    groups = excluded.groups, crosses_subnets = excluded.crosses_subnets, read = excluded.read
WHERE excluded.read >= read
"""

_VALUES = "UPDATE clusters SET properties = ?1, read = ?2 WHERE name = ?3 AND read <= ?2"

_NODE = """
INSERT INTO nodes (cluster, node, vm, position, vm_proven, host, datastores)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""

_TOLERANCE = """
INSERT OR REPLACE INTO tolerances (cluster, since, us, known)
SELECT ?1, ?2, ?3, ?4
WHERE NOT EXISTS (
    SELECT 1 FROM tolerances WHERE cluster = ?1 AND us = ?3 AND known = ?4 AND since =
        (SELECT max(since) FROM tolerances WHERE cluster = ?1 AND since <= ?2))
"""

_NODES = """
SELECT n.node, v.name, n.vm_proven, n.host, n.datastores, v.id, v.vcenter
FROM nodes n JOIN vms v ON v.id = n.vm WHERE n.cluster = ? ORDER BY n.position
"""


def add_cluster(
    store: "Store", cluster: Cluster, read: datetime, vcenters: Mapping[str, str] = NO_VCENTERS
) -> None:
    """Store a cluster as it was read at a moment; an older reading changes nothing but the past.

    Its tolerance is kept with that moment, so that a stun is measured against that of its time.
    Raises UserError.
    """
    with store.writing() as db:
        newest = many(db, _CLUSTER, [_row(cluster, read)])
        if newest:
            db.execute("DELETE FROM nodes WHERE cluster = ?", [text(cluster.name)])
            vms = take_in(db, (node.vm for node in cluster.nodes), vcenters)
            many(db, _NODE, [_node_row(cluster, i, vms) for i in range(len(cluster.nodes))])
        many(db, _TOLERANCE, [_tolerance_row(cluster, read)])
        add_values(store, cluster.name, cluster.properties, read)


def take_values(store: "Store", name: str, values: Mapping[str, int], read: datetime) -> None:
    """Store heartbeat values that were read, of a cluster in any case; nothing else of it changes.

    Raises UserError.
    """
    with store.writing() as db:
        for known in clusters_named(store, name):
            cluster = replace(known, properties={**known.properties, **values})
            row = [json.dumps(cluster.properties), micros(read), known.name]
            db.execute(_VALUES, row)
            many(db, _TOLERANCE, [_tolerance_row(cluster, read)])
        add_values(store, name, values, read)


def _tolerance_row(cluster: Cluster, read: datetime) -> Row:
    tolerance = tolerances(cluster)[0]
    return cluster.name, micros(read), length(tolerance.length), int(tolerance.known)


def _row(cluster: Cluster, read: datetime) -> Row:
    groups = [
        [group.name, _length(group.lease_timeout), _length(group.health_check_timeout)]
        for group in cluster.groups
    ]
    return (
        cluster.name,
        cluster.os,
        json.dumps(cluster.properties),
        json.dumps(groups),
        int(cluster.crosses_subnets),
        micros(read),
    )


def _length(timeout: timedelta | None) -> int | None:
    return None if timeout is None else length(timeout)


def _node_row(cluster: Cluster, position: int, vms: Mapping[str, Vm]) -> Row:
    node = cluster.nodes[position]
    vm = vms[node.vm].id
    stores = json.dumps(node.datastores)
    return cluster.name, node.name, vm, position, int(node.vm_proven), node.host, stores


def cluster_names(store: "Store") -> tuple[str, ...]:
    """Give the names of all clusters that were read."""
    with store.reading() as db:
        return tuple(row[0] for row in db.execute("SELECT name FROM clusters ORDER BY name"))


def clusters_named(store: "Store", name: str) -> tuple[Cluster, ...]:
    """Give the cluster of that name, in any case, as it was last read; none where none was."""
    sql = "SELECT name, os, properties, groups, crosses_subnets FROM clusters WHERE name = ?"
    with store.reading() as db:
        return tuple(_cluster(db, row) for row in db.execute(sql, [text(name)]).fetchall())


def _cluster(db: "Database", row: Sequence[Any]) -> Cluster:
    name, os, properties, groups, crosses = row
    nodes = db.execute(_NODES, [name]).fetchall()
    return Cluster(
        name=name,
        os=os,
        nodes=tuple(_node(node) for node in nodes),
        properties=json.loads(properties),
        groups=tuple(_group(*group) for group in json.loads(groups)),
        crosses_subnets=bool(crosses),
    )


def _node(row: Sequence[Any]) -> Node:
    name, vm, proven, host, stores, *_ = row
    return Node(name, vm, bool(proven), host, tuple((n, kind) for n, kind in json.loads(stores)))


def _group(name: str, lease: int | None, health: int | None) -> AvailabilityGroup:
    return AvailabilityGroup(
        name,
        None if lease is None else duration(lease),
        None if health is None else duration(health),
    )


def node_vms(store: "Store", cluster: str) -> tuple[tuple[str, Vm], ...]:
    """Give the nodes of a cluster by name, each with its VM."""
    with store.reading() as db:
        rows = db.execute(_NODES, [text(cluster)]).fetchall()
    return tuple((row[0], Vm(row[5], row[6], row[1])) for row in rows)


def clusters_of(store: "Store", vm: Vm) -> tuple[tuple[str, str], ...]:
    """Give the clusters a VM is a node of, with the node's name there."""
    with store.reading() as db:
        sql = "SELECT cluster, node FROM nodes WHERE vm = ? ORDER BY cluster"
        return tuple((row[0], row[1]) for row in db.execute(sql, [vm.id]))
