"""What the cluster's own events mean; only ids and positions are read, never texts."""

from datetime import timedelta

import pytest

from tests.sources.logged import CLUSTER, found, logged
from verdict.sign import Kind


@pytest.mark.parametrize(
    ("event_id", "data", "kind", "subject", "detail"),
    [
        (1135, ["SQL01"], Kind.NODE_REMOVED, "SQL01", None),
        (1135, [""], Kind.NODE_REMOVED, None, None),
        (1177, [], Kind.QUORUM_LOST, "SQL02", None),
        (1006, [], Kind.NODE_HALTED, "SQL02", None),
        (1556, ["x", "5050"], Kind.NODE_HALTED, "SQL02", "5050"),
        (5396, [], Kind.NODE_HALTED, "SQL02", None),
        (1062, ["SQLAG01"], Kind.NODE_JOINED, "SQL02", None),
        (1672, ["SQL01", "3", "later"], Kind.NODE_QUARANTINED, "SQL01", None),
        (1676, ["SQL01", "later"], Kind.NODE_QUARANTINED, "SQL02", None),
        (1069, ["AG1", "AG1 role", "SQL AG"], Kind.RESOURCE_FAILED, "AG1", "SQL AG"),
        (1153, ["AG1", "SQL01", "SQL02"], Kind.ROLE_FAILING_OVER, "AG1", "SQL01>SQL02"),
        (1154, ["AG1", "SQL01", "SQL02"], Kind.ROLE_FAILING_BACK, "AG1", "SQL01>SQL02"),
        (1641, ["AG1", "SQL02.corp.local"], Kind.ROLE_MOVING, "AG1", "SQL02"),
        (1641, ["AG1", "SQL01", "SQL02"], Kind.ROLE_MOVING, "AG1", "SQL01>SQL02"),
        (1200, ["AG1"], Kind.ROLE_ONLINE, "AG1", "begun"),
        (1204, ["AG1"], Kind.ROLE_OFFLINE, "AG1", "done"),
        (1205, ["AG1"], Kind.ROLE_FAILED, "AG1", None),
        (1230, ["Disk 1", "Physical Disk", "clusres.dll"], Kind.RESOURCE_HUNG, "Disk 1",
         "Physical Disk"),
        (1127, ["NIC 1", "SQL01", "Net 1"], Kind.CLUSTER_NETWORK, "SQL01", "1127"),
        (1130, ["Net 1"], Kind.CLUSTER_NETWORK, None, "1130"),
        (1554, [], Kind.NIC_DOWN, "SQL02", None),
        (1592, ["SQL02", "SQL01"], Kind.RECONNECTED, "SQL01", None),
        (1592, ["SQL01", "SQL02"], Kind.RECONNECTED, "SQL01", None),
        (1673, ["SQL01"], Kind.ROUTE_LOST, "SQL01", "isolated"),
        (1677, ["SQL01"], Kind.DRAINED, "SQL01", None),
        (5142, ["Volume1", "Disk 2", "c00000c4"], Kind.STORAGE_LOST, "Volume1", "c00000c4"),
    ],
)  # fmt: skip
def test_an_event_is_read_by_position(
    event_id: int, data: list[str], kind: Kind, subject: str | None, detail: str | None
) -> None:
    (sign,) = found(logged(CLUSTER, event_id, *data)).signs
    assert (sign.kind, sign.subject, sign.detail) == (kind, subject, detail)


def test_names_of_the_data_do_not_matter() -> None:
    (sign,) = found(logged(CLUSTER, 1135, named={"whatever": "SQL01"})).signs
    assert sign.subject == "SQL01"


def test_a_failed_resource_names_its_role() -> None:
    (sign,) = found(logged(CLUSTER, 1069, "AG1", "AG1 role", "SQL AG")).signs
    assert sign.text == "event 1069 on SQL02 for role AG1 role"


def test_a_starved_process_says_for_how_long() -> None:
    (sign,) = found(logged(CLUSTER, 4869, "clussvc.exe", "2116", "65")).signs
    assert (sign.kind, sign.detail, sign.value) == (
        Kind.STARVED, "clussvc.exe", timedelta(seconds=65)
    )  # fmt: skip


def test_the_three_meanings_of_1650_are_not_guessed_apart() -> None:
    (sign,) = found(logged(CLUSTER, 1650, "10.0.0.2:~3343~", "10.0.0.1:~3343~")).signs
    assert sign.kind is Kind.HEARTBEATS_MISSED
    assert sign.text == "event 1650 on SQL02 (heartbeat link 10.0.0.2:~3343~ to 10.0.0.1:~3343~)"


@pytest.mark.parametrize("event_id", [1561, 5398, 1651, 1128])
def test_ambiguous_and_late_events_mean_nothing(event_id: int) -> None:
    assert not found(logged(CLUSTER, event_id, "x")).signs


def test_a_resource_moved_between_groups_is_no_isolation() -> None:
    assert not found(logged(CLUSTER, 1673, "Disk", "G1", "SQL01", "G2", "SQL02")).signs
