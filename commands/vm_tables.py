"""The tables under a VM's card: its limits, its last stuns, its near misses, its backups."""

from collections.abc import Iterator, Sequence

from commands.limit_words import limit_name, share, start_time
from commands.reply import Cell, Column, Room, Table
from commands.vm_facts import VmFacts
from verdict.facts import Backup, Stun
from verdict.margin import Limit
from verdict.words import clock_time, seconds, span

MOST = 10
"""Near misses that are told one by one, the newest first."""

LIMITS = (
    Column("Limit", room=Room.FOLDED),
    Column("Length", right=True),
    Column("Used by the longest stun"),
    Column(""),
)
STUNS = (Column("Start, UTC"), Column("Stun", right=True), Column("Phase"))
BACKUPS = (
    Column("Start, UTC"),
    Column("Took", right=True),
    Column("Job", room=Room.FOLDED),
    Column("Transport", room=Room.CUT),
    Column("Proxy", room=Room.CUT),
)


def vm_tables(facts: VmFacts) -> Iterator[Table]:
    """Give the tables that have something in them."""
    limits = [
        (limit_name(one.limit), seconds(one.limit.length), *share(one.longest, one.limit))
        for one in facts.margins
    ]
    if limits:
        yield Table(f"Margin of {facts.vm.name}", LIMITS, tuple(limits))
    missed = facts.story.near_misses[-MOST:][::-1]
    if missed:
        told = len(facts.story.near_misses)
        title = "Near misses" if told <= MOST else f"The last {MOST} of {told} near misses"
        yield _stuns(title, missed, facts)
    if facts.story.last:
        yield _stuns("Last stuns", facts.story.last, facts)
    if facts.story.backups:
        rows = tuple(_backup_cells(backup) for backup in facts.story.backups)
        yield Table("Last backups", BACKUPS, rows)


def _stuns(title: str, stuns: Sequence[Stun], facts: VmFacts) -> Table:
    limit = facts.limits[0] if facts.limits else None
    held = (Column(f"Of {seconds(limit.length)}"), Column("")) if limit else ()
    columns = (*STUNS, *held, Column("Snapshot", room=Room.CUT))
    return Table(title, columns, tuple(_cells(stun, limit, facts) for stun in stuns))


def _cells(stun: Stun, limit: Limit | None, facts: VmFacts) -> tuple[Cell, ...]:
    told = start_time(stun), seconds(stun.duration), stun.phase.value
    if limit is None:
        return *told, stun.snapshot or ""
    failed = 2 * stun.duration > limit.length and facts.failed(stun)
    return *told, *share(stun.duration, limit, failed=failed), stun.snapshot or ""


def _backup_cells(backup: Backup) -> tuple[Cell, ...]:
    start = f"{backup.start:%Y-%m-%d} {clock_time(backup.start)[:8]}"
    took = span(backup.end - backup.start) if backup.end else "running"
    job = f"{backup.product}: {backup.job}"
    return start, took, job, backup.transport or "", backup.proxy or ""
