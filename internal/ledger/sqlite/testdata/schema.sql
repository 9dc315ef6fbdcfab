CREATE INDEX decision_by_delivery ON decision (delivery);
CREATE INDEX decision_by_region ON decision (indicator, region, period);
CREATE UNIQUE INDEX decision_confirms ON decision (indicator, period, region, dimensions, revision) WHERE action = 'confirm';
CREATE INDEX delivery_by_input ON delivery (input_digest, run);
CREATE INDEX delivery_by_target ON delivery (target, run);
CREATE INDEX held_by_region ON held (indicator, region, period);
CREATE UNIQUE INDEX held_waiting ON held (indicator, period, region, dimensions) WHERE closing IS NULL;
CREATE INDEX rejection_by_delivery ON rejection (delivery);
CREATE INDEX rejection_by_region ON rejection (indicator, region);
CREATE INDEX run_by_collector ON run (collector, id, outcome);
CREATE UNIQUE INDEX target_run_by_target ON target_run (target, outcome, run);
CREATE TABLE configuration (
    id       INTEGER PRIMARY KEY,
    digest   TEXT NOT NULL,
    accepted INTEGER NOT NULL -- in force from then on
) STRICT;
CREATE TABLE configuration_file (
    configuration INTEGER NOT NULL REFERENCES configuration,
    position      INTEGER NOT NULL,
    name          TEXT NOT NULL,
    content       INTEGER NOT NULL REFERENCES content,
    PRIMARY KEY (configuration, position),
    UNIQUE (configuration, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE content (
    id     INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE, -- SHA-256 of the content, hex
    size   INTEGER NOT NULL,
    gzip   BLOB NOT NULL
) STRICT;
CREATE TABLE decision (
    id         INTEGER PRIMARY KEY, -- 1, 2, 3 ... without a gap
    delivery   INTEGER NOT NULL REFERENCES delivery,
    action     TEXT    NOT NULL CHECK (action IN ('confirm', 'release', 'reject', 'correct')),
    indicator  INTEGER NOT NULL REFERENCES indicator,
    period     INTEGER NOT NULL REFERENCES period,
    region     INTEGER NOT NULL, -- the code's digits
    dimensions INTEGER NOT NULL REFERENCES dimensions,
    revision   INTEGER, -- the one that was confirmed or made; NULL for a rejected figure
    held       INTEGER REFERENCES held, -- what was released or rejected
    overruled  REAL, -- the value that was found wrong
    CHECK ((action = 'reject') = (revision IS NULL)),
    CHECK ((action IN ('release', 'reject')) = (held IS NOT NULL))
) STRICT;
CREATE TABLE delivery (
    id           INTEGER PRIMARY KEY,
    run          INTEGER NOT NULL REFERENCES run,
    target       TEXT NOT NULL,
    recorded     INTEGER NOT NULL, -- never less than that of the delivery before
    rows         INTEGER NOT NULL,
    accepted     INTEGER NOT NULL, -- facts and regions delivered
    changed      INTEGER NOT NULL, -- those that were new or revised: its rows in fact and region
    rejected     INTEGER NOT NULL,
    query_digest TEXT NOT NULL,
    input_digest TEXT NOT NULL,
    checksum     INTEGER NOT NULL, -- CRC-64 (ECMA) over its rows in fact, region and held, what it closed of held, and its rows in decision, in their order
    regions      INTEGER NOT NULL DEFAULT 0, -- of those changed: its rows in region
    held         INTEGER NOT NULL DEFAULT 0, -- its rows in held
    decisions    INTEGER NOT NULL DEFAULT 0, -- its rows in decision
    UNIQUE (run, target)
) STRICT;
CREATE TABLE dimensions (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE -- name=value pairs joined by commas
) STRICT;
CREATE TABLE fact (
    indicator  INTEGER NOT NULL,
    period     INTEGER NOT NULL,
    region     INTEGER NOT NULL, -- the code's digits
    dimensions INTEGER NOT NULL,
    revision   INTEGER NOT NULL, -- 1, 2, 3 ... without a gap
    value      REAL    NOT NULL,
    delivery   INTEGER NOT NULL,
    place      INTEGER NOT NULL,
    row        INTEGER NOT NULL, -- counted from 1; 0 is no row
    PRIMARY KEY (indicator, period, region, dimensions, revision)
) STRICT, WITHOUT ROWID;
CREATE TABLE held (
    id         INTEGER PRIMARY KEY, -- 1, 2, 3 ... without a gap
    delivery   INTEGER NOT NULL REFERENCES delivery,
    indicator  INTEGER NOT NULL REFERENCES indicator,
    period     INTEGER NOT NULL REFERENCES period,
    region     INTEGER NOT NULL, -- the code's digits
    dimensions INTEGER NOT NULL REFERENCES dimensions,
    value      REAL    NOT NULL,
    place      INTEGER NOT NULL REFERENCES place,
    row        INTEGER NOT NULL, -- counted from 1; 0 is no row
    stage      TEXT    NOT NULL, -- the gate's stage that held it
    reason_zh  TEXT    NOT NULL,
    reason_en  TEXT    NOT NULL,
    closing    TEXT CHECK (closing IN ('released', 'rejected', 'superseded', 'corrected')), -- NULL while it waits
    closed_by  INTEGER REFERENCES delivery, -- the delivery that closed it
    CHECK ((closing IS NULL) = (closed_by IS NULL))
) STRICT;
CREATE TABLE indicator (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL) STRICT;
CREATE TABLE period (
    number    INTEGER PRIMARY KEY, -- sorts as periods do
    name      TEXT NOT NULL UNIQUE, -- 2025, 2025-H2, 2025-Q4, 2025-12, 2025-W52, 2025-12-31
    first_day TEXT NOT NULL
) STRICT;
CREATE TABLE place (
    id    INTEGER PRIMARY KEY,
    part  TEXT NOT NULL, -- sheet, page or address
    field TEXT NOT NULL, -- column or path
    UNIQUE (part, field)
) STRICT;
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
CREATE TABLE rejection (
    id         INTEGER PRIMARY KEY,
    delivery   INTEGER NOT NULL REFERENCES delivery,
    stage      TEXT NOT NULL,
    reason_zh  TEXT NOT NULL,
    reason_en  TEXT NOT NULL,
    indicator  TEXT NOT NULL,
    region     TEXT NOT NULL, -- as written in the source, like all that follows
    within     TEXT, -- JSON array of names
    period     TEXT NOT NULL,
    date       TEXT NOT NULL,
    value_kind TEXT NOT NULL CHECK (value_kind IN ('absent', 'number', 'text')),
    value      ANY, -- NULL for an absent value, and for the number NaN
    dimensions TEXT NOT NULL,
    part       TEXT NOT NULL,
    field      TEXT NOT NULL,
    row        INTEGER NOT NULL
) STRICT;
CREATE TABLE run (
    id        INTEGER PRIMARY KEY,
    collector TEXT NOT NULL,
    scheduled INTEGER, -- NULL where somebody asked for the run
    started   INTEGER NOT NULL,
    ended     INTEGER, -- NULL while it is running
    outcome   TEXT NOT NULL CHECK (outcome IN ('running', 'success', 'partial', 'failure', 'interrupted')),
    attempt   INTEGER NOT NULL,
    rows      INTEGER NOT NULL DEFAULT 0,
    accepted  INTEGER NOT NULL DEFAULT 0,
    changed   INTEGER NOT NULL DEFAULT 0,
    rejected  INTEGER NOT NULL DEFAULT 0,
    error     TEXT NOT NULL DEFAULT '',
    targets   INTEGER NOT NULL DEFAULT 0, -- its rows in target_run
    origin    TEXT NOT NULL DEFAULT 'pull' CHECK (origin IN ('pull', 'history', 'import', 'decision')),
    by        TEXT NOT NULL DEFAULT '', -- who asked for an import or a decision
    reason    TEXT NOT NULL DEFAULT '', -- why, in their words
    CHECK ((outcome = 'running') = (ended IS NULL))
) STRICT;
CREATE TABLE target (
    id        INTEGER PRIMARY KEY,
    collector TEXT NOT NULL,
    name      TEXT NOT NULL, -- the region's code
    UNIQUE (collector, name)
) STRICT;
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
CREATE TRIGGER configuration_delete BEFORE DELETE ON configuration BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never deleted');
END;
CREATE TRIGGER configuration_file_delete BEFORE DELETE ON configuration_file BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never deleted');
END;
CREATE TRIGGER configuration_file_update BEFORE UPDATE ON configuration_file BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never changed');
END;
CREATE TRIGGER configuration_update BEFORE UPDATE ON configuration BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never changed');
END;
CREATE TRIGGER content_delete BEFORE DELETE ON content BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never deleted');
END;
CREATE TRIGGER content_update BEFORE UPDATE ON content BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never changed');
END;
CREATE TRIGGER decision_delete BEFORE DELETE ON decision BEGIN
    SELECT RAISE(ABORT, 'decisions are never deleted');
END;
CREATE TRIGGER decision_update BEFORE UPDATE ON decision BEGIN
    SELECT RAISE(ABORT, 'decisions are never changed: another one can follow');
END;
CREATE TRIGGER delivery_delete BEFORE DELETE ON delivery BEGIN
    SELECT RAISE(ABORT, 'deliveries are never deleted');
END;
CREATE TRIGGER delivery_update BEFORE UPDATE ON delivery BEGIN
    SELECT RAISE(ABORT, 'deliveries are never changed');
END;
CREATE TRIGGER dimensions_delete BEFORE DELETE ON dimensions BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never deleted');
END;
CREATE TRIGGER dimensions_update BEFORE UPDATE ON dimensions BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never changed');
END;
CREATE TRIGGER fact_delete BEFORE DELETE ON fact BEGIN
    SELECT RAISE(ABORT, 'facts are never deleted');
END;
CREATE TRIGGER fact_update BEFORE UPDATE ON fact BEGIN
    SELECT RAISE(ABORT, 'facts are never changed: deliver the right figure, and it becomes the next revision');
END;
CREATE TRIGGER held_delete BEFORE DELETE ON held BEGIN
    SELECT RAISE(ABORT, 'held figures are never deleted');
END;
CREATE TRIGGER held_update BEFORE UPDATE ON held
WHEN OLD.closing IS NOT NULL OR NEW.closing IS NULL
    OR (NEW.id, NEW.delivery, NEW.indicator, NEW.period, NEW.region, NEW.dimensions, NEW.value, NEW.place, NEW.row,
        NEW.stage, NEW.reason_zh, NEW.reason_en)
    IS NOT (OLD.id, OLD.delivery, OLD.indicator, OLD.period, OLD.region, OLD.dimensions, OLD.value, OLD.place, OLD.row,
        OLD.stage, OLD.reason_zh, OLD.reason_en) BEGIN
    SELECT RAISE(ABORT, 'held figures are closed once, and otherwise never changed');
END;
CREATE TRIGGER indicator_delete BEFORE DELETE ON indicator BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never deleted');
END;
CREATE TRIGGER indicator_update BEFORE UPDATE ON indicator BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never changed');
END;
CREATE TRIGGER period_delete BEFORE DELETE ON period BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never deleted');
END;
CREATE TRIGGER period_update BEFORE UPDATE ON period BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never changed');
END;
CREATE TRIGGER place_delete BEFORE DELETE ON place BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never deleted');
END;
CREATE TRIGGER place_update BEFORE UPDATE ON place BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never changed');
END;
CREATE TRIGGER region_delete BEFORE DELETE ON region BEGIN
    SELECT RAISE(ABORT, 'entries of a register are never deleted');
END;
CREATE TRIGGER region_update BEFORE UPDATE ON region BEGIN
    SELECT RAISE(ABORT, 'entries of a register are never changed: deliver the right one, and it becomes the next revision');
END;
CREATE TRIGGER rejection_update BEFORE UPDATE ON rejection BEGIN
    SELECT RAISE(ABORT, 'rejections are never changed');
END;
CREATE TRIGGER run_delete BEFORE DELETE ON run BEGIN
    SELECT RAISE(ABORT, 'runs are never deleted');
END;
CREATE TRIGGER run_update BEFORE UPDATE ON run WHEN OLD.outcome <> 'running' BEGIN
    SELECT RAISE(ABORT, 'a run that has ended is never changed');
END;
CREATE TRIGGER target_delete BEFORE DELETE ON target BEGIN
    SELECT RAISE(ABORT, 'runs refer to this entry: it is never deleted');
END;
CREATE TRIGGER target_run_delete BEFORE DELETE ON target_run BEGIN
    SELECT RAISE(ABORT, 'runs are never deleted');
END;
CREATE TRIGGER target_run_insert BEFORE INSERT ON target_run
WHEN (SELECT outcome FROM run WHERE id = NEW.run) <> 'running' BEGIN
    SELECT RAISE(ABORT, 'a run that has ended is never changed');
END;
CREATE TRIGGER target_run_update BEFORE UPDATE ON target_run BEGIN
    SELECT RAISE(ABORT, 'a run that has ended is never changed');
END;
CREATE TRIGGER target_update BEFORE UPDATE ON target BEGIN
    SELECT RAISE(ABORT, 'runs refer to this entry: it is never changed');
END;
CREATE VIEW decided AS
SELECT decision.id AS decision,
       indicator.name AS indicator,
       period.name AS period,
       decision.region AS region,
       dimensions.text AS dimensions,
       decision.action AS action,
       decision.revision AS revision,
       decision.held AS held,
       decision.overruled AS overruled,
       strftime('%Y-%m-%dT%H:%M:%fZ', delivery.recorded / 1000.0, 'unixepoch') AS recorded,
       run.by AS by,
       run.reason AS reason,
       delivery.run AS run
FROM decision
JOIN indicator ON indicator.id = decision.indicator
JOIN period ON period.number = decision.period
JOIN dimensions ON dimensions.id = decision.dimensions
JOIN delivery ON delivery.id = decision.delivery
JOIN run ON run.id = delivery.run;
CREATE VIEW figure AS
SELECT indicator.name AS indicator,
       period.name AS period,
       fact.region AS region,
       dimensions.text AS dimensions,
       fact.revision AS revision,
       NOT EXISTS (SELECT 1 FROM fact AS later
                   WHERE later.indicator = fact.indicator AND later.period = fact.period
                     AND later.region = fact.region AND later.dimensions = fact.dimensions
                     AND later.revision = fact.revision + 1) AS newest,
       fact.value AS value,
       strftime('%Y-%m-%dT%H:%M:%fZ', delivery.recorded / 1000.0, 'unixepoch') AS recorded,
       run.origin AS origin,
       run.by AS by,
       run.reason AS reason,
       run.collector AS collector,
       delivery.run AS run,
       delivery.target AS target,
       place.part AS part,
       place.field AS field,
       fact.row AS row
FROM fact
JOIN indicator ON indicator.id = fact.indicator
JOIN period ON period.number = fact.period
JOIN dimensions ON dimensions.id = fact.dimensions
JOIN place ON place.id = fact.place
JOIN delivery ON delivery.id = fact.delivery
JOIN run ON run.id = delivery.run;
CREATE VIEW waiting AS
SELECT held.id AS held,
       indicator.name AS indicator,
       period.name AS period,
       held.region AS region,
       dimensions.text AS dimensions,
       held.value AS value,
       held.stage AS stage,
       held.reason_zh AS reason_zh,
       held.reason_en AS reason_en,
       strftime('%Y-%m-%dT%H:%M:%fZ', delivery.recorded / 1000.0, 'unixepoch') AS recorded,
       run.collector AS collector,
       delivery.run AS run,
       delivery.target AS target,
       place.part AS part,
       place.field AS field,
       held.row AS row
FROM held
JOIN indicator ON indicator.id = held.indicator
JOIN period ON period.number = held.period
JOIN dimensions ON dimensions.id = held.dimensions
JOIN place ON place.id = held.place
JOIN delivery ON delivery.id = held.delivery
JOIN run ON run.id = delivery.run
WHERE held.closing IS NULL;
