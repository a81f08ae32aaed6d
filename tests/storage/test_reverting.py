"""Reverting: reverted means read back, and a change for a time cannot lose its revert."""

import pytest

from sources.errors import UserError
from storage.proposal_rows import due_to_revert, proposal_of
from storage.proposals import State
from storage.proposing import propose
from storage.reverting import begin_revert, leave, revert_failed, reverted
from storage.store import Store
from tests.storage.told import ZERO, at
from tests.storage.tuning import AFTER, BEFORE, BEN, HOUR, OTHERS, STEPS, draft, walk


def test_a_person_has_a_change_go_back(store: Store) -> None:
    done = walk(store, State.APPLIED)
    begin_revert(store, done.id, at=at(5), who=BEN, why="lease lost")
    back = reverted(store, done.id, after=BEFORE, at=at(8))
    assert (back.state, back.reverted_by, back.reverted_at) == (State.REVERTED, BEN, at(8))
    assert back.after == BEFORE


@pytest.mark.parametrize("after", [{}, AFTER, OTHERS])
def test_nothing_is_reverted_that_was_not_read_back(store: Store, after: dict[str, int]) -> None:
    begun = walk(store, State.REVERTING)
    with pytest.raises(ValueError, match="not reverted"):
        reverted(store, begun.id, after=after, at=ZERO)
    assert proposal_of(store, begun.id) == begun


def test_a_revert_that_failed_is_tried_again(store: Store) -> None:
    stuck = walk(store, State.REVERT_FAILED, lasts=HOUR)
    assert due_to_revert(store, ZERO + HOUR) == (stuck,)
    assert begin_revert(store, stuck.id, at=ZERO + HOUR).state is State.REVERTING


def test_a_change_for_a_time_cannot_lose_its_revert(store: Store) -> None:
    begun = walk(store, State.REVERTING, lasts=HOUR)
    with pytest.raises(ValueError, match="tried again"):
        revert_failed(store, begun.id, trouble="refused", at=ZERO, again=None)


def test_a_change_for_good_is_not_tried_again_by_itself(store: Store) -> None:
    begun = walk(store, State.REVERTING)
    revert_failed(store, begun.id, trouble="refused", at=ZERO, again=None)
    assert due_to_revert(store, ZERO + 9999 * HOUR) == ()


def test_a_revert_that_is_unknown_fails_only_after_reading(store: Store) -> None:
    lost = walk(store, State.REVERT_UNKNOWN)
    with pytest.raises(ValueError, match="unknown until"):
        revert_failed(store, lost.id, trouble="refused", at=ZERO, again=None)
    assert reverted(store, lost.id, after=BEFORE, at=ZERO).trouble is None


def test_what_was_read_to_be_back_has_not_failed(store: Store) -> None:
    begun = walk(store, State.REVERTING)
    with pytest.raises(ValueError, match="is reverted"):
        revert_failed(store, begun.id, trouble="refused", at=ZERO, again=None, after=BEFORE)


def test_values_that_somebody_changed_meanwhile_are_left_when_a_person_says_so(
    store: Store,
) -> None:
    asked = walk(store, State.REVERT_FAILED, lasts=HOUR)
    left = leave(store, asked.id, who=BEN, why="30 is right", after=OTHERS, at=ZERO)
    assert (left.state, left.after) == (State.LEFT, OTHERS)
    assert due_to_revert(store, ZERO + 9999 * HOUR) == ()


def test_a_change_for_a_time_that_still_stands_cannot_be_left(store: Store) -> None:
    """Else it would be one for good, which nobody approved."""
    asked = walk(store, State.REVERT_FAILED, lasts=HOUR)
    with pytest.raises(UserError, match="still has"):
        leave(store, asked.id, who=BEN, why="it works", after=AFTER, at=ZERO)


def test_leaving_needs_a_reason(store: Store) -> None:
    asked = walk(store, State.REVERT_FAILED)
    with pytest.raises(UserError, match="why"):
        leave(store, asked.id, who=BEN, why="", after=OTHERS, at=ZERO)


def test_no_second_revert_begins_beside_another(store: Store) -> None:
    """Two changes of one cluster, both due: one after the other."""
    first = walk(store, State.APPLIED, lasts=HOUR)
    second = propose(store, draft(wanted={"CrossSubnetDelay": 500}, lasts=HOUR), at=ZERO).proposal
    for state in (State.APPROVED, State.APPLYING, State.APPLIED):
        second = STEPS[state](store, second)
    begin_revert(store, first.id, at=ZERO + HOUR)
    with pytest.raises(UserError, match="under way"):
        begin_revert(store, second.id, at=ZERO + HOUR)
