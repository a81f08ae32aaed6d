"""Catching up: what was said in watched channels while nobody listened."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from slack_sdk.errors import SlackApiError

from bot.bot_settings import SlackSettings
from bot.channels import Channels
from bot.intake import Intake
from bot.wire import Wire
from storage.bookmarks import bookmark

FIRST = timedelta(minutes=10)
"""How far back a channel is read that was never read before."""

FARTHEST = timedelta(days=2)
"""Nobody waits for an answer to what is older; `failover` and `history` still tell of it."""

log = structlog.get_logger("catch-up")


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Reads the history of the watched channels from where it was read last."""

    settings: SlackSettings
    channels: Channels
    wire: Wire
    intake: Intake

    def run(self) -> int:
        """Take in what was missed; give how many alerts were new. Raises UserError."""
        found = 0
        for channel in self._watched():
            try:
                found += self._channel(channel)
            except SlackApiError as error:
                log.warning("a channel could not be read", channel=channel,
                            error=str(error.response.get("error")))  # fmt: skip
        return found

    def _watched(self) -> tuple[str, ...]:
        if not self.settings.alert_channels:
            return self.channels.mine()
        ids = (self.channels.id_of(name) for name in self.settings.alert_channels)
        return tuple(ident for ident in ids if ident)

    def _channel(self, channel: str) -> int:
        now = self.intake.now()
        mark = bookmark(self.intake.store, f"channel {channel}")
        since = datetime.fromtimestamp(float(mark), UTC) if mark else now - FIRST
        rows = self.wire.messages(channel, None, max(since, now - FARTHEST))
        taken = 0
        for row in sorted(rows, key=lambda one: float(one["ts"])):
            event = {"type": "message", "channel": channel, **row}
            taken += sum(one.new for one in self.intake.message(event))
        if taken:
            log.info("caught up", channel=channel, alerts=taken)
        return taken
