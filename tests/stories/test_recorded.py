"""The recorded incidents that ship with the product, told from files to verdict."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.bundle import read_bundle
from sources.gather import gather
from verdict.judge import judge
from verdict.verdict import Verdict
from verdict.words import milliseconds

INCIDENTS = Path(__file__).parents[2] / "demo" / "incidents"
STORIES = sorted(path.parent for path in INCIDENTS.glob("*/story.toml"))


def told(verdict: Verdict) -> dict[str, Any]:
    """Give a verdict in the words of story.toml."""
    return {
        "lost_node": verdict.lost_node,
        "backup": verdict.backup,
        "cause": verdict.cause,
        "confidence": verdict.confidence,
        "mechanism": verdict.mechanism,
    }


def ms(verdict: Verdict) -> int | None:
    return milliseconds(verdict.stun.duration) if verdict.stun else None


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.name)
def test_a_recorded_incident_ends_as_its_story_says(story: Path) -> None:
    expected = tomllib.loads((story / "story.toml").read_text())["incidents"]
    verdicts = judge(gather(read_bundle(story), datetime.now(UTC)))
    assert len(verdicts) == len(expected)
    for verdict, truth in zip(verdicts, expected, strict=True):
        assert told(verdict) == {key: truth.get(key) for key in told(verdict)}
        assert "stun_ms" not in truth or ms(verdict) == truth["stun_ms"]
        assert abs((verdict.at - truth["at"]).total_seconds()) < 0.01


def test_there_is_a_story_for_every_kind_of_ending() -> None:
    """The issue's list: at least eight, one for each kind of ending."""
    endings = {
        (story["backup"], story["cause"])
        for path in STORIES
        for story in tomllib.loads((path / "story.toml").read_text())["incidents"]
    }
    assert len(STORIES) >= 8
    assert {backup for backup, _ in endings} == {"caused", "suspected", "cleared", "unknown"}
