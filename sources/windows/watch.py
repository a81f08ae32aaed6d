"""Watching a cluster: what is new in its nodes' event logs since it was asked last.

Nothing is kept here: the marks and the roster are given back and come again with the next look.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.errors import SourceError
from sources.material import Configuration
from sources.raw import RawFile
from sources.windows.node_watch import WATCHED, NodeSeen, read_node
from sources.windows.pull import pull_cluster
from sources.windows.shell import Shell
from sources.windows.side_by_side import side_by_side
from sources.windows.watch_mark import Mark
from verdict.facts import Gap

__all__ = ["Look", "Mark", "Roster", "Seen", "read_new"]

REFRESH = timedelta(minutes=15)
"""How often the cluster itself is asked for its nodes and their clocks: it starts PowerShell on
every node, and nodes come and go in days."""
SHARE = 0.5
"""Part of the time that asking the cluster may take; the rest is for its nodes' logs."""

ZERO = timedelta()


@dataclass(frozen=True, slots=True)
class Roster:
    """The nodes of a cluster, where to reach them, their clocks, and until when that will do."""

    hosts: Mapping[str, str]
    clocks: Mapping[str, timedelta]
    configuration: Configuration
    until: Deadline

    def ahead(self, node: str) -> timedelta:
        """How far the node's clock runs ahead of ours; zero where it was not measured."""
        return self.clocks.get(node, ZERO)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at all nodes brought. `oldest`: when the first new event was logged, in UTC.

    `marks` are as far as every log was read whole, by "NODE/CHANNEL", `before` what they were when
    it was read, for who wants the same again. `whole`: every log of every node was read.
    """

    nodes: Mapping[str, tuple[RawFile, ...]]
    marks: Mapping[str, Mark]
    before: Mapping[str, Mark]
    roster: Roster
    gaps: tuple[Gap, ...] = ()
    oldest: datetime | None = None
    whole: bool = False

    @property
    def clocks(self) -> Mapping[str, timedelta]:
        """How far each node's clock runs ahead of ours, where that was measured."""
        return self.roster.clocks


@dataclass(frozen=True, slots=True)
class Look:
    """What is wanted of one look: everything after the marks, and again everything since `since`.

    `begin` stands for the mark where there is none. Both are in UTC.
    """

    marks: Mapping[str, Mark]
    since: datetime
    begin: datetime
    refresh: timedelta = REFRESH


def read_new(
    access: ClusterAccess, look: Look, deadline: Deadline, roster: Roster | None = None
) -> Seen:
    """Read what is new, all nodes side by side, each over one shell. Never raises SourceError.

    A node that cannot be asked is a gap with its name and keeps its marks. Without a roster, or
    with one that is too old, the cluster is asked for its nodes first.
    """
    anew = roster is None or roster.until.left <= 0
    known, gaps = roster, tuple[Gap, ...]()
    if known is None or anew:
        known, gaps = _call(access, look, deadline.sooner(deadline.left * SHARE), roster)
    hosts, marks = known.hosts, {node: _of(look, node, known, anew=anew) for node in known.hosts}

    def ask(node: str) -> NodeSeen:
        since = look.since + known.ahead(node)
        try:
            with Shell(access.winrm, hosts[node], deadline) as shell:
                return read_node(lambda line: shell.run(*line), node, marks[node], since, anew=anew)
        except SourceError as error:
            return _unread(node, marks[node], f"{hosts[node]}: {error.message}", error.hint)

    def late(node: str) -> NodeSeen:
        return _unread(node, marks[node], "it did not answer in time", "Ask again.")

    parts = side_by_side(hosts, ask, late, deadline)
    before = {f"{node}/{name}": mark for node in marks for name, mark in marks[node].items()}
    return put_together(look, before, known, gaps, parts)


def put_together(
    look: Look,
    before: Mapping[str, Mark],
    roster: Roster,
    gaps: tuple[Gap, ...],
    parts: Iterable[NodeSeen],
) -> Seen:
    """Make one of what the nodes told."""
    parts = list(parts)
    asked = {part.name for part in parts}
    others = {name: m for name, m in look.marks.items() if name.partition("/")[0] not in asked}
    marks = others | {f"{p.name}/{name}": m for p in parts for name, m in p.marks.items()}
    oldest = [part.oldest - roster.ahead(part.name) for part in parts if part.oldest]
    return Seen(
        nodes={part.name: part.raw for part in parts if part.files},
        marks=marks,
        before={name: before.get(name, mark) for name, mark in marks.items()},
        roster=roster,
        gaps=(*gaps, *(gap for part in parts for gap in part.gaps)),
        oldest=min(oldest, default=None),
        whole=bool(parts) and all(part.whole for part in parts),
    )


def _call(
    access: ClusterAccess, look: Look, deadline: Deadline, before: Roster | None
) -> tuple[Roster, tuple[Gap, ...]]:
    """Ask the cluster for its nodes; where it does not tell, those known before are asked on.

    The gaps are what the cluster could not tell; what a node could not is told by the node.
    """
    pull = pull_cluster(access, deadline)
    gaps = tuple(gap for gap in pull.gaps if gap.source == "cluster" and gap.subject != "roles")
    until = Deadline.after(look.refresh.total_seconds())
    known = any(node.state for node in pull.state.nodes)
    if before is not None and not known:
        return replace(before, until=until), gaps
    return Roster(pull.state.hosts, pull.clocks, pull.configuration, until), gaps


def _of(look: Look, node: str, roster: Roster, *, anew: bool) -> dict[str, Mark]:
    """Give the marks of one node; where there is none, one that says from when on to read.

    A channel without a mark is one the node lacks; whether it still does is asked now and then.
    """
    begin = Mark(0, look.begin + roster.ahead(node))
    marks = {c.name: look.marks.get(f"{node}/{c.name}", begin if anew else None) for c in WATCHED}
    return {name: mark for name, mark in marks.items() if mark is not None}


def _unread(node: str, marks: dict[str, Mark], why: str, remedy: str | None) -> NodeSeen:
    """Say that a node could not be read at all; its marks stay."""
    return NodeSeen(node, marks=marks, gaps=[Gap("events", node, why, remedy)], whole=False)
