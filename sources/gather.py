"""Gathering: from the raw material of one incident to its evidence."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from ipaddress import AddressValueError, IPv4Address
from itertools import chain

from sources.bundle.folder import READABLE
from sources.bundle.recognise import FileKind, recognise
from sources.findings import Findings
from sources.gathering.absence import absent, asked
from sources.gathering.clocks import Clocks
from sources.gathering.phases import refine
from sources.gathering.present import possible, present
from sources.gathering.rename import rename
from sources.gathering.roster import Roster, members, spell
from sources.material import Material
from sources.names import find, same, short
from sources.raw import RawFile
from sources.vcenter.events import read_vcenter_events
from sources.vcenter.inventory import Inventory, read_inventory
from sources.vcenter.tasks import read_tasks
from sources.veeam.answers import read_veeam
from sources.vmware.vm_folder import read_vm_folder
from sources.windows.cluster_log import read_cluster_log
from sources.windows.errorlog import read_errorlog
from sources.windows.event_signs import read_findings
from verdict.clock import Clock
from verdict.cluster import Cluster
from verdict.evidence import Evidence
from verdict.facts import Gap
from verdict.sign import Kind, Sign

EVENTS = frozenset({FileKind.EVTX, FileKind.EVENTS_XML})
HOST_NAME = re.compile(r"[\w-]{1,63}")
UNNAMED = "unnamed"
MOST_GAPS = 40
"""Of one source; nobody reads more, and a folder that is no bundle may give thousands."""

Progress = Callable[[int], None]
"""Told how many more bytes of a vmware.log, the largest of the files, were read."""


def gather(material: Material, read_at: datetime, progress: Progress | None = None) -> Evidence:
    """Read everything in the material; `read_at` is when, in UTC. What fails becomes a gap."""
    incident, slips = possible(material.incident, read_at)
    material = replace(material, incident=incident)
    clocks = Clocks(incident.clocks)
    inventory, gaps = Inventory(), (*material.gaps, *slips)
    if material.vcenter.inventory is not None:
        inventory, wrong = read_inventory(material.vcenter.inventory)
        gaps += wrong
    files = list(_node_files(material))
    found = _sum(_of_node(material, clocks, *file) for file in files)
    found += _of_vcenter(material, clocks.of("vcenter"), inventory)
    found += _of_veeam(material, clocks.of("veeam"))
    roster = Roster.of(material, inventory, _lost(found.signs), _vm_names(material, found))
    found += _of_vms(material, clocks, inventory, roster, read_at, progress)
    found = rename(present(found, read_at), roster)
    cluster = _cluster(material, roster, found.signs)
    gaps += (*roster.gaps, *found.gaps, *clocks.strangers(roster.nodes))
    gaps += tuple(absent(material, cluster, {node for node, _, kind in files if kind in EVENTS}))
    return Evidence(
        cluster=cluster,
        stuns=refine(found.stuns, found.operations),
        operations=found.operations,
        backups=found.backups,
        freezes=found.freezes,
        pauses=found.pauses,
        signs=found.signs,
        coverage=found.coverage,
        gaps=tuple(_told(dict.fromkeys(gaps))),
        at=incident.at,
    )


def _told(gaps: Iterable[Gap]) -> Iterator[Gap]:
    """Give what a person can still read: of each source the first gaps, and how many more."""
    counts: Counter[str] = Counter()
    for gap in gaps:
        counts[gap.source] += 1
        if counts[gap.source] <= MOST_GAPS:
            yield gap
    for source, count in counts.items():
        if count > MOST_GAPS:
            yield Gap(source, "more", f"{count - MOST_GAPS:,} further gaps are not listed here")


def _sum(lots: Iterable[Findings]) -> Findings:
    """Put many lots together at once: one after the other would copy the first ones each time."""
    all_lots = list(lots)
    return Findings(
        **{
            field.name: tuple(chain.from_iterable(getattr(lot, field.name) for lot in all_lots))
            for field in fields(Findings)
        }
    )


def _node_files(material: Material) -> Iterator[tuple[str, RawFile, FileKind]]:
    """Give every file of a node, with the node as the cluster spells it."""
    spelling = spell(members(material))
    for folder, files in material.nodes.items():
        for file in files:
            try:
                kind = recognise(file)
            except OSError:  # the reader of the file will say so
                kind = FileKind.UNKNOWN
            yield find(spelling, folder) or folder, file, kind


def _of_node(
    material: Material, clocks: Clocks, node: str, file: RawFile, kind: FileKind
) -> Findings:
    """Read one file of a node's folder."""
    clock = clocks.of(node)
    offset = find({same(k): v for k, v in material.incident.utc_offset.items()}, node)
    try:
        if kind in EVENTS:
            return read_findings(file, node, clock, clocks.of)
        if kind is FileKind.CLUSTER_LOG:
            return read_cluster_log(file, node, clock, offset, clocks.of)
        if kind is FileKind.ERRORLOG:
            return read_errorlog(file, node, clock, offset)
    except OSError as error:
        return Findings(gaps=(Gap(kind, node, f"{file.name}: {error.strerror}", READABLE),))
    why = f"{file.name} is nothing that is known here, so it is not used"
    return Findings(gaps=(Gap("bundle", node, why),))


