"""Nobody alerts: the bot sees the failover in the nodes' own logs and says what did it."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest

from bot.configuration import load
from bot.running import Bot
from commands.context import Context
from demo.slack.workspace import Workspace
from storage.store import Store
from tests.stories.live_scene import live

pytestmark = pytest.mark.alone  # a busy machine answers too slowly for its clocks to be known


def test_a_failover_that_no_tool_told_of_is_found_judged_and_posted_once(tmp_path: Path) -> None:
    with live(tmp_path) as scene, Workspace() as workspace:
        channel = workspace.adds_channel("sql-alerts")
        config = scene.config.read_text()
        scene.config.write_text(config + SLACK.format(port=free()))
        team = workspace.team
        environ = scene.environ | {
            "SLACK_BOT_TOKEN": team.bot_token,
            "SLACK_APP_TOKEN": team.app_token,
            "SLACK_API_URL": workspace.api_url,
        }
        settings = load(scene.config, environ)
        for _ in range(2):  # a restart in between tells nothing twice
            with Store.open(settings.storage) as store:
                bot = Bot(settings, Context(settings.site(), store))
                bot.start()
                try:
                    within = timedelta(seconds=40)
                    said = "Backup caused this failover"
                    workspace.waits_for_words(channel, said, within)
                    workspace.waits(lambda: pictures(workspace), "the picture", within)
                finally:
                    workspace.hangs_up()
                    bot.stop()
        roots = [m for m in workspace.messages(channel) if not m.is_reply]
        assert len(roots) == 1
        assert "the cluster's own log" in roots[0].words
        assert pictures(workspace) == 1


def pictures(workspace: Workspace) -> int:
    """Count the pictures that were posted."""
    return sum(len(message.files) for message in workspace.messages("sql-alerts"))


def free() -> int:
    """Find a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


SLACK = """
[slack]
channel = "#sql-alerts"
[server]
port = {port}
[watch]
every_seconds = 10
"""
