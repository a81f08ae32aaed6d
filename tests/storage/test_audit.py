"""The audit: it only grows, tells every step, and shows whoever edited it."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sources.errors import UserError
from storage.audit import Entry, add_entry, digest, entries, head
from storage.people import Person
from storage.proof import Break, Fault, verify
from storage.proposals import State
from storage.retention import keeping, prune
from storage.store import Store
from tests.storage.told import DAY, ZERO, at, names, times
from tests.storage.tuning import ANNA, BEFORE, BEN, HOUR, OTHERS, WANTED, new, walk

COLUMNS = (
    "at", "what", "who", "who_name", "cluster", "proposal", "before", "after", "why", "detail",
    "hash",
)  # fmt: skip


def entry(what: str = "asked", seconds: float = 0, cluster: str | None = "SQLAG01") -> Entry:
    return Entry(at(seconds), what, ANNA, cluster)


def tell(store: Store, count: int) -> None:
    with store.writing():
        for number in range(count):
            add_entry(store, entry(f"deed {number}", number))


@contextmanager
def forced(store: Store) -> Iterator[sqlite3.Connection]:
    """The file as somebody edits it who dropped the triggers; everything is put back after."""
    conn = store.db.conn
    conn.execute("SAVEPOINT edit")
    for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        conn.execute(f"DROP TRIGGER {name}")
    try:
        yield conn
    finally:
        conn.execute("ROLLBACK TO edit")
        conn.execute("RELEASE edit")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Nine entries, some by people and some by steps of a proposal."""
    with Store.open(tmp_path_factory.mktemp("told") / "stuncheck.db") as store:
        tell(store, 4)
        walk(store, State.APPLIED, lasts=HOUR)
        add_entry(
            store, Entry(ZERO, "refused", BEN, None, None, None, None, "not listed", {"n": 1})
        )
        assert verify(store) is None
        yield store


LAST = 9


def test_nine_entries_were_told(told: Store) -> None:
    assert head(told).entries == LAST
    assert [each.number for each in entries(told)] == list(range(1, LAST + 1))


texts = st.none() | names
values = st.none() | st.dictionaries(names, st.integers())


@given(
    st.builds(
        Entry, times, names, st.builds(Person, names, names), texts, texts, values, values, names,
        st.dictionaries(names, st.none() | st.integers() | st.text() | st.lists(st.booleans())),
    )
)  # fmt: skip
def test_an_entry_is_read_as_it_was_told(shared: Store, told_one: Entry) -> None:
    added = add_entry(shared, told_one)
    assert entries(shared, limit=1) == (added,)
    assert added.detail == told_one.detail
    assert head(shared).digest == added.digest


def test_entries_come_as_they_were_written_and_are_found_by_time_and_cluster(store: Store) -> None:
    for seconds, cluster in ((0, "SQLAG01"), (60, "SQLAG02"), (30, "sqlag01"), (90, None)):
        add_entry(store, entry("asked", seconds, cluster))
    assert [each.number for each in entries(store)] == [1, 2, 3, 4]
    assert [each.number for each in entries(store, since=at(60))] == [2, 4]
    assert [each.number for each in entries(store, cluster="SqlAg01")] == [1, 3]
    assert [each.number for each in entries(store, limit=2)] == [3, 4]


def test_every_step_stands_in_the_audit_with_who_why_before_and_after(store: Store) -> None:
    proposal = walk(store, State.REVERTED, lasts=8 * HOUR)
    asked, approved, _, done, *_, back = entries(store)
    assert (asked.what, asked.who, asked.why) == ("proposed", ANNA, proposal.why)
    assert (asked.before, asked.after) == ({"SameSubnetThreshold": 10}, WANTED)
    assert asked.detail["lasts_s"] == 8 * 3600
    assert asked.detail["fingerprint"] == proposal.fingerprint
    assert (approved.what, approved.who) == ("approved", BEN)
    assert (done.what, done.after) == ("applied", BEFORE | WANTED)
    assert (back.what, back.before, back.after) == ("reverted", WANTED, BEFORE)
    assert {each.proposal for each in entries(store)} == {proposal.id}


