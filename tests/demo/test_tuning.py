"""In the demo anna proposes, ben approves by his group, and the cluster has the new values."""

from collections.abc import Iterator

import pytest

from demo.running import Stage, staged
from demo.slack.message import Message
from demo.stories import CHANNEL, SCENES

LINE = "/stuncheck tune SQLAG01 SameSubnetThreshold=15 because of stuns"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged(pace=0) as found:
        yield found


def card(stage: Stage, words: str) -> Message:
    return stage.workspace.waits_for_words(CHANNEL, words)


def test_what_anna_proposes_only_the_group_approves(stage: Stage) -> None:
    place = stage.workspace
    place.slash("anna", CHANNEL, LINE)
    proposed = card(stage, "Proposed")
    (calling,) = [block for block in proposed.blocks if "subteam" in str(block)]
    (group,) = place.team.groups.values()
    assert f"<!subteam^{group.id}>" in str(calling)
    place.clicks("anna", proposed, "approve")
    place.waits(lambda: "Nobody approves what they asked" in said(stage, "anna"), "the refusal")
    place.clicks("ben", proposed, "approve")
    place.waits(lambda: "Applied" in place.now(proposed).words, "the change")
    place.slash("anna", CHANNEL, "/stuncheck tune SQLAG01 SameSubnetThreshold=15 because again")
    place.waits(lambda: "has these values already" in said(stage, "anna"), "the new values")


def said(stage: Stage, user: str) -> str:
    return "\n".join(one.words for one in stage.workspace.whispers(user, CHANNEL))


def test_a_story_is_told_of_the_cluster_as_it_was_recorded_however_it_was_tuned(
    stage: Stage,
) -> None:
    values = stage.recorded.values
    assert values
    values.put("SQLAG01", SameSubnetThreshold=40, CrossSubnetThreshold=40)
    stage.play(SCENES[0])
    card(stage, "Backup caused this failover")
    before = len(values.journal.read())
    stage.play(SCENES[1])
    assert len(values.journal.read()) == before  # that one was not tuned
