"""The tables, one function for each step; a released function is never edited, a new one is added.

Times are INTEGER microseconds since 1970-01-01 UTC, durations INTEGER microseconds (storage/times).
Every fact keeps whose clock stamped it (`clock`), how far that was ahead of UTC in microseconds
(`ahead`, NULL: not measured), and its start as that clock stamped it (`stamped`), which is what
identifies it when it is read again.
"""

import sqlite3
from typing import TYPE_CHECKING

from sqlite_utils import Migrations

from storage import views
from storage.file import APPLICATION, applied_names

if TYPE_CHECKING:
    from sqlite_utils.db import Database

migrations = Migrations("stuncheck")

STRICT = "STRICT" if sqlite3.sqlite_version_info >= (3, 37) else ""
"""RHEL 9 has SQLite 3.34, which does not know the word; its tables do without."""

STRICT_KEYED = "STRICT, WITHOUT ROWID" if STRICT else "WITHOUT ROWID"


def names() -> frozenset[str]:
    """Give the names of all migrations this program knows."""
    return frozenset(migration.name for migration in migrations._migrations)  # noqa: SLF001  the class has no public list


def current(db: "Database") -> bool:
    """Whether nothing is left to do."""
    return applied_names(db) == names() and views.current(db)


def migrate(db: "Database") -> None:
    """Bring the file up to date, inside the transaction that is open.

    Views hold nothing, so they are no migrations: those of this program replace those found.
    """
    views.drop(db)
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    migrations.apply(db)
    views.create(db)


def _tables(db: "Database", sql: str) -> None:
    keyed = sql.replace("KEYED;", f"{STRICT_KEYED};")
    db.executescript(keyed.replace("STRICTLY;", f"{STRICT};"))


@migrations()
def m001_vms(db: "Database") -> None:
    """VMs by vCenter and name; `folded` is the name in the form in which spellings are equal."""
    _tables(
        db,
        """
        CREATE TABLE vms (
            id INTEGER PRIMARY KEY,
            vcenter TEXT NOT NULL,
            name TEXT NOT NULL,
            folded TEXT NOT NULL,
            UNIQUE (folded, vcenter)
        ) STRICTLY;
        """,
    )


@migrations()
def m002_stuns(db: "Database") -> None:
    """Stuns measured in vmware.log; the rows of one VM lie side by side, in order of time."""
    _tables(
        db,
        """
        CREATE TABLE stuns (
            vm INTEGER NOT NULL REFERENCES vms (id) ON DELETE CASCADE,
            stamped INTEGER NOT NULL,
            start INTEGER NOT NULL,
            us INTEGER NOT NULL,
            phase TEXT NOT NULL,
            clock TEXT NOT NULL,
            ahead INTEGER,
            snapshot TEXT,
            PRIMARY KEY (vm, stamped)
        ) KEYED;
        """,
    )


@migrations()
def m003_snapshot_tasks(db: "Database") -> None:
    """Snapshot work and migrations, as vCenter's tasks or a backup's log tell them."""
    _tables(
        db,
        """
        CREATE TABLE snapshot_tasks (
            vm INTEGER NOT NULL REFERENCES vms (id) ON DELETE CASCADE,
            stamped INTEGER NOT NULL,
            source TEXT NOT NULL,
            phase TEXT NOT NULL,
            title TEXT NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER,
            clock TEXT NOT NULL,
            ahead INTEGER,
            "by" TEXT,
            PRIMARY KEY (vm, stamped, source, phase, title)
        ) KEYED;
        """,
    )


@migrations()
def m004_backups(db: "Database") -> None:
    """One VM's part in a run of a backup job, and its steps."""
    _tables(
        db,
        """
        CREATE TABLE backups (
            id INTEGER PRIMARY KEY,
            vm INTEGER NOT NULL REFERENCES vms (id) ON DELETE CASCADE,
            stamped INTEGER NOT NULL,
            product TEXT NOT NULL,
            job TEXT NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER,
            clock TEXT NOT NULL,
            ahead INTEGER,
            session TEXT,
            proxy TEXT,
            transport TEXT,
            UNIQUE (vm, stamped, product, job)
        ) STRICTLY;
        CREATE TABLE backup_steps (
            backup INTEGER NOT NULL REFERENCES backups (id) ON DELETE CASCADE,
            stamped INTEGER NOT NULL,
            phase TEXT NOT NULL,
            title TEXT NOT NULL,
            position INTEGER NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER,
            clock TEXT NOT NULL,
            ahead INTEGER,
            source TEXT NOT NULL,
            "by" TEXT,
            PRIMARY KEY (backup, stamped, phase, title)
        ) KEYED;
        """,
    )


