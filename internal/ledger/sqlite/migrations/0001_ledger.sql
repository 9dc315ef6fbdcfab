-- The ledger: every fact ever accepted, where it came from, and what was
-- refused. docs/ledger.md explains the tables. Times are milliseconds since the
-- Unix epoch, UTC.

-- Dictionaries. Facts refer to texts by small integers, which keeps a fact at
-- some 35 bytes. Entries are only ever added.
CREATE TABLE indicator (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE period (
    number    INTEGER PRIMARY KEY, -- sorts as periods do
    name      TEXT NOT NULL UNIQUE, -- 2025, 2025-H2, 2025-Q4, 2025-12, 2025-W52, 2025-12-31
    first_day TEXT NOT NULL
) STRICT;

CREATE TABLE dimensions (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE -- name=value pairs joined by commas
) STRICT;

CREATE TABLE place (
    id    INTEGER PRIMARY KEY,
    part  TEXT NOT NULL, -- sheet, page or address
    field TEXT NOT NULL, -- column or path
    UNIQUE (part, field)
) STRICT;

INSERT INTO dimensions VALUES (0, '');
INSERT INTO place VALUES (0, '', '');

CREATE TABLE run (
    id        INTEGER PRIMARY KEY,
    collector TEXT NOT NULL,
    scheduled INTEGER, -- NULL where somebody asked for the run
    started   INTEGER NOT NULL,
    ended     INTEGER, -- NULL while it is running
    outcome   TEXT NOT NULL CHECK (outcome IN ('running', 'success', 'failure', 'interrupted')),
    attempt   INTEGER NOT NULL,
    rows      INTEGER NOT NULL DEFAULT 0,
    accepted  INTEGER NOT NULL DEFAULT 0,
    changed   INTEGER NOT NULL DEFAULT 0,
    rejected  INTEGER NOT NULL DEFAULT 0,
    error     TEXT NOT NULL DEFAULT '',
    CHECK ((outcome = 'running') = (ended IS NULL))
) STRICT;

CREATE INDEX run_by_collector ON run (collector, id, outcome);

-- What one target of one run delivered: the unit of commit.
CREATE TABLE delivery (
    id           INTEGER PRIMARY KEY,
    run          INTEGER NOT NULL REFERENCES run,
    target       TEXT NOT NULL,
    recorded     INTEGER NOT NULL, -- never less than that of the delivery before
    rows         INTEGER NOT NULL,
    accepted     INTEGER NOT NULL, -- facts delivered
    changed      INTEGER NOT NULL, -- facts that were new or revised: its rows in fact
    rejected     INTEGER NOT NULL,
    query_digest TEXT NOT NULL,
    input_digest TEXT NOT NULL,
    checksum     INTEGER NOT NULL, -- CRC-64 (ECMA) over its rows in fact, in their order
    UNIQUE (run, target)
) STRICT;

-- indicator, period, dimensions, place and delivery refer to the tables of these
-- names. They are not declared as REFERENCES, which would cost a quarter of the
-- time of a large commit; a check of the ledger verifies them.
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

CREATE INDEX rejection_by_delivery ON rejection (delivery);

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

-- Everything readable at one glance: .mode box, then SELECT * FROM figure.
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

-- Append-only holds against a shell as well.
CREATE TRIGGER fact_update BEFORE UPDATE ON fact BEGIN
    SELECT RAISE(ABORT, 'facts are never changed: deliver the right figure, and it becomes the next revision');
END;
CREATE TRIGGER fact_delete BEFORE DELETE ON fact BEGIN
    SELECT RAISE(ABORT, 'facts are never deleted');
END;
CREATE TRIGGER delivery_update BEFORE UPDATE ON delivery BEGIN
    SELECT RAISE(ABORT, 'deliveries are never changed');
END;
CREATE TRIGGER delivery_delete BEFORE DELETE ON delivery BEGIN
    SELECT RAISE(ABORT, 'deliveries are never deleted');
END;
CREATE TRIGGER run_update BEFORE UPDATE ON run WHEN OLD.outcome <> 'running' BEGIN
    SELECT RAISE(ABORT, 'a run that has ended is never changed');
END;
CREATE TRIGGER run_delete BEFORE DELETE ON run BEGIN
    SELECT RAISE(ABORT, 'runs are never deleted');
END;
CREATE TRIGGER rejection_update BEFORE UPDATE ON rejection BEGIN
    SELECT RAISE(ABORT, 'rejections are never changed');
END;
CREATE TRIGGER indicator_update BEFORE UPDATE ON indicator BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never changed');
END;
CREATE TRIGGER indicator_delete BEFORE DELETE ON indicator BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never deleted');
END;
CREATE TRIGGER period_update BEFORE UPDATE ON period BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never changed');
END;
CREATE TRIGGER period_delete BEFORE DELETE ON period BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never deleted');
END;
CREATE TRIGGER dimensions_update BEFORE UPDATE ON dimensions BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never changed');
END;
CREATE TRIGGER dimensions_delete BEFORE DELETE ON dimensions BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never deleted');
END;
CREATE TRIGGER place_update BEFORE UPDATE ON place BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never changed');
END;
CREATE TRIGGER place_delete BEFORE DELETE ON place BEGIN
    SELECT RAISE(ABORT, 'facts refer to this entry: it is never deleted');
END;
CREATE TRIGGER configuration_update BEFORE UPDATE ON configuration BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never changed');
END;
CREATE TRIGGER configuration_delete BEFORE DELETE ON configuration BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never deleted');
END;
CREATE TRIGGER configuration_file_update BEFORE UPDATE ON configuration_file BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never changed');
END;
CREATE TRIGGER configuration_file_delete BEFORE DELETE ON configuration_file BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never deleted');
END;
CREATE TRIGGER content_update BEFORE UPDATE ON content BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never changed');
END;
CREATE TRIGGER content_delete BEFORE DELETE ON content BEGIN
    SELECT RAISE(ABORT, 'accepted configurations are never deleted');
END;
