"""The form: what is advised is filled in, and the effect of what is chosen is said beforehand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.context import Context
from commands.tune_form import LASTING, tune_form
from commands.wanted import lasting
from sources.errors import UserError
from tests.commands.stored import GROUP, cluster, fill, nightly, opened


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    with opened(tmp_path) as made:
        fill(made, cluster(), *nightly(0.4, 12.4))
        yield made


def test_at_first_it_shows_what_is_advised(context: Context) -> None:
    form = tune_form(context, "sqlag01")
    assert (form.cluster, form.changes) == ("SQLAG01", {"SameSubnetThreshold": 15})
    assert "tolerate 15.0 s of silence instead of 10.0 s" in form.effect[0]
    assert not form.blocked


def test_what_was_chosen_counts_more_than_what_is_advised(context: Context) -> None:
    form = tune_form(context, "SQLAG01", {"SameSubnetThreshold": 12})
    assert form.changes == {"SameSubnetThreshold": 12}
    assert "it would have survived 1" in form.effect[0]


def test_the_values_of_now_are_called_so(context: Context) -> None:
    form = tune_form(context, "SQLAG01", {})
    assert (form.changes, form.effect) == ({}, ("These are the values of now.",))


def test_what_a_rule_forbids_is_said_before_it_is_sent_off(context: Context) -> None:
    form = tune_form(context, "SQLAG01", {"SameSubnetThreshold": 5})
    assert form.blocked
    assert "R4" in form.rules[0]


def test_the_usual_values_are_offered_with_what_they_tolerate(context: Context) -> None:
    usual = tune_form(context, "SQLAG01").usual
    relaxed = next(one for one in usual if "Microsoft relaxed" in one.label)
    assert relaxed.label == "Microsoft relaxed: 40 x 1000 ms, tolerates 40.0 s"
    assert relaxed.values["SameSubnetThreshold"] == 40
    assert any(one.label.endswith("(advised)") for one in usual)
    assert len({one.key for one in usual}) == len(usual)


def test_it_says_where_heartbeats_are_not_the_lever(context: Context) -> None:
    fill(context, cluster(20, "Windows Server 2019", GROUP), *nightly(12.4))
    assert any("lease" in said for said in tune_form(context, "SQLAG01").measured)


def test_a_cluster_that_was_never_read_is_a_sentence(context: Context) -> None:
    with pytest.raises(UserError, match="never read"):
        tune_form(context, "FS01")


def test_how_long_can_be_said_of_every_choice() -> None:
    assert [lasting(one) for one in LASTING] == [
        "good", "1 h", "4 h", "8 h", "1 day", "3 days", "7 days",
    ]  # fmt: skip
