"""A week after: what was measured since, what it would have cost before, and what it did."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from commands.due import due
from commands.follow_up import report
from commands.reply import Reply, Tone
from commands.revert import revert
from storage.applying import followed_up
from storage.coverage import add_coverage
from storage.failovers import add_failovers
from storage.proposal_steps import LostRaceError
from storage.stuns import add_stuns
from tests.commands.tuned import HOUR, Story, story
from tests.storage.told import failover, stun
from verdict.facts import Coverage

DAY = 86400
WEEK = timedelta(days=7)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path) as made:
        yield made


def week(told: Story, *lengths: float, read: bool = True) -> Reply:
    """Apply, let stuns of some lengths in seconds happen, one each night, and report."""
    key = told.applied()
    begun = told.live.now
    told.later(WEEK)
    stuns = [stun((n + 1.5) * DAY, length) for n, length in enumerate(lengths)]
    add_stuns(told.store, stuns, {"sql01": "vc01"})
    if read:
        parts = [Coverage("vmware.log", vm, begun, told.live.now) for vm in ("sql01", "sql02")]
        add_coverage(told.store, "vc01", parts, told.live.now)
    return reported(told, key)


def reported(told: Story, key: str) -> Reply:
    return report(told.context, followed_up(told.store, key, at=told.live.now))


def test_stuns_since_and_what_they_would_have_cost_before(told: Story) -> None:
    done = week(told, 0.4, 12.4, 0.5)
    (card,) = done.cards
    assert (card.tone, card.headline) == (Tone.GREEN, "7 days with SameSubnetThreshold 10 to 15")
    assert "3 stuns since, the longest 12.4 s." in card.paragraphs[0]
    assert "With 10.0 s of tolerance 1 would have cost a failover" in card.paragraphs[0]
    assert "with 15.0 s none would have cost one" in card.paragraphs[0]
    assert (done.payload["saved"], done.payload["stuns"]) == (1, 3)
    assert done.payload["buttons"] == ["keep", "other_values", "revert"]


def test_failovers_then_and_now_are_counted(told: Story) -> None:
    add_failovers(told.store, "SQLAG01", [failover(0), failover(-3 * DAY), failover(3 * DAY)])
    add_failovers(told.store, "SQLAG01", [failover(-30 * DAY)])
    done = week(told)
    assert done.cards[0].tone is Tone.YELLOW
    assert "1 failover since, 2 in as long a time before" in done.cards[0].paragraphs[0]


def test_a_log_that_was_not_read_is_said(told: Story) -> None:
    done = week(told, read=False)
    assert done.cards[0].tone is Tone.YELLOW
    assert "SQL01 and SQL02 was read for less" in done.cards[0].paragraphs[1]


def test_it_is_reported_unasked_and_once(told: Story) -> None:
    key = told.applied()
    assert list(due(told.context, told.live.change)) == []
    told.later(WEEK)
    (done,) = due(told.context, told.live.change)
    assert done.id == key
    assert list(due(told.context, told.live.change)) == []
    with pytest.raises(LostRaceError):
        followed_up(told.store, key, at=told.live.now)


def test_it_is_reported_when_it_was_configured_to_be(told: Story) -> None:
    told.context = replace(told.context, follow_up=timedelta(days=2))
    told.applied()
    told.later(timedelta(days=2))
    assert len(list(due(told.context, told.live.change))) == 1


def test_a_change_that_went_back_is_reported_for_the_time_it_stood(told: Story) -> None:
    key = told.applied()
    revert(told.context, told.click(key), told.live.change)
    told.later(WEEK)
    done = reported(told, key)
    assert "By now: reverted." in done.cards[0].paragraphs[-1]
    assert done.payload["buttons"] == ["other_values"]


def test_a_change_for_a_time_counts_only_while_it_stood(told: Story) -> None:
    key = told.applied(lasts=HOUR)
    told.later(HOUR)
    list(due(told.context, told.live.change))
    told.later(WEEK)
    add_stuns(told.store, [stun(2 * DAY, 12.4)], {"sql01": "vc01"})
    assert reported(told, key).payload["stuns"] == 0
