"""By itself only what a verdict and the cluster's own stuns advise is proposed, once a failover."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from commands.decide import reject
from commands.incident import entry
from commands.suggest import suggestions
from commands.tune import Asked, tune
from storage.incidents import open_incident
from storage.people import PROGRAM
from storage.verdicts import add_verdict
from tests.commands.sample import CAUSED
from tests.commands.stored import GROUP, cluster, fill, nightly
from tests.commands.tuned import RIGHTS, Story, story
from verdict.verdict import Blame, Mechanism, Verdict


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path) as made:
        yield made


def judged(told: Story, verdict: Verdict = CAUSED) -> str:
    """Have a failover judged now."""
    now = told.live.now
    incident = open_incident(told.store, verdict.cluster, verdict.at, now).id
    add_verdict(told.store, incident, verdict, entry(verdict, incident), now, "test")
    return incident


def test_what_would_have_survived_the_stun_is_proposed_in_the_programs_name(told: Story) -> None:
    incident = judged(told)
    (asked,) = suggestions(told.context)
    assert (asked.who, asked.incident, asked.wanted) == (
        PROGRAM, incident, {"SameSubnetThreshold": 15},
    )  # fmt: skip
    assert asked.why == "A stun of 12.4 s of SQL01 cost the failover of 2026-03-01 02:14:11 UTC."
    made = tune(told.context, asked, RIGHTS, told.live.change)
    assert told.approves(made.id).decided_by


def test_a_failover_suggests_once_whatever_became_of_it(told: Story) -> None:
    judged(told)
    (asked,) = suggestions(told.context)
    made = tune(told.context, asked, RIGHTS, told.live.change)
    assert list(suggestions(told.context)) == []
    reject(told.context, told.click(made.id))
    assert list(suggestions(told.context)) == []


@pytest.mark.parametrize(
    "verdict",
    [
        replace(CAUSED, backup=Blame.SUSPECTED),
        replace(CAUSED, backup=Blame.CLEARED),
        replace(CAUSED, mechanism=Mechanism.LEASE),
        replace(CAUSED, cluster="GONE"),
    ],
)
def test_nothing_is_suggested_where_heartbeats_are_not_the_lever(
    told: Story, verdict: Verdict
) -> None:
    judged(told, verdict)
    assert list(suggestions(told.context)) == []


def test_nothing_is_suggested_where_the_lease_breaks_first(told: Story) -> None:
    fill(told.context, cluster(20, "Windows Server 2019", GROUP), *nightly(12.4))
    judged(told)
    assert list(suggestions(told.context)) == []


def test_a_verdict_of_yesterday_suggests_nothing_any_more(told: Story) -> None:
    judged(told)
    told.later(timedelta(days=1, seconds=1))
    assert list(suggestions(told.context)) == []


def test_what_somebody_else_proposes_comes_first(told: Story) -> None:
    told.asks({"CrossSubnetThreshold": 60})
    judged(told)
    assert list(suggestions(told.context)) == []


def test_a_person_who_proposed_for_this_failover_is_not_repeated(told: Story) -> None:
    incident = judged(told)
    asked = Asked("SQLAG01", {"SameSubnetThreshold": 20}, "why", PROGRAM, incident=incident)
    reject(told.context, told.click(tune(told.context, asked, RIGHTS, told.live.change).id))
    assert list(suggestions(told.context)) == []
