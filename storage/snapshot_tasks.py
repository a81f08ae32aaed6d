"""Snapshot work and migrations, as vCenter's tasks tell them: when, never how long a VM stood."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from storage.rows import ahead_of, clock_of, many, stamped
from storage.times import micros, micros_or_none, moment, moment_or_none
from storage.vms import NO_VCENTERS, Vm, take_in
from verdict.facts import Operation, Phase

if TYPE_CHECKING:
    from storage.store import Store

_INSERT = """
INSERT INTO snapshot_tasks (vm, stamped, source, phase, title, start, "end", clock, ahead, "by")
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (vm, stamped, source, phase, title) DO UPDATE SET
    start = excluded.start, "end" = excluded."end", clock = excluded.clock,
    ahead = excluded.ahead, "by" = coalesce("by", excluded."by")
WHERE ("end" IS NULL AND excluded."end" IS NOT NULL)
    OR (ahead IS NULL AND excluded.ahead IS NOT NULL
        AND ("end" IS NULL OR excluded."end" IS NOT NULL))
"""

_SELECT = 'SELECT phase, start, "end", clock, ahead, source, title, "by" FROM snapshot_tasks'


def add_tasks(
    store: "Store", operations: Iterable[Operation], vcenters: Mapping[str, str] = NO_VCENTERS
) -> int:
    """Store operations; give how many were new or are now better known. Raises UserError.

    One that was running when it was first read gains its end.
    """
    told = tuple(operations)
    with store.writing() as db:
        vms = take_in(db, (operation.vm for operation in told), vcenters)
        return many(db, _INSERT, (_row(operation, vms[operation.vm]) for operation in told))


def _row(operation: Operation, vm: Vm) -> Sequence[str | int | None]:
    return (
        vm.id,
        stamped(operation.start, operation.clock),
        operation.source,
        operation.phase.value,
        operation.title,
        micros(operation.start),
        micros_or_none(operation.end),
        operation.clock.name,
        ahead_of(operation.clock),
        operation.by,
    )


def operation_of(vm: str, row: Sequence[Any]) -> Operation:
    """Give back an operation from phase, start, end, clock, ahead, source, title, by."""
    phase, start, end, clock, ahead, source, title, by = row
    return Operation(
        vm=vm,
        phase=Phase(phase),
        start=moment(start),
        end=moment_or_none(end),
        clock=clock_of(clock, ahead),
        source=source,
        title=title,
        by=by,
    )


def tasks_of(store: "Store", vm: Vm, start: datetime, end: datetime) -> tuple[Operation, ...]:
    """Give the operations on a VM that ran in an interval, in order; running ones too."""
    sql = f"""{_SELECT} WHERE vm = ? AND start <= ? AND ("end" >= ? OR "end" IS NULL)
        ORDER BY start"""
    with store.reading() as db:
        rows = db.execute(sql, [vm.id, micros(end), micros(start)])
        return tuple(operation_of(vm.name, row) for row in rows)


def first_unfinished(store: "Store", vm: Vm, since: datetime) -> datetime | None:
    """Say when the earliest operation that was running at the last look began; None if none was.

    The next look has to go back that far, or its end is never learnt.
    """
    sql = 'SELECT min(start) FROM snapshot_tasks WHERE vm = ? AND start >= ? AND "end" IS NULL'
    with store.reading() as db:
        return moment_or_none(db.execute(sql, [vm.id, micros(since)]).fetchone()[0])
