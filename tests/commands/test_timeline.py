"""The time line shows the interesting minute, however long the job was."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from commands.timeline import CORE, MOST_LANES, Timeline, lay_out
from tests.commands.sample import CAUSED, at
from verdict.verdict import Mark

TEN = timedelta(seconds=10)


def laid_out(*marks: Mark) -> Timeline:
    return lay_out(marks, at(10.6), TEN)


def test_a_job_of_two_hours_does_not_flatten_a_stun_of_twelve_seconds() -> None:
    line = lay_out(CAUSED.timeline, CAUSED.at, CAUSED.tolerance)
    stun = line.part(at(12.5)) - line.part(at(0.1))
    assert stun > 0.2
    assert line.part(at(-5000)) < 0
    assert line.part(at(1300)) > 1


def test_the_removal_is_always_shown() -> None:
    line = laid_out(Mark("job", "a", at(-5000), at(1300)))
    assert [lane.kind for lane in line.lanes] == ["job", "removal"]
    assert 0 < line.part(at(10.6)) < 1


def test_the_tolerance_is_measured_from_where_the_stun_began() -> None:
    line = laid_out(
        Mark("stun", "short", at(-9), at(-8.8)),
        Mark("stun", "long", at(0), at(12)),
        Mark("silence", "silence", at(0.5), at(10)),
    )
    tolerated = next(lane for lane in line.lanes if lane.kind == "tolerance").marks
    assert [(mark.start, mark.end) for mark in tolerated] == [(at(0), at(10))]


def test_a_stun_long_before_is_pointed_at_and_not_shown_to_scale() -> None:
    line = laid_out(Mark("stun", "old", at(-4000), at(-3999)), Mark("silence", "s", at(0), at(10)))
    assert line.part(at(-4000)) < 0
    assert line.end - line.start < timedelta(minutes=1)


def test_lanes_go_from_the_backup_to_what_the_cluster_made_of_it() -> None:
    line = lay_out(CAUSED.timeline, CAUSED.at, CAUSED.tolerance)
    kinds = [lane.kind for lane in line.lanes]
    assert kinds == ["job", "task", "stun", "tolerance", "silence", "removal", "rival", "sign"]


def test_many_marks_of_one_kind_and_label_share_a_lane_and_few_have_one_each() -> None:
    few = [Mark("stun", "a", at(n), at(n + 0.5)) for n in range(3)]
    assert [len(lane.marks) for lane in laid_out(*few).lanes if lane.kind == "stun"] == [1, 1, 1]
    many = [*few, Mark("stun", "a", at(5), at(6))]
    assert [len(lane.marks) for lane in laid_out(*many).lanes if lane.kind == "stun"] == [4]


def test_of_too_many_lanes_the_far_ones_go_and_are_counted() -> None:
    signs = [Mark("sign", f"sign {n}", at(n)) for n in range(30)]
    line = laid_out(Mark("stun", "a", at(0), at(12)), *signs)
    assert len(line.lanes) == MOST_LANES
    assert line.hidden == 33 - MOST_LANES
    assert {"stun", "tolerance", "removal"} <= {lane.kind for lane in line.lanes}
    assert "sign 10" in {lane.label for lane in line.lanes}


def test_marks_that_are_told_twice_take_no_more_room_than_there_is() -> None:
    twice = [Mark("task", "Remove snapshot", at(0), at(1))] * 2
    many = [Mark("sign", f"sign {i}", at(i)) for i in range(20)]
    line = laid_out(*twice, *many)
    assert len(line.lanes) == MOST_LANES


def test_ticks_are_round_moments() -> None:
    line = lay_out(CAUSED.timeline, CAUSED.at, CAUSED.tolerance)
    assert [tick.second % 5 for tick in line.ticks(12)] == [0] * len(line.ticks(12))


SECONDS = st.floats(-1e6, 1e6)
MARKS = st.builds(
    lambda kind, start, length: Mark(
        kind, kind, at(start), at(start + length) if length is not None else None
    ),
    st.sampled_from(["stun", "silence", "removal", "task", "job", "step", "rival", "sign", "new"]),
    SECONDS,
    st.none() | st.floats(0, 1e6),
)


@given(st.lists(MARKS, max_size=30), st.integers(1, 20))
def test_any_marks_give_a_window_around_the_failover(marks: list[Mark], most: int) -> None:
    line = laid_out(*marks)
    assert 0 <= line.part(line.at) <= 1
    assert len(line.lanes) <= max(MOST_LANES, len([ln for ln in line.lanes if ln.kind in CORE]))
    ticks = line.ticks(most)
    assert all(line.start <= tick <= line.end for tick in ticks)
