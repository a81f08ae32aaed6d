"""The chart of the trade-off: stuns that cost a failover against how late a failure is seen."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Point:
    """A candidate on the chart; `lost` stuns cost a failover there, `said` in words."""

    label: str
    tolerance: timedelta
    lost: int
    said: str
    recommended: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class TradeoffChart:
    """What to draw: the silences of `days` days at a heartbeat each `delay`, the shortest first."""

    lengths: tuple[timedelta, ...]
    delay: timedelta
    points: tuple[Point, ...]
    lease: timedelta | None
    """After how long the lease of the availability group breaks; None without one."""
    days: float
