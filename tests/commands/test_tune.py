"""Proposing: what it does in plain words, what is refused with its source, what is superseded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.reply import Tone
from commands.rights import Rights
from commands.tune import Asked, tune
from sources.errors import UserError
from storage.proposal_rows import proposal_of, proposals_of
from storage.proposals import State
from tests.commands.stored import GROUP, NOW, cluster, fill, nightly
from tests.commands.tuned import ANNA, BEN, HOUR, RIGHTS, WANTED, Story, other, story


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path) as made:
        yield made


def test_a_proposal_says_the_change_its_effect_and_who_decides_until_when(told: Story) -> None:
    made = told.asks(lasts=8 * HOUR)
    card = told.card(made.id)
    assert (card.tone, card.headline) == (Tone.YELLOW, "Proposed: SameSubnetThreshold 10 to 15")
    assert card.context[0] == "SQLAG01"
    assert "tolerate 15.0 s of silence instead of 10.0 s" in card.paragraphs[0]
    assert "missed 5.0 s later" in card.paragraphs[0]
    assert "Of 2 stuns in the last 30 days it would have survived 2" in card.paragraphs[0]
    assert "the values of now survive 1" in card.paragraphs[0]
    assert dict(card.figures) == {
        "SameSubnetThreshold": "10 to 15",
        "Asked by": "Anna",
        "Why": "stun of 12.4 s",
        "For": "8 h",
        "May approve": "the approvers, but not Anna",
        "Until": "2026-03-03 02:14:00 UTC",
    }
    assert told.offered(made.id) == ["approve", "reject", "other_values"]
    assert not told.live.sent


def test_a_rule_that_blocks_is_named_with_its_source(told: Story) -> None:
    with pytest.raises(UserError, match=r"R4, Microsoft, HADR") as refused:
        told.asks({"SameSubnetThreshold": 8})
    assert "less than the 10.0 s" in refused.value.message
    assert proposals_of(told.store) == ()


def test_more_within_a_subnet_than_across_is_blocked(told: Story) -> None:
    with pytest.raises(UserError, match="R1"):
        told.asks({"SameSubnetThreshold": 60})


def test_lowering_under_the_lease_of_an_availability_group_is_blocked(told: Story) -> None:
    fill(told.context, cluster(10, "Windows Server 2012", GROUP), *nightly(1))
    with pytest.raises(UserError, match="R5"):
        told.asks({"SameSubnetThreshold": 5})


def test_a_rule_that_warns_is_shown(told: Story) -> None:
    card = told.card(told.asks({"SameSubnetThreshold": 30}).id)
    assert "steps" in card.sections[0].items[0]


def test_out_of_the_range_of_an_old_windows_is_blocked(told: Story) -> None:
    fill(told.context, cluster(10, "Windows Server 2008 R2"), *nightly(1))
    with pytest.raises(UserError, match="3 to 10"):
        told.asks()


def test_an_account_that_may_not_change_is_told_before_anybody_is_asked(told: Story) -> None:
    told.live.objection = "SQL01 does not let the account change SQLAG01."
    said = told.card(told.asks().id).paragraphs[-1]
    assert said.startswith("As it is, an approval would change nothing.")


@pytest.mark.parametrize("why", ["", " \n\t", "x" * 501])
def test_a_reason_is_required_and_is_no_report(told: Story, why: str) -> None:
    with pytest.raises(UserError):
        told.asks(why=why)
    assert proposals_of(told.store) == ()


def test_only_requesters_propose_where_there_are_some(told: Story) -> None:
    rights = replace(RIGHTS, requesters=frozenset({BEN.id}))
    with pytest.raises(UserError, match="may not propose"):
        tune(told.context, Asked("SQLAG01", WANTED, "why", ANNA), rights, told.live.change)


def test_an_empty_list_of_approvers_is_said_on_the_card(told: Story) -> None:
    asked = Asked("SQLAG01", WANTED, "why", ANNA)
    for rights, said in ((Rights(), "Nobody may approve"), (other(RIGHTS, ANNA), "nobody: Anna")):
        made = tune(told.context, asked, rights, told.live.change)
        assert said in dict(told.card(made.id).figures)["May approve"]


def test_what_is_so_already_is_left_out(told: Story) -> None:
    made = told.asks(WANTED | {"CrossSubnetThreshold": 40})
    assert made.wanted == WANTED
    with pytest.raises(UserError, match="has these values already"):
        told.asks({"CrossSubnetThreshold": 40})


def test_a_second_proposal_for_a_property_takes_the_place_of_the_first(told: Story) -> None:
    first = told.asks()
    second = told.asks({"SameSubnetThreshold": 20}, who=BEN)
    assert proposal_of(told.store, first.id).superseded_by == second.id
    assert proposal_of(told.store, first.id).state is State.SUPERSEDED
    told.asks({"CrossSubnetThreshold": 60})
    assert proposal_of(told.store, second.id).state is State.PROPOSED


def test_no_other_change_is_proposed_while_one_is_under_way(told: Story) -> None:
    told.approves(told.asks().id)
    with pytest.raises(UserError, match="Another change"):
        told.asks({"SameSubnetThreshold": 20})


def test_a_cluster_that_does_not_answer_is_a_sentence(told: Story) -> None:
    told.live.down = True
    with pytest.raises(UserError, match="SQL01: it does not answer"):
        told.asks()


def test_a_proposal_waits_as_long_as_is_configured(told: Story) -> None:
    rights = replace(RIGHTS, expires=timedelta(hours=2))
    asked = Asked("SQLAG01", WANTED, "why", ANNA)
    made = tune(told.context, asked, rights, told.live.change)
    assert made.expires_at == NOW + 2 * HOUR


INT = st.integers() | st.integers(3, 120) | st.integers(250, 4000)
NAMES = st.text() | st.sampled_from(["SameSubnetThreshold", "SameSubnetDelay", "$(calc)"])


@given(st.dictionaries(NAMES, INT, max_size=3), st.text(max_size=40))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_number_or_reason_gets_through_but_ours(
    told: Story, wanted: dict[str, int], why: str
) -> None:
    try:
        made = told.asks(wanted, why=why)
    except UserError:
        return
    assert made.wanted.items() <= wanted.items()
    assert set(made.wanted) <= set(told.live.values)
    assert made.why.isprintable()
