"""Merging: several servers of one kind become one source, and never claim more than each did."""

import json
from datetime import UTC, datetime, timedelta

from sources.material import Configuration, Incident, Material, VCenterAnswers, VeeamAnswers
from sources.merge import merge
from sources.pulled import Pulled
from sources.vcenter.mapping import unasked
from verdict.facts import Gap

START = datetime(2026, 3, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def vcenter(node: str, vm: str | None, hours: float = 2, *gaps: Gap) -> Pulled:
    rows = [{"entityName": vm}] if vm else []
    return Pulled(
        cluster=Configuration(nodes={node: vm}),
        vcenter=VCenterAnswers(inventory=b"[]", tasks=json.dumps(rows).encode()),
        clocks={"vcenter": timedelta(seconds=hours)},
        collected={"vcenter": (START, START + hours * HOUR)},
        gaps=gaps,
    )


def merged(*vcenters: Pulled, veeams: tuple[Pulled, ...] = ()) -> Material:
    parts = [Pulled(cluster=Configuration(name="C", nodes={"SQL01": None, "SQL02": None}))]
    return merge("C", Incident(), parts, vcenters=vcenters, veeams=veeams)


def test_the_rows_of_two_vcenters_stand_together() -> None:
    both = merged(vcenter("SQL01", "sql01"), vcenter("SQL02", "sql02"))
    assert [row["entityName"] for row in json.loads(both.vcenter.tasks or b"")] == [
        "sql01",
        "sql02",
    ]
    assert both.incident.nodes == {"SQL01": "sql01", "SQL02": "sql02"}


def test_two_clocks_of_one_source_count_as_none() -> None:
    both = merged(vcenter("SQL01", "sql01"), vcenter("SQL02", "sql02"))
    assert "vcenter" not in both.incident.clocks
    assert "vcenter" in merged(vcenter("SQL01", "sql01")).incident.clocks


def test_collected_is_what_all_of_them_were_asked_for() -> None:
    both = merged(vcenter("SQL01", "sql01", 2), vcenter("SQL02", "sql02", 1))
    assert both.incident.collected["vcenter"] == (START, START + HOUR)


def test_a_vcenter_that_knows_none_of_the_vms_does_not_count() -> None:
    stranger = vcenter("SQL01", None, 1, Gap("vcenter", "tasks", "its own trouble"))
    one = merged(vcenter("SQL01", "sql01", 2), stranger)
    assert one.gaps == ()
    assert one.incident.collected["vcenter"][1] == START + 2 * HOUR


def test_a_node_that_another_vcenter_knows_is_not_missing() -> None:
    first = vcenter("SQL01", "sql01", 2, *unasked("SQL02"), Gap("vcenter", "SQL02", "no VM"))
    second = vcenter("SQL02", "sql02", 2, *unasked("SQL01"), Gap("vcenter", "SQL01", "no VM"))
    assert merged(first, second).gaps == ()


def test_a_node_nobody_knows_stays_missing() -> None:
    gaps = (*unasked("SQL02"), Gap("vcenter", "SQL02", "no VM"))
    assert merged(vcenter("SQL01", "sql01", 2, *gaps)).gaps == gaps


def test_a_vcenter_that_failed_beside_one_that_knows_the_vms_costs_nothing() -> None:
    down = Pulled(gaps=(Gap("vcenter", "vc02", "it did not answer"),))
    assert merged(vcenter("SQL01", "sql01"), down).gaps == ()


def test_veeam_lists_are_joined_under_data() -> None:
    one = Pulled(veeam=VeeamAnswers(sessions=b'{"data": [1], "pagination": {}}', logs={"a": b"{}"}))
    two = Pulled(veeam=VeeamAnswers(sessions=b'{"data": [2]}', logs={"b": b"{}"}))
    both = merged(veeams=(one, two)).veeam
    assert json.loads(both.sessions or b"") == [1, 2]
    assert set(both.logs) == {"a", "b"}
