"""The demo's stories: each alert is worded as its tool words it, and is recognised."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.alert_patterns import FAILOVERS, Patterns
from bot.alerts import Alert, Ourselves, recognise
from demo.recorded import Recorded
from demo.site import INCIDENTS, inventory, site
from demo.slack.content import content
from demo.slack.message import Message
from demo.slack.refused import ImpossibleError, Row
from demo.slack.workspace import Workspace
from demo.stories import CHANNEL, SCENES, Scene, play
from sources.gather import gather
from sources.pull import Request
from verdict.judge import judge

NOW = datetime.now(UTC)
PATTERNS = Patterns.of()
KEYS = (
    "removal-stun", "innocent-network", "no-vmware-log", "not-enough-evidence", "lease-lost",
    "vmotion-stun", "patch-reboot", "host-failure",
)  # fmt: skip


@pytest.fixture
def workspace() -> Workspace:
    place = Workspace()
    place.adds_channel(CHANNEL, [place.adds_user("ada")])
    return place


@pytest.fixture
def events(workspace: Workspace) -> list[Row]:
    """Give what Slack tells an app, as it is told."""
    sent: list[Row] = []
    workspace.team.announce = sent.append
    return sent


def alerts(events: list[Row]) -> Iterator[Alert]:
    for event in events:
        found = recognise(event, inventory(), PATTERNS, Ourselves())
        assert isinstance(found, Alert), found
        yield found


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.key)
def test_each_alert_is_recognised_and_names_its_cluster_alone(
    scene: Scene, workspace: Workspace, events: list[Row]
) -> None:
    play(scene, workspace, Recorded(pace=0), NOW)
    found = list(alerts(events))
    assert [alert.clusters for alert in found] == [(scene.cluster,)] * len(scene.alerts)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.key)
def test_an_alert_finds_the_failover_that_it_tells_of(
    scene: Scene, workspace: Workspace, events: list[Row]
) -> None:
    recorded, there = Recorded(pace=0), site()
    play(scene, workspace, recorded, datetime.now(UTC))
    access = next(one for one in there.clusters if one.name == scene.cluster)
    for alert in alerts(events):
        pulled = recorded(Request(access, there, alert.at), lambda *_: None)
        (verdict,) = judge(gather(pulled, alert.at))
        ago = alert.at - verdict.at
        assert scene.ago - timedelta(seconds=1) < ago < scene.ago + timedelta(seconds=5)


def test_the_first_story_is_told_by_three_tools(workspace: Workspace, events: list[Row]) -> None:
    posted = play(SCENES[0], workspace, Recorded(pace=0), NOW)
    assert len(posted) == len({message.username for message in posted}) == 3
    assert len({alert.tool for alert in alerts(events)}) == 3


def test_every_tool_of_the_defaults_tells_a_story(workspace: Workspace, events: list[Row]) -> None:
    """Windows itself posts nothing; those are the words of people's own scripts."""
    for scene in SCENES:
        play(scene, workspace, Recorded(pace=0), NOW)
    assert {alert.tool for alert in alerts(events)} == set(FAILOVERS) - {"Windows"}


def test_each_other_story_begins_with_another_tool() -> None:
    first = [scene.alerts[0](NOW).tool for scene in SCENES[1:]]
    assert len(set(first)) == len(first)


def test_tools_use_text_attachments_and_blocks() -> None:
    posts = [alert(NOW) for scene in SCENES for alert in scene.alerts]
    for shape in ("text", "attachments", "blocks"):
        assert any(getattr(post, shape) for post in posts)
    for post in posts:  # as strict as Slack
        sent = {"text": post.text, "attachments": [*post.attachments], "blocks": [*post.blocks]}
        assert content({name: value for name, value in sent.items() if value})


def test_no_alert_gives_the_answer_away() -> None:
    for post in (alert(NOW) for scene in SCENES for alert in scene.alerts):
        said = repr(post).lower()
        assert not [word for word in ("snapshot", "backup", "stun", "veeam") if word in said]


def test_the_stories_are_eight_of_the_recorded_incidents_each_with_a_cluster_of_its_own() -> None:
    """Two failovers of one cluster within minutes would be one incident to the bot."""
    assert tuple(scene.key for scene in SCENES) == KEYS
    assert len({scene.cluster for scene in SCENES}) == len(SCENES)
    assert all((INCIDENTS / scene.bundle / "story.toml").is_file() for scene in SCENES)


def test_a_story_can_be_played_again(workspace: Workspace, events: list[Row]) -> None:
    recorded = Recorded(pace=0)
    first, second = (
        play(SCENES[1], workspace, recorded, NOW + timedelta(minutes=later)) for later in (0, 50)
    )
    assert words(first) != words(second)
    assert len(workspace.messages(CHANNEL)) == len(events) == 2


def words(messages: tuple[Message, ...]) -> list[str]:
    return [message.words for message in messages]


def test_without_the_channel_there_is_no_story() -> None:
    with pytest.raises(ImpossibleError):
        play(SCENES[0], Workspace(), Recorded(pace=0), NOW)
