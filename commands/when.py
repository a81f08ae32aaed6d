"""When: the moment a person names, as they would say it at 2 a.m."""

import re
from datetime import UTC, datetime, timedelta

from sources.errors import UserError

CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
AGO = re.compile(r"(\d{1,3}) ?(s|min|m|h|d)(?: ago)?", re.IGNORECASE)
UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
HINT = "Say 02:14, 2026-03-01T02:14:11Z, 2026-03-01 02:14 +01:00 or 20min; without an offset: UTC."


def read_when(text: str, now: datetime) -> datetime:
    """Read a moment, in UTC; a bare time of day is its last occurrence before `now`.

    Raises UserError for anything else, and for a moment in the future.
    """
    said = text.strip()
    moment = _clock(said, now) or _ago(said, now) or _stamp(said)
    if moment > now + timedelta(minutes=1):
        raise UserError(f"{moment:%Y-%m-%d %H:%M:%S} UTC has not come yet.", HINT)
    return moment


def _clock(said: str, now: datetime) -> datetime | None:
    match = CLOCK.fullmatch(said)
    if not match:
        return None
    hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        moment = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    except ValueError:
        raise UserError(f"{said} is no time of day.", HINT) from None
    return moment if moment <= now else moment - timedelta(days=1)


def _ago(said: str, now: datetime) -> datetime | None:
    match = AGO.fullmatch(said)
    if not match:
        return None
    return now - timedelta(seconds=int(match[1]) * UNITS[match[2].casefold()])


def _stamp(said: str) -> datetime:
    try:
        moment = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d)", "", said))
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UserError("That is no moment.", HINT) from None
