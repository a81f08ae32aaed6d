"""The course of time in one log: which stretches were read, and which of its times are wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

JUMP = timedelta(days=2)
"""A step between two lines that begins a new stretch. SQL Server writes a line every midnight
and a cluster service one every few seconds, so most logs are one stretch."""

FAR = timedelta(days=30)
FEWEST = 3
"""A step of 30 days at the end of a log needs three lines to be believed: one is damage."""

MOST = 500
"""Stretches after which a log is too torn to be believed at all."""


@dataclass(slots=True)
class Stretch:
    """Lines that follow each other without a jump; `last` is the largest time, not the latest."""

    first: datetime
    last: datetime
    lines: int = 1
    damaged: bool = False
    """Whether it begins where damage broke the one before it off."""


class Course:
    """Collects the times of a log in the order of its lines and sorts out the wrong ones.

    A wrong time shows where the log afterwards goes back to before it; times of equal order that
    contradict each other are settled by the number of lines.
    """

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self._latest: datetime | None = None
        self._broken = False

    def note(self, stamp: datetime) -> int:
        """Take in the time of a line; return the number of its stretch, -1 if it was given up."""
        if self.torn:
            return -1
        latest, self._latest = self._latest, stamp
        if latest is None or self._broken or abs(stamp - latest) > JUMP:
            self.stretches.append(Stretch(stamp, stamp, damaged=self._broken))
            self._broken = False
            return len(self.stretches) - 1
        stretch = self.stretches[-1]
        stretch.lines += 1
        if stamp > stretch.last:
            stretch.last = stamp
        elif stamp < stretch.first:
            stretch.first = stamp
        return len(self.stretches) - 1

    def tear(self) -> None:
        """Say that something is missing here: the next line begins a new stretch."""
        self._broken = True

    @property
    def torn(self) -> bool:
        """Whether there are so many stretches that none can be believed."""
        return len(self.stretches) > MOST

    def believed(self) -> tuple[int, ...]:
        """Give the numbers of the stretches whose times fit together, the most lines winning."""
        if self.torn:
            return ()
        best: list[tuple[int, int]] = []  # lines up to and with this stretch, the one before it
        for index, stretch in enumerate(self.stretches):
            before = max(
                (
                    (best[i][0], i)
                    for i in range(index)
                    if self.stretches[i].last <= stretch.first + JUMP
                ),
                default=(0, -1),
            )
            best.append((before[0] + self._weight(index), before[1]))
        chain: list[int] = []
        # Of two equal chains the one that ends later: its end is where the log went back to.
        index = max(range(len(best)), key=lambda i: (best[i][0], i), default=-1)
        while index >= 0:
            if self._weight(index):
                chain.append(index)
            index = best[index][1]
        return tuple(reversed(chain))

    def _weight(self, index: int) -> int:
        """How many lines speak for a stretch; none for a lone one far ahead at the end."""
        stretch = self.stretches[index]
        earlier = [known.last for known in self.stretches[:index]]
        lonely = index == len(self.stretches) - 1 and stretch.lines < FEWEST
        far = lonely and earlier and stretch.first - max(earlier) > FAR
        return 0 if far else stretch.lines
