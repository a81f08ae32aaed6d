"""The store as a file: ours alone, whole or not at all, and clear about what is wrong with it."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from sources.errors import UserError
from storage.store import Store
from storage.stuns import add_stuns
from storage.vms import vm_names
from tests.storage.told import stun

SOON = timedelta(milliseconds=50)


@contextmanager
def plain(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        yield conn


def count(store: Store) -> int:
    return int(store.db.execute("SELECT count(*) FROM stuns").fetchone()[0])


def test_the_file_and_its_log_belong_to_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "stuncheck.db"
    with Store.open(path) as store:
        add_stuns(store, [stun(0, 1)])
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(("stuncheck.db", "stuncheck.db-wal", "stuncheck.db-shm"), 0o600)
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "stuncheck.db"
    Store.open(path).close()
    path.chmod(0o644)
    Store.open(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_closed_cleanly_it_is_one_file_and_what_was_stored_is_there(tmp_path: Path) -> None:
    path = tmp_path / "stuncheck.db"
    with Store.open(path) as store:
        add_stuns(store, [stun(0, 1)])
    assert [file.name for file in tmp_path.iterdir()] == ["stuncheck.db"]
    with Store.open(path) as store:
        assert count(store) == 1
    with pytest.raises(ValueError, match="closed"):
        store.db.execute("SELECT 1")


def test_a_file_of_another_program_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with plain(path) as conn:
        conn.execute("CREATE TABLE theirs (x)")
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(UserError, match="belongs to another program"):
        Store.open(path)
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database")
    with pytest.raises(UserError, match="no SQLite file"):
        Store.open(path)
    assert path.read_text() == "not a database"


def test_a_folder_or_a_place_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "stuncheck.db", tmp_path / "\0"):
        with pytest.raises(UserError, match="cannot be opened"):
            Store.open(path)


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stuncheck.db"
    with Store.open(path) as store:
        store.db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name) "
            "VALUES ('stuncheck', 'm999_future')"
        )
    with pytest.raises(UserError, match="newer stuncheck: it knows m999_future"):
        Store.open(path)


@pytest.mark.parametrize("where", [0.0, 0.2, 0.5, 0.9])
def test_a_damaged_file_is_a_clear_error(tmp_path: Path, where: float) -> None:
    path = tmp_path / "stuncheck.db"
    with Store.open(path) as store:
        add_stuns(store, [stun(i * 60, 1, snapshot="x" * 50) for i in range(3000)])
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(max(100, int(size * where)))
        file.write(b"\xff" * (size // 10))
    with pytest.raises(UserError, match=r"is damaged|belongs to another program") as error:
        read_all(path)
    assert error.value.hint


def read_all(path: Path) -> None:
    """Open a file and read its tables; damage may show at once or later."""
    with Store.open(path) as store, store.reading() as db:
        db.execute("PRAGMA integrity_check").fetchall()
        for table in ("stuns", "vms", "coverage"):
            list(db[table].rows)


def test_a_full_disk_is_a_clear_error_and_leaves_nothing_half_stored(store: Store) -> None:
    add_stuns(store, [stun(0, 1)])
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(UserError, match="no room left"):
        add_stuns(store, [stun(i * 60, 1, snapshot="x" * 90) for i in range(1, 5000)])
    assert count(store) == 1
    store.db.execute("PRAGMA max_page_count = 100000")
    assert add_stuns(store, [stun(60, 1)]) == 1


def test_a_file_that_somebody_else_holds_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "stuncheck.db"
    with Store.open(path, busy=SOON) as store, plain(path) as conn:
        conn.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserError, match="is in use"):
            add_stuns(store, [stun(0, 1)])
        assert vm_names(store) == ()
        conn.execute("ROLLBACK")
        assert add_stuns(store, [stun(0, 1)]) == 1


def test_a_mistake_in_sql_is_not_explained_away(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError), store.reading() as db:
        db.execute("SELEC 1")


def test_what_fails_inside_takes_only_its_own_part_back(store: Store) -> None:
    def half() -> None:
        with store.writing():
            add_stuns(store, [stun(60, 1)])
            raise ZeroDivisionError

    with store.writing():
        add_stuns(store, [stun(0, 1)])
        with pytest.raises(ZeroDivisionError):
            half()
    assert count(store) == 1


def test_a_reader_sees_one_state_while_another_thread_writes(store: Store) -> None:
    with store.reading():
        assert count(store) == 0
        writer = threading.Thread(target=add_stuns, args=(store, [stun(0, 1)]))
        writer.start()
        writer.join()
        assert count(store) == 0
    assert count(store) == 1


def test_threads_that_write_at_once_lose_nothing(store: Store) -> None:
    def write(number: int) -> None:
        for i in range(20):
            add_stuns(store, [stun(i * 60, 1, vm=f"vm{number % 3}"), stun(i * 60, 1)])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(store) == 4 * 20
    assert vm_names(store) == ("sql01", "vm0", "vm1", "vm2")


def test_the_connections_of_ended_threads_are_closed(store: Store) -> None:
    for _ in range(20):
        thread = threading.Thread(target=vm_names, args=(store,))
        thread.start()
        thread.join()
    assert len(store._connections) <= 2  # noqa: SLF001 - nothing else shows an open connection


def test_keys_between_tables_are_enforced(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError), store.writing() as db:
        db.execute("INSERT INTO failovers VALUES (1, 'c', 0, 0, 'node', NULL, '[]', 0, 0, 'none')")
