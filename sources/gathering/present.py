"""Nothing comes from the future: what is stamped later than it was read is damage or a slip."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from sources.findings import Findings
from sources.material import Incident
from verdict.facts import Backup, Freeze, Gap, Operation, Pause, Stun
from verdict.sign import Sign

Fact = Stun | Operation | Backup | Freeze | Pause | Sign
T = TypeVar("T", bound=Fact)

AHEAD = timedelta(days=1)
"""A clock may run ahead of the reader's; what is stamped later still is not believed."""

ANSWERS = frozenset({"vcenter", "veeam"})
"""Sources in which one wrong row may be the one that matters, so that absence proves nothing."""


def possible(incident: Incident, read_at: datetime) -> tuple[Incident, tuple[Gap, ...]]:
    """Leave out of incident.toml what lies in the future; `read_at` is aware, UTC.

    An interval may end later than it was read, as a day does; it covers nothing beyond.
    """
    latest = read_at + AHEAD
    gaps = [
        _slip(f"[collected] {name}", start)
        for name, (start, _) in incident.collected.items()
        if start > latest
    ]
    at = incident.at
    if at is not None and at > latest:
        gaps.append(_slip("[failover] at", at))
        at = None
    collected = {
        name: (start, min(end, latest))
        for name, (start, end) in incident.collected.items()
        if start <= latest
    }
    return replace(incident, at=at, collected=collected), tuple(gaps)


def _slip(subject: str, moment: datetime) -> Gap:
    why = f"{moment:%Y-%m-%d} lies in the future, so it is not used"
    return Gap("incident.toml", subject, why, "correct the date, or the clock of this machine")


def present(found: Findings, read_at: datetime) -> Findings:
    """Leave out facts of the future, and tell of them; `read_at` is aware, UTC.

    An answer of vCenter or Veeam that holds any of them covers nothing.
    """
    latest = read_at + AHEAD
    late: Counter[tuple[str, str]] = Counter()

    def kept(facts: Iterable[T], when: Callable[[T], datetime]) -> tuple[T, ...]:
        believed = []
        for fact in facts:
            if when(fact) <= latest:
                believed.append(fact)
            else:
                late[_whose(fact)] += 1
        return tuple(believed)

    believed = Findings(
        stuns=kept(found.stuns, lambda stun: stun.end),
        operations=kept(found.operations, lambda work: work.end or work.start),
        backups=kept(found.backups, lambda backup: backup.end or backup.start),
        freezes=kept(found.freezes, lambda freeze: freeze.end or freeze.start),
        pauses=kept(found.pauses, lambda pause: pause.end),
        signs=kept(found.signs, lambda sign: sign.at),
    )
    wrong = {source for source, _ in late} & ANSWERS
    return replace(
        believed,
        coverage=tuple(
            replace(part, end=min(part.end, latest))
            for part in found.coverage
            if part.source not in wrong and part.start <= latest
        ),
        gaps=(*found.gaps, *(_unbelieved(*whose, count) for whose, count in late.items())),
    )


def _whose(fact: Fact) -> tuple[str, str]:
    """Name the source of a fact, and whom it is about."""
    match fact:
        case Operation(source=source):
            return source, "tasks" if source == "vcenter" else "task logs"
        case Backup():
            return "veeam", "sessions"
        case Sign(source="vcenter"):
            return "vcenter", "events"
        case Sign(source=source, node=node):
            return source, node or "a node"
        case Stun(vm=vm):
            return "vmware.log", vm
        case Freeze(node=node) | Pause(node=node):
            return "events", node


def _unbelieved(source: str, subject: str, count: int) -> Gap:
    what = "1 entry is" if count == 1 else f"{count} entries are"
    why = f"{what} stamped in the future, so they are not believed"
    return Gap(source, subject, why, "collect it again, or correct the clock of this machine")
