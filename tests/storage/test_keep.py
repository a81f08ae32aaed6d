"""Keeping evidence: facts and coverage in one piece, and once."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from sources.bundle.bundle import read_bundle
from sources.gather import gather
from storage.clusters import clusters_named, node_vms
from storage.coverage import read_until
from storage.failovers import failovers_of
from storage.incidents import open_or_join
from storage.keep import Added, keep
from storage.store import Store
from storage.stuns import longest_stun
from tests.storage.told import DAY, ZERO, cluster, log_read, stun
from verdict.cluster import Cluster
from verdict.evidence import Evidence

INCIDENTS = Path(__file__).parents[2] / "demo" / "incidents"
READ = ZERO + 365 * DAY


def test_recorded_evidence_is_kept_and_the_second_time_adds_nothing(store: Store) -> None:
    evidence = gather(read_bundle(INCIDENTS / "removal-stun"), READ)
    added = keep(store, evidence, READ, {node.vm: "vc1" for node in evidence.cluster.nodes})
    assert (added.stuns, added.tasks, added.backups) == (
        len(evidence.stuns), len(evidence.operations), len(evidence.backups),
    )  # fmt: skip
    assert added.failovers
    assert keep(store, evidence, READ) == Added(0, 0, 0, 0)
    (longest,) = {max(evidence.stuns, key=lambda one: one.duration)}
    stored = [
        longest_stun(store, vm, ZERO - 9999 * DAY)
        for _, vm in node_vms(store, evidence.cluster.name)
    ]
    assert longest in stored


def test_the_coverage_of_a_log_is_kept_by_the_vcenter_and_name_of_its_vm(store: Store) -> None:
    keep(store, Evidence(cluster(), stuns=(stun(0, 1),)), READ, {"sql01": "vc1"})
    keep(store, Evidence(cluster(), coverage=(log_read(0, 60, "SQL01"),)), READ)
    assert read_until(store, "vc1", "vmware.log", "sql01") == log_read(0, 60).end


def test_failovers_are_bound_to_their_incident(store: Store) -> None:
    evidence = gather(read_bundle(INCIDENTS / "removal-stun"), READ)
    incident = open_or_join(store, evidence.cluster.name, ZERO, timedelta(0), ZERO).id
    keep(store, evidence, READ, incident=incident)
    bound = store.db.execute("SELECT DISTINCT incident FROM failovers").fetchall()
    assert bound == [(incident,)]


def test_all_of_it_is_kept_or_nothing(store: Store) -> None:
    """Coverage is written last, and what fails takes everything with it."""
    evidence = Evidence(cluster(), stuns=(stun(0, 1),), coverage=(log_read(0, 60),))
    store.db.execute(
        "CREATE TEMP TRIGGER no BEFORE INSERT ON coverage BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with pytest.raises(sqlite3.IntegrityError, match="no"):
        keep(store, evidence, READ)
    assert store.db.execute("SELECT count(*) FROM stuns").fetchone() == (0,)
    assert failovers_of(store, "SQLAG01", ZERO - DAY) == ()


def test_a_cluster_that_does_not_answer_keeps_its_nodes_and_values(store: Store) -> None:
    keep(store, Evidence(cluster()), ZERO)
    keep(store, Evidence(Cluster("SQLAG01")), ZERO + DAY)
    assert clusters_named(store, "SQLAG01") == (cluster(),)
    assert store.db["tolerances"].count == 1
