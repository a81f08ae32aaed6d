"""Tolerances and limits: from the values, from Windows' defaults, from nothing."""

from datetime import timedelta

import pytest

from tests.verdict.scene import cluster
from verdict.cluster import AvailabilityGroup, Cluster
from verdict.tolerance import limits, tolerances, windows_version


@pytest.mark.parametrize(
    ("os", "version"),
    [
        ("Windows Server 2008 R2 Enterprise", "2008"),
        ("Microsoft Windows Server 2012 R2 Standard", "2012 R2"),
        ("Windows Server 2012 Datacenter", "2012"),
        ("10.0.14393", "2016"),
        ("Windows Server 2019", "2019"),
        ("10.0.20348", "2022"),
        ("Windows Server 2025 Datacenter", "2025"),
        ("6.3.9600", "2012 R2"),
        ("SUSE Linux", None),
        (None, None),
    ],
)
def test_the_windows_version_is_read_from_names_and_builds(
    os: str | None, version: str | None
) -> None:
    assert windows_version(os) == version


@pytest.mark.parametrize(
    ("os", "seconds"),
    [("2008 R2", 5), ("2012", 5), ("2012 R2", 5), ("2016", 10), ("2019", 20), ("2022", 20),
     ("2025", 20), ("", 10)],
)  # fmt: skip
def test_absent_values_mean_the_default_of_that_windows_version(os: str, seconds: int) -> None:
    """Microsoft, HADR cluster best practices: the table of defaults."""
    first = tolerances(cluster(None, None, os=os))[0]
    assert (first.length, first.known) == (timedelta(seconds=seconds), False)


def test_values_of_the_cluster_win_over_any_default() -> None:
    (only,) = tolerances(cluster(2000, 15))
    assert (only.length, only.known) == (timedelta(seconds=30), True)


def test_nodes_in_different_subnets_are_judged_by_the_cross_subnet_values() -> None:
    values = {"SameSubnetDelay": 1000, "SameSubnetThreshold": 10,
              "CrossSubnetDelay": 2000, "CrossSubnetThreshold": 20}  # fmt: skip
    (only,) = tolerances(Cluster("C", "2016", properties=values, crosses_subnets=True))
    assert only.length == timedelta(seconds=40)


def test_the_shortest_limit_is_the_lease_where_heartbeats_are_wide() -> None:
    """Windows Server 2019 tolerates 20 s, a default lease breaks at 10 s (rule R6)."""
    group = AvailabilityGroup("AG1")
    assert limits(cluster(1000, 20, groups=[group]), has_group=False).shortest == timedelta(
        seconds=10
    )
    assert limits(cluster(1000, 20), has_group=False).shortest == timedelta(seconds=20)
    assert limits(cluster(1000, 20), has_group=True).shortest == timedelta(seconds=10)
