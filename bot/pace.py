"""The pace at which Slack takes messages; slower than it allows, so that it need not say so."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

POSTS, POST_BURST = 1 / 1.1, 2.0
"""New messages a second in one channel: Slack takes about one, and a few at once
(https://docs.slack.dev/apis/web-api/rate-limits)."""

EDITS, EDIT_BURST = 45 / 60, 20.0
"""Edits a second in the whole workspace: chat.update is of tier 3, 50 a minute and more."""

SPARE = 8.0
"""Edits kept back for what matters; progress goes without."""


@dataclass(slots=True)
class _Bucket:
    """Tokens that come back with time."""

    rate: float
    most: float
    left: float
    at: float
    closed: float = 0.0
    """Until when Slack wants nothing at all."""

    def wait(self, now: float, needed: float = 1.0) -> float:
        """Seconds until so many tokens are there."""
        self.left = min(self.most, self.left + (now - self.at) * self.rate)
        self.at = now
        return max((needed - self.left) / self.rate, self.closed - now, 0.0)


@dataclass(slots=True)
class Pace:
    """Says how long to wait before a call, and remembers the calls. Shared by threads.

    `speed` is how many times faster than Slack allows: for a workspace that allows more.
    """

    speed: float = 1.0
    clock: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _posts: dict[str, _Bucket] = field(default_factory=dict)
    _edits: _Bucket | None = None

    def before_post(self, channel: str) -> float:
        """Seconds until a new message may go into a channel; 0 takes its turn."""
        with self._lock:
            return self._take(self._channel(channel))

    def until_post(self, channel: str) -> float:
        """Seconds until a new message may go into a channel; takes no turn."""
        with self._lock:
            return self._channel(channel).wait(self.clock())

    def until_edit(self, *, urgent: bool) -> float:
        """Seconds until a message may be edited; takes no turn."""
        with self._lock:
            return self._all().wait(self.clock(), 1.0 if urgent else SPARE)

    def before_edit(self, *, urgent: bool) -> float:
        """Seconds until a message may be edited; 0 takes its turn."""
        with self._lock:
            return self._take(self._all(), 1.0 if urgent else SPARE)

    def limited(self, channel: str | None, seconds: float) -> None:
        """Note that Slack wants nothing for so long: in a channel, or no edits (None)."""
        with self._lock:
            bucket = self._all() if channel is None else self._channel(channel)
            bucket.closed = self.clock() + seconds
            bucket.left = 0.0

    def _take(self, bucket: _Bucket, needed: float = 1.0) -> float:
        wait = bucket.wait(self.clock(), needed)
        if wait == 0:
            bucket.left -= 1
        return wait

    def _channel(self, channel: str) -> _Bucket:
        if channel not in self._posts:
            rate = POSTS * self.speed
            self._posts[channel] = _Bucket(rate, POST_BURST, POST_BURST, self.clock())
        return self._posts[channel]

    def _all(self) -> _Bucket:
        if self._edits is None:
            rate = EDITS * self.speed
            self._edits = _Bucket(rate, EDIT_BURST, EDIT_BURST, self.clock())
        return self._edits
