"""A deadline: how long a source may still take, counted by a clock that nobody sets."""

import time
from dataclasses import dataclass

from sources.errors import LateError


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock. Made with `Deadline.after(seconds)`."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Set a deadline so many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at - time.monotonic())

    def sooner(self, seconds: float) -> "Deadline":
        """Give the earlier of this deadline and one so many seconds from now."""
        return Deadline(min(self.at, time.monotonic() + seconds))

    def check(self, source: str, subject: str, what: str) -> float:
        """Give the seconds left, for a time-out. Raises LateError when there are none."""
        left = self.left
        if left <= 0:
            raise LateError(source, subject, f"{what} was not done in time", "Ask again.")
        return left
