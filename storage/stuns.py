"""Stuns: stored once, however often their log is read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sources.vmware.logged_stun import SAME_START
from storage.rows import ahead_of, clock_of, many, stamped
from storage.times import duration, length, micros, moment
from storage.vms import NO_VCENTERS, Vm, take_in
from verdict.facts import Phase, Stun

if TYPE_CHECKING:
    from storage.store import Store

_NEAR = length(SAME_START)

_DROP_SHORTER = """
DELETE FROM stuns
WHERE vm = ?1 AND stamped BETWEEN ?2 - ?4 AND ?2 + ?4 AND stamped <> ?2
    AND us < ?3 AND stamped <= ?2 + ?3 AND ?2 <= stamped + us
"""

_INSERT = """
INSERT INTO stuns (vm, stamped, start, us, phase, clock, ahead, snapshot)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
WHERE NOT EXISTS (
    SELECT 1 FROM stuns
    WHERE vm = ?1 AND stamped BETWEEN ?2 - ?9 AND ?2 + ?9 AND stamped <> ?2
        AND stamped <= ?2 + ?4 AND ?2 <= stamped + us)
ON CONFLICT (vm, stamped) DO UPDATE SET
    us = max(us, excluded.us),
    phase = CASE phase WHEN 'unknown' THEN excluded.phase ELSE phase END,
    snapshot = coalesce(snapshot, excluded.snapshot),
    start = CASE WHEN ahead IS NULL THEN excluded.start ELSE start END,
    clock = CASE WHEN ahead IS NULL THEN excluded.clock ELSE clock END,
    ahead = coalesce(ahead, excluded.ahead)
WHERE excluded.us > us
    OR (phase = 'unknown' AND excluded.phase <> 'unknown')
    OR (snapshot IS NULL AND excluded.snapshot IS NOT NULL)
    OR (ahead IS NULL AND excluded.ahead IS NOT NULL)
"""

SELECT = "SELECT start, us, phase, clock, ahead, snapshot FROM stuns"
"""The columns that `stun_of` takes."""


def add_stuns(
    store: "Store", stuns: Iterable[Stun], vcenters: Mapping[str, str] = NO_VCENTERS
) -> int:
    """Store stuns; give how many were new or are now better known. Raises UserError.

    One that is there already gains a phase, a snapshot or a measured clock it lacked, nothing
    else. Of two that start together the longer stays, as when one log tells a stun in two lines.
    """
    ordered = sorted(stuns, key=lambda stun: stun.duration, reverse=True)
    with store.writing() as db:
        vms = take_in(db, (stun.vm for stun in ordered), vcenters)
        rows = [_row(stun, vms[stun.vm]) for stun in ordered]
        many(db, _DROP_SHORTER, ((row[0], row[1], row[3], _NEAR) for row in rows))
        return many(db, _INSERT, rows)


def _row(stun: Stun, vm: Vm) -> Sequence[str | int | None]:
    return (
        vm.id,
        stamped(stun.start, stun.clock),
        micros(stun.start),
        length(stun.duration),
        stun.phase.value,
        stun.clock.name,
        ahead_of(stun.clock),
        stun.snapshot,
        _NEAR,
    )


def stun_of(vm: str, row: Sequence[Any]) -> Stun:
    """Give back the stun of a row that `SELECT` chose."""
    start, us, phase, clock, ahead, snapshot = row
    begun = moment(start)
    return Stun(vm, begun, begun + duration(us), Phase(phase), clock_of(clock, ahead), snapshot)


def stuns_of(store: "Store", vm: Vm, start: datetime, end: datetime) -> tuple[Stun, ...]:
    """Give the stuns of a VM that began in an interval, in order."""
    sql = f"{SELECT} WHERE vm = ? AND start BETWEEN ? AND ? ORDER BY start"
    with store.reading() as db:
        rows = db.execute(sql, [vm.id, micros(start), micros(end)])
        return tuple(stun_of(vm.name, row) for row in rows)


def longest_stun(store: "Store", vm: Vm, since: datetime) -> Stun | None:
    """Give the longest stun of a VM since a moment; None where there was none."""
    sql = f"{SELECT} WHERE vm = ? AND start >= ? ORDER BY us DESC LIMIT 1"
    with store.reading() as db:
        row = db.execute(sql, [vm.id, micros(since)]).fetchone()
        return stun_of(vm.name, row) if row else None
