"""One spelling for every node and VM, and every fact once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from sources.findings import Findings
from sources.roster import Roster
from verdict.facts import Backup, Coverage
from verdict.sign import Kind, Sign

T = TypeVar("T")

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
"""Signs whose subject is a node; a role or a resource may be called like one."""

ROUNDING = timedelta(milliseconds=1)
"""The same event exported as .evtx and as XML may differ in its last digits."""


def rename(found: Findings, roster: Roster) -> Findings:
    """Spell every node and VM as the cluster does, and keep one of each fact."""
    backups = tuple(_backup(backup, roster) for backup in found.backups)
    steps = [step for backup in backups for step in backup.steps]
    operations = [replace(op, vm=roster.vm(op.vm)) for op in found.operations]
    return Findings(
        stuns=_once(replace(stun, vm=roster.vm(stun.vm)) for stun in found.stuns),
        operations=_once([*operations, *steps]),
        backups=_once(backups),
        freezes=_once(replace(freeze, node=roster.node(freeze.node)) for freeze in found.freezes),
        pauses=_once(replace(pause, node=roster.node(pause.node)) for pause in found.pauses),
        signs=tuple(_one_of_each(_sign(sign, roster) for sign in found.signs)),
        coverage=_once(_coverage(part, roster) for part in found.coverage),
        gaps=_once(found.gaps),
    )


def _once(facts: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(facts))


def _backup(backup: Backup, roster: Roster) -> Backup:
    steps = tuple(replace(step, vm=roster.vm(step.vm)) for step in backup.steps)
    return replace(backup, vm=roster.vm(backup.vm), steps=steps)


def _coverage(part: Coverage, roster: Roster) -> Coverage:
    of_vm = part.source == "vmware.log"
    return replace(part, subject=(roster.vm if of_vm else roster.node)(part.subject))


def _sign(sign: Sign, roster: Roster) -> Sign:
    """Spell the subject too: a node in a node's log, a VM in vCenter's."""
    if sign.subject is None:
        return replace(sign, node=sign.node and roster.node(sign.node))
    if sign.node is None:
        return replace(sign, subject=roster.vm(sign.subject))
    subject = roster.node(sign.subject) if sign.kind in ABOUT_NODES else sign.subject
    return replace(sign, node=roster.node(sign.node), subject=subject)


def _one_of_each(signs: Iterable[Sign]) -> Iterator[Sign]:
    """Keep one of the signs that several exports of one log give: same record, same moment."""
    seen: dict[object, list[datetime]] = {}
    for sign in signs:
        key = (sign.kind, sign.node, sign.subject, sign.record) if sign.record else sign
        moments = seen.setdefault(key, [])
        if not any(abs(sign.at - moment) <= ROUNDING for moment in moments):
            moments.append(sign.at)
            yield sign
