"""Rules 1 and 3 to 9: what is said when no measured stun fits."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.verdict.scene import (
    EXACT,
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
    tasks_read,
    verdict,
)
from verdict.cluster import AvailabilityGroup, Cluster, Node
from verdict.facts import Freeze, Pause, Phase
from verdict.judge import judge
from verdict.sign import Kind
from verdict.verdict import Blame, Cause, Confidence

LOG = log_read(-4000, 4000)
GONE = removed("SQL01", 10.6)


# 1. planned


def test_a_restart_asked_for_before_the_silence_clears_the_backup() -> None:
    asked = sign(Kind.SHUTDOWN_ASKED, -40, detail="restart by TrustedInstaller")
    said = verdict(GONE, asked, sign(Kind.SHUTDOWN, 2), backup(-600, 60), task(-20, 30))
    assert (said.backup, said.cause, said.confidence) == (
        Blame.CLEARED, Cause.PLANNED, Confidence.CONFIRMED,
    )  # fmt: skip


def test_a_restart_asked_for_after_the_stun_began_came_too_late() -> None:
    """The stunned node's clock lags: it may stamp a later restart before its own removal."""
    said = verdict(LOG, stun(0, 12.4), GONE, sign(Kind.SHUTDOWN_ASKED, 6))
    assert said.backup is Blame.CAUSED


def test_a_restart_that_was_over_before_the_silence_plans_nothing() -> None:
    asked, back = sign(Kind.SHUTDOWN_ASKED, -500), sign(Kind.BOOTED, -200)
    said = verdict(LOG, stun(0, 12.4), GONE, asked, back)
    assert said.backup is Blame.CAUSED


def test_the_restart_of_another_node_plans_nothing() -> None:
    said = verdict(LOG, stun(0, 12.4), GONE, sign(Kind.SHUTDOWN_ASKED, -20, node="SQL02"))
    assert said.backup is Blame.CAUSED


def test_a_role_moved_by_hand_is_a_planned_failover() -> None:
    said = verdict(sign(Kind.MOVE_ASKED, 0, node="SQL02", subject="AG1"),
                   sign(Kind.ROLE_ONLINE, 3, node="SQL02"), backup(-600, 60))  # fmt: skip
    assert (said.backup, said.cause) == (Blame.CLEARED, Cause.PLANNED)


# 3. inside snapshot work


def test_a_silence_inside_a_removal_nobody_measured_is_suspected() -> None:
    said = verdict(GONE, task(-12, 31), backup(-900, 60))
    assert (said.backup, said.cause, said.confidence) == (
        Blame.SUSPECTED, Cause.SNAPSHOT_REMOVE_STUN, Confidence.LIKELY,
    )  # fmt: skip
    assert "02:13:48.0 to 02:14:31.0" in said.reasons[0]


def test_a_guest_side_measure_lifts_it_to_caused() -> None:
    length = timedelta(seconds=12.1)
    jump = Pause("SQL01", at(-60), at(13), length, "vmtoolsd set the clock forward", EXACT)
    said = verdict(GONE, task(-12, 31), jump)
    assert (said.backup, said.confidence) == (Blame.CAUSED, Confidence.LIKELY)


def test_too_small_a_jump_lifts_nothing() -> None:
    jump = Pause("SQL01", at(-60), at(13), timedelta(seconds=3), "a jump", EXACT)
    assert verdict(GONE, task(-12, 31), jump).backup is Blame.SUSPECTED


def test_a_removal_that_ended_before_the_silence_had_room_only_touches() -> None:
    said = verdict(GONE, task(-60, 3))
    assert (said.backup, said.confidence) == (Blame.SUSPECTED, Confidence.POSSIBLE)


def test_a_removal_of_another_nodes_snapshot_suspects_nobody() -> None:
    assert verdict(GONE, task(-12, 31, vm="sql02")).backup is Blame.UNKNOWN


def test_a_confirmed_rival_keeps_the_removal_from_being_the_cause() -> None:
    said = verdict(GONE, task(-12, 31), sign(Kind.NIC_DOWN, 0))
    assert said.cause is Cause.NETWORK
    assert said.backup is Blame.SUSPECTED


# 4. only a session


def test_only_a_session_that_overlaps_is_a_possibility() -> None:
    said = verdict(GONE, backup(-900, 60))
    assert (said.backup, said.cause, said.confidence) == (
        Blame.SUSPECTED, Cause.SNAPSHOT_STUN, Confidence.POSSIBLE,
    )  # fmt: skip


def test_a_session_that_was_over_suspects_nobody() -> None:
    assert verdict(GONE, backup(-900, -60)).backup is Blame.UNKNOWN


