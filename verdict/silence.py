"""Silences: stuns of one VM, joined where no heartbeat fits between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from verdict.facts import Stun


@dataclass(frozen=True, slots=True)
class Silence:
    """One or more stuns of one VM so close together that the cluster hears nothing between."""

    stuns: tuple[Stun, ...]

    @property
    def start(self) -> datetime:
        """When the VM stopped."""
        return self.stuns[0].start

    @property
    def end(self) -> datetime:
        """When it ran again for good."""
        return max(stun.end for stun in self.stuns)

    @property
    def length(self) -> timedelta:
        """How long the cluster heard nothing."""
        return self.end - self.start

    @property
    def longest(self) -> Stun:
        """The single stun that counts."""
        return max(self.stuns, key=lambda stun: stun.duration)


def silences(stuns: Iterable[Stun], beat: timedelta) -> tuple[Silence, ...]:
    """Join stuns less than one heartbeat apart, VM by VM (DESIGN 4, the physics)."""
    joined: list[Silence] = []
    for stun in sorted(stuns, key=lambda stun: (stun.vm, stun.start)):
        last = joined[-1] if joined else None
        if last and last.stuns[0].vm == stun.vm and stun.start - last.end < beat:
            joined[-1] = Silence((*last.stuns, stun))
        else:
            joined.append(Silence((stun,)))
    return tuple(joined)
