"""How the demo's bot is configured: its clusters are recorded, its Slack is the stand-in."""

from datetime import timedelta
from pathlib import Path

from bot.bot_settings import (
    NoticeSettings,
    ServerSettings,
    SlackSettings,
    TuningSettings,
    WatchSettings,
)
from bot.configuration import Settings
from bot.configuration_systems import Partners, Systems
from demo.site import site
from demo.slack.workspace import Workspace
from sources.access import Secret
from sources.names import same

CHANNEL = "#sql-alerts"

NOBODY = TuningSettings()
"""Nobody may approve a change."""


def settings(workspace: Workspace, folder: Path, tuning: TuningSettings = NOBODY) -> Settings:
    """Configure the bot for a workspace that runs; its database lies in `folder`."""
    team = workspace.team
    return configured(workspace.api_url, team.bot_token, team.app_token, folder, tuning)


def configured(
    api_url: str, bot_token: str, app_token: str, folder: Path, tuning: TuningSettings = NOBODY
) -> Settings:
    """Configure the bot for a Slack at that address."""
    everything = site()
    partners = {same(one.name): Partners() for one in everything.clusters}
    return Settings(
        file=folder / "stuncheck.toml",
        systems=Systems(everything, partners),
        storage=folder / "stuncheck.db",
        keep=timedelta(days=400),
        source_deadline=timedelta(seconds=20),
        whole_deadline=timedelta(seconds=30),
        before=timedelta(minutes=20),
        after=timedelta(minutes=5),
        log_level="info",
        slack=SlackSettings(
            bot_token=Secret(bot_token),
            app_token=Secret(app_token),
            api_url=api_url,
            channel=CHANNEL,
        ),
        server=ServerSettings(port=0),
        watch=WatchSettings(enabled=False),
        notices=NoticeSettings(digest=False, near_misses=False),
        tuning=tuning,
    )
