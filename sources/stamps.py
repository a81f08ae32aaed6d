"""Times as JSON material writes them: ISO 8601 with 0 to 9 decimals, `Z`, an offset, or none."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

EARLIEST_YEAR = 1990
LATEST_YEAR = 2200
"""Outside these years a stamp is damage; inside them no shift of a clock can overflow."""

EMPTY_YEARS = ("0001-", "1900-")
"""A stamp for "no time yet": .NET's smallest DateTime (year 1) and SQL Server's zero (1900)."""

WIDEST_OFFSET = timedelta(hours=14)
"""No time zone on Earth is further from UTC (IANA: Pacific/Kiritimati)."""

_STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?"
    r"\s?(?:(Z)|([+-])(\d\d):?(\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)


def read_stamp(text: str) -> datetime:
    """Read a stamp: aware where it names its offset, naive where it does not.

    Decimals beyond microseconds (.NET writes seven) are cut off. Raises ValueError for anything
    that is no date and time.
    """
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text[:40]!r} is no time")
    year, month, day, hour, minute, second, decimals, zulu, sign, hours, minutes = match.groups()
    if not EARLIEST_YEAR <= int(year) <= LATEST_YEAR:
        raise ValueError(f"{text[:40]!r} lies outside the years that can be meant")
    moment = datetime(  # noqa: DTZ001 - the offset follows, where there is one
        int(year),
        int(month),
        int(day),
        int(hour),
        int(minute),
        int(second or 0),
        int((decimals or "")[:6].ljust(6, "0")),
    )
    if zulu:
        return moment.replace(tzinfo=UTC)
    if sign is None:
        return moment
    return moment.replace(tzinfo=_offset(sign, int(hours), int(minutes or 0)))


def is_empty(text: str) -> bool:
    """Whether a stamp stands for "no time yet" rather than for a moment."""
    return not text.strip() or text.strip().startswith(EMPTY_YEARS)


def as_utc(stamp: datetime) -> datetime:
    """Give a stamp in UTC; one without an offset is UTC already (vSphere API: UTC dateTime)."""
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)


def settle(stamp: datetime, anchors: Iterable[datetime]) -> datetime:
    """Give a server's local stamp in UTC, with the offset that server used nearest to it.

    `anchors` are stamps of the same server; the naive ones among them are ignored. The nearest
    by wall clock decides, so that a change to or from summer time within a session is followed.
    Raises ValueError where neither the stamp nor any anchor names an offset.
    """
    if stamp.tzinfo is not None:
        return stamp.astimezone(UTC)
    aware = [anchor for anchor in anchors if anchor.tzinfo is not None]
    if not aware:
        raise ValueError("a local time, and nothing says in which time zone")
    nearest = min(aware, key=lambda anchor: abs(anchor.replace(tzinfo=None) - stamp))
    return stamp.replace(tzinfo=nearest.tzinfo).astimezone(UTC)


def _offset(sign: str, hours: int, minutes: int) -> timezone:
    width = timedelta(hours=hours, minutes=minutes)
    if width > WIDEST_OFFSET:
        raise ValueError(f"an offset of {hours:02}:{minutes:02} from UTC does not exist")
    return timezone(-width if sign == "-" else width)
