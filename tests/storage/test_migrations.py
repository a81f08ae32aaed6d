"""Migrations: an old file is brought up to date with everything in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage import file
from storage.clusters import clusters_named
from storage.migrations import migrations, names
from storage.store import Store
from storage.stuns import add_stuns, longest_stun
from storage.views import VIEWS
from storage.vms import vms_named
from tests.storage.told import DAY, ZERO, cluster, stun

VERSION_1 = Path(__file__).with_name("version-1.sql")
"""A file of the first release as SQL. It is never made anew: what is edited in a migration that
was released shows as a difference to it."""


strict = pytest.mark.skipif(
    sqlite3.sqlite_version_info < (3, 37), reason="this SQLite does not know STRICT tables"
)


def schema(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as conn:
        return dict(conn.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def old_file(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(VERSION_1.read_text(encoding="utf-8"))
    return path


@strict
def test_a_file_of_the_first_release_becomes_like_a_new_one(tmp_path: Path) -> None:
    old, new = old_file(tmp_path / "old.db"), tmp_path / "new.db"
    Store.open(old).close()
    Store.open(new).close()
    assert schema(old) == schema(new)


@strict
def test_a_file_of_the_first_release_keeps_what_is_in_it(tmp_path: Path) -> None:
    with Store.open(old_file(tmp_path / "old.db")) as store:
        (vm,) = vms_named(store, "sql01")
        assert longest_stun(store, vm, ZERO - DAY) == stun(0.1, 12.4, snapshot="NIGHTLY")
        assert clusters_named(store, "sqlag01") == (cluster(),)
        assert add_stuns(store, [stun(0.1, 12.4)], {"sql01": "vc1"}) == 0
        assert names() == file.applied_names(store.db)


@pytest.mark.parametrize("last", sorted(names())[1:])
def test_a_file_from_any_step_is_brought_up_to_date(tmp_path: Path, last: str) -> None:
    path = tmp_path / "stuncheck.db"
    db = Database(path)
    db.execute(f"PRAGMA application_id = {file.APPLICATION}")
    migrations.apply(db, stop_before=last)
    db.close()
    with Store.open(path) as store:
        assert add_stuns(store, [stun(0, 1)]) == 1
        assert set(VIEWS) <= set(store.db.view_names())


def test_views_of_an_older_program_are_replaced_and_those_of_people_stay(tmp_path: Path) -> None:
    path = tmp_path / "stuncheck.db"
    with Store.open(path) as store:
        store.db.execute("CREATE VIEW mine AS SELECT 1 AS one")
        store.db.execute("DROP VIEW stuns_readable")
        store.db.execute("CREATE VIEW stuns_readable AS SELECT 'old' AS vm")
    with Store.open(path) as store:
        assert list(store.db["stuns_readable"].rows) == []
        assert list(store.db["mine"].rows) == [{"one": 1}]


def test_a_step_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stuncheck.db"

    def broken(db: Database) -> None:
        db.execute("CREATE TABLE half (x)")
        raise ZeroDivisionError

    last = migrations._migrations[-1]  # noqa: SLF001 - to break one from outside
    monkeypatch.setattr(last, "fn", broken)
    with pytest.raises(ZeroDivisionError):
        Store.open(path)
    assert schema(path) == {}
    monkeypatch.undo()
    Store.open(path).close()
    assert "coverage" in schema(path)
