"""Applied means read back; a crash is settled by reading; nobody's hand is overwritten."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from commands.change import SETTLED, STALE, carry_out
from commands.due import due
from commands.proposal_card import Button, card_of, look_of
from commands.reply import Tone
from sources.access import ClusterAccess, Site
from sources.deadline import Deadline
from sources.windows.apply import Applied
from storage.applying import begin_applying
from storage.proof import verify
from storage.proposal_rows import proposal_of
from storage.proposal_steps import LostRaceError
from storage.proposals import BACKWARD, UNFINISHED, State
from storage.reverting import begin_revert
from tests.commands.tuned import HOUR, RIGHTS, WANTED, Recorded, Story, story
from tests.storage.tuning import EVERY_WAY, walk


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path) as made:
        yield made
        assert verify(made.store) is None


def state(told: Story, key: str) -> State:
    return proposal_of(told.store, key).state


def approved(told: Story, lasts: timedelta | None = None) -> str:
    return told.approves(told.asks(lasts=lasts).id).id


def after(told: Story) -> list[State]:
    """Give the states of what `due` did."""
    return [one.state for one in due(told.context, told.live.change)]


def test_applied_is_said_once_it_was_read_back(told: Story) -> None:
    done = carry_out(told.context, approved(told), told.live.change)
    card = told.card(done.id)
    assert (card.tone, card.headline) == (Tone.GREEN, "Applied: SameSubnetThreshold 10 to 15")
    assert "SameSubnetThreshold is 15." in card.paragraphs[1]
    assert told.said(done.id)[-1].endswith("Ben approved it, Anna asked.")
    assert told.live.sent == [WANTED]


@pytest.mark.parametrize("step", EVERY_WAY)
def test_no_card_says_applied_before_it_was_read(told: Story, step: State) -> None:
    proposal = walk(told.store, step)
    reply = card_of(told.context, proposal, RIGHTS)
    said = " ".join((reply.cards[0].headline, *reply.cards[0].paragraphs)).casefold()
    assert ("applied" in said) <= (proposal.applied_at is not None)
    assert (Button.APPROVE in look_of(proposal).buttons) == (step is State.PROPOSED)


def test_what_was_not_approved_is_never_sent(told: Story) -> None:
    key = told.asks().id
    with pytest.raises(LostRaceError):
        carry_out(told.context, key, told.live.change)
    assert not told.live.sent


def test_a_node_that_is_down_while_applying_fails_with_the_reason(told: Story) -> None:
    key = approved(told)
    told.live.down = True
    done = carry_out(told.context, key, told.live.change)
    assert done.state is State.FAILED
    assert "it does not answer" in told.said(key)[-1]
    assert Button.REVERT not in look_of(done).buttons


def test_values_changed_between_approval_and_sending_are_left_alone(told: Story) -> None:
    key = approved(told)
    told.live.values["SameSubnetThreshold"] = 30
    done = carry_out(told.context, key, told.live.change)
    assert (done.state, told.live.sent) == (State.FAILED, [])


@pytest.mark.parametrize("was_done", [True, False])
def test_a_lost_connection_is_unknown_until_it_was_read(told: Story, *, was_done: bool) -> None:
    key = approved(told)
    told.live.lost, told.live.done = True, was_done
    done = carry_out(told.context, key, told.live.change)
    assert done.state is State.UNKNOWN
    assert "not known" in told.card(key).headline
    assert after(told) == []
    told.live.down = False
    if not was_done:
        assert after(told) == []  # it may still be at work
        told.later(SETTLED)
    assert after(told) == [State.APPLIED if was_done else State.FAILED]


def test_a_connection_lost_after_it_was_done_is_read_at_once(told: Story) -> None:
    key = approved(told)
    told.live.lost = True
    again = replace(told.live.change, read=Recorded.read.__get__(Recorded({**AFTER})))
    assert carry_out(told.context, key, again).state is State.APPLIED


AFTER = {
    "SameSubnetDelay": 1000, "SameSubnetThreshold": 15,
    "CrossSubnetDelay": 1000, "CrossSubnetThreshold": 40,
}  # fmt: skip


def test_a_crash_after_the_approval_sends_it_at_the_next_start(told: Story) -> None:
    approved(told)
    assert after(told) == [State.APPLIED]
    assert after(told) == []
    assert told.live.sent == [WANTED]


def test_an_approval_of_yesterday_is_not_sent_any_more(told: Story) -> None:
    approved(told)
    told.later(STALE + timedelta(seconds=1))
    (done,) = due(told.context, told.live.change)
    assert (done.state, told.live.sent) == (State.FAILED, [])
    assert "not sent in time" in told.said(done.id)[-1]


@pytest.mark.parametrize("was_done", [True, False])
def test_a_crash_while_applying_is_settled_by_reading(told: Story, *, was_done: bool) -> None:
    key = approved(told)
    begin_applying(told.store, key, at=told.live.now)
    told.live.values |= WANTED if was_done else {}
    told.later(SETTLED)
    assert after(told) == [State.APPLIED if was_done else State.FAILED]
    assert told.live.sent == []


@pytest.mark.parametrize("was_done", [True, False])
def test_a_crash_while_reverting_is_settled_by_reading(told: Story, *, was_done: bool) -> None:
    key = told.applied(lasts=HOUR)
    told.later(HOUR)
    begin_revert(told.store, key, at=told.live.now)
    told.live.values["SameSubnetThreshold"] = 10 if was_done else 15
    if not was_done:
        assert after(told) == []
        told.later(SETTLED)
    assert after(told) == [State.REVERTED if was_done else State.REVERT_FAILED]
    told.later(HOUR)
    assert after(told) == ([] if was_done else [State.REVERTED])


@pytest.mark.parametrize("stands", [True, False])
@pytest.mark.parametrize("step", sorted(UNFINISHED))
def test_whatever_was_under_way_comes_to_its_end_by_reading_alone(
    told: Story, step: State, *, stands: bool
) -> None:
    under_way = walk(told.store, step)
    told.live.values = dict(under_way.before) | (dict(under_way.wanted) if stands else {})
    there = State.APPLIED if stands else State.FAILED
    back = State.REVERT_FAILED if stands else State.REVERTED
    stale = State.FAILED
    end = stale if step is State.APPROVED else back if step in BACKWARD else there
    assert after(told) == [end]
    assert (after(told), told.live.sent) == ([], [])


INSIDE = ("forward", "back")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("way", INSIDE)
def test_a_program_killed_while_sending_leaves_what_reading_settles(
    told: Story, way: str, moment: str
) -> None:
    key = told.applied(lasts=HOUR) if way == "back" else approved(told, HOUR)
    told.later(HOUR if way == "back" else timedelta(0))
    sending = told.live.apply

    def killed(
        access: ClusterAccess, now: Mapping[str, int], new: Mapping[str, int], until: Deadline
    ) -> Applied:
        if moment == "after":
            sending(access, now, new, until)
        raise KeyboardInterrupt

    broken = replace(told.live.change, apply=killed)
    with pytest.raises(KeyboardInterrupt):
        list(due(told.context, broken))
    assert state(told, key) is (State.REVERTING if way == "back" else State.APPLYING)
    told.later(SETTLED)
    ends = {"forward": (State.FAILED, State.APPLIED), "back": (State.REVERT_FAILED, State.REVERTED)}
    assert after(told) == [ends[way][moment == "after"]]
    told.later(HOUR)
    after(told)
    assert told.live.values["SameSubnetThreshold"] == 10


def test_a_cluster_no_longer_configured_ends_in_words(told: Story) -> None:
    key = approved(told)
    bare = replace(told.context, site=Site())
    assert carry_out(bare, key, told.live.change).state is State.FAILED


def test_what_nobody_decides_expires_and_is_told(told: Story) -> None:
    told.asks()
    told.later(25 * HOUR)
    (done,) = due(told.context, told.live.change)
    assert told.said(done.id)[-1].startswith("Nobody decided in time")
    assert told.card(done.id).headline.startswith("Expired")
