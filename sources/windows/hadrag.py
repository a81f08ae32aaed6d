"""The rows that SQL Server's resource DLL samples every 10 s and prints when a lease is lost.

A row holds the time, processor time in %, free memory in bytes, and the average length of a disk
read and write in s ("Troubleshoot availability group failover"). The DLL runs in the guest, so a
hole between rows is a time in which the guest, or at least this process, did not run.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sources.findings import Findings
from verdict.clock import Clock
from verdict.facts import Pause
from verdict.sign import Kind, Sign
from verdict.words import seconds

EVERY = timedelta(seconds=10)
"""How far apart the rows are."""
SMALLEST = timedelta(seconds=2)
"""A hole less than this beyond EVERY is the rows' own rounding to seconds, and jitter."""

BUSY = 90.0
"""Processor time in % above which agdiag speaks of high CPU. The sampling itself starves then: in
Microsoft's own sample the row before a hole of 17.8 s says 100 %, and no VM stood still there."""
LITTLE_MEMORY = 200_000_000
"""Free bytes below which agdiag warns; Windows is paging by then."""
SLOW = timedelta(seconds=1)
"""A disk that answers in more than this holds everything up (agdiag warns at 15 ms)."""

QUARTER = timedelta(minutes=15)
FURTHEST = timedelta(hours=15)
"""Time zones are whole quarter hours apart from UTC, and no further than this."""

ROW = re.compile(
    r"\[(?:hadrag|sqsrvres)\] (\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{1,2}):(\d{1,2})\.(\d{1,3}),"
    r" (\d{1,3}\.\d+), (\d{1,18}\.\d+), (\d{1,6}\.\d+), (\d{1,6}\.\d+)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One sample. `at` is as it was printed, taken for UTC."""

    at: datetime
    processor: float
    memory: float
    read: timedelta
    write: timedelta

    @property
    def starved(self) -> bool:
        """Whether the guest ran, but was too short of something to sample in time."""
        return (
            self.processor >= BUSY
            or self.memory < LITTLE_MEMORY
            or max(self.read, self.write) > SLOW
        )


@dataclass(frozen=True, slots=True)
class Dump:
    """Rows printed at one moment, which is the stamp of their lines, in UTC by the node's clock."""

    at: datetime
    rows: tuple[Row, ...]


def rows(text: str) -> Iterator[Row]:
    """Give the row that a line holds, if it does and its time is possible."""
    if (match := ROW.search(text)) is None:
        return
    month, day, year, hour, minute, second, milliseconds = map(int, match.groups()[:7])
    processor, memory, read, write = map(float, match.groups()[7:])
    try:
        at = datetime(year, month, day, hour, minute, second, milliseconds * 1000, tzinfo=UTC)
    except ValueError:
        return
    yield Row(at, processor, memory, timedelta(seconds=read), timedelta(seconds=write))


def read_dump(dump: Dump, node: str, clock: Clock) -> Findings:
    """Find the holes in the rows, and what the guest was short of.

    Rows that are a day or more away from their lines say nothing.
    """
    samples = sorted(dump.rows, key=lambda row: row.at)
    shift = round((dump.at - samples[-1].at) / QUARTER) * QUARTER if samples else QUARTER
    if not samples or abs(shift) > FURTHEST:
        return Findings()
    moments = [clock.utc(row.at + shift) for row in samples]
    holes = [*pairwise(moments), (moments[-1], clock.utc(dump.at))]
    # What a starved row stands beside is no pause of the VM: the row before and the one after.
    beside = [one.starved or other.starved for one, other in pairwise(samples)]
    pauses = tuple(
        Pause(node, start, end, end - start - EVERY, _how(end - start), clock)
        for (start, end), starved in zip(holes, [*beside, samples[-1].starved], strict=True)
        if end - start >= EVERY + SMALLEST and not starved
    )
    return Findings(pauses=pauses, signs=tuple(_signs(samples, moments, node, clock)))


def _how(hole: timedelta) -> str:
    return f"hadrag's 10 s rows have a hole of {hole / timedelta(seconds=1):.0f} s"


def _signs(
    samples: Sequence[Row], moments: Sequence[datetime], node: str, clock: Clock
) -> Iterator[Sign]:
    def sign(kind: Kind, at: datetime, what: str, detail: str, value: timedelta | None) -> Sign:
        text = f"{what} in {node}'s cluster.log"
        return Sign(kind, at, clock, "cluster.log", text, node, node, detail, value)

    busy = [at for at, row in zip(moments, samples, strict=True) if row.processor >= BUSY]
    if len(busy) * 2 > len(samples):
        what = f"processor time of {BUSY:.0f} % or more in {len(busy)} of {len(samples)} samples"
        yield sign(Kind.STARVED, busy[-1], what, "cpu", None)
    poorest = min(range(len(samples)), key=lambda index: samples[index].memory)
    if samples[poorest].memory < LITTLE_MEMORY:
        what = f"{samples[poorest].memory / 1e6:.0f} MB of free memory"
        yield sign(Kind.STARVED, moments[poorest], what, "memory", None)
    slowest = max(range(len(samples)), key=lambda i: max(samples[i].read, samples[i].write))
    length = max(samples[slowest].read, samples[slowest].write)
    if length > SLOW:
        what = f"disk reads or writes of {seconds(length)}"
        yield sign(Kind.SLOW_IO, moments[slowest], what, "disk", length)
