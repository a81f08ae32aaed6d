"""Several processes on one store, and one that is killed in the middle of a write."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage.store import Store

ROOT = Path(__file__).parents[2]
WRITER = Path(__file__).with_name("writer.py")
BATCH = 3000


def writer(path: Path, name: str, batch: int, *times: int) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, *map(str, (WRITER, path, name, batch, *times))]
    environment = {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE)


def count(path: Path) -> int:
    with Store.open(path) as store:
        assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert store.db.execute("PRAGMA foreign_key_check").fetchall() == []
        return int(store.db.execute("SELECT count(*) FROM stuns").fetchone()[0])


def test_processes_that_begin_and_write_one_store_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "stuncheck.db"
    running = [writer(path, f"vm{number}", 50, 10) for number in range(3)]
    for process in running:
        process.communicate(timeout=60)
    assert [process.returncode for process in running] == [0, 0, 0]
    assert count(path) == 3 * 50 * 10


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_writer_leaves_whole_batches(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "stuncheck.db"
    dice = random.Random(seed)
    process = writer(path, "sql01", BATCH)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(dice.uniform(0, 0.15))
    process.kill()
    process.communicate(timeout=60)
    stored = count(path)
    assert stored >= BATCH
    assert stored % BATCH == 0