def test_what_is_undone_leaves_no_entry(store: Store) -> None:
    with suppress(ZeroDivisionError), store.writing():
        add_entry(store, entry())
        raise ZeroDivisionError
    assert (entries(store), verify(store)) == ((), None)


def test_retention_never_takes_the_audit_or_a_proposal(store: Store) -> None:
    proposal = walk(store, State.REVERTED)
    prune(store, keeping(timedelta(0)), ZERO + 9999 * DAY)
    assert entries(store)[0].proposal == proposal.id
    assert verify(store) is None


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET why = ''",
        "UPDATE audit SET id = id + 100",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 9",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE id = 9",
        "REPLACE INTO audit VALUES (3, 0, '', '', '', '', '', '', '', '', '', '')",
        "INSERT INTO audit VALUES (99, 0, '', '', '', '', '', '', '', '', '', '')",
        "INSERT INTO audit VALUES (NULL, 0, '', '', '', '', '', '', '', '', '', '')",
        "UPDATE audit_head SET entries = 5",
        "UPDATE audit_head SET entries = 10",
        "UPDATE audit_head SET hash = ''",
        "UPDATE OR REPLACE audit SET id = 1 WHERE id = 2",
        "DELETE FROM audit_head",
        "INSERT OR REPLACE INTO audit_head VALUES (1, 0, '')",
    ],
)
def test_the_file_itself_refuses_every_statement_but_the_next_entry(told: Store, sql: str) -> None:
    """From whichever program: by itself SQLite does not ask the triggers when REPLACE deletes."""
    before = list(told.db.execute("SELECT * FROM audit")), head(told)
    with closing(sqlite3.connect(told.path)) as conn:
        assert conn.execute("PRAGMA recursive_triggers").fetchone() == (0,)
        with pytest.raises(sqlite3.IntegrityError, match=r"^(the|nothing)\b.* audit\b"):
            conn.execute(sql)
    assert (list(told.db.execute("SELECT * FROM audit")), head(told)) == before


@given(st.data())
def test_any_edit_of_any_entry_is_found(told: Store, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, LAST))
    column = data.draw(st.sampled_from(COLUMNS))
    value = data.draw(st.integers(0, 2**60) if column == "at" else st.text())
    with forced(told):
        was = told.db.table("audit").get(number)
        assume(was[column] != value)
        told.db.table("audit").update(number, {column: value})
        assert verify(told) == Break(number, Fault.CHANGED)
    assert verify(told) is None


@given(numbers=st.sets(st.integers(1, LAST), min_size=1), renumbered=st.booleans())
def test_any_removal_is_found(told: Store, numbers: set[int], renumbered: bool) -> None:
    with forced(told) as conn:
        conn.execute(
            "DELETE FROM audit WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(sorted(numbers))],
        )
        if renumbered:
            left = conn.execute("SELECT id FROM audit ORDER BY id").fetchall()
            for new_id, (old_id,) in enumerate(left, start=1):
                conn.execute("UPDATE audit SET id = ? WHERE id = ?", [new_id, old_id])
        found = verify(told)
        assert found is not None
        assert found.entry == min(numbers)
        assert renumbered or found.fault is Fault.MISSING
    assert verify(told) is None


@given(st.lists(st.integers(1, LAST), min_size=2, max_size=2, unique=True))
def test_any_two_entries_that_changed_places_are_found(told: Store, pair: list[int]) -> None:
    first, second = sorted(pair)
    with forced(told) as conn:
        for old, fresh in ((first, -1), (second, first), (-1, second)):
            conn.execute("UPDATE audit SET id = ? WHERE id = ?", [fresh, old])
        assert verify(told) == Break(first, Fault.MOVED)


