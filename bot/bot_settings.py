"""What the running bot is configured by: Slack, its own port, watching, notices, tuning.

Plain data with the defaults of stuncheck.toml; `bot.configuration` makes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, get_args

from bot.alert_patterns import Patterns
from sources.access import Secret
from sources.names import same

SLACK_API = "https://slack.com/api/"

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
"""The number of each is its place, as in `datetime.weekday`."""


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """[slack]: the workspace, and where stuncheck listens and posts.

    A channel is an id, C... or G..., or "#name". `Settings.running()` gives these only with the
    tokens that `mode` needs; otherwise a token that was not found is None, the bot token empty.
    """

    bot_token: Secret
    app_token: Secret | None = None
    """Needed for the mode socket."""
    signing_secret: Secret | None = None
    """Needed for the mode http."""
    api_url: str = SLACK_API
    """Ends in a slash; https, or http to this machine."""
    mode: str = "socket"
    """socket or http."""
    channel: str = ""
    """Where goes what nobody asked for in a channel; empty is nowhere."""
    alert_channels: tuple[str, ...] = ()
    """Whose messages are read; none means every channel that the bot was invited to."""
    channels: Mapping[str, str] = field(default_factory=dict)
    """By `same` name of a cluster the channel of its own."""
    patterns: Patterns = field(default_factory=Patterns.of)

    def channel_of(self, cluster: str) -> str:
        """Give the channel of a cluster, in any case of its name; else the one for all."""
        return self.channels.get(same(cluster)) or self.channel


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """[server]: where health, metrics, the webhook and Slack's requests are answered.

    Without a `webhook_token` there is nobody who may call the webhook.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    webhook_token: Secret | None = None


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """[watch]: whether the clusters' event logs are looked at without an alert, and how often."""

    enabled: bool = True
    every: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """[notices]: what stuncheck says unasked, besides verdicts."""

    digest: bool = True
    """Once a week: what was, and how close it came."""
    weekday: int = 0
    """Of the digest; 0 is Monday."""
    hour: int = 8
    """Of the digest, in UTC."""
    near_misses: bool = True
    channel: str = ""
    """Empty is the channel of [slack]."""


@dataclass(frozen=True, slots=True)
class TuningSettings:
    """[tuning]: who may propose, approve and, alone at night, break the glass.

    Users by member id, U... or W..., groups by S.... No approver at all means that nobody may
    approve; no requester at all means that everybody may propose.
    """

    approvers: frozenset[str] = frozenset()
    approver_groups: frozenset[str] = frozenset()
    requesters: frozenset[str] = frozenset()
    requester_groups: frozenset[str] = frozenset()
    break_glass: frozenset[str] = frozenset()
    """Who may approve alone, their own too, with a typed reason and every approver told."""
    expires: timedelta = timedelta(hours=24)
    """How long a proposal waits for an approver."""
    propose: bool = False
    """Whether a verdict against a stun proposes the values that would have survived it."""
    follow_up: timedelta = timedelta(days=7)
    """When an applied change is reported on, unasked."""
