"""One spelling for every node and VM, and every fact once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from sources.findings import Findings
from sources.gathering.roster import Roster
from verdict.facts import Backup, Coverage, Freeze, Operation, Pause, Stun
from verdict.sign import Kind, Sign

T = TypeVar("T")
OfVm = TypeVar("OfVm", Stun, Operation, Backup)
OfNode = TypeVar("OfNode", Freeze, Pause)

ABOUT_NODES = frozenset(
    {
        Kind.NODE_REMOVED,
        Kind.ROUTE_LOST,
        Kind.HEARTBEATS_MISSED,
        Kind.RECONNECTED,
        Kind.QUORUM_LOST,
        Kind.NODE_HALTED,
        Kind.NODE_JOINED,
        Kind.NODE_QUARANTINED,
    }
)
"""Signs whose subject is a node; that of others is one only where the whole name is a node's."""

ROUNDING = timedelta(milliseconds=1)
"""The same event exported as .evtx and as XML may differ in its last digits."""


def rename(found: Findings, roster: Roster) -> Findings:
    """Spell every node and VM as the cluster does, and keep one of each fact."""
    backups = tuple(_backup(backup, roster) for backup in found.backups)
    steps = [step for backup in backups for step in backup.steps]
    return Findings(
        stuns=_once(_of_vm(stun, roster) for stun in found.stuns),
        operations=_once([*(_of_vm(op, roster) for op in found.operations), *steps]),
        backups=_once(backups),
        freezes=_once(_of_node(freeze, roster) for freeze in found.freezes),
        pauses=_once(_of_node(pause, roster) for pause in found.pauses),
        signs=tuple(_one_of_each(_sign(sign, roster) for sign in found.signs)),
        coverage=_once(_coverage(part, roster) for part in found.coverage),
        gaps=_once(found.gaps),
    )


def _once(facts: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(facts))


def _of_vm(fact: OfVm, roster: Roster) -> OfVm:
    vm = roster.vm(fact.vm)
    return fact if vm == fact.vm else replace(fact, vm=vm)


def _of_node(fact: OfNode, roster: Roster) -> OfNode:
    node = roster.node(fact.node)
    return fact if node == fact.node else replace(fact, node=node)


def _backup(backup: Backup, roster: Roster) -> Backup:
    steps = tuple(_of_vm(step, roster) for step in backup.steps)
    return replace(_of_vm(backup, roster), steps=steps)


def _coverage(part: Coverage, roster: Roster) -> Coverage:
    subject = (roster.vm if part.source == "vmware.log" else roster.node)(part.subject)
    return replace(part, subject=subject)


def _sign(sign: Sign, roster: Roster) -> Sign:
    """Spell the subject too: a node in a node's log, a VM in vCenter's."""
    node, subject = sign.node, sign.subject
    if node is None:
        subject = subject and roster.vm(subject)
    else:
        node = roster.node(node)
        if subject and sign.kind in ABOUT_NODES:
            subject = roster.node(subject)
        elif subject:
            subject = roster.spelling.get(subject.casefold(), subject)
    if (node, subject) == (sign.node, sign.subject):
        return sign
    return replace(sign, node=node, subject=subject)


def _one_of_each(signs: Iterable[Sign]) -> Iterator[Sign]:
    """Keep one of the signs that several exports of one log give: same record, same moment."""
    seen: dict[object, list[datetime]] = {}
    for sign in signs:
        key = (sign.kind, sign.node, sign.subject, sign.record) if sign.record else sign
        moments = seen.setdefault(key, [])
        if not any(abs(sign.at - moment) <= ROUNDING for moment in moments):
            moments.append(sign.at)
            yield sign
