"""Views for people: names instead of numbers, times as ISO text in UTC, durations in ms."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils.db import Database

_TEXTS = {
    r"TIME\(([\w.\"]+)\)": (
        r"strftime('%Y-%m-%dT%H:%M:%S', \1 / 1000000, 'unixepoch')"
        r" || printf('.%03dZ', \1 / 1000 % 1000)"
    ),
    r"MS\(([\w.\"]+)\)": r"round(\1 / 1000.0, 3)",
}
"""Written once here: a moment as text (NULL stays NULL), microseconds as milliseconds."""

MISSED = """nodes n
    JOIN vms v ON v.id = n.vm
    JOIN stuns s ON s.vm = n.vm
    JOIN tolerances t ON t.cluster = n.cluster AND t.since = coalesce(
        (SELECT max(since) FROM tolerances o WHERE o.cluster = n.cluster AND o.since <= s.start),
        (SELECT min(since) FROM tolerances o WHERE o.cluster = n.cluster))
    WHERE s.us * 2 > t.us AND NOT EXISTS (
        SELECT 1 FROM failovers f
        WHERE f.cluster = n.cluster AND (f.lost IS NULL OR f.lost = n.node)
            AND f.at BETWEEN s.start - 2000000 AND s.start + s.us + 60000000)"""
"""A stun that used up more than half of the tolerance of its time and cost no failover; stands
behind FROM, and more conditions may follow. The failover may be stamped 2 s early
(verdict.clock.UNMEASURED) and up to a minute after the stun (verdict.failover.CHAIN): a lease is
found broken only when the node runs again."""

_MISS = """
    SELECT n.cluster, n.node, v.vcenter, v.name AS vm, TIME(s.start) AS start, MS(s.us) AS ms,
        s.phase, s.snapshot, MS(t.us) AS tolerance_ms, t.known AS tolerance_known,
        round(100.0 * s.us / t.us, 1) AS percent_of_tolerance
    FROM MISSED""".replace("MISSED", MISSED)

VIEWS = {
    "near_misses": _MISS,
    "stuns_readable": """
    SELECT v.vcenter, v.name AS vm, TIME(s.start) AS start, MS(s.us) AS ms, s.phase, s.snapshot,
        s.clock AS host, MS(s.ahead) AS clock_ahead_ms
    FROM stuns s JOIN vms v ON v.id = s.vm""",
    "snapshot_tasks_readable": """
    SELECT v.vcenter, v.name AS vm, t.source, t.title, t.phase, TIME(t.start) AS start,
        TIME(t."end") AS "end", t."by", MS(t.ahead) AS clock_ahead_ms
    FROM snapshot_tasks t JOIN vms v ON v.id = t.vm""",
    "backups_readable": """
    SELECT b.id, v.vcenter, v.name AS vm, b.product, b.job, TIME(b.start) AS start,
        TIME(b."end") AS "end", b.proxy, b.transport, b.session, MS(b.ahead) AS clock_ahead_ms
    FROM backups b JOIN vms v ON v.id = b.vm""",
    "backup_steps_readable": """
    SELECT s.backup, v.name AS vm, b.product, b.job, s.position, s.title, s.phase,
        TIME(s.start) AS start, TIME(s."end") AS "end", s."by"
    FROM backup_steps s JOIN backups b ON b.id = s.backup JOIN vms v ON v.id = b.vm""",
    "nodes_readable": """
    SELECT n.cluster, n.node, v.vcenter, v.name AS vm, n.vm_proven, n.host, n.datastores,
        c.os, TIME(c.read) AS read
    FROM nodes n JOIN clusters c ON c.name = n.cluster JOIN vms v ON v.id = n.vm""",
    "tolerances_readable": """
    SELECT cluster, TIME(since) AS since, MS(us) AS ms, known FROM tolerances""",
    "failovers_readable": """
    SELECT f.cluster, TIME(f.at) AS at, f.loss, f.lost, MS(f.uncertainty_us) AS uncertainty_ms,
        f.incident, d.backup, d.cause, d.confidence
    FROM failovers f
    LEFT JOIN verdicts d ON d.incident = f.incident AND d.revision =
        (SELECT max(revision) FROM verdicts o WHERE o.incident = f.incident)""",
    "verdicts_readable": """
    SELECT i.id AS incident, i.cluster, d.revision, TIME(d.at) AS at, d.lost_node, d.backup,
        d.cause, d.confidence, d.mechanism, MS(d.stun_us) AS stun_ms,
        MS(d.tolerance_us) AS tolerance_ms, TIME(d.judged) AS judged, d.program, d.entry
    FROM verdicts d JOIN incidents i ON i.id = d.incident""",
    "evidence_readable": """
    SELECT e.id, e.incident, i.cluster, TIME(i.at) AS at, TIME(e.gathered) AS gathered, e.files,
        e.bytes, length(e.bundle) AS packed_bytes
    FROM evidence e JOIN incidents i ON i.id = e.incident""",
    "clocks_readable": """
    SELECT name, TIME(measured) AS measured, MS(ahead) AS ahead_ms FROM clocks""",
    "coverage_readable": """
    SELECT scope, source, subject, TIME(start) AS start, TIME("end") AS "end" FROM coverage""",
}
"""Each view's query, by its name."""


def create(db: "Database") -> None:
    """Create all views."""
    for sql in _statements().values():
        db.execute(sql)


def drop(db: "Database") -> None:
    """Drop the views of this program, whatever they were; those of other people stay."""
    for name in VIEWS:
        db.execute(f"DROP VIEW IF EXISTS {name}")


def current(db: "Database") -> bool:
    """Whether the file has these very views."""
    there = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'").fetchall())
    return _statements().items() <= there.items()


def _statements() -> dict[str, str]:
    return {name: f"CREATE VIEW {name} AS{_expanded(sql)}" for name, sql in VIEWS.items()}


def _expanded(sql: str) -> str:
    for short, full in _TEXTS.items():
        sql = re.sub(short, full, sql)
    return sql