@pytest.mark.parametrize(
    ("number", "found"), [(3, Break(4, Fault.CHANGED)), (LAST, Break(LAST, Fault.END))]
)
def test_an_entry_edited_with_its_own_hash_no_longer_fits_what_follows(
    told: Store, number: int, found: Break
) -> None:
    with forced(told) as conn:
        conn.execute("UPDATE audit SET why = 'asked nicely' WHERE id = ?", [number])
        before, row = list(conn.execute("SELECT * FROM audit ORDER BY id"))[number - 2 : number]
        hashed = digest(before[-1], row[:-1])
        conn.execute("UPDATE audit SET hash = ? WHERE id = ?", [hashed, number])
        assert verify(told) == found


def test_an_entry_put_behind_the_end_is_found(told: Store) -> None:
    with forced(told) as conn:
        conn.execute(
            "INSERT INTO audit SELECT 10, at, what, who, who_name, cluster, proposal, "
            '"before", "after", why, detail, hash FROM audit WHERE id = 9'
        )
        assert verify(told) == Break(10, Fault.MOVED)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("DELETE FROM audit", Break(1, Fault.MISSING)),
        ("DELETE FROM audit WHERE id = 9", Break(9, Fault.MISSING)),
        ("UPDATE audit_head SET entries = 8", Break(9, Fault.ADDED)),
        ("UPDATE audit_head SET entries = 12", Break(10, Fault.MISSING)),
        ("UPDATE audit_head SET hash = 'no'", Break(9, Fault.END)),
        ("DELETE FROM audit_head", Break(9, Fault.END)),
        ("UPDATE audit SET why = CAST(X'ff' AS TEXT) WHERE id = 3", Break(3, Fault.CHANGED)),
        ("UPDATE audit SET why = why || char(0) || 'x' WHERE id = 3", Break(3, Fault.CHANGED)),
    ],
)
def test_a_cut_tail_a_wrong_end_and_broken_bytes_are_found(
    told: Store, sql: str, found: Break
) -> None:
    with forced(told) as conn:
        conn.execute(sql)
        assert verify(told) == found


def test_an_audit_without_its_end_takes_no_entry(told: Store) -> None:
    with forced(told) as conn:
        conn.execute("DELETE FROM audit_head")
        with pytest.raises(UserError, match="edited"):
            add_entry(told, entry())


def test_an_audit_written_anew_differs_from_an_end_noted_elsewhere(store: Store) -> None:
    """What the chain itself cannot show, a noted end does."""
    tell(store, 3)
    noted = head(store)
    with forced(store) as conn:
        conn.execute("DELETE FROM audit")
        conn.execute("UPDATE audit_head SET entries = 0, hash = ''")
        tell(store, 2)
        add_entry(store, entry("nothing happened"))
        assert verify(store) is None
        assert head(store) != noted


def at_once(count: int, deed: Callable[[int], object]) -> None:
    """Do something on many threads that begin together."""
    together = threading.Barrier(count)

    def begin(number: int) -> None:
        together.wait()
        deed(number)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(begin, range(count)))


def test_many_at_once_write_one_chain(store: Store) -> None:
    at_once(20, lambda number: [add_entry(store, entry(f"{number}.{i}")) for i in range(5)])
    assert head(store).entries == 100
    assert verify(store) is None


def test_the_audit_is_read_while_it_grows(tmp_path: Path) -> None:
    with Store.open(tmp_path / "stuncheck.db") as store:
        new(store)
        done = threading.Event()

        def write() -> None:
            for number in range(50):
                add_entry(store, entry(f"{number}"))
            done.set()

        writer = threading.Thread(target=write)
        writer.start()
        seen = 0
        while not done.is_set() or seen < 51:
            assert verify(store) is None
            assert len(entries(store)) >= seen
            seen = len(entries(store))
        writer.join()


def test_values_of_others_do_not_change_an_entry(store: Store) -> None:
    """What is handed over may change afterwards; what was written does not."""
    mine = dict(OTHERS)
    add_entry(store, Entry(ZERO, "read", ANNA, after=mine))
    mine.clear()
    assert entries(store)[0].after == OTHERS
