"""Writes a world as a bundle: the folder of DESIGN section 6."""

import json
from pathlib import Path

from tests.simulation.clock import seconds
from tests.simulation.event import Event, event_xml
from tests.simulation.node import Node
from tests.simulation.vcenter import inventory
from tests.simulation.world import World

FILE_NAMES = {
    "System": "System.xml",
    "Application": "Application.xml",
    "Microsoft-Windows-FailoverClustering/Operational": "FailoverClustering-Operational.xml",
    "Microsoft-Exchange-HighAvailability/Operational": "Exchange-HighAvailability.xml",
}


def write(world: World, folder: Path) -> None:
    """Write what is shown of the world into `folder`."""
    folder.mkdir(parents=True)
    (folder / "incident.toml").write_text(_incident(world), "utf-8")
    if world.shown.cluster_json:
        vms = {name: vm.name for name, vm in world.vms.items()}
        tell = world.shown.mapping == "cluster" or (
            world.shown.mapping == "same" and world.chance(0.5)
        )
        values = world.cluster.as_json(vms, values=world.shown.properties, names=tell)
        _json(folder / "cluster.json", values)
    for node in world.cluster.nodes:
        _node(world, node, folder / "nodes" / node.name)
    if world.shown.vmware:
        _logs(world, folder / "vms")
    _vcenter(world, folder / "vcenter")
    _veeam(world, folder / "veeam")


def _json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1), "utf-8")


def _incident(world: World) -> str:
    shown, lines = world.shown, []
    if shown.named_failover:
        lines += ["[failover]", f'cluster = "{world.cluster.name}"']
        lines += [f"at = {world.at:%Y-%m-%dT%H:%M:%SZ}", ""]
    if shown.mapping == "nodes":
        lines += ["[nodes]", *(f'{node} = "{vm.name}"' for node, vm in world.vms.items()), ""]
    clocks = {node.name: node.clock.measured for node in world.cluster.nodes}
    clocks |= {"vcenter": world.vcenter.clock.measured, "veeam": world.veeam.clock.measured}
    if world.host_clock:
        clocks["esxi"] = world.host_clock.measured
    else:
        clocks |= {f'"{host.name}"': host.clock.measured for host in world.hosts}
    told = [f"{name} = {value}" for name, value in clocks.items() if value is not None]
    lines += ["[clocks]", *told, "", "[utc_offset]"]
    lines += [f'{n.name} = "{n.utc_offset:+03d}:00"' for n in world.cluster.nodes]
    since = world.at - seconds(shown.vcenter_since)
    early = world.at - seconds(6 * 3600)
    lines += ["", "[collected]"]
    if shown.tasks:
        lines.append(f"vcenter = [{since:%Y-%m-%dT%H:%M:%SZ}, {world.until:%Y-%m-%dT%H:%M:%SZ}]")
    if shown.sessions:
        lines.append(f"veeam = [{early:%Y-%m-%dT%H:%M:%SZ}, {world.until:%Y-%m-%dT%H:%M:%SZ}]")
    return "\n".join(lines) + "\n"


def _node(world: World, node: Node, folder: Path) -> None:
    folder.mkdir(parents=True)
    by_file: dict[str, list[Event]] = {}
    for event in node.events:
        if event.at <= world.until:
            by_file.setdefault(FILE_NAMES[event.channel], []).append(event)
    for name, events in by_file.items():
        (folder / name).write_text(_events(world, node, events), node.spelling.encoding)
    if world.shown.cluster_log:
        (folder / "cluster.log").write_text(_cluster_log(world, node), "utf-8")
    if world.shown.error_log and node.error_log:
        (folder / "ERRORLOG").write_text(_error_log(world, node), "utf-16")


def _events(world: World, node: Node, events: list[Event]) -> str:
    record = world.rng.randrange(4000, 90000)
    computer = f"{node.name}.{node.domain}"
    rows = []
    for event in sorted(events, key=lambda e: node.written(e.at)):
        record += 1
        stamp = node.clock.stamp(node.written(event.at))
        rows.append(event_xml(event, stamp, record, computer, node.spelling))
    if node.spelling.newest_first:
        rows.reverse()
    text = "\n".join(rows) + "\n"
    return f"<Events>\n{text}</Events>\n" if node.spelling.rooted else text


def _cluster_log(world: World, node: Node) -> str:
    lines = [
        "[=== Cluster ===]",
        f"Current node: {node.name} (1)",
        "UTC= localtime + time zone offset; with daylight savings, if enabled.",
        (
            "The logs were generated using Coordinated Universal Time (UTC). 'offset "
            f"of this machine is {-60 * node.utc_offset} minutes'"
        ),
        "[=== Cluster Logs ===]",
    ]
    for at, level, text in sorted(node.cluster_log, key=lambda row: node.written(row[0])):
        if at > world.until:
            continue
        stamp = node.clock.stamp(node.written(at))
        mark, body = ("[System] ", text[9:]) if text.startswith("[System] ") else ("", text)
        when = f"{stamp:%Y/%m/%d-%H:%M:%S}.{stamp.microsecond // 1000:03d}"
        lines.append(f"{mark}00000fe4.00001620::{when} {level:<5} {body}")
    return "\n".join(lines) + "\n"


def _error_log(world: World, node: Node) -> str:
    start = world.since - seconds(30)
    head = [
        (start, "Server", "Microsoft SQL Server 2019 (RTM-CU22) (KB5027702) - 15.0.4322.2 (X64)"),
        (start, "Server", f"UTC adjustment: {node.utc_offset}:00"),
    ]
    lines = []
    body = sorted(node.error_log, key=lambda row: node.written(row[0]))
    for at, spid, text in [*head, *body]:
        if at > world.until:
            continue
        local = node.local(node.written(at))
        lines.append(
            f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 10000:02d} {spid:<11} {text}"
        )
    return "\r\n".join(lines) + "\r\n"


def _logs(world: World, folder: Path) -> None:
    for vm in [*world.vms.values(), *world.other_vms]:
        if world.shown.log_since:
            vm.lines = [line for line in vm.lines if line[0] >= world.shown.log_since]
        (folder / vm.name).mkdir(parents=True)
        for name, text in vm.files(world.until).items():
            if name not in world.shown.hidden_logs:
                (folder / vm.name / name).write_text(text, "utf-8")


def _vcenter(world: World, folder: Path) -> None:
    vcenter, shown = world.vcenter, world.shown
    since = world.at - seconds(shown.vcenter_since)
    if shown.tasks:
        _json(folder / "tasks.json", vcenter.stamped(vcenter.tasks, since, world.until))
    if shown.events:
        _json(folder / "events.json", vcenter.stamped(vcenter.events, since, world.until))
    if shown.inventory or shown.mapping == "inventory" or not world.host_clock:
        vms = [*world.vms.values(), *world.other_vms]
        guests = shown.mapping == "inventory" or world.chance(0.8)
        _json(folder / "inventory.json", inventory(vms, world.rng, guests=guests))


def _veeam(world: World, folder: Path) -> None:
    veeam, shown = world.veeam, world.shown
    page = {"skip": 0, "limit": 200}
    if shown.sessions:
        total = {"total": len(veeam.sessions), "count": len(veeam.sessions), **page}
        _json(folder / "sessions.json", {"data": veeam.sessions, "pagination": total})
    if shown.task_sessions and veeam.tasks:
        total = {"total": len(veeam.tasks), "count": len(veeam.tasks), **page}
        _json(folder / "task_sessions.json", {"data": veeam.tasks, "pagination": total})
    if shown.steps:
        for number, log in veeam.logs.items():
            _json(folder / "logs" / f"{number}.json", log)