@migrations()
def m005_clusters(db: "Database") -> None:
    """Clusters as last read, their nodes, and the tolerance each had from when on."""
    _tables(
        db,
        """
        CREATE TABLE clusters (
            name TEXT PRIMARY KEY COLLATE NOCASE,
            os TEXT,
            properties TEXT NOT NULL,
            groups TEXT NOT NULL,
            crosses_subnets INTEGER NOT NULL,
            read INTEGER NOT NULL
        ) STRICTLY;
        CREATE TABLE nodes (
            cluster TEXT NOT NULL COLLATE NOCASE REFERENCES clusters (name) ON DELETE CASCADE,
            node TEXT NOT NULL COLLATE NOCASE,
            vm INTEGER NOT NULL REFERENCES vms (id),
            position INTEGER NOT NULL,
            vm_proven INTEGER NOT NULL,
            host TEXT,
            datastores TEXT NOT NULL,
            PRIMARY KEY (cluster, node)
        ) KEYED;
        CREATE INDEX nodes_by_vm ON nodes (vm);
        CREATE TABLE tolerances (
            cluster TEXT NOT NULL COLLATE NOCASE REFERENCES clusters (name) ON DELETE CASCADE,
            since INTEGER NOT NULL,
            us INTEGER NOT NULL,
            known INTEGER NOT NULL,
            PRIMARY KEY (cluster, since)
        ) KEYED;
        """,
    )


@migrations()
def m006_incidents(db: "Database") -> None:
    """Incidents, the raw material gathered about them, and how they were judged."""
    _tables(
        db,
        """
        CREATE TABLE incidents (
            id TEXT PRIMARY KEY,
            cluster TEXT NOT NULL COLLATE NOCASE,
            at INTEGER NOT NULL,
            lost_node TEXT,
            opened INTEGER NOT NULL
        ) KEYED;
        CREATE INDEX incidents_by_cluster ON incidents (cluster, at);
        CREATE INDEX incidents_by_time ON incidents (at);
        CREATE TABLE evidence (
            id INTEGER PRIMARY KEY,
            incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
            gathered INTEGER NOT NULL,
            files INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            digest TEXT NOT NULL,
            bundle BLOB NOT NULL,
            UNIQUE (incident, digest)
        ) STRICTLY;
        CREATE INDEX evidence_by_time ON evidence (gathered);
        CREATE TABLE verdicts (
            incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
            revision INTEGER NOT NULL,
            judged INTEGER NOT NULL,
            program TEXT NOT NULL,
            evidence INTEGER REFERENCES evidence (id) ON DELETE SET NULL,
            at INTEGER NOT NULL,
            lost_node TEXT,
            backup TEXT NOT NULL,
            cause TEXT NOT NULL,
            confidence TEXT NOT NULL,
            mechanism TEXT,
            stun_us INTEGER,
            tolerance_us INTEGER NOT NULL,
            entry TEXT NOT NULL,
            PRIMARY KEY (incident, revision)
        ) KEYED;
        CREATE INDEX verdicts_by_evidence ON verdicts (evidence);
        """,
    )


@migrations()
def m007_failovers(db: "Database") -> None:
    """Disturbances of a cluster as found in its logs, whether somebody was alerted or not."""
    _tables(
        db,
        """
        CREATE TABLE failovers (
            id INTEGER PRIMARY KEY,
            cluster TEXT NOT NULL COLLATE NOCASE,
            at INTEGER NOT NULL,
            uncertainty_us INTEGER NOT NULL,
            loss TEXT NOT NULL,
            lost TEXT COLLATE NOCASE,
            suspects TEXT NOT NULL,
            until INTEGER NOT NULL,
            by_victim INTEGER NOT NULL,
            incident TEXT REFERENCES incidents (id) ON DELETE SET NULL
        ) STRICTLY;
        CREATE INDEX failovers_by_cluster ON failovers (cluster, at);
        CREATE INDEX failovers_by_incident ON failovers (incident);
        """,
    )


@migrations()
def m008_clocks(db: "Database") -> None:
    """How far each clock was ahead of UTC, each time it was measured."""
    _tables(
        db,
        """
        CREATE TABLE clocks (
            name TEXT NOT NULL COLLATE NOCASE,
            measured INTEGER NOT NULL,
            ahead INTEGER NOT NULL,
            PRIMARY KEY (name, measured)
        ) KEYED;
        """,
    )


