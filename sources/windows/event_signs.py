"""What a Windows event log says: its events as signs, pauses and freezes, and what it covers."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from sources.findings import Findings
from sources.names import find, same
from sources.raw import RawFile
from sources.windows import cluster_events, exchange_events, sql_events, system_events
from sources.windows.event_log import EventLog, WindowsEvent, read_events
from sources.windows.event_meaning import Meaning, host
from verdict.clock import Clock
from verdict.facts import Coverage, Gap
from verdict.sign import Kind, Sign

SOURCE = "events"
PROVIDERS = (cluster_events, system_events, sql_events, exchange_events)

HALT = timedelta(seconds=60)
"""A service that stops this close to the halt of its node's cluster service stops because of it."""
QUIET_SERVICE = 7036
AGAIN = "save the log again, with: wevtutil epl System System.evtx"


def in_use(provider: str, event_id: int, xml: str = "") -> bool:
    """Tell whether an event of this provider and id can mean anything here.

    Every service logs 7036 all day, so its XML is looked at too: 43006C007500730053 is "ClusS".
    """
    name = provider.casefold()
    if event_id == QUIET_SERVICE and xml and name == system_events.SERVICES:
        return "43006C007500730053" in xml.upper() or "Cluster Service" in xml
    return any(module.wants(name, event_id) for module in PROVIDERS)


ClockOf = Callable[[str], Clock]
"""Gives the clock of any computer by its name; by default one that nobody measured."""


def read_findings(file: RawFile, node: str, clock: Clock, others: ClockOf = Clock) -> Findings:
    """Read a log of this node and say what it means, passing over events nobody needs."""
    return event_findings(read_events(file, in_use), node, clock, file.name, others)


def event_findings(
    log: EventLog, node: str, clock: Clock, file_name: str, others: ClockOf = Clock
) -> Findings:
    """Say what the events of a log mean; `node` owns the log and `clock` is that node's.

    An event belongs to the computer it names, which in a log of forwarded events, or in one
    that lies in the wrong folder, is another one with a clock of its own.
    """
    owned: defaultdict[str, list[WindowsEvent]] = defaultdict(list)
    for event in log.events:
        owned[_owner(event.computer, node)].append(event)
    findings = Findings()
    for owner, events in owned.items():
        findings += _of_one(events, owner, clock if owner == node else others(owner))
    return findings + _read(log, node, clock, file_name, others)


def _owner(computer: str, node: str) -> str:
    """Give the node's own spelling where the computer is the node, else the computer's name."""
    name = host(computer)
    return (find({same(node): node}, name) or name) if name else node


def _of_one(events: list[WindowsEvent], node: str, clock: Clock) -> Findings:
    events = sorted(events, key=lambda event: (event.time, event.record or 0))
    signs = tuple(_unforced(list(_signs(events, node, clock))))
    pauses = (system_events.pause(event, node, clock) for event in events)
    frozen = [event for event in events if sql_events.wants(event.provider.casefold(), event.id)]
    return Findings(
        signs=signs,
        pauses=tuple(pause for pause in pauses if pause),
        freezes=sql_events.freezes(frozen, node, clock),
    )


def _signs(events: Iterable[WindowsEvent], node: str, clock: Clock) -> Iterator[Sign]:
    told: set[str] = set()
    for event in events:
        for meaning in _meanings(event, node):
            if meaning.once and meaning.once in told:
                continue
            told.add(meaning.once or "")
            yield Sign(
                meaning.kind,
                clock.utc(event.time),
                clock,
                SOURCE,
                f"event {event.id} on {node}{meaning.about}",
                node,
                meaning.subject,
                meaning.detail,
                meaning.value,
                event.record,
            )


def _meanings(event: WindowsEvent, node: str) -> tuple[Meaning, ...]:
    provider = event.provider.casefold()
    module = next((m for m in PROVIDERS if m.wants(provider, event.id)), None)
    return module.meanings(event, node) if module else ()


def _unforced(signs: list[Sign]) -> Iterator[Sign]:
    """Leave out stops and crashes of services that a halt of the cluster service brought about.

    Windows logs "stopped" (7036) and "terminated" (7031) for a cluster service that lost its
    quorum, too: nobody asked for that stop, and it is no fault of the service.
    """
    halts = [s.at for s in signs if s.kind in {Kind.QUORUM_LOST, Kind.NODE_HALTED}]
    for sign in signs:
        forced = sign.kind == Kind.SERVICE_STOPPED or (
            sign.kind == Kind.SERVICE_CRASHED and sign.detail == system_events.CLUSTER_SERVICE
        )
        if not (forced and any(abs(sign.at - halt) <= HALT for halt in halts)):
            yield sign


def _read(log: EventLog, node: str, clock: Clock, file_name: str, others: ClockOf) -> Findings:
    """Say what was read of System logs, and what could not be.

    A log of several computers holds what they were told to forward, so it covers none but its
    owner.
    """
    computers = {_owner(span.computer, node) for span in log.spans}
    coverage = []
    for span in log.spans:
        owner = _owner(span.computer, node)
        if span.channel.casefold() == "system" and (owner == node or len(computers) == 1):
            when = clock if owner == node else others(owner)
            coverage.append(Coverage(SOURCE, owner, when.utc(span.start), when.utc(span.end)))
    gaps = [Gap(SOURCE, node, f"{file_name}: {damage}", AGAIN) for damage in log.damage]
    if computers and node not in computers:
        why = f"{file_name} was written by {', '.join(sorted(computers)[:5])}, not by {node}"
        gaps.append(Gap(SOURCE, node, why, f"put the log of {node} in its place"))
    return Findings(coverage=tuple(coverage), gaps=tuple(gaps))
