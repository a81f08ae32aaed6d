"""A mark: how far one event log of one node was read."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class Mark:
    """The last record that was read and when it was logged, in UTC by the node's clock.

    The time is what tells the record from that of another log: one that was cleared, or that of
    a node built anew, counts from 1 again. Record 0: nothing was read yet, and what was logged
    from `at` on is wanted.
    """

    record: int
    at: datetime

    def __str__(self) -> str:
        """Write it as one line, for whoever stores it."""
        return f"{self.record} {self.at.isoformat()}"

    @classmethod
    def of(cls, text: str) -> Self:
        """Read what `str` wrote. Raises ValueError for anything else."""
        record, _, at = text.partition(" ")
        return cls(int(record), datetime.fromisoformat(at).astimezone(UTC))
