"""Times and durations as whole microseconds: exact, small, and sorted as they ran.

A moment is stored as microseconds since 1970-01-01 UTC, a duration as microseconds. The views show
moments as ISO text.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Give an aware moment as stored. Raises TypeError for one without an offset."""
    return (moment - EPOCH) // MICROSECOND


def moment(us: int) -> datetime:
    """Give a stored moment as an aware datetime in UTC."""
    return EPOCH + us * MICROSECOND


def length(duration: timedelta) -> int:
    """Give a duration as stored."""
    return duration // MICROSECOND


def duration(us: int) -> timedelta:
    """Give a stored duration as a timedelta."""
    return us * MICROSECOND


def micros_or_none(moment: datetime | None) -> int | None:
    """Give a moment as stored; what is still running has no end."""
    return None if moment is None else micros(moment)


def moment_or_none(us: int | None) -> datetime | None:
    """Give a stored moment; what was still running when it was read has no end."""
    return None if us is None else moment(us)
