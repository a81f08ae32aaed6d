"""What is wanted of Veeam: which VMs, and what to ask for to cover a window by either clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sources.access import Window
from sources.json_rows import Row, UnreadableError
from sources.veeam.server_time import ServerTime

DOUBT = timedelta(hours=2)
"""How far a stamp without an offset may be off: the server's offset of today may not be that of
the window (summer time is one hour, two at most)."""


@dataclass(frozen=True, slots=True)
class WantedVm:
    """A VM by its name in vCenter, and where known its moref and the vCenter's host name.

    With both, a VM that Veeam knows by another name is found, too.
    """

    name: str
    moref: str | None = None
    vcenter: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Which VMs and when. `listing`: every session of the window, not only those of the VMs."""

    vms: tuple[WantedVm, ...]
    window: Window
    listing: bool

    @classmethod
    def of(cls, vms: Iterable[WantedVm], window: Window, *, listing: bool) -> "Wish":
        """Make a wish that does not reach into the future."""
        end = min(window.end, datetime.now(UTC))
        return cls(tuple(dict.fromkeys(vms)), Window(min(window.start, end), end), listing)


@dataclass(frozen=True, slots=True)
class Span:
    """An interval by the server's clock, for its filters, and what is covered by asking for it."""

    start: datetime
    end: datetime
    zone: timezone
    covered: tuple[datetime, datetime] | None
    """What may be said to have been collected, by the server's clock as by the true time."""

    @classmethod
    def of(cls, window: Window, clock: ServerTime | None) -> "Span":
        """Widen a window so far that it is covered whichever clock a row was stamped by."""
        ahead = clock.ahead if clock else timedelta()
        slack = clock.round_trip if clock else timedelta()
        start = window.start + min(ahead, timedelta()) - slack
        end = window.end + max(ahead, timedelta()) + slack
        return cls(
            min(start, start + ahead) - slack,
            max(end, end + ahead) + slack,
            clock.zone if clock else UTC,
            (start, end) if window.start < window.end else None,
        )

    def wall(self, moment: datetime) -> str:
        """Write a moment for a filter: by the server's wall clock, with its offset.

        A server that overlooked the offset would still understand it.
        """
        return moment.astimezone(self.zone).isoformat(timespec="milliseconds")

    def holds(self, row: Row) -> bool:
        """Whether a session or task session may lie in the span; in doubt it does."""
        try:
            created, ended = row.stamp("creationTime"), row.stamp("endTime")
        except UnreadableError:
            return True
        early = ended is not None and self._utc(ended) < self.start - DOUBT
        late = created is not None and self._utc(created) > self.end + DOUBT
        return not early and not late

    def _utc(self, stamp: datetime) -> datetime:
        return stamp if stamp.tzinfo else stamp.replace(tzinfo=self.zone)
