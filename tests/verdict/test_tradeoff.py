"""The trade-off weighs a cluster's own stuns against heartbeat values."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.storage.told import stun
from verdict.advice import TOO_LONG
from verdict.cluster import AvailabilityGroup, Cluster
from verdict.facts import Stun
from verdict.heartbeat import Pace, heartbeats, ranges
from verdict.lint import Weight
from verdict.tolerance import MS
from verdict.tradeoff import Candidate, Kind, Tradeoff, lengths_at, outcome, tradeoff

GROUP = AvailabilityGroup("ag1", timedelta(seconds=20), timedelta(seconds=30))


def cluster(threshold: int = 10, os: str = "2016", *groups: AvailabilityGroup) -> Cluster:
    properties = {
        "SameSubnetDelay": 1000, "SameSubnetThreshold": threshold,
        "CrossSubnetDelay": 1000, "CrossSubnetThreshold": max(threshold, 20),
    }  # fmt: skip
    return Cluster("SQLAG01", f"Windows Server {os}", properties=properties, groups=groups)


def stunned(*lengths: float) -> list[Stun]:
    return [stun(number * 3600, length) for number, length in enumerate(lengths)]


def of(found: Tradeoff, kind: Kind) -> Candidate:
    return next(one for one in found.candidates if kind in one.kinds)


def test_each_candidate_tells_what_it_would_have_survived() -> None:
    found = tradeoff(cluster(), stunned(0.4, 9.5, 12.4))
    assert found.current.outcome.removed == 1
    assert found.current.outcome.doubtful == 1, "9.5 s: depends on the last heartbeat"
    assert of(found, Kind.RELAXED).outcome.lost == 0
    assert of(found, Kind.RELAXED).tolerance == timedelta(seconds=40)


def test_the_smallest_survives_the_longest_stun_by_a_fifth() -> None:
    found = tradeoff(cluster(), stunned(0.4, 12.4))
    assert found.recommended == of(found, Kind.SMALLEST)
    assert found.current.heartbeats.changes(found.recommended.heartbeats) == {
        "SameSubnetThreshold": 15
    }


def test_values_that_are_enough_are_left_alone() -> None:
    assert tradeoff(cluster(), stunned(0.4, 7.9)).recommended is None
    assert tradeoff(cluster(), []).recommended is None


def test_stuns_of_minutes_are_no_matter_of_heartbeats() -> None:
    found = tradeoff(cluster(), stunned(90))
    assert (found.too_long, found.recommended) == (1, None)
    both = tradeoff(cluster(), stunned(12.4, 90)).recommended
    assert both
    assert both.tolerance == timedelta(seconds=15)


def test_a_lease_that_breaks_first_is_named_with_the_timeout_it_needs() -> None:
    """2019 tolerates 20 s, but the group lets go after 10 s (facts: cluster 1.4, R6)."""
    found = tradeoff(cluster(20, "2019", GROUP), stunned(12.4))
    assert (found.recommended, found.lease_timeout) == (None, timedelta(seconds=30))
    assert (found.current.outcome.lost, found.current.outcome.leases) == (0, 1)


def test_heartbeats_go_up_with_the_lease_so_that_half_of_it_stays_below() -> None:
    found = tradeoff(cluster(10, "2016", GROUP), stunned(12.4))
    assert found.recommended
    assert found.lease_timeout == timedelta(seconds=30)
    assert found.recommended.tolerance == timedelta(seconds=16)


def test_2008_counts_to_ten_and_waits_longer_instead() -> None:
    found = tradeoff(cluster(5, "2008 R2"), stunned(12.4)).recommended
    assert found
    assert found.heartbeats.same == Pace(timedelta(seconds=2), 8)


def test_a_pause_shorter_than_a_heartbeat_makes_two_stuns_one_silence() -> None:
    close = [stun(0, 6), stun(6.5, 6)]
    assert lengths_at(timedelta(seconds=1), close) == (timedelta(seconds=12.5),)
    assert tradeoff(cluster(), close).current.outcome.removed == 1


def test_between_subnets_the_other_values_are_weighed() -> None:
    far = Cluster("C", "Windows Server 2016", crosses_subnets=True,
                  properties=cluster().properties)  # fmt: skip
    found = tradeoff(far, stunned(22))
    assert found.current.tolerance == timedelta(seconds=20)
    assert found.recommended
    assert found.current.heartbeats.changes(found.recommended.heartbeats) == {
        "CrossSubnetThreshold": 27
    }


@pytest.mark.parametrize("value", [0, 2**32 - 1])
def test_a_value_that_no_windows_has_counts_as_not_read(value: int) -> None:
    odd = Cluster("C", "Windows Server 2019", properties={"SameSubnetDelay": value})
    assert tradeoff(odd, stunned(3)).current.tolerance == timedelta(seconds=20)


lengths = st.lists(st.timedeltas(MS, timedelta(minutes=3)), max_size=30).map(sorted)
versions = st.sampled_from(["2008 R2", "2012", "2012 R2", "2016", "2019", "2022", "", "what"])
leases = st.none() | st.timedeltas(timedelta(seconds=1), timedelta(minutes=5))


@st.composite
def any_clusters(draw: st.DrawFn) -> Cluster:
    names = ("SameSubnetDelay", "SameSubnetThreshold", "CrossSubnetDelay", "CrossSubnetThreshold")
    values = st.integers(3, 120) | st.sampled_from([250, 500, 1000, 2000, 4000])
    groups = draw(st.lists(leases.map(lambda lease: AvailabilityGroup("ag", lease)), max_size=2))
    return Cluster(
        "C", draw(versions), (), draw(st.dictionaries(st.sampled_from(names), values)),
        tuple(groups), draw(st.booleans()),
    )  # fmt: skip


@given(lengths, st.integers(250, 4000), st.integers(3, 119), leases)
def test_more_heartbeats_never_lose_more(
    known: list[timedelta], delay: int, threshold: int, lease: timedelta | None
) -> None:
    fewer, more = (outcome(Pace(delay * MS, n), known, lease) for n in (threshold, threshold + 1))
    assert more.lost <= fewer.lost
    assert more.removed <= fewer.removed
    assert fewer.removed + fewer.doubtful + fewer.survived == len(known)


@given(any_clusters(), lengths)
def test_what_is_recommended_is_allowed_survives_and_raises(
    told: Cluster, known: list[timedelta]
) -> None:
    found = tradeoff(told, stunned(*(length.total_seconds() for length in known)))
    best = found.recommended
    if best is None:
        return
    for name, value in heartbeats(told).changes(best.heartbeats).items():
        least, most = ranges(told)[name]
        assert least <= value <= most
    assert best.outcome.lost <= found.too_long
    assert best.tolerance > found.current.tolerance
    assert best.tolerance <= TOO_LONG * 1.2 + timedelta(seconds=4)
    assert all(one.weight is Weight.WARN for one in best.lints)


@given(any_clusters(), lengths)
def test_every_kind_of_candidate_is_weighed_once(told: Cluster, known: list[timedelta]) -> None:
    found = tradeoff(told, stunned(*(length.total_seconds() for length in known)))
    kinds = [kind for one in found.candidates for kind in one.kinds]
    assert len(kinds) == len(set(kinds))
    assert set(Kind) - set(kinds) <= {Kind.SMALLEST}
    assert [one.tolerance for one in found.candidates] == sorted(
        one.tolerance for one in found.candidates
    )
