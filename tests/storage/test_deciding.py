"""Deciding: four eyes, on values that are still those shown, and in time."""

import sqlite3
from datetime import timedelta

import pytest

from sources.errors import UserError
from storage.audit import entries
from storage.deciding import DriftError, approve, expire, reject
from storage.people import Person
from storage.proposal_rows import proposal_of
from storage.proposal_steps import LostRaceError
from storage.proposals import UNFINISHED, Proposal, State, fingerprint
from storage.proposing import propose
from storage.store import Store
from tests.storage.told import DAY, ZERO, at
from tests.storage.tuning import ANNA, BEN, OTHERS, draft, mark, new, walk


def test_another_person_approves(store: Store) -> None:
    proposal = new(store)
    done = approve(store, proposal.id, who=BEN, fingerprint=mark(proposal), at=at(60))
    assert (done.state, done.decided_by, done.decided_at) == (State.APPROVED, BEN, at(60))
    assert not done.break_glass


@pytest.mark.parametrize("who", [ANNA, Person("u0anna ", "Root"), Person(ANNA.id, "Ben")])
def test_nobody_approves_their_own_however_they_are_called(store: Store, who: Person) -> None:
    proposal = new(store)
    with pytest.raises(UserError, match="themselves"):
        approve(store, proposal.id, who=who, fingerprint=mark(proposal), at=ZERO)
    assert proposal_of(store, proposal.id) == proposal


def test_of_two_people_with_one_name_each_may_approve_for_the_other(store: Store) -> None:
    proposal = new(store)
    namesake = Person("U0OTHER", ANNA.name)
    done = approve(store, proposal.id, who=namesake, fingerprint=mark(proposal), at=ZERO)
    assert done.decided_by == namesake


def test_breaking_the_glass_is_approving_alone_and_stands_in_the_audit(store: Store) -> None:
    proposal = new(store)
    done = approve(
        store, proposal.id, who=ANNA, fingerprint=mark(proposal), at=ZERO,
        break_glass=" all asleep, third failover tonight ",
    )  # fmt: skip
    assert (done.break_glass, done.decided_why) == (True, "all asleep, third failover tonight")
    entry = entries(store)[-1]
    assert (entry.who, entry.why, entry.detail) == (ANNA, done.decided_why, {"break_glass": 1})


def test_breaking_the_glass_needs_a_reason(store: Store) -> None:
    proposal = new(store)
    with pytest.raises(UserError, match="why it cannot wait"):
        approve(store, proposal.id, who=ANNA, fingerprint=mark(proposal), at=ZERO, break_glass=" ")


def test_the_file_itself_refuses_an_approval_by_who_asked(store: Store) -> None:
    proposal = new(store)
    sql = "UPDATE proposals SET state = 'approved', decided_by = ? WHERE id = ?"
    for who in (ANNA.id, None):
        with pytest.raises(sqlite3.IntegrityError):
            store.db.execute(sql, [who, proposal.id])


def test_values_that_changed_since_they_were_shown_refuse_the_approval(store: Store) -> None:
    proposal = new(store)
    fresh = fingerprint(proposal.cluster, OTHERS, proposal.wanted)
    with pytest.raises(DriftError, match="no longer"):
        approve(store, proposal.id, who=BEN, fingerprint=fresh, at=ZERO)
    assert proposal_of(store, proposal.id).state is State.PROPOSED


def test_whoever_asked_may_take_it_back(store: Store) -> None:
    done = reject(store, new(store).id, who=ANNA, at=ZERO, why=" a typing error ")
    assert (done.state, done.decided_by) == (State.REJECTED, ANNA)
    assert done.decided_why == "a typing error"


def test_after_its_time_a_proposal_is_not_decided(store: Store) -> None:
    proposal = new(store)
    for moment in (proposal.expires_at, ZERO + 9 * DAY):
        with pytest.raises(LostRaceError, match="expired"):
            approve(store, proposal.id, who=BEN, fingerprint=mark(proposal), at=moment)
        with pytest.raises(LostRaceError, match="expired"):
            reject(store, proposal.id, who=BEN, at=moment)
    assert expire(store, proposal.id, at=proposal.expires_at).state is State.EXPIRED


def test_before_its_time_a_proposal_does_not_expire(store: Store) -> None:
    proposal = new(store)
    with pytest.raises(ValueError, match="until"):
        expire(store, proposal.id, at=proposal.expires_at - timedelta(microseconds=1))


def test_whoever_comes_too_late_is_told_what_was_decided(store: Store) -> None:
    proposal = walk(store, State.REJECTED)
    with pytest.raises(LostRaceError, match="rejected") as lost:
        approve(store, proposal.id, who=BEN, fingerprint=mark(proposal), at=ZERO)
    assert lost.value.now == proposal


@pytest.mark.parametrize("state", sorted(UNFINISHED))
def test_nothing_is_approved_while_another_change_of_the_cluster_is_under_way(
    store: Store, state: State
) -> None:
    """Its values would be read in the middle of that change."""
    walk(store, state)
    second = _of_another_property(store)
    with pytest.raises(UserError, match="under way"):
        approve(store, second.id, who=BEN, fingerprint=mark(second), at=ZERO)
    elsewhere = new(store, "SQLAG02")
    approve(store, elsewhere.id, who=BEN, fingerprint=mark(elsewhere), at=ZERO)


def test_the_file_itself_refuses_a_second_change_under_way(store: Store) -> None:
    walk(store, State.APPLYING)
    second = _of_another_property(store)
    sql = "UPDATE proposals SET state = 'approved', decided_by = ? WHERE id = ?"
    with pytest.raises(sqlite3.IntegrityError):
        store.db.execute(sql, [BEN.id, second.id])


def _of_another_property(store: Store) -> Proposal:
    return propose(store, draft("sqlag01", {"CrossSubnetDelay": 500}), at=ZERO).proposal


def test_an_unknown_proposal_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        approve(store, "none", who=BEN, fingerprint="", at=ZERO)
