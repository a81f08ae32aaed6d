"""How fast an app may call: a bucket for each method, and one for each channel it posts to."""

import math
from dataclasses import dataclass, field

from demo.slack.refused import RefusedError


@dataclass(slots=True)
class Pace:
    """Buckets that fill with time and are emptied by calls."""

    levels: dict[str, tuple[float, float]] = field(default_factory=dict)
    """What was left in each bucket, and when that was (seconds since 1970)."""
    refused: list[str] = field(default_factory=list)
    """The buckets that were empty when something was wanted of them, each time."""

    def spend(self, key: str, per_minute: int, burst: int, now: float) -> None:
        """Count a call.

        RefusedError: too many; it says after how many seconds the next one will do.
        """
        left, since = self.levels.get(key, (float(burst), now))
        left = min(float(burst), left + max(0.0, now - since) * per_minute / 60)
        if left < 1:
            self.levels[key] = (left, now)
            self.refused.append(key)
            wait = math.ceil((1 - left) * 60 / per_minute)
            raise RefusedError("ratelimited", status=429, retry_after=max(1, wait))
        self.levels[key] = (left - 1, now)


@dataclass(slots=True)
class Fault:
    """What goes wrong with a method the next times it is called."""

    method: str
    error: str
    times: int = 1
    status: int = 200
    retry_after: int = 0
