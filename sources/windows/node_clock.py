"""How far a node's clock is ahead of ours: what each look at it allows, put together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from verdict.clock import MEASURED, UNMEASURED

DAY = timedelta(days=1)
TICK = timedelta(milliseconds=16)
"""How often Windows moves its clock on."""
TIME = re.compile(rb"^\s*(\d{1,2})\D(\d\d)\D(\d\d)\D(\d\d)\s*$", re.MULTILINE)
"""What `echo %TIME%` prints: local time, hundredths, with the separators of the country."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The node is ahead of us by at least `least` and at most `most`."""

    least: timedelta
    most: timedelta

    @property
    def middle(self) -> timedelta:
        """The likeliest offset: the round trip halved."""
        return (self.least + self.most) / 2

    @property
    def give(self) -> timedelta:
        """How far, either way, the middle may be wrong."""
        return (self.most - self.least) / 2

    @property
    def worth(self) -> bool:
        """Whether it says more than that nobody measured the clock."""
        return self.give <= MEASURED or abs(self.middle) > UNMEASURED + self.give


def look(stamp: datetime, sent: datetime, heard: datetime) -> Ahead:
    """Compare a stamp that the node made after we sent and before we heard."""
    return Ahead(stamp - heard, stamp - sent + TICK)


def time_of_day(printed: bytes, offset: timedelta, near: datetime) -> datetime | None:
    """Read what `echo %TIME%` printed, on the day that brings it nearest to `near`, in UTC.

    `offset` is the node's local time minus UTC. None where it is not printed as expected.
    """
    match = TIME.search(printed)
    if match is None:
        return None
    hours, minutes, seconds, hundredths = (int(part) for part in match.groups())
    into = timedelta(hours=hours, minutes=minutes, seconds=seconds, milliseconds=10 * hundredths)
    midnight = near.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    stamp = midnight + into - offset
    return stamp + round((near - stamp) / DAY) * DAY


def together(looks: Sequence[Ahead]) -> Ahead | None:
    """Put looks together: what all of them allow; where they contradict, the sharpest counts."""
    if not looks:
        return None
    least, most = max(look.least for look in looks), min(look.most for look in looks)
    return Ahead(least, most) if least <= most else min(looks, key=lambda look: look.give)
