"""Durations, times and lists as people read them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

MILLISECOND = timedelta(milliseconds=1)
SMALL = 0.095
"""Seconds below which one digit after the point would round to 0.1 or to nothing."""


def seconds(length: timedelta) -> str:
    """Say a duration that is compared with a limit: "0.4 s", "12.4 s", "237.1 s"."""
    value = length / timedelta(seconds=1)
    return f"{value:.2f} s" if 0 < abs(value) < SMALL else f"{value:.1f} s"


def span(length: timedelta) -> str:
    """Say a length of time roughly, in its one natural unit: "41 s", "12 min", "8 days"."""
    value = abs(length) / timedelta(seconds=1)
    for unit, size, upto in (("s", 1, 120), ("min", 60, 120), ("h", 3600, 48)):
        if value < upto * size:
            return f"{value / size:.0f} {unit}"
    return f"{value / 86400:.0f} days"


def clock_time(moment: datetime) -> str:
    """Say the time of day in UTC to the tenth of a second: "02:14:10.6"."""
    rounded = moment.astimezone(UTC) + timedelta(milliseconds=50)
    return f"{rounded:%H:%M:%S}.{rounded.microsecond // 100_000}"


def listing(items: Sequence[str]) -> str:
    """Join names with commas and an "and" before the last."""
    *head, last = items
    return f"{', '.join(head)} and {last}" if head else last


def milliseconds(length: timedelta) -> int:
    """Give a duration in whole milliseconds, rounded."""
    return round(length / MILLISECOND)
