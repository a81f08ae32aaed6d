"""Lint: Microsoft's rules for heartbeat values (facts: cluster 1.4, R1 to R6)."""

from datetime import timedelta

from verdict.cluster import AvailabilityGroup, Cluster
from verdict.heartbeat import Heartbeats, Pace
from verdict.lint import Weight, lint

SECOND = timedelta(seconds=1)
SHORT = timedelta(seconds=0.4)


def cluster(same: int, cross: int, os: str = "2016", lease: float | None = None) -> Cluster:
    properties = {
        "SameSubnetDelay": 1000, "SameSubnetThreshold": same,
        "CrossSubnetDelay": 1000, "CrossSubnetThreshold": cross,
    }  # fmt: skip
    groups = () if lease is None else (AvailabilityGroup("ag1", timedelta(seconds=lease)),)
    return Cluster("C", f"Windows Server {os}", properties=properties, groups=groups)


def values(same: int, cross: int, delay: timedelta = SECOND) -> Heartbeats:
    return Heartbeats(Pace(delay, same), Pace(delay, cross))


def told(wanted: Heartbeats, now: Cluster, longest: timedelta = SHORT) -> dict[str, Weight]:
    return {one.rule: one.weight for one in lint(wanted, now, longest)}


def test_good_values_break_no_rule() -> None:
    assert told(values(15, 20), cluster(10, 20)) == {}
    assert told(values(20, 20), cluster(20, 20, "2019", lease=20)) == {}


def test_what_windows_does_not_take_is_blocked_and_what_is_there_is_told() -> None:
    assert told(values(121, 121), cluster(100, 100)) == {"range": Weight.BLOCK}
    assert told(values(15, 20, 3 * SECOND), cluster(30, 30))["range"] is Weight.BLOCK
    assert told(values(12, 20), cluster(12, 20, "2008 R2")) == {"range": Weight.WARN}
    assert told(values(11, 20), cluster(10, 20, "2008 R2")) == {"range": Weight.BLOCK}


def test_r1_less_across_subnets_than_within_one_is_blocked() -> None:
    assert told(values(15, 10), cluster(10, 10)) == {"R1": Weight.BLOCK}
    assert told(values(15, 10), cluster(15, 10)) == {"R1": Weight.WARN}


def test_r2_a_lease_that_outlasts_the_heartbeats_is_warned_of() -> None:
    """Windows Server 2016 touches it as it comes: 10 s and 10 s."""
    assert told(values(10, 20), cluster(10, 20, lease=20)) == {"R2": Weight.WARN}
    assert told(values(11, 20), cluster(10, 20, lease=20)) == {}


def test_r3_at_forty_seconds_the_lease_is_eighty_at_most() -> None:
    assert told(values(40, 40), cluster(20, 40, "2019", lease=81)) == {"R3": Weight.WARN}
    assert told(values(40, 40), cluster(20, 40, "2019", lease=79)) == {}


def test_r3_values_are_raised_in_steps() -> None:
    assert told(values(40, 40), cluster(10, 20)) == {"R3": Weight.WARN}


def test_r4_lowering_below_the_default_is_blocked_and_rising_towards_it_is_not() -> None:
    assert told(values(10, 20), cluster(20, 20, "2019")) == {"R4": Weight.BLOCK}
    assert told(values(10, 20), cluster(5, 20, "2019")) == {"R4": Weight.WARN}
    assert told(values(5, 20), cluster(5, 20, "2019")) == {"R4": Weight.WARN}


def test_r5_lowering_a_group_to_what_2012_had_is_blocked() -> None:
    assert told(values(5, 20), cluster(10, 20, "2012 R2", lease=20))["R5"] is Weight.BLOCK
    assert "R5" not in told(values(5, 20), cluster(10, 20, "2012 R2"))


def test_r6_a_stun_that_breaks_the_lease_is_not_helped_by_heartbeats() -> None:
    long = timedelta(seconds=12.4)
    found, session = lint(values(20, 20), cluster(20, 20, "2019", lease=20), long)
    assert (found.rule, found.weight) == ("R6", Weight.WARN)
    assert "10.0 s" in found.text
    assert "12.4 s" in found.text
    assert (session.rule, session.weight) == ("R6", Weight.WARN)
    assert "SESSION_TIMEOUT" in session.text


def test_r6_a_stun_that_outlasts_the_health_check_is_not_helped_either() -> None:
    long = timedelta(seconds=31)
    found = lint(values(40, 40), cluster(40, 40, "2019", lease=70), long)
    assert [one.rule for one in found] == ["R6", "R6"]
    assert "HealthCheckTimeout of ag1 is 30.0 s" in found[0].text


def test_r6_is_silent_without_an_availability_group() -> None:
    assert lint(values(20, 20), cluster(20, 20, "2019"), timedelta(seconds=12.4)) == ()


def test_every_rule_has_a_source() -> None:
    broken = lint(values(121, 3, 3 * SECOND), cluster(10, 20, lease=400), timedelta(seconds=300))
    assert {one.rule for one in broken} >= {"range", "R1", "R3", "R6"}
    assert all(one.source and one.text.endswith(".") for one in broken)
    assert [one.weight for one in broken] == sorted(one.weight for one in broken)
