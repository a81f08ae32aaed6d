"""A cluster and its nodes over WinRM, all of them side by side and none through another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sources.access import ClusterAccess, Window
from sources.deadline import Deadline
from sources.errors import LateError, SourceError
from sources.material import Configuration
from sources.names import find, same, short
from sources.pulled import Pulled
from sources.windows import cluster_exe, identity, script
from sources.windows.cluster_state import (
    ClusterState,
    Identity,
    NodeState,
    read_cluster,
    read_roles,
)
from sources.windows.node_pull import pull_node
from sources.windows.script import NoModuleError
from sources.windows.shell import Running, Shell
from sources.windows.side_by_side import side_by_side
from sources.windows.whereabouts import beside, is_address
from verdict.facts import Gap

__all__ = ["ClusterPull", "pull_cluster", "pull_node", "pull_nodes"]

IDENTIFY = 8.0
"""Seconds for asking the nodes that are not configured who they are."""


@dataclass(frozen=True, slots=True)
class ClusterPull:
    """What a cluster answered: what a cluster.json would say, and everything else about it."""

    configuration: Configuration
    state: ClusterState
    clocks: Mapping[str, timedelta] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()

    def as_pulled(self) -> Pulled:
        """Give the part that belongs to the material of an incident."""
        return Pulled(cluster=self.configuration, clocks=self.clocks, gaps=self.gaps)


@dataclass(slots=True)
class _Entry:
    """What one host said."""

    host: str
    state: ClusterState | None = None
    itself: Identity | None = None
    gaps: list[Gap] = field(default_factory=list)


def pull_nodes(
    access: ClusterAccess, hosts: Mapping[str, str], window: Window, deadline: Deadline
) -> Pulled:
    """Ask every node, `hosts` being node name to address, each in a thread with its own shell."""
    late = LateError("winrm", "", "it did not answer in time", "Ask again.")
    parts = side_by_side(
        hosts,
        lambda name: pull_node(access, hosts[name], window, deadline, name),
        lambda name: Pulled(gaps=(Gap("events", name, late.message, late.hint),)),
        deadline,
    )
    names = dict.fromkeys(node for part in parts for node in part.nodes)
    return Pulled(
        nodes={name: tuple(f for p in parts for f in p.nodes.get(name, ())) for name in names},
        clocks={node: ahead for part in parts for node, ahead in part.clocks.items()},
        gaps=tuple(gap for part in parts for gap in part.gaps),
    )


def pull_cluster(access: ClusterAccess, deadline: Deadline) -> ClusterPull:
    """Ask the configured hosts what they know of their cluster, and every node who it is.

    All of them are asked at once, so that one that hangs costs nothing; the first that answers,
    in the order of the configuration, is believed.
    """
    entries = side_by_side(
        access.hosts,
        lambda host: _enter(access, host, deadline),
        lambda host: _Entry(host, gaps=[_late(host)]),
        deadline,
    )
    best = next((entry for entry in entries if entry.state and entry.state.name), None)
    if best is None or best.state is None:
        return _nothing(access, entries)
    state = _reachable(best.state, best, entries)
    rest = [node for node in state.nodes if not _of(entries, node)]
    sooner = deadline.sooner(IDENTIFY)
    entries += side_by_side(
        {node.host: node for node in rest},
        lambda host: _identify(access, host, sooner),
        lambda host: _Entry(host, gaps=[_late(host)]),
        sooner,
    )
    state = replace(
        state,
        os=state.os or (best.itself.os if best.itself else None),
        nodes=tuple(replace(node, identity=_of(entries, node)) for node in state.nodes),
    )
    configuration, wrong = state.configuration(access.vms)
    known = [node for node in state.nodes if node.identity]
    gaps = (*wrong, *(gap for entry in entries for gap in entry.gaps))
    return ClusterPull(
        configuration,
        state,
        {n.name: n.identity.ahead for n in known if n.identity and n.identity.ahead is not None},
        tuple(dict.fromkeys(gaps)),
    )


def _enter(access: ClusterAccess, host: str, deadline: Deadline) -> _Entry:
    """Ask one host about itself and its cluster. Never raises for what the host does."""
    entry = _Entry(host)
    try:
        with Shell(access.winrm, host, deadline) as shell:
            asked = identity.begin(shell)
            cluster = shell.start(*script.line("cluster", {}))
            roles = shell.start(*script.line("roles", {}))
            _introduce(shell, entry, asked)
            entry.state = _state(shell, entry, cluster, roles)
    except SourceError as error:
        entry.gaps.append(Gap("winrm", short(host), error.message, error.hint))
    return entry


def _identify(access: ClusterAccess, host: str, deadline: Deadline) -> _Entry:
    """Ask one host about itself only. Never raises for what the host does."""
    entry = _Entry(host)
    try:
        with Shell(access.winrm, host, deadline) as shell:
            _introduce(shell, entry, identity.begin(shell))
    except SourceError as error:
        entry.gaps.append(Gap("winrm", short(host), error.message, error.hint))
    return entry


def _introduce(shell: Shell, entry: _Entry, asked: Running) -> None:
    """Hear who the host is, and look at its clock meanwhile. Raises SourceError."""
    tick = shell.run(*identity.TIME)
    try:
        introduced = identity.finish(shell, asked, tick)
    except SourceError as error:
        entry.gaps.append(identity.unknown(short(entry.host), error))
        return
    entry.itself = introduced.identity
    entry.gaps += [introduced.gap] if introduced.gap else []


def _state(shell: Shell, entry: _Entry, cluster: Running, roles: Running) -> ClusterState | None:
    """Put together what the scripts answered, or what cluster.exe prints where they cannot run.

    None where the host knows no cluster. Roles that could not be read are a gap.
    """
    try:
        state = read_cluster(script.answer(shell.collect(cluster), "cluster", shell.host))
    except NoModuleError as error:
        state = _by_cluster_exe(shell)
        if not state.name:
            entry.gaps.append(Gap("cluster", short(entry.host), error.message, error.hint))
            return None
    except SourceError as error:
        entry.gaps.append(Gap("cluster", short(entry.host), error.message, error.hint))
        return None
    try:
        told = read_roles(script.answer(shell.collect(roles), "roles", shell.host))
    except SourceError as error:
        why = f"roles and time-outs are not known: {error.message}"
        entry.gaps.append(Gap("cluster", "roles", why, error.hint))
        return state
    return replace(state, roles=told.roles, resources=told.resources, networks=told.networks)


def _by_cluster_exe(shell: Shell) -> ClusterState:
    """Ask the way of Windows Server 2008. Raises SourceError."""
    outputs = [shell.run(*line) for line in (cluster_exe.PROPERTIES, cluster_exe.NODES)]
    properties, nodes = (output.stdout.decode("utf-8", "replace") for output in outputs)
    return cluster_exe.read_cluster_exe(properties, nodes)


def _reachable(state: ClusterState, best: _Entry, entries: Iterable[_Entry]) -> ClusterState:
    """Say of each node where to reach it: as configured, else by the way of the host that spoke."""
    configured = {same(e.itself.name): e.host for e in entries if e.itself}
    configured |= {same(e.host): e.host for e in entries if not is_address(e.host)}
    nodes = [
        replace(node, host=find(configured, node.name) or beside(node, best.host))
        for node in state.nodes
    ]
    return replace(state, nodes=tuple(nodes))


def _of(entries: Iterable[_Entry], node: NodeState) -> Identity | None:
    """Find what a node said about itself; None where it said nothing."""
    own = {same(node.name): node}
    return next((e.itself for e in entries if e.itself and find(own, e.itself.name)), None)


def _nothing(access: ClusterAccess, entries: Iterable[_Entry]) -> ClusterPull:
    """Give what is known without an answer: the name and the nodes that were configured."""
    named = [host for host in access.hosts if not is_address(host)]
    nodes = tuple(NodeState(short(host), host) for host in named)
    state = ClusterState(access.name, nodes=nodes)
    configuration, _ = state.configuration(access.vms)
    gaps = [gap for entry in entries for gap in entry.gaps]
    why = "none of the configured hosts told about it"
    gaps.append(Gap("cluster", access.name, why, "Run: stuncheck doctor"))
    return ClusterPull(configuration, state, gaps=tuple(dict.fromkeys(gaps)))


def _late(host: str) -> Gap:
    return Gap("winrm", short(host), "it did not answer in time", "Ask again.")
