"""Applying: applied means read back, and what nobody knows is not called failed."""

import sqlite3

import pytest

from sources.errors import UserError
from storage.applying import applied, begin_applying, failed, followed_up, unknown
from storage.proposal_rows import due_follow_ups, due_to_revert, proposal_of
from storage.proposal_steps import LostRaceError
from storage.proposals import State
from storage.proposing import propose
from storage.reverting import begin_revert
from storage.store import Store
from tests.storage.told import DAY, ZERO, at
from tests.storage.tuning import AFTER, BEFORE, HOUR, OTHERS, STEPS, draft, walk

TWO = {"SameSubnetThreshold": 20, "SameSubnetDelay": 2000}


def test_an_applied_change_knows_what_was_read_when_it_ends_and_when_to_report(
    store: Store,
) -> None:
    begun = walk(store, State.APPLYING, lasts=8 * HOUR)
    done = applied(store, begun.id, after=AFTER, at=at(3))
    assert (done.state, done.applied_at, done.after) == (State.APPLIED, at(3), AFTER)
    assert (done.revert_at, done.follow_up_at) == (ZERO + 8 * HOUR, at(3) + 7 * DAY)


def test_a_change_for_good_has_no_end(store: Store) -> None:
    assert walk(store, State.APPLIED).revert_at is None


def test_a_change_found_after_a_day_of_downtime_is_due_to_go_back_at_once(store: Store) -> None:
    """It stood since it was sent, not since somebody looked."""
    lost = walk(store, State.UNKNOWN, lasts=8 * HOUR)
    found = applied(store, lost.id, after=AFTER, at=ZERO + DAY)
    assert due_to_revert(store, ZERO + DAY) == (found,)


@pytest.mark.parametrize("after", [{}, BEFORE, OTHERS])
def test_nothing_is_applied_that_was_not_read_back(store: Store, after: dict[str, int]) -> None:
    begun = walk(store, State.APPLYING)
    with pytest.raises(ValueError, match="not applied"):
        applied(store, begun.id, after=after, at=ZERO)
    assert proposal_of(store, begun.id) == begun


def test_the_file_itself_refuses_a_change_for_a_time_without_its_end(store: Store) -> None:
    done = walk(store, State.APPLIED, lasts=HOUR)
    with pytest.raises(sqlite3.IntegrityError):
        store.db.execute("UPDATE proposals SET revert_at = NULL WHERE id = ?", [done.id])


def test_what_is_unknown_fails_only_after_reading(store: Store) -> None:
    lost = walk(store, State.UNKNOWN)
    assert lost.trouble == "connection lost"
    with pytest.raises(ValueError, match="unknown until"):
        failed(store, lost.id, trouble="refused", at=ZERO)
    assert failed(store, lost.id, trouble="refused", at=ZERO, after=BEFORE).after == BEFORE


def test_what_was_read_to_be_there_has_not_failed(store: Store) -> None:
    begun = walk(store, State.APPLYING)
    with pytest.raises(ValueError, match="is applied"):
        failed(store, begun.id, trouble="refused", at=ZERO, after=AFTER)


def test_trouble_is_forgotten_once_it_is_over(store: Store) -> None:
    lost = walk(store, State.UNKNOWN)
    assert applied(store, lost.id, after=AFTER, at=ZERO).trouble is None


def test_half_a_change_can_be_reverted_and_one_for_a_time_will_be(store: Store) -> None:
    proposal = propose(store, draft(wanted=TWO, lasts=HOUR), at=ZERO).proposal
    for state in (State.APPROVED, State.APPLYING):
        proposal = STEPS[state](store, proposal)
    half = failed(store, proposal.id, trouble="node lost", at=ZERO, after=AFTER)
    assert due_to_revert(store, ZERO + HOUR) == (half,)
    assert begin_revert(store, half.id, at=ZERO + HOUR).state is State.REVERTING


def test_a_change_that_failed_as_a_whole_leaves_nothing_to_revert(store: Store) -> None:
    proposal = walk(store, State.FAILED, lasts=HOUR)
    assert due_to_revert(store, ZERO + DAY) == ()
    with pytest.raises(LostRaceError):
        begin_revert(store, proposal.id, at=ZERO)


def test_a_revert_and_another_change_never_run_at_once(store: Store) -> None:
    """Whichever is first, the other waits: a revert racing an approval."""
    old = walk(store, State.APPLIED, lasts=HOUR)
    new = STEPS[State.APPROVED](store, propose(store, draft(), at=ZERO).proposal)
    with pytest.raises(UserError, match="under way"):
        begin_revert(store, old.id, at=ZERO + HOUR)
    begin_applying(store, new.id, at=ZERO)
    unknown(store, new.id, trouble="lost", at=ZERO)
    with pytest.raises(UserError, match="under way"):
        begin_revert(store, old.id, at=ZERO + HOUR)
    applied(store, new.id, after=AFTER, at=ZERO)
    assert begin_revert(store, old.id, at=ZERO + HOUR).state is State.REVERTING


def test_the_report_on_a_change_is_claimed_once(store: Store) -> None:
    done = walk(store, State.APPLIED)
    assert followed_up(store, done.id, at=ZERO + 7 * DAY).followed_up_at == ZERO + 7 * DAY
    with pytest.raises(LostRaceError):
        followed_up(store, done.id, at=ZERO + 7 * DAY)
    assert due_follow_ups(store, ZERO + 9 * DAY) == ()


def test_a_change_that_was_not_applied_has_no_report(store: Store) -> None:
    with pytest.raises(LostRaceError):
        followed_up(store, walk(store, State.FAILED).id, at=ZERO)
