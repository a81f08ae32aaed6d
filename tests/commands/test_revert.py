"""Putting back: by hand, by itself, and never over somebody's hand."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from commands.change import SETTLED, carry_out
from commands.due import due
from commands.revert import keep, revert
from commands.tune import Asked, tune
from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.errors import UserError
from sources.windows.heartbeat_values import Values
from storage.audit import entries
from storage.people import PROGRAM
from storage.proof import verify
from storage.proposal_rows import proposal_of, proposals_of
from storage.proposals import State
from tests.commands.stored import cluster, fill, nightly
from tests.commands.tuned import ANNA, BEN, CARL, HOUR, RIGHTS, WANTED, Story, story


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path) as made:
        yield made
        assert verify(made.store) is None


def after(told: Story) -> list[State]:
    """Give the states of what `due` did."""
    return [one.state for one in due(told.context, told.live.change)]


def test_a_change_for_a_time_goes_back_by_itself_also_after_a_day_of_downtime(
    told: Story,
) -> None:
    key = told.applied(lasts=8 * HOUR)
    assert after(told) == []
    told.later(timedelta(days=1))
    assert after(told) == [State.REVERTED]
    assert told.live.values["SameSubnetThreshold"] == 10
    assert proposal_of(told.store, key).reverted_by == PROGRAM


def test_a_revert_that_is_due_never_overwrites_somebodys_hand(told: Story) -> None:
    key = told.applied(lasts=HOUR)
    told.live.values["SameSubnetThreshold"] = 30
    told.later(HOUR)
    for _ in range(3):
        (done,) = due(told.context, told.live.change)
        assert "somebody changed it meanwhile" in told.card(done.id).headline
        assert told.offered(done.id) == ["revert", "keep"]
        told.later(timedelta(days=1))
    assert told.live.values["SameSubnetThreshold"] == 30
    with pytest.raises(UserError, match="somebody else has set"):
        revert(told.context, told.click(key, ANNA, replace(RIGHTS, approvers=frozenset({BEN.id}))))
    left = keep(told.context, told.click(key), "30 is right", told.live.change)
    assert (left.state, after(told)) == (State.LEFT, [])


def test_who_was_shown_the_other_values_may_put_the_old_ones_back(told: Story) -> None:
    key = told.applied()
    told.live.values["SameSubnetThreshold"] = 30
    first = revert(told.context, told.click(key), told.live.change)
    assert first.state is State.REVERT_FAILED
    told.live.values["SameSubnetThreshold"] = 31
    assert revert(told.context, told.click(key), told.live.change).after == (told.live.values)
    last = revert(told.context, told.click(key), told.live.change)
    assert last.state is State.REVERTED
    assert told.live.values["SameSubnetThreshold"] == 10


def test_a_change_that_still_stands_is_not_kept_past_its_time(told: Story) -> None:
    key = told.applied(lasts=HOUR)
    told.later(HOUR)
    told.live.down = True
    assert after(told) == [State.REVERT_FAILED]
    told.live.down = False
    with pytest.raises(UserError, match="still has a value"):
        keep(told.context, told.click(key), "good so", told.live.change)
    told.later(HOUR)
    assert after(told) == [State.REVERTED]


def test_a_revert_that_cannot_be_done_is_tried_ever_later_and_never_given_up(
    told: Story,
) -> None:
    key = told.applied(lasts=HOUR)
    told.later(HOUR)
    told.live.down = True
    waits = []
    for _ in range(6):
        assert after(told) == [State.REVERT_FAILED]
        again = proposal_of(told.store, key).revert_at
        assert again
        waits.append((again - told.live.now) / timedelta(minutes=1))
        told.live.now = again
    assert waits == [15, 15, 30, 60, 120, 120]
    told.live.down = False
    assert after(told) == [State.REVERTED]


def test_the_requester_may_revert_and_a_stranger_may_not(told: Story) -> None:
    key = told.applied()
    with pytest.raises(UserError, match="may not revert"):
        revert(told.context, told.click(key, CARL), told.live.change)
    done = revert(told.context, told.click(key, ANNA), told.live.change, "lease lost")
    assert done.state is State.REVERTED
    assert "Anna put it back" in " ".join(told.card(key).paragraphs)


def test_a_lost_connection_on_the_way_back_is_unknown_until_read(told: Story) -> None:
    key = told.applied()
    told.live.lost = True
    done = revert(told.context, told.click(key), told.live.change)
    assert done.state is State.REVERT_UNKNOWN
    told.live.down = False
    assert after(told) == [State.REVERTED]


def test_a_revert_waits_for_another_change_of_the_cluster(told: Story) -> None:
    told.applied(lasts=HOUR)
    told.later(HOUR)
    made = told.asks({"CrossSubnetThreshold": 60})
    told.approves(made.id)
    assert after(told) == [State.APPLIED, State.REVERTED]
    assert told.live.sent[-2:] == [{"CrossSubnetThreshold": 60}, {"SameSubnetThreshold": 10}]


def test_no_revert_puts_more_time_within_a_subnet_than_across_unasked(told: Story) -> None:
    fill(told.context, cluster(20, "Windows Server 2016"), *nightly(1))
    told.live.values["SameSubnetThreshold"] = 20
    made = told.asks({"SameSubnetThreshold": 10}, lasts=HOUR)
    told.approves(made.id)
    carry_out(told.context, made.id, told.live.change)
    told.live.values["CrossSubnetThreshold"] = 15
    told.later(HOUR)
    (done,) = due(told.context, told.live.change)
    assert "would be larger than CrossSubnetThreshold 15 (R1)" in told.said(done.id)[-1]
    back = revert(told.context, told.click(made.id), told.live.change)
    assert back.state is State.REVERTED


def test_a_revert_racing_an_approval_leaves_one_of_them_to_its_turn(told: Story) -> None:
    for _ in range(5):
        key = told.applied()
        made = told.asks({"CrossSubnetThreshold": 60})

        def approves(new: str = made.id) -> None:
            told.approves(new)
            carry_out(told.context, new, told.live.change)

        def reverts(old: str = key) -> None:
            revert(told.context, told.click(old), told.live.change)

        with ThreadPoolExecutor(2) as pool:
            acts = [pool.submit(approves), pool.submit(reverts)]
        failed = [act.exception() for act in acts]
        assert all(error is None or isinstance(error, UserError) for error in failed)
        told.later(SETTLED)
        after(told)
        read = proposal_of(told.store, key).after
        assert read is not None
        for one in (key, made.id):
            settle(told, one)
        assert told.live.values["SameSubnetThreshold"] == 10
        assert told.live.values["CrossSubnetThreshold"] == 40


def settle(told: Story, key: str) -> None:
    """Bring a proposal to its end, as people would."""
    for _ in range(3):
        now = proposal_of(told.store, key).state
        if now in {State.APPLIED, State.REVERT_FAILED}:
            revert(told.context, told.click(key), told.live.change)
        elif now is State.PROPOSED:
            told.later(25 * HOUR)
            after(told)


def test_two_programs_that_do_what_is_due_do_it_once(told: Story) -> None:
    told.applied(lasts=HOUR)
    told.later(HOUR)
    with ThreadPoolExecutor(8) as pool:
        did = [state for states in pool.map(lambda _: after(told), range(8)) for state in states]
    assert did == [State.REVERTED]
    assert told.live.sent == [WANTED, {"SameSubnetThreshold": 10}]


def test_a_cluster_that_hangs_keeps_no_other_waiting(told: Story) -> None:
    known = replace(cluster(), name="FS01", nodes=())
    fill(told.context, known, vms=())
    asked = Asked("FS01", WANTED, "why", ANNA, HOUR)
    for made in (told.asks(lasts=HOUR), tune(told.context, asked, RIGHTS, told.live.change)):
        told.approves(made.id)
        carry_out(told.context, made.id, told.live.change)
        told.live.values["SameSubnetThreshold"] = 10  # of the other cluster: they share a memory
    told.live.values["SameSubnetThreshold"] = 15
    told.later(HOUR)
    hangs, answered = Event(), Event()

    def read(access: ClusterAccess, until: Deadline) -> Values:
        if access.name == "SQLAG01":
            hangs.wait(10)
        return told.live.read(access, until)

    def done() -> None:
        for one in due(told.context, replace(told.live.change, read=read)):
            assert one.state is State.REVERTED
            answered.set()

    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(done)
        until = time.monotonic() + 5
        while proposals_of(told.store, "FS01")[0].state is not State.REVERTED:
            assert time.monotonic() < until
            time.sleep(0.01)
        assert proposals_of(told.store, "SQLAG01")[0].state is not State.REVERTED  # it hangs
        told.live.values["SameSubnetThreshold"] = 15
        hangs.set()
        under_way.result()
    assert answered.is_set()


def test_a_change_for_good_is_kept_by_word_and_one_for_a_time_is_not(told: Story) -> None:
    key = told.applied()
    done = keep(told.context, told.click(key), "no failover since", told.live.change)
    assert told.said(done.id)[-1].startswith("Ben keeps SameSubnetThreshold 10 to 15")
    assert [one.what for one in entries(told.store)][-1] == "kept"
    revert(told.context, told.click(key), told.live.change)
    timed = told.applied(lasts=HOUR)
    with pytest.raises(UserError):
        keep(told.context, told.click(timed), "good so", told.live.change)


def test_half_overtaken_the_rest_is_not_left_and_only_an_approver_overwrites(
    told: Story,
) -> None:
    made = told.asks({"SameSubnetThreshold": 15, "CrossSubnetThreshold": 60})
    told.approves(made.id)
    carry_out(told.context, made.id, told.live.change)
    told.live.values["SameSubnetThreshold"] = 30
    done = revert(told.context, told.click(made.id, ANNA), told.live.change)
    assert told.offered(done.id) == ["revert"]
    anna = told.click(made.id, ANNA, replace(RIGHTS, approvers=frozenset({BEN.id})))
    with pytest.raises(UserError, match="somebody else has set"):
        revert(told.context, anna, told.live.change)
    back = revert(told.context, told.click(made.id), told.live.change)
    assert back.state is State.REVERTED
