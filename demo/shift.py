"""Moving a recorded incident in time: every stamp in its texts by the same amount.

A stamp keeps its shape: separators, offset, as many decimals as before. No recorded incident
holds an epoch or a FILETIME. Dates that belong to no event, such as when a database was created,
have another shape and stay.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from demo.texts import rewritten
from sources.material import Incident, Material

FINEST = timedelta(milliseconds=10)
"""SQL Server's ERRORLOG knows no finer time, and all must move by the same."""
DECIMALS = 2
"""So many digits hold `FINEST`."""
NANO = 9

YEARS = range(2000, 2100)
"""A stamp outside stands for "no time": .NET's year 1, FILETIME's 1601."""

STAMP = re.compile(
    r"(?<!\d)(?P<date>\d{4}(?P<sep>[-/])\d\d(?P=sep)\d\d)(?P<mark>[T -])(?P<time>\d\d:\d\d:\d\d)"
    r"(?:(?P<point>[.,])(?P<part>\d{1,9}))?(?!\d)",
    re.ASCII,
)
"""ISO 8601 as JSON, TOML, XML events and vmware.log of all ages have it, ERRORLOG's
`2026-03-01 02:14:10.60`, cluster.log's `2026/03/01-02:14:10.604`."""

SPOKEN = re.compile(r"(?<!\d)\d\d/\d\d/\d{4} \d\d:\d\d:\d\d [AP]M\b", re.ASCII)
"""In the titles of Veeam's steps: `Queued for processing at 03/01/2026 02:10:14 AM`."""
AMERICAN = "%m/%d/%Y %I:%M:%S %p"


def whole(by: timedelta) -> timedelta:
    """Round to what every kind of stamp can be moved by."""
    return round(by / FINEST) * FINEST


def shifted(material: Material, by: timedelta) -> Material:
    """Move all times of the material by `whole(by)`. Raises OSError, OverflowError."""
    moved = rewritten(material, lambda text: shift(text, by))
    return replace(moved, incident=_incident(material.incident, whole(by)))


def shift(text: str, by: timedelta) -> str:
    """Move every stamp in a text by `whole(by)`."""
    exact = whole(by)
    spoken = SPOKEN.sub(lambda match: _spoken(match[0], exact), text)
    return STAMP.sub(lambda match: _stamp(match, exact), spoken)


def _stamp(match: re.Match[str], by: timedelta) -> str:
    """Count in nanoseconds: Windows writes seven decimals, some tools nine."""
    written = f"{match['date'].replace('/', '-')} {match['time']}"
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:  # the 31st of February
        return match[0]
    if moment.year not in YEARS:
        return match[0]
    part = match["part"] or ""
    fine = int(part.ljust(NANO, "0")) + by.microseconds * 1000
    seconds, rest = divmod(fine, 10**NANO)
    moved = moment + timedelta(days=by.days, seconds=by.seconds + seconds)
    digits = max(len(part), DECIMALS if by.microseconds else 0)
    decimals = (match["point"] or ".") + f"{rest:09d}"[:digits] if digits else ""
    date, time = moved.isoformat(" ").split()
    return f"{date.replace('-', match['sep'])}{match['mark']}{time}{decimals}"


def _spoken(written: str, by: timedelta) -> str:
    try:
        moment = datetime.strptime(written, AMERICAN)  # noqa: DTZ007 - local, and it stays so
    except ValueError:
        return written
    return (moment + by).strftime(AMERICAN)


def _incident(incident: Incident, by: timedelta) -> Incident:
    return replace(
        incident,
        at=incident.at + by if incident.at else None,
        collected={name: (a + by, b + by) for name, (a, b) in incident.collected.items()},
    )
