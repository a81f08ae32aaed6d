"""The server's clock: how far it runs ahead of ours, and in which time zone it lives."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sources.json_rows import Row, UnreadableError, load
from verdict.clock import MEASURED
from verdict.facts import Gap

SURE = 2 * MEASURED
"""The longest round trip by whose half a clock counts as measured."""


@dataclass(frozen=True, slots=True)
class ServerTime:
    """One reading of the server's clock. `ahead` of UTC; `zone` is its offset at that moment."""

    ahead: timedelta
    round_trip: timedelta
    zone: timezone

    @property
    def measured(self) -> bool:
        """Whether the answer came fast enough to take its clock for measured."""
        return self.round_trip <= SURE


def read_server_time(data: bytes, sent: datetime, received: datetime) -> ServerTime:
    """Read `/api/v1/serverTime`; `sent` and `received` are by our clock, UTC.

    Raises UnreadableError for anything that is no time with an offset.
    """
    parsed = load(data)
    stamp = Row(parsed).stamp("serverTime") if isinstance(parsed, dict) else None
    offset = stamp.utcoffset() if stamp else None
    if stamp is None or offset is None:
        raise UnreadableError("it names no time with an offset")
    round_trip = max(received - sent, timedelta())
    return ServerTime(stamp - sent - round_trip / 2, round_trip, timezone(offset))


def best(readings: Iterable[ServerTime]) -> ServerTime:
    """Give the surest of several readings: that of the shortest round trip."""
    return min(readings, key=lambda reading: reading.round_trip)


def unsure(host: str, reading: ServerTime) -> Gap:
    """Say that a clock could not be measured."""
    took = reading.round_trip / timedelta(seconds=1)
    why = f"{host} took {took:.1f} s to tell its time, too long to measure its clock by"
    return Gap("veeam", "clock", why, "Ask again.")
