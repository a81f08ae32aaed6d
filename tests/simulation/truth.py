"""What is right to say about a bundle, by physics and by the rules of DESIGN section 4."""

from dataclasses import dataclass, field
from datetime import datetime

from tests.simulation.clock import seconds
from tests.simulation.vm import Stun

Answers = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """The acceptable answers for one incident; `confidence` empty means: not looked at."""

    at: datetime
    backup: Answers
    cause: Answers
    lost_node: Answers
    mechanism: Answers = (None,)
    stun: Stun | None = None
    confidence: Answers = ()

    def as_json(self, incidents: int) -> dict[str, object]:
        """Return the JSON shape that the package's docstring tells of."""
        stun = None
        if self.stun:
            end = self.stun.start + seconds(self.stun.length)
            stun = {
                "vm": self.stun.vm,
                "start": self.stun.start.isoformat(),
                "end": end.isoformat(),
                "ms": round(self.stun.length * 1000),
            }
        return {
            "at": self.at.isoformat(),
            "backup": list(self.backup),
            "cause": list(self.cause),
            "lost_node": list(self.lost_node),
            "mechanism": list(self.mechanism),
            "confidence": list(self.confidence) or None,
            "stun": stun,
            "incidents": incidents,
        }


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth of one bundle."""

    why: str
    each: tuple[Expected, ...] = field(default=())

    def as_json(self, kind: str) -> dict[str, object]:
        """Return truth.json."""
        found: dict[str, object] = {
            "kind": kind,
            "expected": self.each[0].as_json(len(self.each)),
            "why": self.why,
        }
        if len(self.each) > 1:
            found["each"] = [one.as_json(len(self.each)) for one in self.each]
        return found


def guilty(
    at: datetime,
    stun: Stun | None,
    lost: str,
    *,
    cause: Answers = ("snapshot_remove_stun",),
    mechanism: Answers = ("heartbeat",),
    confidence: Answers = (),
) -> Expected:
    """Return: caused by this stun."""
    return Expected(at, ("caused",), cause, (lost,), mechanism, stun, confidence)


def innocent(at: datetime, cause: Answers, lost: Answers, confidence: Answers = ()) -> Expected:
    """Return: cleared, with the cause that was it."""
    return Expected(at, ("cleared",), cause, lost, (None,), None, confidence)