@migrations()
def m009_coverage(db: "Database") -> None:
    """What was really read; intervals of one subject never touch each other."""
    _tables(
        db,
        """
        CREATE TABLE coverage (
            scope TEXT NOT NULL COLLATE NOCASE,
            source TEXT NOT NULL,
            subject TEXT NOT NULL COLLATE NOCASE,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            PRIMARY KEY (scope, source, subject, start)
        ) KEYED;
        """,
    )


@migrations()
def m010_alerts(db: "Database") -> None:
    """Alerts of failovers, each once by its key, and when its incident is to be checked."""
    _tables(
        db,
        """
        CREATE TABLE alerts (
            id INTEGER PRIMARY KEY,
            "key" TEXT NOT NULL UNIQUE,
            way TEXT NOT NULL,
            incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
            at INTEGER NOT NULL,
            received INTEGER NOT NULL,
            tool TEXT NOT NULL,
            said TEXT NOT NULL,
            channel TEXT,
            ts TEXT,
            thread TEXT,
            "by" TEXT,
            quiet INTEGER NOT NULL
        ) STRICTLY;
        CREATE INDEX alerts_by_incident ON alerts (incident, received);
        CREATE TABLE checks (
            incident TEXT PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
            due INTEGER NOT NULL,
            round INTEGER NOT NULL,
            wanted INTEGER NOT NULL,
            since INTEGER NOT NULL
        ) KEYED;
        CREATE INDEX checks_by_due ON checks (due);
        CREATE TABLE unmatched (
            id INTEGER PRIMARY KEY,
            "key" TEXT NOT NULL UNIQUE,
            at INTEGER NOT NULL,
            channel TEXT NOT NULL,
            why TEXT NOT NULL,
            said TEXT NOT NULL
        ) STRICTLY;
        """,
    )


@migrations()
def m011_posts(db: "Database") -> None:
    """What is to stand in Slack: what it shall say, what it says, and where it stands."""
    _tables(
        db,
        """
        CREATE TABLE posts (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            incident TEXT,
            channel TEXT,
            thread TEXT,
            below INTEGER REFERENCES posts (id) ON DELETE SET NULL,
            reply TEXT NOT NULL,
            offered TEXT NOT NULL,
            wanted INTEGER NOT NULL,
            shown INTEGER NOT NULL,
            urgent INTEGER NOT NULL,
            since INTEGER NOT NULL,
            due INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            ts TEXT,
            failed TEXT,
            proposal TEXT,
            called TEXT NOT NULL
        ) STRICTLY;
        CREATE INDEX posts_waiting ON posts (due) WHERE shown < wanted AND failed IS NULL;
        CREATE INDEX posts_by_incident ON posts (incident);
        CREATE INDEX posts_by_time ON posts (since);
        """,
    )


@migrations()
def m012_bookmarks(db: "Database") -> None:
    """How far each channel and each event log was read, and what was seen already."""
    _tables(
        db,
        """
        CREATE TABLE bookmarks (
            what TEXT PRIMARY KEY,
            mark TEXT NOT NULL,
            at INTEGER NOT NULL
        ) KEYED;
        CREATE TABLE seen (
            "key" TEXT PRIMARY KEY,
            at INTEGER NOT NULL
        ) KEYED;
        CREATE INDEX seen_by_time ON seen (at);
        """,
    )


@migrations()
def m013_opinions(db: "Database") -> None:
    """What people say about a verdict, beside what we said."""
    _tables(
        db,
        """
        CREATE TABLE opinions (
            id INTEGER PRIMARY KEY,
            incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
            revision INTEGER NOT NULL,
            "by" TEXT NOT NULL,
            at INTEGER NOT NULL,
            backup TEXT NOT NULL,
            why TEXT NOT NULL
        ) STRICTLY;
        CREATE INDEX opinions_by_incident ON opinions (incident);
        """,
    )


