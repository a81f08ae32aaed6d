"""Killed at any moment, the bot answers every alert once: kill -9, a hundred times."""

import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.recorded import Recorded
from demo.slack.message import Message
from demo.slack.workspace import Workspace
from demo.stories import CHANNEL, SCENES, Scene, play
from storage.alerts import alerts_of
from storage.posts import post_named
from storage.store import Store
from storage.verdicts import history
from tests.stories.lives import Lives, lives

LIVES = 25
"""Times the bot is killed in one story; there are four."""

STORIES = ("removal-stun", "innocent-network", "lease-lost")
PATIENCE = timedelta(seconds=60)


def ours(workspace: Workspace) -> list[Message]:
    return [m for m in workspace.messages(CHANNEL) if m.user == workspace.team.bot.id]


def names(workspace: Workspace) -> Counter[str]:
    """Count our messages by what they are, by their metadata and by the names of their files."""
    found: Counter[str] = Counter()
    for message in ours(workspace):
        payload = (message.metadata or {}).get("event_payload", {})
        found.update([payload["post"]] if payload else [file["name"] for file in message.files])
    return found


@pytest.mark.parametrize("seed", range(4))
def test_every_alert_is_answered_once_however_often_the_bot_is_killed(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    scenes = {scene.key: scene for scene in SCENES}
    with Workspace() as workspace:
        workspace.adds_channel(CHANNEL)
        with lives(workspace, tmp_path) as bot:
            waiting = [scenes[key] for key in STORIES]
            posted: list[Message] = []
            for life in range(LIVES):
                if waiting and life % 4 == 0:
                    posted += told(workspace, bot, waiting.pop(0))
                bot.begin()
                time.sleep(chance.uniform(0.02, 1.0))
                bot.kill()
            bot.begin()
            with Store.open(tmp_path / "stuncheck.db") as store:
                workspace.waits(lambda: answered(workspace, store), "every answer", PATIENCE)
                incidents = [one.incident for one in history(store)]
                told_of = [alert.ts for one in incidents for alert in alerts_of(store, one)]
            assert sorted(str(ts) for ts in told_of) == sorted(m.ts for m in posted)
            twice = {name: count for name, count in names(workspace).items() if count > 1}
            assert twice == {}
            assert len(incidents) == len(STORIES)


def told(workspace: Workspace, bot: Lives, scene: Scene) -> tuple[Message, ...]:
    """Let it happen and have the tools tell of it, whether the bot is alive or not."""
    now = datetime.now(UTC)
    bot.happenings.append((scene.cluster, scene.bundle, (now - scene.ago).isoformat()))
    return play(scene, workspace, Recorded(), now)


def answered(workspace: Workspace, store: Store) -> bool:
    """Whether each incident has its verdict, its evidence and its picture in Slack."""
    found = history(store)
    seen = names(workspace)
    done = 0
    for one in found:
        card = post_named(store, f"card {one.incident}")
        key = f"{one.incident} {one.revision}"
        proof = f"stuncheck-picture-{key.replace(' ', '-')}.png"
        done += bool(card and card.shown == card.wanted and seen[f"evidence {key}"] and seen[proof])
    return done == len(STORIES)
