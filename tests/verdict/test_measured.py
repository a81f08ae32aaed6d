"""Rule 2: a measured stun of the lost node that passes the physics caused the failover."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verdict.scene import (
    LOOSE,
    at,
    backup,
    cluster,
    log_read,
    removed,
    scene,
    sign,
    stun,
    task,
    verdict,
)
from verdict.clock import Clock
from verdict.cluster import AvailabilityGroup
from verdict.facts import Phase
from verdict.judge import judge
from verdict.sign import Kind
from verdict.verdict import Blame, Cause, Confidence, Mechanism

LOG = log_read(-4000, 4000)


def test_a_stun_longer_than_the_tolerance_caused_the_removal_that_came_when_due() -> None:
    said = verdict(LOG, stun(0.1, 12.4), removed("SQL01", 10.6), backup(-3000, 60))
    assert (said.backup, said.cause, said.confidence) == (
        Blame.CAUSED, Cause.SNAPSHOT_REMOVE_STUN, Confidence.CONFIRMED,
    )  # fmt: skip
    assert (said.mechanism, said.lost_node) == (Mechanism.HEARTBEAT, "SQL01")
    assert said.reasons[0] == (
        "SQL01 was stunned 12.4 s from 02:14:00.1 while its snapshot was removed; the cluster "
        "tolerates 10.0 s (SameSubnetDelay 1000 ms x SameSubnetThreshold 10). The removal was due "
        "between 02:14:09.7 and 02:14:10.7 and came at 02:14:10.6."
    )


@given(
    delay=st.sampled_from([500, 1000, 2000]),
    threshold=st.integers(5, 40),
    extra=st.floats(0, 60),
    phase=st.floats(0, 1),
    report=st.floats(0.55, 0.65),
    skews=st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)),
)
def test_whatever_physics_brings_about_is_recognised_even_on_unmeasured_clocks(
    delay: int, threshold: int, extra: float, phase: float, report: float,
    skews: tuple[float, float],
) -> None:  # fmt: skip
    """Any stun, any tolerance, any moment of the heartbeat, clocks off by up to 1.5 s."""
    tolerance = delay * threshold / 1000
    lost_at = tolerance - phase * delay / 1000
    said = verdict(
        stun(skews[0], tolerance + extra, clock=LOOSE),
        removed("SQL01", lost_at + report + skews[1], clock=Clock("SQL02")),
        of=cluster(delay, threshold),
    )
    assert said.backup is Blame.CAUSED
    assert said.mechanism is Mechanism.HEARTBEAT


@given(length=st.floats(0, 30), start=st.floats(-300, 300))
def test_nothing_is_accused_that_does_not_fit_in_time_and_length(
    length: float, start: float
) -> None:
    fits = length >= 9 and -2.5 <= start <= 2.5
    said = verdict(LOG, stun(start, length), removed("SQL01", 10.3), backup(-3000, 60))
    if said.backup is Blame.CAUSED:
        assert fits


@pytest.mark.parametrize(
    ("phase", "cause", "backup_axis"),
    [
        (Phase.CREATE, Cause.SNAPSHOT_CREATE_STUN, Blame.CAUSED),
        (Phase.UNKNOWN, Cause.SNAPSHOT_STUN, Blame.CAUSED),
        (Phase.MIGRATION, Cause.MIGRATION_STUN, Blame.CLEARED),
    ],
)
def test_the_phase_of_the_stun_names_the_cause(
    phase: Phase, cause: Cause, backup_axis: Blame
) -> None:
    said = verdict(LOG, stun(0, 12, phase), removed("SQL01", 10.3))
    assert (said.cause, said.backup) == (cause, backup_axis)


def test_stuns_less_than_a_heartbeat_apart_are_one_silence() -> None:
    said = verdict(LOG, stun(0, 5.5), stun(6.2, 6), removed("SQL01", 10.3))
    assert said.backup is Blame.CAUSED
    assert said.stun == stun(6.2, 6)
    assert "2 stuns in a row" in said.reasons[0]


def test_stuns_with_a_heartbeat_between_them_do_not_add_up() -> None:
    said = verdict(LOG, stun(0, 5.5), stun(6.6, 6), removed("SQL01", 10.3))
    assert said.backup is Blame.UNKNOWN


def test_the_stun_of_another_node_accuses_nobody() -> None:
    three = cluster(nodes=("SQL01", "SQL02", "SQL03"))
    seen = [removed("SQL01", 10.3, by=f"SQL0{i}") for i in (2, 3)]
    said = verdict(LOG, stun(0, 12, vm="sql02"), *seen, of=three)
    assert said.backup is Blame.CLEARED


def test_the_word_of_a_witness_that_was_itself_stunned_proves_nothing() -> None:
    """A node that was silent finds the others gone when it runs again."""
    both = (LOG, log_read(-4000, 4000, vm="sql02"))
    said = verdict(*both, stun(0, 12, vm="sql02"), removed("SQL01", 10.3))
    assert said.backup is Blame.UNKNOWN
    assert "was itself stunned 12.0 s" in said.reasons[0]


def test_a_rival_at_the_same_moment_lowers_the_confidence_and_is_named() -> None:
    lost = sign(Kind.HOST_NETWORK, -1, node=None, subject="esx07")
    said = verdict(LOG, stun(0, 12), removed("SQL01", 10.3), lost)
    assert (said.backup, said.confidence) == (Blame.CAUSED, Confidence.LIKELY)
    assert [rival.cause for rival in said.rivals] == [Cause.NETWORK]


def test_what_a_stun_leaves_behind_is_no_rival() -> None:
    echoes = [
        sign(kind, when)
        for kind in (Kind.SLOW_IO, Kind.DISK_ERROR, Kind.CLUSTER_NETWORK, Kind.SERVICE_CRASHED)
        for when in (3, 12.5, 13)
    ]
    said = verdict(LOG, stun(0, 12), removed("SQL01", 10.3), *echoes)
    assert (said.confidence, said.rivals) == (Confidence.CONFIRMED, ())


def test_unknown_heartbeat_values_are_judged_by_the_default_and_lower_the_confidence() -> None:
    said = verdict(LOG, stun(0, 22), removed("SQL01", 20.3), of=cluster(None, None, os="2019"))
    assert (said.backup, said.confidence) == (Blame.CAUSED, Confidence.LIKELY)
    assert not said.tolerance_known
    assert any(gap.source == "cluster" for gap in said.missing)


def test_a_lease_breaks_at_half_of_its_timeout_where_heartbeats_are_wide() -> None:
    wide = cluster(1000, 20, groups=[AvailabilityGroup("AG1", timedelta(seconds=20), None)])
    expired = sign(Kind.LEASE_EXPIRED, 2, subject="AG1", clock=Clock("SQL01", timedelta(0)))
    moved = sign(Kind.ROLE_FAILING_OVER, 14.2, node="SQL02")
    said = verdict(LOG, stun(0, 13), expired, moved, of=wide)
    assert (said.backup, said.mechanism) == (Blame.CAUSED, Mechanism.LEASE)
    assert (said.lost_node, said.at) == ("SQL01", at(14.2))


def test_a_lease_that_expired_after_too_short_a_stun_is_not_its_work() -> None:
    wide = cluster(1000, 20, groups=[AvailabilityGroup("AG1", timedelta(seconds=20), None)])
    said = verdict(LOG, stun(0, 4), sign(Kind.LEASE_EXPIRED, 4.5), of=wide)
    assert said.backup is Blame.CLEARED


def test_a_hang_bugchecks_before_wide_heartbeats_act() -> None:
    wide = cluster(2000, 40)
    crash = sign(Kind.BUGCHECKED, 200, detail="0x9e")
    said = verdict(LOG, stun(0, 65), removed("SQL01", 146), crash, of=wide)
    assert (said.backup, said.mechanism) == (Blame.CAUSED, Mechanism.HANG_DETECTION)


def test_a_bugcheck_0x9e_after_a_removal_is_a_consequence_and_no_rival() -> None:
    crash = sign(Kind.BUGCHECKED, 180, detail="0x9e")
    said = verdict(LOG, stun(0, 70), removed("SQL01", 10.3), crash)
    assert (said.mechanism, said.confidence, said.rivals) == (
        Mechanism.HEARTBEAT, Confidence.CONFIRMED, (),
    )  # fmt: skip
    assert any("0x9E" in reason for reason in said.reasons)


def test_two_nodes_accuse_each_other_and_the_one_without_quorum_was_lost() -> None:
    echo = removed("SQL02", 4.0, by="SQL01")
    said = verdict(LOG, stun(0, 12.4), removed("SQL01", 10.6), echo, sign(Kind.QUORUM_LOST, 4.1))
    assert (said.lost_node, said.backup, said.at) == ("SQL01", Blame.CAUSED, at(10.6))


def test_one_failover_seen_by_many_nodes_is_one_incident() -> None:
    four = cluster(nodes=("SQL01", "SQL02", "SQL03", "SQL04"))
    seen = [removed("SQL01", 10.3 + i / 10, by=f"SQL0{i}") for i in (2, 3, 4)]
    woke = [removed(f"SQL0{i}", 12.6, by="SQL01") for i in (2, 3, 4)]
    said = verdict(LOG, stun(0, 12.4), *seen, *woke, of=four)
    assert (said.lost_node, said.backup) == ("SQL01", Blame.CAUSED)


def test_failovers_minutes_apart_are_judged_each_by_itself() -> None:
    facts = (LOG, stun(0, 12.4), removed("SQL01", 10.6), sign(Kind.NODE_JOINED, 60),
             removed("SQL01", 670), sign(Kind.NIC_DOWN, 659))  # fmt: skip
    first, second = judge(scene(*facts))
    assert (first.backup, second.backup) == (Blame.CAUSED, Blame.CLEARED)
    assert second.cause is Cause.NETWORK


def test_only_the_lost_nodes_own_log_gives_a_likely_verdict() -> None:
    said = verdict(LOG, stun(0, 12.4), removed("SQL02", 1.2, by="SQL01"),
                   sign(Kind.QUORUM_LOST, 1.3))  # fmt: skip
    assert (said.lost_node, said.backup, said.confidence) == (
        "SQL01", Blame.CAUSED, Confidence.LIKELY,
    )  # fmt: skip


def test_a_snapshot_task_beside_a_fitting_stun_names_the_job() -> None:
    said = verdict(LOG, stun(0, 12), task(-20, 13), removed("SQL01", 10.3), backup(-900, 60))
    assert said.job is not None
    assert said.job.job == "SQL Nightly"
