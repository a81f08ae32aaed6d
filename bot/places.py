"""Where a card goes: below the alert that told of it, else into the cluster's channel.

Many incidents at once are a storm: one message that counts them, and the cards below it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.bot_settings import SlackSettings
from bot.channels import Channels
from commands.kept import written
from commands.storm import storm_reply
from storage.alerts import alerts_of
from storage.bookmarks import bookmark, set_bookmarks
from storage.incidents import incident_of
from storage.posts import (
    Kind,
    Place,
    Post,
    Wish,
    post_named,
    post_of,
    put,
    recent_cards,
    want,
)
from storage.proposal_rows import proposal_of
from storage.store import Store
from storage.times import micros, moment

MANY = 10
"""Cards of one channel within a minute after which the rest stands below one message."""

MINUTE = timedelta(minutes=1)
OVER = timedelta(minutes=5)
"""A storm has ended when it brought nothing new for so long."""


@dataclass(frozen=True, slots=True)
class Places:
    """Decides where cards go."""

    store: Store
    settings: SlackSettings
    channels: Channels
    now: Callable[[], datetime]

    def find(self, post: Post) -> Place | None:
        """Decide where a post goes, and note it; None where no channel is configured.

        Only cards of incidents are gathered below a storm. Raises SlackApiError.
        """
        place = self._beside_alert(post) or self._of_cluster(post)
        if place is None or place.channel is None:
            return None
        with self.store.writing():
            storm = self._storm(place.channel) if post.kind is Kind.CARD else None
            if storm:
                place = Place(place.channel, below=storm.id)
            put(self.store, post, place)
        return place

    def home(self, post: Post) -> Place | None:
        """Give the channel that is left where the first one is lost. Raises SlackApiError."""
        about = post.incident or post.proposal
        place = self._of_cluster(post) if about else Place(self._id(self.settings.channel))
        known = place and place.channel and place.channel != post.channel
        return place if known else None

    def counted(self, post: Post, place: Place) -> None:
        """Have the storm that a card stands in say how far it is."""
        if post.kind is not Kind.CARD or place.below is None:
            return
        storm = post_of(self.store, place.below)
        reply = written(storm_reply(self.store, storm))
        if reply != storm.reply:
            want(self.store, Wish(storm.name, reply, Kind.STORM, urgent=False), self.now())

    def _beside_alert(self, post: Post) -> Place | None:
        for alert in alerts_of(self.store, post.incident or ""):
            if alert.channel:
                return Place(alert.channel, alert.thread or alert.ts)
        return None

    def _of_cluster(self, post: Post) -> Place | None:
        channel = self.settings.channel_of(self._cluster(post))
        ident = self._id(channel)
        return Place(ident) if ident else None

    def _cluster(self, post: Post) -> str:
        """Say which cluster a post is about; nothing where that is not kept any more."""
        try:
            if post.proposal:
                return proposal_of(self.store, post.proposal).cluster
            return incident_of(self.store, post.incident or "").cluster
        except KeyError:
            return ""

    def _id(self, channel: str) -> str | None:
        return self.channels.id_of(channel)

    def _storm(self, channel: str) -> Post | None:
        """Give the storm that a new card of this channel belongs to, begun with it if need be."""
        now, key = self.now(), f"storm {channel}"
        said = bookmark(self.store, key) or ""
        name, _, last = said.rpartition(" ")
        going = bool(last) and now - moment(int(last)) < OVER
        if not going:
            if recent_cards(self.store, channel, now - MINUTE) < MANY:
                return None
            name = f"{key} {micros(now)}"
        reply = written(storm_reply(self.store, post_named(self.store, name)))
        post = want(self.store, Wish(name, reply, Kind.STORM, place=Place(channel)), now)
        set_bookmarks(self.store, {key: f"{name} {micros(now)}"}, now)
        return post