# 5. coverage


def test_a_covered_moment_with_a_short_stun_clears_and_says_the_stun() -> None:
    said = verdict(LOG, GONE, stun(1, 0.4), backup(-900, 60), task(-12, 31))
    assert said.backup is Blame.CLEARED
    assert said.stun == stun(1, 0.4)
    assert "0.4 s" in said.reasons[0]
    assert "of 10.0 s" in said.reasons[0]


def test_a_guest_that_stood_still_beside_a_log_without_a_stun_clears_nobody() -> None:
    """One of the two is not about this VM or this moment."""
    jump = Pause("SQL01", at(-60), at(13), timedelta(seconds=12.1), "the clock jumped", EXACT)
    assert verdict(LOG, GONE, stun(1, 0.4), jump).backup is Blame.UNKNOWN


def test_a_stun_between_half_and_the_limit_neither_accuses_nor_clears() -> None:
    said = verdict(LOG, GONE, stun(1, 7), sign(Kind.NIC_DOWN, 0))
    assert (said.backup, said.cause) == (Blame.UNKNOWN, Cause.NETWORK)


def test_an_availability_group_clears_only_below_half_of_its_lease_limit() -> None:
    group = AvailabilityGroup("AG1", timedelta(seconds=12), None)
    narrow = cluster(1000, 20, groups=[group])
    late = removed("SQL01", 20.6)
    assert verdict(LOG, late, stun(10, 2.9), of=narrow).backup is Blame.CLEARED
    assert verdict(LOG, late, stun(10, 3.1), of=narrow).backup is Blame.UNKNOWN


@given(start=st.floats(-400, 60), end=st.floats(-60, 400))
def test_no_clearance_by_a_log_that_does_not_cover_the_window(start: float, end: float) -> None:
    said = verdict(log_read(start, max(end, start)), GONE)
    assert (said.backup is Blame.CLEARED) == (start <= 10.6 - 70 and end >= 10.6)


def test_a_hole_in_the_log_clears_nobody_and_is_named() -> None:
    said = verdict(log_read(-4000, -30), log_read(-20, 4000), GONE)
    assert said.backup is Blame.UNKNOWN
    assert any("hole" in gap.why for gap in said.missing)


def test_every_log_is_needed_where_nobody_knows_who_was_lost() -> None:
    each = (GONE, removed("SQL02", 10.6, by="SQL01"))
    assert verdict(LOG, *each).backup is Blame.UNKNOWN
    assert verdict(LOG, log_read(-4000, 4000, vm="sql02"), *each).backup is Blame.CLEARED


def test_complete_tasks_without_a_snapshot_clear() -> None:
    said = verdict(tasks_read(-3600, 3600), GONE)
    assert said.backup is Blame.CLEARED


def test_tasks_that_reach_back_too_little_clear_nobody() -> None:
    assert verdict(tasks_read(-1000, 3600), GONE).backup is Blame.UNKNOWN


def test_a_snapshot_of_a_vm_nobody_can_place_spoils_the_clearance() -> None:
    """A node whose VM has another name would be cleared by tasks that do not name it."""
    guessed = Cluster("SQLAG01", "2016", (Node("SQL01", "sql01"), Node("SQL02", "sql02")),
                      {"SameSubnetDelay": 1000, "SameSubnetThreshold": 10})  # fmt: skip
    other = task(-12, 31, vm="prod-sql-7")
    assert verdict(tasks_read(-3600, 3600), GONE, other, of=guessed).backup is Blame.UNKNOWN
    assert verdict(tasks_read(-3600, 3600), GONE, other).backup is Blame.CLEARED


# 6. causes


def test_a_crash_dump_other_than_0x9e_excludes_a_stun() -> None:
    said = verdict(GONE, backup(-900, 60), sign(Kind.BUGCHECKED, 90, detail="0xd1"),
                   sign(Kind.BOOTED, 80))  # fmt: skip
    assert (said.backup, said.cause) == (Blame.CLEARED, Cause.GUEST_RESTART)


def test_a_host_that_failed_excludes_a_stun() -> None:
    gone = sign(Kind.HOST_FAILED, 20, node=None, subject="sql01", detail="esx07")
    said = verdict(GONE, backup(-900, 60), gone)
    assert (said.backup, said.cause) == (Blame.CLEARED, Cause.HOST_FAILURE)


def test_the_failure_of_another_host_explains_nothing() -> None:
    gone = sign(Kind.HOST_FAILED, 0, node=None, subject="esx99")
    assert verdict(GONE, gone).cause is Cause.UNKNOWN


