"""Whose clock stamped a fact, and how far it can be trusted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

UNMEASURED = timedelta(seconds=2)
"""How far a clock that nobody measured is taken to be off, either way (DESIGN: unknown +-2 s)."""

MEASURED = timedelta(milliseconds=250)
"""What remains after a measured offset is taken out: half a slow round trip."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock: a node's, an ESXi host's, vCenter's or Veeam's.

    `ahead` is how far it runs ahead of UTC, None where it was never measured. Facts are shifted
    by it when they are made, so every `at`, `start` and `end` in `verdict/` is aware UTC already;
    the clock stays with the fact for its uncertainty.
    """

    name: str
    ahead: timedelta | None = None

    @property
    def measured(self) -> bool:
        """Whether the offset is known."""
        return self.ahead is not None

    @property
    def uncertainty(self) -> timedelta:
        """How far, either way, a shifted time may still be wrong."""
        return MEASURED if self.measured else UNMEASURED

    def utc(self, stamp: datetime) -> datetime:
        """Shift a time this clock stamped (aware, UTC by that clock) to the common time line."""
        return stamp - self.ahead if self.ahead is not None else stamp
