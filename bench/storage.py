"""Reading one VM out of 5 million stored stuns, against a bare table that holds the same rows.

Aim: what `vm NAME` reads takes at most 100 ms for 99 of 100 VMs.
"""

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from storage.backups import add_backups
from storage.clusters import add_cluster
from storage.store import Store
from storage.times import micros
from storage.vm_story import SPAN, VmStory, vm_story
from storage.vms import Vm
from verdict.clock import Clock
from verdict.cluster import Cluster, Node
from verdict.facts import Backup, Operation, Phase

STUNS = 5_000_000
VMS = 2_000
BUSY_VMS = 20
"""VMs that are replicated every 15 minutes: a year of that is 40,000 snapshots, twice a stun."""
BUSY_STUNS = 80_000
DAYS = 400
READS = 400
BARE_READS = 5
MOST = 0.100
"""Seconds the slowest but one of a hundred reads may take."""

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TOLERANCE = timedelta(seconds=10)

FILL = """
INSERT INTO stuns (vm, stamped, start, us, phase, clock, ahead, snapshot)
WITH RECURSIVE vm (id, rows) AS (
    SELECT 1, :busy_rows
    UNION ALL SELECT id + 1, CASE WHEN id < :busy THEN :busy_rows ELSE :rows END
    FROM vm WHERE id < :vms
), stun (vm, n, rows) AS (
    SELECT id, 0, rows FROM vm
    UNION ALL SELECT vm, n + 1, rows FROM stun WHERE n + 1 < rows ORDER BY 1, 2
)
SELECT vm, :first + n * (:span / rows), :first + n * (:span / rows),
    20000 + (n * 7919 + vm * 104729) % 900000 + CASE n % 97 WHEN 0 THEN 6000000 ELSE 0 END,
    CASE n % 2 WHEN 0 THEN 'create' ELSE 'remove' END,
    'esx' || (vm % 40), 1500, 'VEEAM BACKUP TEMPORARY SNAPSHOT'
FROM stun
"""
"""Every VM's stuns, evenly over the days, always the same; made by SQLite, for Python takes
minutes. The order keeps the rows of one VM together, as the table wants them."""

BARE = (
    "SELECT * FROM bare WHERE vm = ? AND start <= ? ORDER BY start DESC LIMIT 10",
    "SELECT start / 86400000000, max(us) FROM bare WHERE vm = ? AND start >= ? GROUP BY 1",
    "SELECT phase, count(*) FROM bare WHERE vm = ? AND start >= ? GROUP BY 1",
    "SELECT * FROM bare WHERE vm = ? AND start >= ? AND us > 5000000",
)


def build(store: Store) -> None:
    """Fill a store: VMs, a cluster of two of them, stuns, and some nights of backups."""
    rows = -((BUSY_VMS * BUSY_STUNS - STUNS) // (VMS - BUSY_VMS))
    figures = {
        "vms": VMS, "busy": BUSY_VMS, "busy_rows": BUSY_STUNS, "rows": rows,
        "first": micros(NOW - timedelta(days=DAYS)), "span": DAYS * 86_400_000_000,
    }  # fmt: skip
    with store.writing() as db:
        names = [(i, "vc1", name(i), name(i)) for i in range(1, VMS + 1)]
        db.conn.executemany("INSERT INTO vms VALUES (?, ?, ?, ?)", names)
        db.execute(FILL, figures)
    nodes = tuple(Node(name(i).upper(), name(i)) for i in (1, VMS))
    add_cluster(store, Cluster("SQLAG01", nodes=nodes), NOW, {name(i): "vc1" for i in (1, VMS)})
    add_backups(store, [night(i, d) for i in range(1, VMS + 1, 10) for d in range(30)])


def name(number: int) -> str:
    """Name a VM."""
    return f"sql{number:04}"


def night(number: int, days: int) -> Backup:
    """Give a backup of one night with its steps."""
    clock, start = Clock("veeam", timedelta(0)), NOW - timedelta(days=days + 1)
    steps = tuple(
        Operation(name(number), phase, start, start, clock, "veeam", f"{phase} VM snapshot")
        for phase in (Phase.CREATE, Phase.REMOVE)
    )
    return Backup("Veeam", "Nightly", name(number), start, start, clock, steps=steps)


def story(store: Store, number: int) -> VmStory:
    """Read what `vm NAME` tells of one VM."""
    return vm_story(store, Vm(number, "vc1", name(number)), NOW, TOLERANCE)


def seconds(work: Callable[[], object]) -> float:
    """Measure one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bare_copy(store: Store, path: Path) -> None:
    """Copy the stuns into a table as somebody would make it in a minute, without any index."""
    with store.reading() as db, closing(sqlite3.connect(path)) as bare:
        bare.execute("CREATE TABLE bare (vm, start, us, phase, clock, ahead, snapshot)")
        rows = db.execute("SELECT vm, start, us, phase, clock, ahead, snapshot FROM stuns")
        bare.executemany("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        bare.commit()


def bare_story(bare: sqlite3.Connection, number: int) -> None:
    """Read the stuns of one VM out of the bare table."""
    since, until = micros(NOW - SPAN), micros(NOW)
    for query, moment in zip(BARE, (until, since, since, since), strict=True):
        bare.execute(query, (number, moment)).fetchall()


def main() -> bool:
    """Print the figures; True when the aim is met."""
    dice = random.Random(20261123)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stuncheck.db"
        with Store.open(path) as store:
            built = seconds(lambda: build(store))
            count = store.db.execute("SELECT count(*) FROM stuns").fetchone()[0]
            size = path.stat().st_size >> 20
            print(f"{count:,} stuns of {VMS:,} VMs, {size} MiB, built in {built:.1f} s")
            vms = [dice.randint(1, VMS) for _ in range(READS)]
            times = sorted(seconds(partial(story, store, number)) for number in vms)
            busiest = max(seconds(partial(story, store, n)) for n in range(1, BUSY_VMS + 1))
            bare_copy(store, Path(folder) / "bare.db")
        with closing(sqlite3.connect(Path(folder) / "bare.db")) as bare:
            drawn = (dice.randint(1, VMS) for _ in range(BARE_READS))
            scans = sorted(seconds(partial(bare_story, bare, number)) for number in drawn)
    scan = scans[BARE_READS // 2]
    p50, p99 = times[READS // 2], times[READS * 99 // 100]
    print(f"vm NAME: p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms (aim {MOST * 1e3:.0f})")
    print(f"a VM with {BUSY_STUNS:,} stuns: at most {busiest * 1e3:.1f} ms")
    print(f"a bare table: {scan * 1e3:.0f} ms, {scan / p99:.0f} times our p99")
    return p99 <= MOST
