"""What a watch of one cluster remembers between two looks, besides its marks."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from verdict.failover import AFTER, BEFORE, STARTS, Failover
from verdict.sign import Kind, Sign

FARTHEST = timedelta(hours=24)
"""How far back logs are put beside each other, and how long a disturbance is remembered."""


@dataclass(frozen=True, slots=True)
class Known:
    """A disturbance that was told. Times in UTC.

    `key` names the sign it was known by first, its anchor, which was seen `at`; `until` is when
    what belongs to it ends, `told` when it was told last.
    """

    key: str
    at: datetime
    until: datetime
    told: datetime
    loud: bool

    @classmethod
    def of(cls, cluster: str, failover: Failover, now: datetime, *, loud: bool) -> Self:
        """Remember a disturbance by the first sign that makes one whatever else is read later."""
        anchor = next((s for s in failover.core if _makes(s)), failover.core[0])
        return cls(key(cluster, anchor), anchor.at, end(failover), now, loud)


@dataclass(frozen=True, slots=True)
class Memory:
    """What was told, where the watch began, and since when logs must be read again; in UTC."""

    begin: datetime
    since: datetime | None = None
    known: tuple[Known, ...] = ()

    def floor(self, calm: timedelta, now: datetime) -> datetime:
        """The earliest moment that is ever read again."""
        return max(self.begin - calm, now - FARTHEST)

    def without(self, now: datetime) -> "Memory":
        """Forget what is too old to be seen again."""
        return replace(self, known=tuple(k for k in self.known if now - k.told < 2 * FARTHEST))

    def __str__(self) -> str:
        """Write it as one line of JSON, for whoever stores it."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def of(cls, text: str) -> Self:
        """Read what `str` wrote. Raises ValueError for anything else."""
        try:
            told = json.loads(text)
            known = (
                Known(
                    k["key"], _time(k["at"]), _time(k["until"]), _time(k["told"]), bool(k["loud"])
                )
                for k in told["known"]
            )
            since = _time(told["since"]) if told["since"] else None
            return cls(_time(told["begin"]), since, tuple(known))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(text[:40]) from error


def key(cluster: str, sign: Sign) -> str:
    """Name a sign: cluster, node, kind, record id and second by the node's own clock.

    The same whenever it is read, whatever was measured of the clock meanwhile; and not that of
    another sign with the same record id in a log that was cleared.
    """
    stamp = (sign.at + (sign.clock.ahead or timedelta())).astimezone(UTC)
    return f"{cluster}/{sign.node}/{sign.kind}/{sign.record}/{stamp:%Y-%m-%dT%H:%M:%SZ}"


def removes(failover: Failover) -> bool:
    """Whether it is the removal of a node, which draws in what happens around it."""
    return bool(failover.core) and failover.core[0].kind is Kind.NODE_REMOVED


def end(failover: Failover) -> datetime:
    """When what belongs to a disturbance ends."""
    last = failover.core[-1].at
    return max(last, failover.at + AFTER) if removes(failover) else last


def owner(cluster: str, known: Known, found: tuple[Failover, ...]) -> Failover | None:
    """Find the disturbance that a known one is now: that of its anchor.

    A lease that was lost 8 s before the node is, once both are read, part of the node's removal.
    """
    for failover in found:
        if any(key(cluster, sign) == known.key for sign in failover.core):
            return failover
    around = (f for f in found if removes(f) and f.at - BEFORE <= known.at <= f.at + AFTER)
    return next((f for f in around if known.at < f.until), None)


def _makes(sign: Sign) -> bool:
    return sign.kind in STARTS or sign.kind is Kind.NODE_REMOVED


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
