"""vCenter's events: hosts, network, storage and guests in trouble, VMs that moved.

Sign.subject is the VM where the event is about a VM, else the host. Sign.detail is the account
that asked, for what was asked for; `redundancy` where the network only lost its reserve; else
the host of a VM's event (for a restart by HA: the host it was restarted on).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sources.findings import Findings
from sources.json_rows import AGAIN, Row, UnreadableError, load_list, read_each
from sources.stamps import as_utc
from sources.vcenter.event_ids import (
    ABOUT_HOSTS,
    ABOUT_VMS,
    ALARM,
    ASKED,
    MATTERING,
    MOVE_ENDS,
    MOVE_STARTS,
    UNASKED,
    bare_id,
)
from sources.vcenter.inventory import Inventory, bare_moref
from sources.vcenter.tasks import asker
from verdict.clock import Clock
from verdict.facts import Gap, Operation, Phase
from verdict.sign import Kind, Sign

SAME_MOVE = timedelta(minutes=10)
"""A second "is being migrated" this long after the first is another migration, not a second
event of the same one; the first one's end was then not read."""

_STARVED = re.compile(r"\b(?:CPU|memory)\b.*\bto Red\b", re.IGNORECASE)
"""The English text of AlarmStatusChangedEvent; the alarm's colour stands nowhere else."""


@dataclass(frozen=True, slots=True)
class _Event:
    """One event of a kind that matters. `key` is its id without prefix, in lower case."""

    key: str
    name: str
    at: datetime
    vm: str | None
    host: str | None
    by: str | None


def read_vcenter_events(data: bytes, clock: Clock, inventory: Inventory) -> Findings:
    """Read a bundle's `vcenter/events.json`. Times without an offset are UTC."""
    try:
        entries = load_list(data)
    except UnreadableError as error:
        return Findings(gaps=(Gap("vcenter", "events", str(error), AGAIN),))
    names = inventory.names_by_moref()
    found, gaps = read_each(entries, lambda row: _event(row, clock, names), "vcenter", "events")
    events = sorted((event for event in found if event is not None), key=lambda event: event.at)
    signs = (_sign(event, clock) for event in events)
    return Findings(
        operations=_moves(events, clock),
        signs=tuple(sign for sign in signs if sign is not None),
        gaps=gaps,
    )


def _event(row: Row, clock: Clock, names: dict[str, str]) -> _Event | None:
    """Read one event, None for one that does not matter."""
    name = row.needed("eventTypeId")
    key = bare_id(name)
    if key not in MATTERING or (key == ALARM and not _STARVED.search(row.text("message") or "")):
        return None
    at, vm, host = row.stamp("createdTime"), row.text("vm"), row.text("host")
    if at is None:
        raise UnreadableError("no createdTime")
    if (host if key in ABOUT_HOSTS else vm if key != ALARM else vm or host) is None:
        raise UnreadableError("neither VM nor host named")
    return _Event(
        key=key,
        name=name,
        at=clock.utc(as_utc(at)),
        vm=names.get(bare_moref(vm), vm) if vm else None,
        host=host,
        by=asker(row.text("userName")),
    )


def _sign(event: _Event, clock: Clock) -> Sign | None:
    """Make the sign an event stands for; None for one that only begins or ends a migration."""
    key, subject, detail = event.key, event.vm, event.host
    kind = ABOUT_VMS.get(key)
    if key in ABOUT_HOSTS:
        kind, subject = ABOUT_HOSTS[key], event.host
        detail = "redundancy" if ".redundancy." in key else None
    elif key in ASKED:
        kind = ASKED[key] if event.by else UNASKED.get(key)
        detail = event.by or event.host
    elif key == ALARM:
        kind, subject = Kind.STARVED, event.vm or event.host
    if kind is None:
        return None
    return Sign(
        kind=kind,
        at=event.at,
        clock=clock,
        source="vcenter",
        text=f"vCenter event {event.name} for {subject}",
        subject=subject,
        detail=detail,
    )


def _moves(events: list[_Event], clock: Clock) -> tuple[Operation, ...]:
    """Pair the beginning of each migration with its end; `events` are in order of time."""
    under_way: dict[str, _Event] = {}
    moves = []
    for event in events:
        if event.vm is None:
            continue
        start = under_way.get(event.vm)
        if event.key in MOVE_STARTS and (start is None or event.at - start.at > SAME_MOVE):
            under_way[event.vm] = event
        elif event.key in MOVE_ENDS and start is not None:
            del under_way[event.vm]
            moves.append(_move(start, event, clock))
    return tuple(moves)


def _move(start: _Event, end: _Event, clock: Clock) -> Operation:
    return Operation(
        vm=start.vm or "",
        phase=Phase.MIGRATION,
        start=start.at,
        end=end.at,
        clock=clock,
        source="vcenter",
        title="Migrate",
        by=start.by or end.by,
    )
