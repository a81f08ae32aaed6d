"""Which node was lost, when nodes accuse each other."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from verdict.sign import Kind, Sign

DEAF = frozenset({Kind.QUORUM_LOST, Kind.NODE_HALTED})
"""What a node writes that found itself alone: its accusations are worth nothing."""

ARBITRATION = timedelta(seconds=2)
"""Less than this between a removal and the loss of quorum is no fight for the witness."""

SAME = timedelta(seconds=1.5)
"""Two nodes that count the same silence remove each other within a heartbeat and some."""

MARKS = frozenset({Kind.QUORUM_LOST, Kind.NODE_HALTED, Kind.BUGCHECKED, Kind.UNCLEAN_BOOT,
                   Kind.SHUTDOWN, Kind.SHUTDOWN_ASKED})  # fmt: skip
"""What only a lost node writes of itself (1177 and 1006 mark the victim, DESIGN 4)."""

LATER_MARKS = frozenset({Kind.NODE_JOINED, Kind.BOOTED})
"""Weaker: a node that comes back was away; it may also come back from something else."""

CARRIES = frozenset({Kind.ROLE_ONLINE, Kind.ROLE_FAILING_OVER})
"""What a survivor does: it takes the roles over."""


@dataclass(frozen=True, slots=True)
class Votes:
    """Who accuses whom: for each accused node the nodes that removed it."""

    by_accused: dict[str, frozenset[str]]

    @classmethod
    def count(cls, removals: Iterable[Sign]) -> "Votes":
        """Count each accuser once, however many of its logs repeat the removal."""
        accusers: dict[str, set[str]] = defaultdict(set)
        for sign in removals:
            if sign.subject and sign.node != sign.subject:
                accusers[sign.subject].add(sign.node or "")
        return cls({accused: frozenset(names) for accused, names in accusers.items()})

    @property
    def accusers(self) -> frozenset[str]:
        """Everybody who accuses somebody."""
        return frozenset().union(*self.by_accused.values())


def lost_node(votes: Votes, around: Sequence[Sign]) -> str | None:
    """Say which node was lost, None where two remain alike.

    In this order: the only node accused, unless it alone is marked innocent by an accuser that
    is itself marked lost; a node with a mark that only a lost node writes; the node most others
    accuse; a node that came back; a node that did not take roles over.
    """
    marked = _nodes(around, MARKS)
    candidates = set(votes.by_accused)
    deaf = votes.accusers & _nodes(around, DEAF)
    if len(votes.accusers) == 1 and deaf and not candidates & marked:
        return next(iter(votes.accusers))
    for rule in (
        lambda nodes: nodes & marked,
        lambda nodes: _most_accused(nodes, votes),
        lambda nodes: nodes & _nodes(around, LATER_MARKS),
        lambda nodes: nodes - _nodes(around, CARRIES),
    ):
        candidates = rule(candidates) or candidates
        if len(candidates) == 1:
            return next(iter(candidates))
    return None


def outrun(lost: str, removals: Sequence[Sign], around: Sequence[Sign]) -> tuple[str, ...]:
    """Give the nodes that may have been silent although `lost` is the one that went down.

    A node that runs again in time may win the witness: the one that had removed it is then left
    without quorum, some 6 s after it removed it (witness arbitration, joshthecoder 2020). A node
    that finds itself removed logs 1177 at once.
    """
    alone = [s.at for s in around if s.kind in DEAF and s.node == lost]
    others = []
    for sign in removals:
        fought = alone and min(alone) - sign.at >= ARBITRATION
        if sign.node == lost and sign.subject and fought and not _counted_too(sign, removals):
            others.append(sign.subject)
    return tuple(dict.fromkeys(others))


def _counted_too(sign: Sign, removals: Sequence[Sign]) -> bool:
    """Whether the accused node removed its accuser first or at the same moment.

    Then it counted missed heartbeats like the other, so it was awake: a split, not a stun.
    """
    return any(
        s.subject == sign.node and s.node == sign.subject
        and s.at <= sign.at + SAME + s.clock.uncertainty + sign.clock.uncertainty
        and s.at >= sign.at - SAME - s.clock.uncertainty - sign.clock.uncertainty
        for s in removals
    )  # fmt: skip


def _most_accused(nodes: set[str], votes: Votes) -> set[str]:
    most = max((len(votes.by_accused[node]) for node in nodes), default=0)
    return {node for node in nodes if len(votes.by_accused[node]) == most}


def _nodes(signs: Iterable[Sign], kinds: frozenset[Kind]) -> set[str]:
    return {sign.node for sign in signs if sign.kind in kinds and sign.node}
