"""The intake: alerts from channels, the webhook and people, stored before anybody hears of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from bot.alert_text import Fields, mapping
from bot.alerts import Alert, NoAlert, Ourselves, Why, recognise
from bot.bot_settings import SlackSettings
from bot.channels import Channels
from bot.names import KnownNames
from commands.check import card_name
from commands.course import placeholder
from commands.kept import written
from commands.wording import date_time
from storage.alerts import StoredAlert, Taken, Way, take
from storage.bookmarks import bookmark, set_bookmarks
from storage.posts import Kind, Wish, post_named, want
from storage.store import Store
from storage.unmatched import Unmatched, add_unmatched
from storage.verdicts import revisions

MARK = 5.0
"""Seconds between two writes of how far a channel was read."""

MOST_CLUSTERS = 3
"""Clusters that one alert may mean; one whose names fit more of them says too little."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes alerts in. `wake` is called when there is something new to check or to send."""

    store: Store
    settings: SlackSettings
    names: KnownNames
    channels: Channels
    ourselves: Ourselves
    now: Callable[[], datetime]
    wake: Callable[[], None]
    counted: Callable[[str], None]
    """Told of every alert by its way, and of "unmatched" and "duplicate"."""
    _lock: Lock = field(default_factory=Lock)
    _marked: dict[str, float] = field(default_factory=dict)
    """When each channel's mark was last written, by the monotonic clock."""

    def message(self, event: Fields) -> tuple[Taken, ...]:
        """Take a message event, as Slack sends it; what is no alert is counted if it looked so.

        Raises UserError where it cannot be stored, and SlackApiError.
        """
        channel = str(event.get("channel") or "")
        if not channel or not self._watched(channel):
            return ()
        found = recognise(event, self.names.inventory(), self.settings.patterns, self.ourselves)
        message = mapping(event.get("message")) or event
        ts = str(message.get("ts") or event.get("ts") or "")
        taken = self._alert(found, channel, ts, message) if isinstance(found, Alert) else ()
        if isinstance(found, NoAlert) and found.why.alert_like and found.why is not Why.PERSON:
            self._unmatched(found, channel, ts)
        self._mark(channel, str(event.get("ts") or ts))
        return taken

    def _alert(self, found: Alert, channel: str, ts: str, message: Fields) -> tuple[Taken, ...]:
        thread = str(message.get("thread_ts") or "") or None
        if len(found.clusters) > MOST_CLUSTERS:
            self._unmatched(NoAlert(Why.STRANGER, found.said), channel, ts)
            return ()
        return tuple(
            self.take(
                StoredAlert(
                    key=f"message {channel} {ts} {cluster}", way=Way.MESSAGE, cluster=cluster,
                    at=found.at, received=self.now(), tool=found.tool, said=found.said,
                    channel=channel, ts=ts, thread=thread,
                )
            )
            for cluster in found.clusters
        )  # fmt: skip

    def take(self, alert: StoredAlert) -> Taken:
        """Store an alert and want its card. Raises UserError."""
        with self.store.writing():
            taken = take(self.store, alert)
            if taken.new and not alert.quiet:
                self._announce(taken)
        self.counted(alert.way.value if taken.new else "duplicate")
        if taken.new:
            self.wake()
        return taken

    def _announce(self, taken: Taken) -> None:
        """Want the placeholder of an incident, if nothing of it is wanted yet."""
        name = card_name(taken.incident.id)
        if post_named(self.store, name) or revisions(self.store, taken.incident.id):
            return
        incident = taken.incident
        reply = written(placeholder(incident.cluster, date_time(incident.at)))
        want(self.store, Wish(name, reply, Kind.CARD, incident.id), self.now())

    def _unmatched(self, found: NoAlert, channel: str, ts: str) -> None:
        message = Unmatched(self.now(), channel, found.why.value, found.said)
        add_unmatched(self.store, f"{channel} {ts}", message)
        self.counted("unmatched")

    def _watched(self, channel: str) -> bool:
        wanted = self.settings.alert_channels
        return not wanted or channel in {self.channels.id_of(name) for name in wanted}

    def _mark(self, channel: str, ts: str) -> None:
        """Remember how far a channel was read; not every message is worth a write to the disk.

        What is read twice after a crash is known by its key.
        """
        now, key = time.monotonic(), f"channel {channel}"
        with self._lock:
            if not ts or now - self._marked.get(channel, -MARK) < MARK:
                return
            self._marked[channel] = now
        with self.store.writing():
            if float(ts) > float(bookmark(self.store, key) or 0):
                set_bookmarks(self.store, {key: ts}, self.now())