def _of_vcenter(material: Material, clock: Clock, inventory: Inventory) -> Findings:
    answers = material.vcenter
    found = Findings()
    for subject, answer, read in (
        ("tasks", answers.tasks, read_tasks),
        ("events", answers.events, read_vcenter_events),
    ):
        part = read(answer, clock, inventory) if answer is not None else Findings()
        found += part + asked(material, "vcenter", subject, answer, part, clock)
    return found


def _of_veeam(material: Material, clock: Clock) -> Findings:
    answers = material.veeam
    found = read_veeam(answers.sessions, answers.task_sessions, answers.logs, clock)
    return found + asked(material, "veeam", "sessions", answers.sessions, found, clock)


def _of_vms(
    material: Material,
    clocks: Clocks,
    inventory: Inventory,
    roster: Roster,
    read_at: datetime,
    progress: Progress | None,
) -> Findings:
    """Read the logs of every VM; each is stamped by the host it runs on."""
    hosts = {node.vm: node.host for node in roster.nodes}
    asked_for = material.incident.collected.get("vmware")
    found = []
    for folder, files in material.vms.items():
        vm = roster.vm(folder)
        entry = inventory.named(vm)
        clock = clocks.of_host(hosts.get(vm) or (entry.host if entry else None))
        try:
            until = asked_for[1] if asked_for else None
            found.append(read_vm_folder(vm, files, clock, read_at, until, progress))
        except OSError as error:
            gap = Gap("vmware.log", vm, str(error.strerror), READABLE)
            found.append(Findings(gaps=(gap,)))
    return _sum(found)


def _lost(signs: Iterable[Sign]) -> list[str]:
    """Name the nodes that survivors removed."""
    removed = (sign.subject for sign in signs if sign.kind is Kind.NODE_REMOVED)
    return [name for name in removed if name and HOST_NAME.fullmatch(short(name))]


def _vm_names(material: Material, found: Findings) -> Iterator[str]:
    yield from material.vms
    yield from (operation.vm for operation in found.operations)
    yield from (backup.vm for backup in found.backups)


def _cluster(material: Material, roster: Roster, signs: Iterable[Sign]) -> Cluster:
    sheet = material.cluster
    return Cluster(
        name=material.incident.cluster or sheet.name or UNNAMED,
        os=sheet.os,
        nodes=roster.nodes,
        properties=dict(sheet.properties),
        groups=sheet.groups,
        crosses_subnets=any(crosses(s.detail) for s in signs if s.kind is Kind.ROUTE_LOST),
    )


def crosses(route: str | None) -> bool:
    """Whether the two ends of a route "A|B" lie in different subnets.

    A rule of thumb: IPv4 addresses that differ in their first three octets, a /24, the usual
    size of a server network; nothing in the logs tells the mask. The cluster's own adapter uses
    link-local addresses (169.254), which tell nothing.
    """
    networks = set()
    for end in (route or "").split("|"):
        try:
            address = IPv4Address(end.strip().partition(":")[0])
        except AddressValueError:
            return False
        if address.is_link_local:
            return False
        networks.add(address.packed[:3])
    return len(networks) > 1
