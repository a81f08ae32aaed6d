"""The limits of Slack, by name; a test may shrink them so that it need not wait."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """Slack's figures (docs.slack.dev), in timedeltas and counts."""

    acknowledge: timedelta = timedelta(seconds=3)
    """How long an app may take to acknowledge an envelope."""
    redeliver: tuple[timedelta, ...] = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
    """The pauses before the second, third and fourth try of an event."""
    trigger: timedelta = timedelta(seconds=3)
    """How long a trigger_id opens a view; and only once."""
    hook_life: timedelta = timedelta(minutes=30)
    """How long a response_url works."""
    hook_uses: int = 5
    """How often a response_url works."""
    posts_per_minute: int = 60
    """chat.postMessage in one channel: about one a second..."""
    post_burst: int = 3
    """... and a few at once."""
    sockets: int = 10
    """Sockets of one app at a time."""
    upload: timedelta = timedelta(minutes=30)
    """How long an upload's address is good."""
    edit_window: timedelta | None = None
    """How long messages may be edited, if the workspace limits it."""
    leaving: timedelta = timedelta(seconds=10)
    """From the announcement that a socket ends to its end."""


TEXT_MAX = 40_000
"""Characters of a message's text; what is longer is cut."""
ATTACHMENTS_MAX = 100
METADATA_MAX = 16_000
"""Bytes of a message's metadata."""
VIEWS_DEEP = 3
"""Modals on top of each other."""