@migrations()
def m020_proposals(db: "Database") -> None:
    """Wanted changes of heartbeat values, and how far each has come.

    `folded` is the cluster's name in the form in which spellings are equal. The incident is only
    named: the record of a change outlives it. The checks and the last index are the last fence:
    nobody approves what they asked for, a change for a time does not lose its revert, and of one
    cluster one change at a time is under way.
    """
    _tables(
        db,
        """
        CREATE TABLE proposals (
            id TEXT PRIMARY KEY,
            cluster TEXT NOT NULL,
            folded TEXT NOT NULL,
            state TEXT NOT NULL,
            "before" TEXT NOT NULL,
            wanted TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            why TEXT NOT NULL,
            asked_by TEXT NOT NULL,
            asked_by_name TEXT NOT NULL,
            asked_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            lasts_us INTEGER,
            incident TEXT,
            decided_by TEXT,
            decided_by_name TEXT,
            decided_at INTEGER,
            decided_why TEXT,
            break_glass INTEGER NOT NULL,
            superseded_by TEXT,
            begun_at INTEGER,
            applied_at INTEGER,
            revert_at INTEGER,
            reverted_by TEXT,
            reverted_by_name TEXT,
            reverted_at INTEGER,
            "after" TEXT,
            trouble TEXT,
            follow_up_at INTEGER,
            followed_up_at INTEGER,
            CHECK (state IN ('proposed', 'rejected', 'expired', 'superseded') OR (
                decided_by IS NOT NULL AND (decided_by <> asked_by OR
                    (break_glass = 1 AND decided_why IS NOT NULL)))),
            CHECK (lasts_us IS NULL OR revert_at IS NOT NULL OR state NOT IN
                ('applied', 'reverting', 'revert_failed', 'revert_unknown'))
        ) KEYED;
        CREATE INDEX proposals_by_cluster ON proposals (folded, asked_at);
        CREATE INDEX proposals_by_state ON proposals (state);
        CREATE UNIQUE INDEX proposals_one_at_a_time ON proposals (folded) WHERE state IN
            ('approved', 'applying', 'unknown', 'reverting', 'revert_unknown');
        """,
    )


@migrations()
def m021_audit(db: "Database") -> None:
    """Who did what: rows are added, in order, and never changed or removed.

    REPLACE deletes without asking the trigger on DELETE (sqlite.org/lang_conflict.html), so the
    one on INSERT takes nothing but the next number.
    """
    _tables(
        db,
        """
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            what TEXT NOT NULL,
            who TEXT NOT NULL,
            who_name TEXT NOT NULL,
            cluster TEXT COLLATE NOCASE,
            proposal TEXT,
            "before" TEXT,
            "after" TEXT,
            why TEXT NOT NULL,
            detail TEXT NOT NULL,
            hash TEXT NOT NULL
        ) STRICTLY;
        CREATE INDEX audit_by_proposal ON audit (proposal);
        CREATE TABLE audit_head (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            entries INTEGER NOT NULL,
            hash TEXT NOT NULL
        ) STRICTLY;
        INSERT INTO audit_head (one, entries, hash) VALUES (1, 0, '');
        CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN
            SELECT RAISE(ABORT, 'the audit is never changed');
        END;
        CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
        BEGIN
            SELECT RAISE(ABORT, 'nothing is removed from the audit');
        END;
        CREATE TRIGGER audit_is_in_order BEFORE INSERT ON audit
        WHEN NEW.id IS NOT (SELECT entries + 1 FROM audit_head)
        BEGIN
            SELECT RAISE(ABORT, 'the audit is only added to');
        END;
        CREATE TRIGGER audit_head_moves_on BEFORE UPDATE ON audit_head
        WHEN NEW.entries <> OLD.entries + 1 OR NEW.one <> OLD.one
            OR NEW.hash IS NOT (SELECT hash FROM audit WHERE id = NEW.entries)
        BEGIN
            SELECT RAISE(ABORT, 'the end of the audit only moves on');
        END;
        CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
        BEGIN
            SELECT RAISE(ABORT, 'the end of the audit stays');
        END;
        CREATE TRIGGER audit_head_is_one BEFORE INSERT ON audit_head
        BEGIN
            SELECT RAISE(ABORT, 'the audit has one end');
        END;
        """,
    )


@migrations()
def m022_heartbeat_values(db: "Database") -> None:
    """The four heartbeat values a cluster had, and from when until when they were read so."""
    _tables(
        db,
        """
        CREATE TABLE heartbeat_values (
            cluster TEXT NOT NULL COLLATE NOCASE,
            since INTEGER NOT NULL,
            until INTEGER NOT NULL,
            "values" TEXT NOT NULL,
            PRIMARY KEY (cluster, since)
        ) KEYED;
        """,
    )


@migrations()
def m023_gaps(db: "Database") -> None:
    """What the last survey of each cluster could not read."""
    _tables(
        db,
        """
        CREATE TABLE gaps (
            cluster TEXT NOT NULL COLLATE NOCASE,
            position INTEGER NOT NULL,
            source TEXT NOT NULL,
            subject TEXT NOT NULL,
            why TEXT NOT NULL,
            remedy TEXT,
            at INTEGER NOT NULL,
            PRIMARY KEY (cluster, position)
        ) KEYED;
        """,
    )
