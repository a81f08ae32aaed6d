"""What Slack is told of a proposal: every step, once, in order, also after a crash."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from commands.change import carry_out
from commands.decide import approve
from commands.due import due
from commands.kept import read
from commands.proposal_post import post_name
from commands.revert import keep, revert
from commands.telling import remind, tell
from commands.tune import Asked, tune
from sources.errors import UserError
from storage.incidents import open_incident
from storage.posts import Kind, Post, Wish, post_named, want
from storage.proposals import State
from tests.commands.tuned import ANNA, BEN, CARL, HOUR, RIGHTS, WANTED, Story, story

CALLED = (BEN.id, "S0DBA")


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path) as made:
        yield made


def named(told: Story, name: str) -> Post:
    found = post_named(told.store, name)
    assert found
    return found


def posts(told: Story) -> dict[str, int]:
    """Give all posts with how often something else was wanted of each."""
    rows = told.store.db.execute("SELECT name, wanted FROM posts ORDER BY id").fetchall()
    return {str(name): int(wanted) for name, wanted in rows}


def called(told: Story) -> list[tuple[str, tuple[str, ...]]]:
    """Give the lines that call somebody, and whom."""
    rows = told.store.db.execute("SELECT name FROM posts ORDER BY id").fetchall()
    every = [named(told, name) for (name,) in rows]
    lines = [one for one in every if one.called and not one.name.startswith("proposal")]
    return [(read(one.reply).closing[0], one.called) for one in lines]


def test_a_new_proposal_calls_those_who_may_approve(told: Story) -> None:
    rights = replace(RIGHTS, called=CALLED)
    made = tune(told.context, Asked("SQLAG01", WANTED, "why", ANNA), rights, told.live.change)
    assert named(told, post_name(made.id)).called == CALLED
    told.approves(made.id)
    tell(told.context, CALLED)
    assert named(told, post_name(made.id)).called == ()


def test_the_thread_tells_the_whole_story_in_order(told: Story) -> None:
    key = told.applied(lasts=HOUR)
    told.later(HOUR)
    list(due(told.context, told.live.change))
    change = "SameSubnetThreshold 10 to 15 on SQLAG01"
    assert told.said(key) == [
        f"Ben approved {change}, asked for by Anna.",
        f"Applied and read back: {change}. Ben approved it, Anna asked.",
        f"Put back and read: {change} is undone.",
    ]
    assert told.card(key).headline == "Reverted: SameSubnetThreshold 10 to 15"


def test_told_once_however_often_it_is_looked(told: Story) -> None:
    told.applied()
    assert tell(told.context, ())
    before = posts(told)
    for _ in range(3):
        assert not tell(told.context, ())
    assert posts(told) == before


def test_a_program_killed_after_each_step_tells_what_it_owes_at_the_next_start(
    told: Story,
) -> None:
    key = told.asks().id
    told.approves(key)
    told.later(timedelta(minutes=1))
    carry_out(told.context, key, told.live.change)
    assert list(posts(told)) == [post_name(key)]  # killed each time before it could tell
    tell(told.context, ())
    assert len(told.said(key)) == 2
    assert told.card(key).headline.startswith("Applied")


def test_what_was_refused_is_not_told_in_the_thread(told: Story) -> None:
    key = told.asks().id
    for who in (ANNA, CARL):
        with pytest.raises(UserError):
            told.approves(key, who)
    assert told.said(key) == []


def test_a_broken_glass_calls_every_approver(told: Story) -> None:
    key = told.asks().id
    listed = replace(RIGHTS, break_glass=frozenset({ANNA.id}))
    click = told.click(key, ANNA, listed)
    approve(told.context, click, told.live.change, break_glass="nobody is awake")
    tell(told.context, CALLED)
    ((line, whom),) = called(told)
    assert "Anna broke the glass" in line
    assert whom == CALLED


def test_what_is_not_known_calls_the_approvers_and_what_went_well_nobody(told: Story) -> None:
    told.applied()
    tell(told.context, CALLED)
    assert called(told) == []
    key = told.asks({"CrossSubnetThreshold": 60}).id
    told.approves(key)
    told.live.lost = True
    assert carry_out(told.context, key, told.live.change).state is State.UNKNOWN
    tell(told.context, CALLED)
    assert [line.startswith("Sent, and not known") for line, _ in called(told)] == [True]


def test_approvers_are_called_again_at_half_time_and_before_the_end(told: Story) -> None:
    key = told.asks().id
    heard = []
    for hours in range(26):
        remind(told.context, CALLED)
        remind(told.context, CALLED)
        heard.append((hours, len(called(told))))
        told.later(HOUR)
    assert [hours for hours, number in heard if number == 0] == list(range(12))
    assert [hours for hours, number in heard if number == 1] == list(range(12, 21))
    assert [number for _, number in heard][-1] == 2
    assert "It expires in 3 h" in called(told)[1][0]
    assert named(told, f"reminder 1 {key}").below == named(told, post_name(key)).id


def test_after_a_day_of_downtime_only_the_last_reminder_is_made_up_for(told: Story) -> None:
    told.asks()
    told.later(22 * HOUR)
    remind(told.context, CALLED)
    assert len(called(told)) == 1


def test_what_is_decided_is_not_reminded_of(told: Story) -> None:
    told.approves(told.asks().id)
    told.later(13 * HOUR)
    remind(told.context, CALLED)
    assert called(told) == []


def test_the_report_stands_in_the_thread_and_offers_what_can_still_be_done(told: Story) -> None:
    key = told.applied()
    told.later(timedelta(days=7))
    list(due(told.context, told.live.change))
    tell(told.context, ())
    report = named(told, f"report {key}")
    assert report.below == named(told, post_name(key)).id
    assert report.offered == ("keep", "other_values", "revert")
    keep(told.context, told.click(key), "no failover since", told.live.change)
    tell(told.context, ())
    assert named(told, report.name).offered == ("other_values", "revert")
    revert(told.context, told.click(key), told.live.change)
    tell(told.context, ())
    assert named(told, report.name).offered == ("other_values",)
    assert read(named(told, report.name).reply) == read(report.reply)


def test_a_proposal_stands_in_the_thread_of_its_failover(told: Story) -> None:
    incident = open_incident(told.store, "SQLAG01", told.live.now, told.live.now)
    card = want(told.store, Wish(f"card {incident.id}", "{}", Kind.CARD), told.live.now)
    asked = Asked("SQLAG01", WANTED, "why", ANNA, incident=incident.id)
    made = tune(told.context, asked, RIGHTS, told.live.change)
    assert named(told, post_name(made.id)).below == card.id


def test_a_fresh_proposal_stands_where_the_old_one_did(told: Story) -> None:
    incident = open_incident(told.store, "SQLAG01", told.live.now, told.live.now)
    want(told.store, Wish(f"card {incident.id}", "{}", Kind.CARD), told.live.now)
    asked = Asked("SQLAG01", WANTED, "why", ANNA, incident=incident.id)
    old = tune(told.context, asked, RIGHTS, told.live.change)
    told.live.values["SameSubnetThreshold"] = 12
    fresh = told.approves(old.id).superseded_by or ""
    assert named(told, post_name(fresh)).below == named(told, post_name(old.id)).below
