"""The time line: what a person should see at a glance, as plain marks."""

from datetime import datetime, timedelta

from verdict.brief import Brief
from verdict.case import Case
from verdict.failover import Loss
from verdict.rules import Opinion
from verdict.sign import Kind
from verdict.verdict import Mark

AROUND = timedelta(minutes=3)
"""Steps and tasks this far from the failover still belong into the picture."""

TOLD = frozenset({Kind.LEASE_EXPIRED, Kind.HEALTH_LOST, Kind.QUORUM_LOST, Kind.NODE_JOINED,
                  Kind.NODE_QUARANTINED, Kind.BUGCHECKED, Kind.BOOTED})  # fmt: skip
"""Signs worth a row of their own."""


def timeline(brief: Brief, opinion: Opinion) -> tuple[Mark, ...]:
    """Give the rows in the order in which they are read: job, work, stun, silence, removal."""
    case = brief.case
    rows = [*_work(case), *_stuns(brief, opinion)]
    if case.failover.loss is Loss.NODE:
        start = opinion.fit.silence.start if opinion.fit else case.silent_from
        rows.append(Mark("silence", "silence", start, max(case.declared, start)))
        rows.append(Mark("removal", f"{case.failover.lost or 'a node'} removed", case.failover.at))
    else:
        rows.append(Mark("removal", f"{case.failover.loss} lost", case.failover.at))
    others = [rival for rival in (brief.planned, *brief.rivals) if rival]
    rows += [Mark("rival", str(rival.cause), rival.at) for rival in others]
    return (*rows, *_signs(case))


def _work(case: Case) -> list[Mark]:
    """The jobs, their steps and vCenter's tasks around the failover."""
    rows = [Mark("job", f'{b.product} "{b.job}", {b.vm}', b.start, b.end) for b in case.backups]
    rows += [
        Mark("step" if op.source == "veeam" else "task", op.title, op.start, op.end)
        for op in case.evidence.operations
        if op.vm in case.vms and _near(case, op.start, op.end)
    ]
    return rows


def _near(case: Case, start: datetime, end: datetime | None) -> bool:
    late = end is None or end >= case.silent_from - AROUND
    return late and start <= case.failover.at + AROUND


def _stuns(brief: Brief, opinion: Opinion) -> list[Mark]:
    """The stuns near the failover, and the whole of the one that did it."""
    stuns = [s for x in brief.case.silences for s in x.stuns if brief.case.near(s)]
    if opinion.fit:
        stuns += [s for s in opinion.fit.silence.stuns if s not in stuns]
    return [
        Mark("stun", f"{s.vm} stunned", s.start, s.end)
        for s in sorted(stuns, key=lambda s: s.start)
    ]


def _signs(case: Case) -> list[Mark]:
    """What the nodes logged themselves."""
    return [
        Mark("sign", s.text, s.at)
        for s in case.failover.signs
        if s.kind in TOLD and _near(case, s.at, s.at)
    ]
