"""What SQL Server's entries in the Application log mean, and the freezes they report.

Providers MSSQLSERVER and MSSQL$INSTANCE. The event id is SQL Server's message number, the data
are what its message is filled with, in order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sources.windows.event_meaning import Meaning, Rule
from sources.windows.event_xml import WindowsEvent
from verdict.clock import Clock
from verdict.facts import Freeze
from verdict.sign import Kind

DEFAULT, NAMED = "mssqlserver", "mssql$"

RULES = {
    833: Rule(Kind.SLOW_IO, thing=4, detail=3, seconds=2),
    17147: Rule(Kind.SERVICE_STOPPED, says="sql"),
    17148: Rule(Kind.SERVICE_STOPPED, says="sql"),
    17883: Rule(Kind.STARVED, says="17883"),
    17884: Rule(Kind.STARVED, says="17884"),
    17888: Rule(Kind.STARVED, says="17888"),
    19407: Rule(Kind.LEASE_EXPIRED, thing=1),
    19419: Rule(Kind.LEASE_EXPIRED, thing=1),
    19420: Rule(Kind.LEASE_RELEASED, thing=1),
    19421: Rule(Kind.LEASE_EXPIRED, thing=1),
    35201: Rule(Kind.CONNECTION_LOST, node=1),
    35206: Rule(Kind.CONNECTION_LOST, node=1),
    35267: Rule(Kind.CONNECTION_LOST, node=4),
    41143: Rule(Kind.SOFTWARE_FAILED, thing=1, says="41143"),
    41144: Rule(Kind.SOFTWARE_FAILED, thing=1, says="41144"),
}
GROUP_STATE, DATABASE_ROLE = 19406, 1480
ROLES = frozenset({"PRIMARY", "SECONDARY", "RESOLVING", "PRINCIPAL", "MIRROR"})
"""What 1480 moves a database from and to; before them its name, and before that, not always, the
word for its kind in the language of the server."""
FROZEN, THAWED = 3197, 3198
IDS = frozenset({*RULES, GROUP_STATE, DATABASE_ROLE, FROZEN, THAWED})

VSS_LIMIT = timedelta(seconds=60)
"""VSS breaks a freeze off after 60 s, so a database frozen later belongs to another backup."""


def wants(provider: str, event_id: int) -> bool:
    """Tell whether this module reads such an event; the provider's name in lower case."""
    return (provider == DEFAULT or provider.startswith(NAMED)) and event_id in IDS


def meanings(event: WindowsEvent, writer: str) -> tuple[Meaning, ...]:
    """Read one event that `wants` accepts; freezes and thaws mean nothing one by one."""
    if event.id in {GROUP_STATE, DATABASE_ROLE}:
        first = 1 if event.id == GROUP_STATE or event.at(2).upper() in ROLES else 2
        name, old, new = (event.at(first + n) for n in range(3))
        detail = f"{old}>{new}" if old and new else None
        return (Meaning(Kind.AG_STATE_CHANGED, name or None, detail),)
    if event.id in RULES:
        return (RULES[event.id].read(event, writer),)
    return ()


@dataclass(slots=True)
class _Group:
    """Databases frozen by one backup."""

    start: datetime
    latest: datetime
    open: set[tuple[str, str]] = field(default_factory=set)
    count: int = 0
    end: datetime | None = None

    def freeze(self, database: tuple[str, str], time: datetime) -> None:
        self.latest = time
        self.count += database not in self.open
        self.open.add(database)

    def thaw(self, database: tuple[str, str], time: datetime) -> None:
        self.open.discard(database)
        self.end = time


def freezes(events: Iterable[WindowsEvent], node: str, clock: Clock) -> tuple[Freeze, ...]:
    """Pair 3197 with 3198 per database, in order of time; overlapping ones are one freeze.

    `end` is None where no database of the freeze was seen to thaw.
    """
    groups: list[_Group] = []
    for event in events:
        database = (event.provider.casefold(), event.at(1))
        group = groups[-1] if groups and groups[-1].open else None
        if event.id == THAWED:
            if group and database in group.open:
                group.thaw(database, event.time)
        elif event.id == FROZEN:
            if group is None or database in group.open or event.time - group.latest > VSS_LIMIT:
                group = _Group(event.time, event.time)
                groups.append(group)
            group.freeze(database, event.time)
    return tuple(
        Freeze(
            node,
            clock.utc(group.start),
            clock.utc(group.end) if group.end else None,
            clock,
            group.count,
        )
        for group in groups
    )
