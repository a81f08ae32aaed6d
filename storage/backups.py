"""Backup sessions and their steps, one row for each VM's part in a run of a job."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from storage.rows import ahead_of, clock_of, many, stamped
from storage.snapshot_tasks import operation_of
from storage.times import micros, micros_or_none, moment, moment_or_none
from storage.vms import NO_VCENTERS, Vm, take_in
from verdict.facts import Backup

if TYPE_CHECKING:
    from sqlite_utils.db import Database

    from storage.store import Store

_INSERT = """
INSERT INTO backups
    (vm, stamped, product, job, start, "end", clock, ahead, session, proxy, transport)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (vm, stamped, product, job) DO UPDATE SET
    start = CASE WHEN ahead IS NULL THEN excluded.start ELSE start END,
    "end" = CASE WHEN "end" IS NULL OR (ahead IS NULL AND excluded.ahead IS NOT NULL)
        THEN coalesce(excluded."end", "end") ELSE "end" END,
    clock = CASE WHEN ahead IS NULL THEN excluded.clock ELSE clock END,
    ahead = coalesce(ahead, excluded.ahead),
    session = coalesce(session, excluded.session),
    proxy = coalesce(proxy, excluded.proxy),
    transport = coalesce(transport, excluded.transport)
WHERE ("end" IS NULL AND excluded."end" IS NOT NULL)
    OR (ahead IS NULL AND excluded.ahead IS NOT NULL)
    OR (session IS NULL AND excluded.session IS NOT NULL)
    OR (proxy IS NULL AND excluded.proxy IS NOT NULL)
    OR (transport IS NULL AND excluded.transport IS NOT NULL)
"""

_INSERT_STEP = """
INSERT INTO backup_steps
    (backup, stamped, phase, title, position, start, "end", clock, ahead, source, "by")
VALUES (
    (SELECT id FROM backups WHERE vm = ? AND stamped = ? AND product = ? AND job = ?),
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (backup, stamped, phase, title) DO UPDATE SET
    position = excluded.position, start = excluded.start,
    "end" = coalesce(excluded."end", "end"), clock = excluded.clock, ahead = excluded.ahead
WHERE ("end" IS NULL AND excluded."end" IS NOT NULL)
    OR (ahead IS NULL AND excluded.ahead IS NOT NULL)
"""

_LAST = """
SELECT id, product, job, start, "end", clock, ahead, session, proxy, transport FROM backups
WHERE vm = ? AND start <= ? ORDER BY stamped DESC LIMIT ?
"""

_STEPS = """
SELECT phase, start, "end", clock, ahead, source, title, "by" FROM backup_steps
WHERE backup = ? ORDER BY position, stamped
"""


def add_backups(
    store: "Store", backups: Iterable[Backup], vcenters: Mapping[str, str] = NO_VCENTERS
) -> int:
    """Store backups and their steps; give how many backups were new or are now better known.

    One that was running gains its end and its later steps; a step is never taken back, for the
    log that told it may be gone at the next reading. Raises UserError.
    """
    told = tuple(backups)
    with store.writing() as db:
        vms = take_in(db, (backup.vm for backup in told), vcenters)
        changed = many(db, _INSERT, (_row(backup, vms[backup.vm]) for backup in told))
        many(db, _INSERT_STEP, (row for b in told for row in _step_rows(b, vms[b.vm])))
        return changed


def _row(backup: Backup, vm: Vm) -> Sequence[str | int | None]:
    return (
        *_key(backup, vm),
        micros(backup.start),
        micros_or_none(backup.end),
        backup.clock.name,
        ahead_of(backup.clock),
        backup.session,
        backup.proxy,
        backup.transport,
    )


def _key(backup: Backup, vm: Vm) -> tuple[int, int, str, str]:
    return vm.id, stamped(backup.start, backup.clock), backup.product, backup.job


def _step_rows(backup: Backup, vm: Vm) -> Iterator[Sequence[str | int | None]]:
    for position, step in enumerate(backup.steps):
        yield (
            *_key(backup, vm),
            stamped(step.start, step.clock),
            step.phase.value,
            step.title,
            position,
            micros(step.start),
            micros_or_none(step.end),
            step.clock.name,
            ahead_of(step.clock),
            step.source,
            step.by,
        )


def last_backups(store: "Store", vm: Vm, until: datetime, most: int = 5) -> tuple[Backup, ...]:
    """Give the last backups of a VM that began by a moment, the newest first, with their steps."""
    with store.reading() as db:
        rows = db.execute(_LAST, [vm.id, micros(until), most]).fetchall()
        return tuple(_backup(db, vm.name, row) for row in rows)


def _backup(db: "Database", vm: str, row: Sequence[Any]) -> Backup:
    number, product, job, start, end, clock, ahead, session, proxy, transport = row
    return Backup(
        product=product,
        job=job,
        vm=vm,
        start=moment(start),
        end=moment_or_none(end),
        clock=clock_of(clock, ahead),
        session=session,
        proxy=proxy,
        transport=transport,
        steps=tuple(operation_of(vm, step) for step in db.execute(_STEPS, [number])),
    )
