"""Four eyes: who may is asked at the click, and only what was shown is approved, once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.change import carry_out
from commands.decide import approve, reject
from commands.reply import Tone
from commands.rights import Rights
from sources.errors import UserError
from storage.audit import entries
from storage.people import PROGRAM, Person
from storage.proof import verify
from storage.proposal_rows import proposal_of, proposals_of
from storage.proposal_steps import LostRaceError
from storage.proposals import State
from tests.commands.stored import GROUP, cluster, fill, nightly
from tests.commands.tuned import ANNA, BEN, CARL, HOUR, RIGHTS, Story, other, story


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path) as made:
        yield made
        assert verify(made.store) is None


def state(told: Story, key: str) -> State:
    return proposal_of(told.store, key).state


def refused(told: Story) -> list[tuple[str, str]]:
    """Give who was refused what, by the audit."""
    every = entries(told.store)
    return [(one.who.id, one.what) for one in every if one.what.endswith("_refused")]


def test_another_approver_approves_and_is_named(told: Story) -> None:
    done = told.approves(told.asks().id)
    assert done.state is State.APPROVED
    (line,) = told.said(done.id)
    assert line.startswith("Ben approved SameSubnetThreshold 10 to 15 on SQLAG01")
    assert told.card(done.id).headline.startswith("Approved, not yet sent")
    assert "Ben approved it at" in told.card(done.id).paragraphs[0]
    assert told.offered(done.id) == []
    assert not told.live.sent


@pytest.mark.parametrize("key", [ANNA.id, "u0anna", " U0ANNA "])
def test_the_requester_cannot_approve_even_as_an_approver(told: Story, key: str) -> None:
    asked = told.asks().id
    with pytest.raises(UserError, match="asked for themselves"):
        told.approves(asked, Person(key, "Ben"), other(RIGHTS, ANNA, BEN))
    assert state(told, asked) is State.PROPOSED
    assert refused(told) == [(key, "approve_refused")]


def test_nobody_approves_where_the_list_is_empty(told: Story) -> None:
    key = told.asks().id
    for who in (ANNA, BEN, CARL, PROGRAM, Person("", "")):
        with pytest.raises(UserError):
            told.approves(key, who, Rights())
    assert state(told, key) is State.PROPOSED


def test_somebody_removed_from_the_group_between_card_and_click_is_refused(told: Story) -> None:
    key = told.asks().id
    with pytest.raises(UserError, match="may not approve"):
        told.approves(key, BEN, other(RIGHTS, CARL))
    assert told.approves(key, CARL, other(RIGHTS, CARL)).state is State.APPROVED


def test_glass_is_broken_only_by_who_is_listed_with_a_reason_and_all_are_told(told: Story) -> None:
    key = told.asks().id
    listed = replace(RIGHTS, break_glass=frozenset({ANNA.id}))
    for who, rights, why in ((ANNA, RIGHTS, "night"), (ANNA, listed, " "), (BEN, listed, "night")):
        with pytest.raises(UserError):
            approve(told.context, told.click(key, who, rights), told.live.change, break_glass=why)
    click = told.click(key, ANNA, listed)
    done = approve(told.context, click, told.live.change, break_glass="nobody is awake")
    (line,) = told.said(done.id)
    assert line.startswith("Anna broke the glass and approved")
    assert line.endswith("alone: nobody is awake")
    assert "without a second person (break-glass)" in told.card(done.id).paragraphs[0]
    assert len(refused(told)) == 3


def test_other_values_than_shown_are_refused_and_a_fresh_card_is_given(told: Story) -> None:
    old = told.asks(lasts=HOUR)
    told.live.values["SameSubnetThreshold"] = 12
    done = told.approves(old.id)
    fresh = proposal_of(told.store, done.superseded_by or "")
    assert (done.id, done.state) == (old.id, State.SUPERSEDED)
    assert (fresh.asked_by, fresh.why, fresh.expires_at, fresh.lasts, fresh.state) == (
        ANNA, old.why, old.expires_at, HOUR, State.PROPOSED,
    )  # fmt: skip
    assert told.card(fresh.id).headline == "Proposed: SameSubnetThreshold 12 to 15"
    assert told.offered(fresh.id) == ["approve", "reject", "other_values"]
    assert told.offered(old.id) == []
    assert any("Ben did not approve it: somebody changed" in line for line in told.said(old.id))
    assert (BEN, "drifted") in [(one.who, one.what) for one in entries(told.store)]
    with pytest.raises(UserError, match="themselves"):
        told.approves(fresh.id, ANNA)
    assert told.approves(fresh.id).state is State.APPROVED


def test_a_value_that_was_shown_but_is_not_to_change_counts_too(told: Story) -> None:
    old = told.asks()
    told.live.values["CrossSubnetDelay"] = 2000
    assert told.approves(old.id).superseded_by


def test_what_somebody_did_by_hand_meanwhile_closes_the_proposal(told: Story) -> None:
    key = told.asks().id
    told.live.values["SameSubnetThreshold"] = 15
    done = told.approves(key)
    assert (done.state, done.superseded_by) == (State.REJECTED, None)
    assert done.decided_by == PROGRAM


def test_a_rule_that_blocks_by_now_is_no_longer_approved(told: Story) -> None:
    fill(told.context, cluster(10, "Windows Server 2012"), *nightly(1))
    key = told.asks({"SameSubnetThreshold": 5}).id
    fill(told.context, cluster(10, "Windows Server 2012", GROUP), *nightly(1))
    with pytest.raises(UserError, match="R5"):
        told.approves(key)
    assert state(told, key) is State.PROPOSED


def test_a_cluster_that_does_not_answer_leaves_the_proposal_open(told: Story) -> None:
    key = told.asks().id
    told.live.down = True
    with pytest.raises(UserError, match="does not answer"):
        told.approves(key)
    assert state(told, key) is State.PROPOSED


Late = Callable[[Story, str], object]
LATE: dict[str, Late] = {
    "replayed": lambda told, key: told.approves(key),
    "rejected": lambda told, key: reject(told.context, told.click(key)),
    "superseded": lambda told, _: told.asks({"SameSubnetThreshold": 20}),
    "expired": lambda told, _: told.later(25 * HOUR),
}


@pytest.mark.parametrize("why", LATE)
def test_a_stale_click_does_nothing_and_is_recorded(told: Story, why: str) -> None:
    key = told.asks().id
    LATE[why](told, key)
    before = state(told, key)
    for act in (told.approves, lambda key: reject(told.context, told.click(key))):
        with pytest.raises(LostRaceError):
            act(key)
    assert state(told, key) is before
    assert refused(told) == [(BEN.id, "approve_refused"), (BEN.id, "reject_refused")]


@given(st.text(max_size=40))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_forged_click_is_a_sentence(told: Story, key: str) -> None:
    with pytest.raises(UserError, match="no such proposal"):
        told.approves(key)
    assert refused(told)[-1] == (BEN.id, "approve_refused")


def test_the_requester_and_an_approver_may_reject_and_nobody_else(told: Story) -> None:
    for who in (ANNA, BEN):
        key = told.asks().id
        done = reject(told.context, told.click(key, who), "not now")
        assert done.state is State.REJECTED
        assert told.said(key)[-1].startswith(f"{who.name} rejected")
        assert told.card(key).tone is Tone.GREY
    key = told.asks().id
    with pytest.raises(UserError, match="may not reject"):
        reject(told.context, told.click(key, CARL))


def test_fifty_clicks_at_once_approve_once_and_apply_once(told: Story) -> None:
    key = told.asks().id
    clicks = 50
    start = Barrier(clicks)

    def click(_: int) -> bool:
        start.wait()
        try:
            done = told.approves(key)
            carry_out(told.context, done.id, told.live.change)
        except LostRaceError:
            return False
        return True

    with ThreadPoolExecutor(clicks) as pool:
        won = list(pool.map(click, range(clicks)))
    assert (won.count(True), told.live.sent) == (1, [{"SameSubnetThreshold": 15}])
    assert len(refused(told)) == clicks - 1


def test_clicks_at_once_on_drifted_values_make_one_fresh_card(told: Story) -> None:
    key = told.asks().id
    told.live.values["SameSubnetThreshold"] = 12
    start = Barrier(10)

    def click(_: int) -> bool:
        start.wait()
        try:
            return told.approves(key).superseded_by is not None
        except LostRaceError:
            return False

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(click, range(10))).count(True) == 1
    assert len(proposals_of(told.store)) == 2


@given(st.text(max_size=60), st.text(max_size=20))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_reason_and_no_name_breaks_a_card_or_the_audit(told: Story, why: str, name: str) -> None:
    key = told.asks().id
    try:
        done = reject(told.context, told.click(key, Person(BEN.id, name)), why)
    except UserError:
        return
    assert done.decided_why is None or done.decided_why.isprintable()
