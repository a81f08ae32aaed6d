"""What absence proves: the coverage of what was asked for, and gaps for what is not there."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sources.findings import Findings
from sources.material import Material
from verdict.clock import Clock
from verdict.cluster import Cluster
from verdict.facts import Coverage, Gap

MOREF = re.compile(r"vm-\d+", re.IGNORECASE)
"""How vCenter numbers its VMs; as the name of a VM it means that nobody resolved it."""

ELSEWHEN = timedelta(days=1)
"""An answer whose every entry lies further than this outside the time it was asked for is the
answer to another question."""

HEARTBEAT = ("SameSubnetDelay", "SameSubnetThreshold")
READ_IT = "run Get-Cluster | Format-List *Subnet* on a node and put the values into cluster.json"


def asked(
    material: Material,
    source: str,
    subject: str,
    answer: bytes | None,
    read: Findings,
    clock: Clock,
) -> Findings:
    """Give the interval in which absence from an answer proves something, or the gap.

    Only who asked knows for what interval. An answer with any damage proves nothing: the row
    that could not be read may be the one that matters.
    """
    if answer is None or read.gaps or any(_bears(g, source, subject) for g in material.gaps):
        return Findings()
    nameless = sorted({op.vm for op in read.operations if MOREF.fullmatch(op.vm)})
    if nameless:
        why = f"tasks of {nameless[0]} cannot be told from those of the nodes"
        return _nothing(source, subject, why, "add vcenter/inventory.json with the VM's moref")
    if source not in material.incident.collected:
        why = "nobody says for what time they were collected, so that none is there proves nothing"
        return _nothing(source, subject, why, f"say it in incident.toml: [collected] {source}")
    start, end = _by_both(material.incident.collected[source], clock)
    if _elsewhen(read, start - ELSEWHEN, end + ELSEWHEN):
        why = "all they tell of lies days outside the time they are said to have been collected for"
        return _nothing(source, subject, why, f"correct [collected] {source} in incident.toml")
    return Findings(coverage=(Coverage(source, subject, start, end),) if start < end else ())


def _elsewhen(read: Findings, start: datetime, end: datetime) -> bool:
    """Whether an answer tells of something, and of nothing between two moments."""
    times = [(work.start, work.end or work.start) for work in read.operations]
    times += [(backup.start, backup.end or backup.start) for backup in read.backups]
    times += [(sign.at, sign.at) for sign in read.signs]
    return bool(times) and not any(first <= end and last >= start for first, last in times)


def _bears(gap: Gap, source: str, subject: str) -> bool:
    """Whether a gap is about an answer, or about a file beside it that may be its other half."""
    beside = gap.source == "bundle" and re.fullmatch(rf"{source}/.*\.json", gap.subject.casefold())
    return (gap.source, gap.subject) == (source, subject) or bool(beside)


def _nothing(source: str, subject: str, why: str, remedy: str) -> Findings:
    return Findings(gaps=(Gap(source, subject, why, remedy),))


def _by_both(interval: tuple[datetime, datetime], clock: Clock) -> tuple[datetime, datetime]:
    """Take what was covered whether the server's clock or the true time was meant."""
    shift = clock.ahead or timedelta()
    start, end = interval
    return max(start, start - shift), min(end, end - shift)


def absent(material: Material, cluster: Cluster, with_events: Iterable[str]) -> Iterator[Gap]:
    """Name every source that the material does not hold, and say how to get it.

    `with_events` are the nodes whose event logs were there, readable or not.
    """
    have = {(gap.source, gap.subject) for gap in material.gaps}
    for gap in (
        *_of_cluster(cluster),
        *_of_nodes(cluster, set(with_events)),
        *_of_servers(material),
    ):
        if (gap.source, gap.subject) not in have:
            yield gap
    yield from _of_vms(material, cluster)


def _of_cluster(cluster: Cluster) -> Iterator[Gap]:
    missing = [name for name in HEARTBEAT if name not in cluster.properties]
    if missing:
        why = f"{' and '.join(missing)} of the cluster are not known"
        yield Gap("cluster", "heartbeat values", why, READ_IT)
    if not cluster.nodes:
        why = "nothing names a node of the cluster"
        yield Gap("cluster", "nodes", why, "put the event logs of each node into nodes/NODE/")


def _of_nodes(cluster: Cluster, with_events: set[str]) -> Iterator[Gap]:
    for node in cluster.nodes:
        if node.name not in with_events:
            yield Gap(
                "events",
                node.name,
                "no event log of this node was read",
                f"on it: wevtutil epl System System.evtx; put that into nodes/{node.name}/ of a "
                "bundle. From the running systems: stuncheck doctor says what hinders",
            )


def _of_vms(material: Material, cluster: Cluster) -> Iterator[Gap]:
    present = {vm.casefold() for vm in material.vms}
    lacking = [node for node in cluster.nodes if node.vm.casefold() not in present]
    for node in lacking:
        yield Gap(
            "vmware.log",
            node.vm,
            "no vmware.log of this VM was read",
            "download vmware.log and vmware-*.log from the VM's folder with the datastore "
            "browser (docs/bundles.md), or let stuncheck read it: read_logs in docs/settings.md",
        )
    owned = {node.vm.casefold() for node in cluster.nodes}
    for vm in material.vms:
        if lacking and vm.casefold() not in owned:
            why = "this VM has a vmware.log, but nothing says that a node runs in it"
            yield Gap("vmware.log", vm, why, "name its node in incident.toml under [nodes]")


def _of_servers(material: Material) -> Iterator[Gap]:
    vcenter, veeam = material.vcenter, material.veeam
    if vcenter.tasks is None:
        why = "no tasks of vCenter were read, so its snapshot work is not known"
        yield Gap("vcenter", "tasks", why, _collect("vcenter/tasks.json"))
    if vcenter.events is None:
        why = "no events of vCenter were read, so trouble of the hosts is not known"
        yield Gap("vcenter", "events", why, _collect("vcenter/events.json"))
    if veeam.sessions is None and veeam.task_sessions is None:
        why = "no sessions of Veeam were read, so what was backed up is not known"
        yield Gap("veeam", "sessions", why, _collect("veeam/sessions.json"))


def _collect(file: str) -> str:
    """Say how to get what a server knows, into a bundle or from the server itself."""
    return f"collect {file} (docs/bundles.md), or name the server in stuncheck.toml"
