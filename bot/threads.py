"""Which thread a post goes into: that of the message it belongs below, wherever that stands now."""

from dataclasses import dataclass

from bot.places import Places
from storage.posts import Kind, Place, Post, drop, give_up, post_of, put
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Threads:
    """Follows a post up to what it belongs below."""

    store: Store
    places: Places

    def find(self, post: Post) -> Place | None:
        """Find where a post goes; None where that must wait or cannot be."""
        if post.channel is None and post.below is None:
            found = self.places.find(post)
            if found is None:
                give_up(self.store, post, "no channel is configured: [slack] channel")
                return None
            post_below = found.below
        else:
            found, post_below = Place(post.channel, post.thread), post.below
        if post_below is None or (post.ts is not None and post.channel):
            return found
        return self._below(post, post_of(self.store, post_below))

    def _below(self, post: Post, parent: Post) -> Place | None:
        """Give the thread of a parent, once that stands."""
        if parent.failed:
            give_up(self.store, post, f"it belongs below a message that failed: {parent.failed}")
            return None
        if parent.ts is None or parent.channel is None:
            return None  # it will be listed again once that stands
        if parent.kind is Kind.CARD and parent.below is not None and not post.urgent:
            drop(self.store, post)  # in a storm the evidence comes only when somebody asks
            return None
        thread = parent.thread
        if thread is None and parent.below is not None:
            thread = post_of(self.store, parent.below).ts
        place = Place(parent.channel, thread or parent.ts, parent.id)
        if post.channel != place.channel:
            put(self.store, post, place)
        return place