def test_a_network_fault_names_the_cause_but_does_not_clear() -> None:
    said = verdict(GONE, sign(Kind.NIC_DOWN, 0))
    assert (said.backup, said.cause) == (Blame.UNKNOWN, Cause.NETWORK)


def test_a_node_that_wrote_on_after_its_removal_did_not_restart_before_it() -> None:
    lived = (sign(Kind.QUORUM_LOST, 13), sign(Kind.BOOTED, 300), sign(Kind.UNCLEAN_BOOT, 301))
    assert verdict(GONE, *lived).cause is Cause.UNKNOWN


def test_two_halves_that_name_each_other_point_to_the_network() -> None:
    """Microsoft's triage of event 1135, pattern B."""
    four = cluster(nodes=("SQL01", "SQL02", "SQL03", "SQL04"))
    split = [removed(a, 10.6, by=b) for a in ("SQL01", "SQL02") for b in ("SQL03", "SQL04")]
    said = verdict(*split, of=four)
    assert (said.lost_node, said.cause) == (None, Cause.NETWORK)


def test_a_resource_that_failed_first_moved_the_role_by_itself() -> None:
    failed, moved = sign(Kind.RESOURCE_FAILED, 0), sign(Kind.ROLE_FAILING_OVER, 1, node="SQL02")
    said = verdict(LOG, failed, moved, backup(-600, 60))
    assert (said.backup, said.cause) == (Blame.CLEARED, Cause.SOFTWARE)


def test_a_resource_that_failed_with_its_node_tells_nothing() -> None:
    assert verdict(LOG, GONE, sign(Kind.RESOURCE_FAILED, 9)).cause is Cause.UNKNOWN


# 7. quiesce


def test_a_long_freeze_under_a_failed_health_check_is_the_backups_doing() -> None:
    freeze = Freeze("SQL01", at(-45), at(-3), EXACT, databases=6)
    said = verdict(LOG, freeze, sign(Kind.HEALTH_LOST, 0))
    assert (said.backup, said.cause) == (Blame.SUSPECTED, Cause.QUIESCE)


def test_a_freeze_of_seconds_is_every_backups() -> None:
    freeze = Freeze("SQL01", at(-5), at(-2), EXACT)
    assert verdict(LOG, freeze, sign(Kind.HEALTH_LOST, 0)).backup is Blame.CLEARED


# the hint of a clock


def test_a_stun_off_by_a_whole_hour_is_a_hint_and_spoils_the_clearance() -> None:
    said = verdict(LOG, GONE, stun(-3600, 12.4, clock=LOOSE))
    assert said.backup is Blame.UNKNOWN
    assert any("behind" in reason and "60 min" in reason for reason in said.reasons)
    assert any(advice.kind == "clock" for advice in said.advice)


def test_a_measured_clock_leaves_no_room_for_the_hint() -> None:
    assert verdict(LOG, GONE, stun(-3600, 12.4)).backup is Blame.CLEARED


def test_a_stun_that_explains_another_failover_is_no_hint() -> None:
    facts = (LOG, stun(-900, 12.4, clock=LOOSE), removed("SQL01", -889.5),
             sign(Kind.NODE_JOINED, -840), removed("SQL01", 10.6))  # fmt: skip
    first, second = judge(scene(*facts))
    assert (first.backup, second.backup) == (Blame.CAUSED, Blame.CLEARED)


# 9. nothing


def test_nothing_to_go_by_is_unknown() -> None:
    said = verdict(GONE)
    assert (said.backup, said.cause, said.confidence) == (
        Blame.UNKNOWN, Cause.UNKNOWN, Confidence.UNKNOWN,
    )  # fmt: skip


def test_a_moment_somebody_asked_about_is_answered_without_any_log() -> None:
    said = verdict(asked=0)
    assert (said.at, said.lost_node, said.backup) == (at(0), None, Blame.UNKNOWN)


def test_no_failover_and_no_question_gives_no_verdict() -> None:
    assert judge(scene(LOG, stun(0, 12))) == ()


@given(
    stuns=st.lists(st.tuples(st.floats(-200, 200), st.floats(0, 40), st.sampled_from(Phase))),
    kinds=st.lists(st.tuples(st.sampled_from(Kind), st.floats(-200, 200))),
)
def test_any_mixture_of_facts_is_judged(
    stuns: list[tuple[float, float, Phase]], kinds: list[tuple[Kind, float]]
) -> None:
    facts = [stun(start, length, phase) for start, length, phase in stuns]
    signs = [sign(kind, when) for kind, when in kinds]
    for said in judge(scene(GONE, *facts, *signs)):
        assert said.reasons
