-- Runs with several targets, and collected registers of regions.

ALTER TABLE run ADD COLUMN targets INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN regions INTEGER NOT NULL DEFAULT 0;

-- A run can end as partial. The wider CHECK holds for all rows that are there,
-- so that its text is all there is to change. A new table in the place of this
-- one would need foreign keys switched off, which a transaction can't do. The
-- comments tell a person with the shell what the columns now mean.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(replace(sql,
    '(''running'', ''success'', ''failure'', ''interrupted'')',
    '(''running'', ''success'', ''partial'', ''failure'', ''interrupted'')'),
    ' targets INTEGER NOT NULL DEFAULT 0,', '
    targets   INTEGER NOT NULL DEFAULT 0, -- its rows in target_run')
WHERE type = 'table' AND name = 'run';
UPDATE sqlite_schema
SET sql = replace(replace(replace(sql,
    '-- facts delivered', '-- facts and regions delivered'),
    '-- facts that were new or revised: its rows in fact',
    '-- those that were new or revised: its rows in fact and region'),
    ' regions INTEGER NOT NULL DEFAULT 0, -- CRC-64 (ECMA) over its rows in fact, in their order',
    ' -- CRC-64 (ECMA) over its rows in fact, then over those in region, in their order
    regions      INTEGER NOT NULL DEFAULT 0, -- of those changed: its rows in region')
WHERE type = 'table' AND name = 'delivery';
PRAGMA writable_schema = RESET;

-- What a collector's targets are called; only ever added to.
CREATE TABLE target (
    id        INTEGER PRIMARY KEY,
    collector TEXT NOT NULL,
    name      TEXT NOT NULL, -- the region's code
    UNIQUE (collector, name)
) STRICT;

-- How a run went for one of its targets; written when the run ends.
CREATE TABLE target_run (
    run      INTEGER NOT NULL REFERENCES run,
    position INTEGER NOT NULL, -- 1, 2, 3 ... without a gap
    target   INTEGER NOT NULL REFERENCES target,
    started  INTEGER, -- NULL where its turn never came
    ended    INTEGER,
    outcome  TEXT NOT NULL CHECK (outcome IN ('success', 'failure', 'interrupted')),
    attempts INTEGER NOT NULL,
    rows     INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    changed  INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    error    TEXT NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

-- When was each target last pulled without an error, and when in vain?
CREATE UNIQUE INDEX target_run_by_target ON target_run (target, outcome, run);

-- What has been delivered before, under this name or with these rows?
CREATE INDEX delivery_by_target ON delivery (target, run);
CREATE INDEX delivery_by_input ON delivery (input_digest, run);

-- Entries of collected registers. place and delivery refer to the tables of
-- these names, as those of a fact do.
CREATE TABLE region (
    code     INTEGER NOT NULL, -- its digits
    revision INTEGER NOT NULL, -- 1, 2, 3 ... without a gap
    level    TEXT    NOT NULL, -- province, city, county, township, village, grid
    name     TEXT    NOT NULL,
    parent   INTEGER, -- the code of the region above; NULL for none
    delivery INTEGER NOT NULL,
    place    INTEGER NOT NULL,
    row      INTEGER NOT NULL, -- counted from 1; 0 is no row
    PRIMARY KEY (code, revision)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER target_update BEFORE UPDATE ON target BEGIN
    SELECT RAISE(ABORT, 'runs refer to this entry: it is never changed');
END;
CREATE TRIGGER target_delete BEFORE DELETE ON target BEGIN
    SELECT RAISE(ABORT, 'runs refer to this entry: it is never deleted');
END;
CREATE TRIGGER target_run_insert BEFORE INSERT ON target_run
WHEN (SELECT outcome FROM run WHERE id = NEW.run) <> 'running' BEGIN
    SELECT RAISE(ABORT, 'a run that has ended is never changed');
END;
CREATE TRIGGER target_run_update BEFORE UPDATE ON target_run BEGIN
    SELECT RAISE(ABORT, 'a run that has ended is never changed');
END;
CREATE TRIGGER target_run_delete BEFORE DELETE ON target_run BEGIN
    SELECT RAISE(ABORT, 'runs are never deleted');
END;
CREATE TRIGGER region_update BEFORE UPDATE ON region BEGIN
    SELECT RAISE(ABORT, 'entries of a register are never changed: deliver the right one, and it becomes the next revision');
END;
CREATE TRIGGER region_delete BEFORE DELETE ON region BEGIN
    SELECT RAISE(ABORT, 'entries of a register are never deleted');
END;
