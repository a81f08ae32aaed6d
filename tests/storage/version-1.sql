PRAGMA application_id = 1937012078;
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'stuncheck','m001_vms','2026-11-23 08:09:09.499290+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'stuncheck','m002_stuns','2026-11-23 08:09:09.500443+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'stuncheck','m003_snapshot_tasks','2026-11-23 08:09:09.501904+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'stuncheck','m004_backups','2026-11-23 08:09:09.504752+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'stuncheck','m005_clusters','2026-11-23 08:09:09.506887+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'stuncheck','m006_incidents','2026-11-23 08:09:09.511005+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'stuncheck','m007_failovers','2026-11-23 08:09:09.512532+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'stuncheck','m008_clocks','2026-11-23 08:09:09.513033+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'stuncheck','m009_coverage','2026-11-23 08:09:09.513727+00:00');
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
        ) STRICT, WITHOUT ROWID;
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
        ) STRICT;
CREATE TABLE clocks (
            name TEXT NOT NULL COLLATE NOCASE,
            measured INTEGER NOT NULL,
            ahead INTEGER NOT NULL,
            PRIMARY KEY (name, measured)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE clusters (
            name TEXT PRIMARY KEY COLLATE NOCASE,
            os TEXT,
            properties TEXT NOT NULL,
            groups TEXT NOT NULL,
            crosses_subnets INTEGER NOT NULL,
            read INTEGER NOT NULL
        ) STRICT;
INSERT INTO "clusters" VALUES('SQLAG01','Windows Server 2016','{"SameSubnetDelay": 1000, "SameSubnetThreshold": 10}','[]',0,1772331240000000);
CREATE TABLE coverage (
            scope TEXT NOT NULL COLLATE NOCASE,
            source TEXT NOT NULL,
            subject TEXT NOT NULL COLLATE NOCASE,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            PRIMARY KEY (scope, source, subject, start)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE evidence (
            id INTEGER PRIMARY KEY,
            incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
            gathered INTEGER NOT NULL,
            files INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            digest TEXT NOT NULL,
            bundle BLOB NOT NULL,
            UNIQUE (incident, digest)
        ) STRICT;
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
        ) STRICT;
CREATE TABLE incidents (
            id TEXT PRIMARY KEY,
            cluster TEXT NOT NULL COLLATE NOCASE,
            at INTEGER NOT NULL,
            lost_node TEXT,
            opened INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
CREATE TABLE nodes (
            cluster TEXT NOT NULL COLLATE NOCASE REFERENCES clusters (name) ON DELETE CASCADE,
            node TEXT NOT NULL COLLATE NOCASE,
            vm INTEGER NOT NULL REFERENCES vms (id),
            position INTEGER NOT NULL,
            vm_proven INTEGER NOT NULL,
            host TEXT,
            datastores TEXT NOT NULL,
            PRIMARY KEY (cluster, node)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "nodes" VALUES('SQLAG01','SQL01',1,0,1,NULL,'[]');
INSERT INTO "nodes" VALUES('SQLAG01','SQL02',2,1,1,NULL,'[]');
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
        ) STRICT, WITHOUT ROWID;
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
        ) STRICT, WITHOUT ROWID;
INSERT INTO "stuns" VALUES(1,1772331240100000,1772331240100000,12400000,'remove','esx07',0,'NIGHTLY');
CREATE TABLE tolerances (
            cluster TEXT NOT NULL COLLATE NOCASE REFERENCES clusters (name) ON DELETE CASCADE,
            since INTEGER NOT NULL,
            us INTEGER NOT NULL,
            known INTEGER NOT NULL,
            PRIMARY KEY (cluster, since)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "tolerances" VALUES('SQLAG01',1772331240000000,10000000,1);
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
        ) STRICT, WITHOUT ROWID;
CREATE TABLE vms (
            id INTEGER PRIMARY KEY,
            vcenter TEXT NOT NULL,
            name TEXT NOT NULL,
            folded TEXT NOT NULL,
            UNIQUE (folded, vcenter)
        ) STRICT;
INSERT INTO "vms" VALUES(1,'vc1','sql01','sql01');
INSERT INTO "vms" VALUES(2,'','sql02','sql02');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX nodes_by_vm ON nodes (vm);
CREATE INDEX incidents_by_cluster ON incidents (cluster, at);
CREATE INDEX incidents_by_time ON incidents (at);
CREATE INDEX evidence_by_time ON evidence (gathered);
CREATE INDEX verdicts_by_evidence ON verdicts (evidence);
CREATE INDEX failovers_by_cluster ON failovers (cluster, at);
CREATE INDEX failovers_by_incident ON failovers (incident);
CREATE VIEW near_misses AS
    SELECT n.cluster, n.node, v.vcenter, v.name AS vm, strftime('%Y-%m-%dT%H:%M:%S', s.start / 1000000, 'unixepoch') || printf('.%03dZ', s.start / 1000 % 1000) AS start, round(s.us / 1000.0, 3) AS ms,
        s.phase, s.snapshot, round(t.us / 1000.0, 3) AS tolerance_ms, t.known AS tolerance_known,
        round(100.0 * s.us / t.us, 1) AS percent_of_tolerance
    FROM nodes n
    JOIN vms v ON v.id = n.vm
    JOIN stuns s ON s.vm = n.vm
    JOIN tolerances t ON t.cluster = n.cluster AND t.since = coalesce(
        (SELECT max(since) FROM tolerances o WHERE o.cluster = n.cluster AND o.since <= s.start),
        (SELECT min(since) FROM tolerances o WHERE o.cluster = n.cluster))
    WHERE s.us * 2 > t.us AND NOT EXISTS (
        SELECT 1 FROM failovers f
        WHERE f.cluster = n.cluster AND (f.lost IS NULL OR f.lost = n.node)
            AND f.at BETWEEN s.start - 2000000 AND s.start + s.us + 60000000);
CREATE VIEW stuns_readable AS
    SELECT v.vcenter, v.name AS vm, strftime('%Y-%m-%dT%H:%M:%S', s.start / 1000000, 'unixepoch') || printf('.%03dZ', s.start / 1000 % 1000) AS start, round(s.us / 1000.0, 3) AS ms, s.phase, s.snapshot,
        s.clock AS host, round(s.ahead / 1000.0, 3) AS clock_ahead_ms
    FROM stuns s JOIN vms v ON v.id = s.vm;
CREATE VIEW snapshot_tasks_readable AS
    SELECT v.vcenter, v.name AS vm, t.source, t.title, t.phase, strftime('%Y-%m-%dT%H:%M:%S', t.start / 1000000, 'unixepoch') || printf('.%03dZ', t.start / 1000 % 1000) AS start,
        strftime('%Y-%m-%dT%H:%M:%S', t."end" / 1000000, 'unixepoch') || printf('.%03dZ', t."end" / 1000 % 1000) AS "end", t."by", round(t.ahead / 1000.0, 3) AS clock_ahead_ms
    FROM snapshot_tasks t JOIN vms v ON v.id = t.vm;
CREATE VIEW backups_readable AS
    SELECT b.id, v.vcenter, v.name AS vm, b.product, b.job, strftime('%Y-%m-%dT%H:%M:%S', b.start / 1000000, 'unixepoch') || printf('.%03dZ', b.start / 1000 % 1000) AS start,
        strftime('%Y-%m-%dT%H:%M:%S', b."end" / 1000000, 'unixepoch') || printf('.%03dZ', b."end" / 1000 % 1000) AS "end", b.proxy, b.transport, b.session, round(b.ahead / 1000.0, 3) AS clock_ahead_ms
    FROM backups b JOIN vms v ON v.id = b.vm;
CREATE VIEW backup_steps_readable AS
    SELECT s.backup, v.name AS vm, b.product, b.job, s.position, s.title, s.phase,
        strftime('%Y-%m-%dT%H:%M:%S', s.start / 1000000, 'unixepoch') || printf('.%03dZ', s.start / 1000 % 1000) AS start, strftime('%Y-%m-%dT%H:%M:%S', s."end" / 1000000, 'unixepoch') || printf('.%03dZ', s."end" / 1000 % 1000) AS "end", s."by"
    FROM backup_steps s JOIN backups b ON b.id = s.backup JOIN vms v ON v.id = b.vm;
CREATE VIEW nodes_readable AS
    SELECT n.cluster, n.node, v.vcenter, v.name AS vm, n.vm_proven, n.host, n.datastores,
        c.os, strftime('%Y-%m-%dT%H:%M:%S', c.read / 1000000, 'unixepoch') || printf('.%03dZ', c.read / 1000 % 1000) AS read
    FROM nodes n JOIN clusters c ON c.name = n.cluster JOIN vms v ON v.id = n.vm;
CREATE VIEW tolerances_readable AS
    SELECT cluster, strftime('%Y-%m-%dT%H:%M:%S', since / 1000000, 'unixepoch') || printf('.%03dZ', since / 1000 % 1000) AS since, round(us / 1000.0, 3) AS ms, known FROM tolerances;
CREATE VIEW failovers_readable AS
    SELECT f.cluster, strftime('%Y-%m-%dT%H:%M:%S', f.at / 1000000, 'unixepoch') || printf('.%03dZ', f.at / 1000 % 1000) AS at, f.loss, f.lost, round(f.uncertainty_us / 1000.0, 3) AS uncertainty_ms,
        f.incident, d.backup, d.cause, d.confidence
    FROM failovers f
    LEFT JOIN verdicts d ON d.incident = f.incident AND d.revision =
        (SELECT max(revision) FROM verdicts o WHERE o.incident = f.incident);
CREATE VIEW verdicts_readable AS
    SELECT i.id AS incident, i.cluster, d.revision, strftime('%Y-%m-%dT%H:%M:%S', d.at / 1000000, 'unixepoch') || printf('.%03dZ', d.at / 1000 % 1000) AS at, d.lost_node, d.backup,
        d.cause, d.confidence, d.mechanism, round(d.stun_us / 1000.0, 3) AS stun_ms,
        round(d.tolerance_us / 1000.0, 3) AS tolerance_ms, strftime('%Y-%m-%dT%H:%M:%S', d.judged / 1000000, 'unixepoch') || printf('.%03dZ', d.judged / 1000 % 1000) AS judged, d.program, d.entry
    FROM verdicts d JOIN incidents i ON i.id = d.incident;
CREATE VIEW evidence_readable AS
    SELECT e.id, e.incident, i.cluster, strftime('%Y-%m-%dT%H:%M:%S', i.at / 1000000, 'unixepoch') || printf('.%03dZ', i.at / 1000 % 1000) AS at, strftime('%Y-%m-%dT%H:%M:%S', e.gathered / 1000000, 'unixepoch') || printf('.%03dZ', e.gathered / 1000 % 1000) AS gathered, e.files,
        e.bytes, length(e.bundle) AS packed_bytes
    FROM evidence e JOIN incidents i ON i.id = e.incident;
CREATE VIEW clocks_readable AS
    SELECT name, strftime('%Y-%m-%dT%H:%M:%S', measured / 1000000, 'unixepoch') || printf('.%03dZ', measured / 1000 % 1000) AS measured, round(ahead / 1000.0, 3) AS ahead_ms FROM clocks;
CREATE VIEW coverage_readable AS
    SELECT scope, source, subject, strftime('%Y-%m-%dT%H:%M:%S', start / 1000000, 'unixepoch') || printf('.%03dZ', start / 1000 % 1000) AS start, strftime('%Y-%m-%dT%H:%M:%S', "end" / 1000000, 'unixepoch') || printf('.%03dZ', "end" / 1000 % 1000) AS "end" FROM coverage;
COMMIT;
