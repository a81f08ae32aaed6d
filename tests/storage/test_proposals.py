"""Proposals: what may be proposed, and what is to be done about which."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.errors import UserError
from storage.people import Person
from storage.proposal_rows import (
    due_follow_ups,
    due_to_expire,
    due_to_revert,
    open_for,
    proposal_of,
    proposals_of,
    unfinished,
)
from storage.proposals import OPEN, UNFINISHED, State, fingerprint
from storage.proposing import LONGEST, propose
from storage.store import Store
from tests.storage.told import DAY, ZERO, fresh
from tests.storage.tuning import AFTER, BEFORE, HOUR, WANTED, draft, new, walk
from verdict.heartbeat import RANGES

ANY_WANTED = st.sampled_from(sorted(RANGES)).flatmap(
    lambda name: st.tuples(st.just(name), st.integers(*RANGES[name]))
)


def test_a_proposal_is_stored_as_it_was_made(store: Store) -> None:
    made = replace(draft(lasts=8 * HOUR), incident="cafe")
    found = proposal_of(store, propose(store, made, at=ZERO).proposal.id)
    assert (found.state, found.asked_at, found.incident) == (State.PROPOSED, ZERO, "cafe")
    assert (found.before, found.wanted, found.why) == (BEFORE, WANTED, made.why)
    assert (found.asked_by, found.expires_at, found.lasts) == (
        made.asked_by, made.expires_at, made.lasts
    )  # fmt: skip


@given(why=st.text(min_size=1), name=st.text(), change=ANY_WANTED, lasts=st.timedeltas())
def test_whatever_people_type_is_stored_or_refused_with_a_sentence(
    shared: Store, why: str, name: str, change: tuple[str, int], lasts: timedelta
) -> None:
    who = Person(f"U{next(fresh)}", name)
    wish = draft(f"ANY{next(fresh)}", dict([change]), why, lasts)
    try:
        made = propose(shared, replace(wish, asked_by=who), at=ZERO).proposal
    except UserError as error:
        assert error.message.endswith(".")  # noqa: PT017  both ends are right, nothing else is
    else:
        assert made.asked_by == Person(who.id, name)
        assert made.why == why.strip()


def test_ids_cannot_be_guessed(store: Store) -> None:
    ids = {new(store).id for _ in range(20)}
    assert len(ids) == 20
    assert {len(key) for key in ids} == {32}


@pytest.mark.parametrize("why", ["", " ", "\n\t"])
def test_nobody_proposes_without_saying_why(store: Store, why: str) -> None:
    with pytest.raises(UserError, match="why"):
        propose(store, draft(why=why), at=ZERO)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"SameSubnetThreshold": 10},
        {"SameSubnetThreshold": 2},
        {"SameSubnetThreshold": 121},
        {"SameSubnetDelay": True},
        {"SameSubnetDelay": 250.5},
        {"SameSubnetDelay": "500; Stop-Cluster"},
        {"samesubnetdelay": 500},
        {"RouteHistoryLength": 40},
        {"SameSubnetThreshold": 20, "$(Stop-Cluster)": 1},
    ],
)
def test_only_other_values_of_known_properties_in_their_range_are_stored(
    store: Store, wanted: dict[str, int]
) -> None:
    with pytest.raises(UserError):
        propose(store, draft(wanted=wanted), at=ZERO)
    assert proposals_of(store) == ()


def test_a_property_that_was_not_read_cannot_be_changed_for_it_could_not_be_put_back(
    store: Store,
) -> None:
    with pytest.raises(UserError, match="not read"):
        propose(store, replace(draft(), before={"SameSubnetDelay": 1000}), at=ZERO)


@pytest.mark.parametrize("lasts", [timedelta(0), -HOUR, LONGEST + HOUR])
def test_a_time_is_neither_nothing_nor_years(store: Store, lasts: timedelta) -> None:
    with pytest.raises(UserError, match="year"):
        propose(store, draft(lasts=lasts), at=ZERO)


def test_a_proposal_cannot_expire_before_it_is_made(store: Store) -> None:
    with pytest.raises(UserError, match="expired"):
        propose(store, draft(), at=ZERO + DAY)


def test_the_mark_is_that_of_the_cluster_all_four_values_and_those_wanted() -> None:
    mark = fingerprint("SQLAG01", BEFORE, WANTED)
    assert mark == fingerprint("sqlag01", dict(reversed(BEFORE.items())), WANTED)
    others = [
        fingerprint("SQLAG02", BEFORE, WANTED),
        fingerprint("SQLAG01", BEFORE, {"SameSubnetThreshold": 21}),
        *(fingerprint("SQLAG01", BEFORE | {name: 500}, WANTED) for name in BEFORE),
        fingerprint("SQLAG01", {"SameSubnetThreshold": 10}, WANTED),
    ]
    assert len({mark, *others}) == 1 + len(others)


def test_a_new_proposal_supersedes_the_undecided_one_for_the_same_property(store: Store) -> None:
    old = new(store, "SQLAG01")
    other_property = propose(store, draft(wanted={"CrossSubnetDelay": 500}), at=ZERO).proposal
    other_cluster = new(store, "SQLAG02")
    again = propose(store, draft("sqlag01"), at=ZERO)
    assert [each.id for each in again.superseded] == [old.id]
    assert proposal_of(store, old.id).superseded_by == again.proposal.id
    for untouched in (other_property, other_cluster):
        assert proposal_of(store, untouched.id).state is State.PROPOSED


def test_clusters_are_the_same_in_any_case_of_any_alphabet(store: Store) -> None:
    old = new(store, "MÜNCHEN")
    assert new(store, "münchen").id != old.id
    assert proposal_of(store, old.id).state is State.SUPERSEDED


@pytest.mark.parametrize("state", sorted(UNFINISHED))
def test_a_change_that_is_under_way_is_not_superseded_but_named(store: Store, state: State) -> None:
    walk(store, state)
    with pytest.raises(UserError, match=f"is {state.value.replace('_', ' ')}: Anna"):
        new(store, "sqlag01")
    propose(store, draft(wanted={"CrossSubnetDelay": 500}), at=ZERO)


@pytest.mark.parametrize("state", sorted(set(State) - UNFINISHED))
def test_what_is_not_under_way_stands_in_nobodys_way(store: Store, state: State) -> None:
    walk(store, state)
    assert new(store).state is State.PROPOSED


@pytest.mark.parametrize("state", State)
def test_what_was_under_way_is_found_after_a_crash(store: Store, state: State) -> None:
    proposal = walk(store, state)
    assert (proposal in unfinished(store)) == (state in UNFINISHED)
    assert (proposal in open_for(store, "sqlag01")) == (state in OPEN)
    assert open_for(store, "SQLAG02") == ()


def test_only_undecided_proposals_expire(store: Store) -> None:
    proposal, _ = new(store), walk(store, State.APPROVED, "SQLAG02")
    assert due_to_expire(store, ZERO + DAY - HOUR) == ()
    assert due_to_expire(store, ZERO + DAY) == (proposal,)


@pytest.mark.parametrize("state", State)
def test_a_change_for_a_time_is_due_when_it_is_over_wherever_it_got_stuck(
    store: Store, state: State
) -> None:
    """Also after a day of downtime: due is what was due long ago."""
    proposal = walk(store, state, lasts=8 * HOUR)
    stands = state in {State.APPLIED, State.REVERT_FAILED}
    assert due_to_revert(store, ZERO + 30 * DAY) == ((proposal,) if stands else ())
    assert due_to_revert(store, ZERO) == ()


def test_a_change_for_good_is_never_due(store: Store) -> None:
    walk(store, State.APPLIED)
    assert due_to_revert(store, ZERO + 9999 * DAY) == ()


def test_every_applied_change_is_reported_on_after_a_week(store: Store) -> None:
    standing, gone = walk(store, State.APPLIED), walk(store, State.REVERTED, "SQLAG02")
    walk(store, State.FAILED, "SQLAG03")
    assert due_follow_ups(store, ZERO + 7 * DAY - HOUR) == ()
    due = due_follow_ups(store, ZERO + 7 * DAY)
    assert {each.id for each in due} == {standing.id, gone.id}


def test_the_last_proposals_come_first(store: Store) -> None:
    first = propose(store, draft(), at=ZERO).proposal
    second = propose(store, draft("SQLAG02"), at=ZERO + HOUR).proposal
    assert [each.id for each in proposals_of(store)] == [second.id, first.id]
    assert [each.id for each in proposals_of(store, "sqlag01")] == [first.id]
    assert [each.id for each in proposals_of(store, most=1)] == [second.id]


def test_a_proposal_that_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        proposal_of(store, "0" * 32)


def test_a_proposal_knows_whether_values_are_its_own(store: Store) -> None:
    with_two = {"SameSubnetThreshold": 20, "SameSubnetDelay": 2000}
    proposal = propose(store, draft(wanted=with_two), at=ZERO).proposal
    half, all_of_it = BEFORE | {"SameSubnetDelay": 2000}, BEFORE | with_two
    assert [proposal.is_applied(v) for v in (BEFORE, half, all_of_it)] == [False, False, True]
    assert [proposal.stands(v) for v in (BEFORE, half, all_of_it)] == [False, True, True]
    assert [proposal.is_reverted(v) for v in (BEFORE, half, AFTER, {})] == [
        True, False, False, False
    ]  # fmt: skip
