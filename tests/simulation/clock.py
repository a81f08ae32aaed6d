"""A clock of the simulated world: how far it is off, whether somebody measured it, when it lags."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

UNMEASURED_REACH = 1.4  # seconds; an unmeasured clock stays inside the +-2 s of DESIGN section 4
MEASURING_ERROR = 0.05  # seconds, half a round trip


def seconds(amount: float) -> timedelta:
    """Return a duration of this many seconds."""
    return timedelta(seconds=amount)


@dataclass(slots=True)
class Clock:
    """One clock: seconds ahead of UTC, the measured value if any, and when it lags behind."""

    offset: float
    measured: float | None
    lags: list[tuple[datetime, datetime, float]] = field(default_factory=list)

    def stamp(self, moment: datetime) -> datetime:
        """Return what this clock shows at a true moment."""
        behind = sum(by for since, until, by in self.lags if since <= moment < until)
        return moment + seconds(self.offset - behind)


def measured(rng: Random, offset: float) -> Clock:
    """Return a clock whose offset is known to 50 ms."""
    return Clock(offset, round(offset + rng.uniform(-MEASURING_ERROR, MEASURING_ERROR), 3))


def unmeasured(rng: Random) -> Clock:
    """Return a clock nobody measured, off by less than 1.5 s."""
    return Clock(rng.uniform(-UNMEASURED_REACH, UNMEASURED_REACH), None)


def some_clock(rng: Random) -> Clock:
    """Return a clock as found in the field: mostly close, at times far off but measured."""
    roll = rng.random()
    if roll < 0.3:
        return unmeasured(rng)
    if roll < 0.85:
        return measured(rng, rng.gauss(0, 0.3))
    return measured(rng, rng.uniform(-30, 30))
