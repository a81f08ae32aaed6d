"""How `doctor` judges a clock."""

from datetime import timedelta

from commands.doctor import Finding
from verdict.clock import UNMEASURED
from verdict.words import seconds


def clock_finding(ahead: timedelta, remedy: str) -> Finding:
    """Judge a clock by how far it runs ahead of ours.

    A measured offset is taken out of every time, but a clock that far off was or will be set,
    and what it stamped before is off by something else. The limit is what an unmeasured clock
    is allowed anyway.
    """
    way = "ahead of" if ahead >= timedelta() else "behind"
    said = f"{seconds(abs(ahead))} {way} this machine"
    if abs(ahead) <= UNMEASURED:
        return Finding.ok(said)
    return Finding.wrong(said, f"{remedy}; if all are off alike, here: timedatectl set-ntp true")
