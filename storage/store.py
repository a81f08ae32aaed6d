"""The store: one SQLite file, one connection for each thread, whole transactions only."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sources.errors import UserError
from storage import file
from storage.faults import code, explained

if TYPE_CHECKING:
    from sqlite_utils.db import Database

BUSY = timedelta(seconds=30)
"""How long a writer waits for another one: the longest write, a night of a survey, takes 5 s."""

RETRY = 0.02
"""Seconds between attempts to switch to WAL, for which SQLite itself does not wait."""

WAL_LIMIT = 64 << 20
"""Bytes to which the write-ahead log is cut back after a large write."""


class Store:
    """What survives a restart. Safe to share between threads and between processes.

    Every thread gets a connection of its own, closed with the store or once the thread has ended.
    """

    def __init__(self, path: Path, busy: timedelta) -> None:
        self.path = path
        self._busy = busy
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._closed = False
        self._connections: dict[threading.Thread, Database] = {}

    @classmethod
    def open(cls, path: Path, busy: timedelta = BUSY) -> Self:
        """Open the file, made if there is none and migrated if it is old. Raises UserError."""
        from storage import migrations  # noqa: PLC0415  sqlite_utils takes 0.2 s to import

        file.prepare(path)
        store = cls(path, busy)
        try:
            with explained(path):
                file.check(path, store.db, migrations.names())
                file.close_to_others(path)
                store._use_wal()
                if not migrations.current(store.db):
                    with store.writing() as db:
                        file.check(path, db, migrations.names())  # another one may have been first
                        migrations.migrate(db)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def db(self) -> "Database":
        """The connection of this thread. Raises ValueError after the store was closed."""
        thread = threading.current_thread()
        with self._lock:
            if self._closed:
                raise ValueError("the store is closed")
            db = self._connections.get(thread)
            if db is None:
                self._drop_ended()
                db = self._connections[thread] = self._connect()
            return db

    @contextmanager
    def writing(self) -> Iterator["Database"]:
        """Write all of it or nothing; inside another `writing` it is a part of that one.

        It takes the write lock at once: a transaction that reads first and then wants to write
        fails without waiting when another one wrote in between (SQLITE_BUSY_SNAPSHOT,
        sqlite.org/isolation.html). So never write inside `reading`. Raises UserError.
        """
        db = self.db
        with explained(self.path):
            if db.conn.in_transaction:
                with db.atomic():
                    yield db
                return
            # threads of one process take turns here: SQLite would have each sleep and try again
            with self._turn, _transaction(db, "BEGIN IMMEDIATE"):
                yield db

    @contextmanager
    def reading(self) -> Iterator["Database"]:
        """Read from one state of the file, whatever others write meanwhile. Raises UserError."""
        db = self.db
        with explained(self.path):
            if db.conn.in_transaction:
                yield db
                return
            with _transaction(db, "BEGIN"):
                yield db

    def close(self) -> None:
        """Close the connections of all threads; no thread may be at work in the store."""
        with self._lock:
            self._closed = True
            connections = list(self._connections.values())
            self._connections.clear()
        for db in connections:
            db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _connect(self) -> "Database":
        from sqlite_utils.db import Database  # noqa: PLC0415  takes 0.2 s to import

        with explained(self.path):
            conn = sqlite3.connect(
                self.path,
                timeout=self._busy.total_seconds(),
                isolation_level=None,  # no transaction but those begun here
                check_same_thread=False,  # `close` may be called by another thread
            )
            # secure_delete: what retention lets go of is overwritten, for it is other people's logs
            for pragma in ("foreign_keys", "secure_delete"):
                conn.execute(f"PRAGMA {pragma} = ON")
            # FULL: an alert that was acknowledged must survive a power cut (DESIGN 8)
            conn.execute("PRAGMA synchronous = FULL")
            conn.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
            return Database(conn, execute_plugins=False)

    def _use_wal(self) -> None:
        """Switch to write-ahead logging, so that readers never wait. Raises UserError."""
        end = time.monotonic() + self._busy.total_seconds()
        while True:
            try:
                mode = self.db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            except sqlite3.OperationalError as error:
                if code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
                time.sleep(RETRY)
                continue
            if mode != "wal":
                raise UserError(
                    f"{self.path} lies where SQLite cannot keep a write-ahead log.",
                    "Put it on a local disk, not on a network share.",
                )
            return

    def _drop_ended(self) -> None:
        """Close what threads that have ended left open."""
        for thread in [thread for thread in self._connections if not thread.is_alive()]:
            self._connections.pop(thread).close()


@contextmanager
def _transaction(db: "Database", begin: str) -> Iterator[None]:
    db.execute(begin)
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise
