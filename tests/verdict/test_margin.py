"""Margin: the longest stun against every limit that it could break."""

from datetime import timedelta

import pytest

from verdict.cluster import AvailabilityGroup, Cluster
from verdict.margin import Room, limits_of, margins
from verdict.verdict import Mechanism

SET = {"SameSubnetDelay": 1000, "SameSubnetThreshold": 20}
GROUP = AvailabilityGroup("ag1", timedelta(seconds=20))


def told(cluster: Cluster) -> list[tuple[str, float, bool]]:
    return [(one.mechanism, one.length.total_seconds(), one.known) for one in limits_of(cluster)]


def test_a_plain_cluster_has_its_tolerance() -> None:
    assert told(Cluster("C", properties=SET)) == [("heartbeat", 20, True)]
    assert told(Cluster("C", "Windows Server 2016")) == [("heartbeat", 10, False)]


def test_a_group_adds_half_of_its_lease_and_its_health_check() -> None:
    assert told(Cluster("C", properties=SET, groups=(GROUP,))) == [
        ("lease", 10, True), ("heartbeat", 20, True), ("health_check", 30, False),
    ]  # fmt: skip


def test_hang_detection_counts_where_a_node_may_be_silent_for_so_long() -> None:
    long = {"SameSubnetDelay": 2000, "SameSubnetThreshold": 60}
    assert told(Cluster("C", properties=long)) == [
        ("hang_detection", 60, False), ("heartbeat", 120, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("length", "room"),
    [(0, Room.PLENTY), (10, Room.PLENTY), (10.001, Room.NEAR), (19.9, Room.NEAR), (20, Room.NONE)],
)
def test_more_than_half_is_a_near_miss_and_all_of_it_is_too_much(length: float, room: Room) -> None:
    (margin,) = margins(timedelta(seconds=length), limits_of(Cluster("C", properties=SET)))
    assert margin.room is room
    assert margin.limit.mechanism is Mechanism.HEARTBEAT
    assert margin.used == pytest.approx(length / 20)
