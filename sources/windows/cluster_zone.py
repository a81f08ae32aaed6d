"""In which time zone a cluster.log was written: UTC, unless it says or shows otherwise."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

QUARTER = timedelta(minutes=15)
FURTHEST = timedelta(hours=15)
"""Time zones are whole quarter hours away from UTC, and no further than this."""
SLIP = timedelta(seconds=1)
"""A line and the time it tells are written in the same breath."""

LOCAL = re.compile(r"generated using local time", re.IGNORECASE)
"""`Get-ClusterLog -UseLocalTime`; the same header says "using Coordinated Universal Time"."""
OFFSET = re.compile(r"offset of this machine is (-?\d{1,4}) minutes", re.ASCII)
"""UTC = localtime + this, so it is negative east of Greenwich."""
TIMER = "death timer is started at "


@dataclass(slots=True)
class Zone:
    """What the log tells of its own zone while it is read. Offsets are local time minus UTC."""

    local: bool = False
    printed: timedelta | None = None
    shown: Counter[timedelta] = field(default_factory=Counter)

    def header(self, line: str) -> None:
        """Take in a line of the header."""
        self.local = self.local or LOCAL.search(line) is not None
        if match := OFFSET.search(line):
            offset = -timedelta(minutes=int(match[1]))
            self.printed = offset if abs(offset) <= FURTHEST else None

    def compare(self, stamp: datetime, told: datetime) -> None:
        """Take in a line that tells its own moment: that stays UTC in a log in local time.

        Published: a line stamped 21:17:42.347 says that the death timer is started at
        01:17:42.347 ("Prevent Unexpected Failovers When Patching AGs").
        """
        offset = round((stamp - told) / QUARTER) * QUARTER
        if abs(stamp - told - offset) <= SLIP and abs(offset) <= FURTHEST:
            self.shown[offset] += 1

    def offset(self, given: timedelta | None) -> timedelta | None:
        """Give local time minus UTC of the stamps, None where they are local and nobody says.

        What the lines themselves show counts most; then what a person gave for the time in
        question; then the header, which knows only the offset on the day it was written.
        """
        moved = [offset for offset in self.shown if offset]
        if len(moved) == 1 and len(self.shown) == 1:
            return moved[0]
        if not self.local:
            return timedelta()
        return given if given is not None else self.printed
