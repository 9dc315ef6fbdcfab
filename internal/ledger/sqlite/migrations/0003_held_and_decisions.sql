-- Figures that wait for somebody to decide, what was decided, by whom and why.

-- Runs that were there before pulled what was newest, as all did then.
ALTER TABLE run ADD COLUMN origin TEXT NOT NULL DEFAULT 'pull' CHECK (origin IN ('pull', 'history', 'import', 'decision'));
ALTER TABLE run ADD COLUMN by TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN decisions INTEGER NOT NULL DEFAULT 0;

-- The same columns, one a line and with a word on each: see 0002.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql,
    ' targets   INTEGER NOT NULL DEFAULT 0, origin TEXT NOT NULL DEFAULT ''pull'' CHECK (origin IN (''pull'', ''history'', ''import'', ''decision'')), by TEXT NOT NULL DEFAULT '''', reason TEXT NOT NULL DEFAULT '''', -- its rows in target_run',
    ' targets   INTEGER NOT NULL DEFAULT 0, -- its rows in target_run
    origin    TEXT NOT NULL DEFAULT ''pull'' CHECK (origin IN (''pull'', ''history'', ''import'', ''decision'')),
    by        TEXT NOT NULL DEFAULT '''', -- who asked for an import or a decision
    reason    TEXT NOT NULL DEFAULT '''', -- why, in their words')
WHERE type = 'table' AND name = 'run';
UPDATE sqlite_schema
SET sql = replace(replace(sql,
    ' regions      INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0, decisions INTEGER NOT NULL DEFAULT 0, -- of those changed: its rows in region',
    ' regions      INTEGER NOT NULL DEFAULT 0, -- of those changed: its rows in region
    held         INTEGER NOT NULL DEFAULT 0, -- its rows in held
    decisions    INTEGER NOT NULL DEFAULT 0, -- its rows in decision'),
    'over its rows in fact, then over those in region, in their order',
    'over its rows in fact, region and held, what it closed of held, and its rows in decision, in their order')
WHERE type = 'table' AND name = 'delivery';
PRAGMA writable_schema = RESET;

-- A figure that the gate did not believe. It waits until a delivery closes it.
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

-- One figure of a kind waits at a time.
CREATE UNIQUE INDEX held_waiting ON held (indicator, period, region, dimensions) WHERE closing IS NULL;
CREATE INDEX held_by_region ON held (indicator, region, period);

-- What a person decided on a figure. Who, when and why is in its delivery's run.
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

CREATE UNIQUE INDEX decision_confirms ON decision (indicator, period, region, dimensions, revision) WHERE action = 'confirm';
CREATE INDEX decision_by_region ON decision (indicator, region, period);
CREATE INDEX decision_by_delivery ON decision (delivery);

-- What was refused that concerns this region?
CREATE INDEX rejection_by_region ON rejection (indicator, region);

DROP VIEW figure;
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

-- What waits for somebody to decide.
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

-- What was decided.
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

CREATE TRIGGER held_update BEFORE UPDATE ON held
WHEN OLD.closing IS NOT NULL OR NEW.closing IS NULL
    OR (NEW.id, NEW.delivery, NEW.indicator, NEW.period, NEW.region, NEW.dimensions, NEW.value, NEW.place, NEW.row,
        NEW.stage, NEW.reason_zh, NEW.reason_en)
    IS NOT (OLD.id, OLD.delivery, OLD.indicator, OLD.period, OLD.region, OLD.dimensions, OLD.value, OLD.place, OLD.row,
        OLD.stage, OLD.reason_zh, OLD.reason_en) BEGIN
    SELECT RAISE(ABORT, 'held figures are closed once, and otherwise never changed');
END;
CREATE TRIGGER held_delete BEFORE DELETE ON held BEGIN
    SELECT RAISE(ABORT, 'held figures are never deleted');
END;
CREATE TRIGGER decision_update BEFORE UPDATE ON decision BEGIN
    SELECT RAISE(ABORT, 'decisions are never changed: another one can follow');
END;
CREATE TRIGGER decision_delete BEFORE DELETE ON decision BEGIN
    SELECT RAISE(ABORT, 'decisions are never deleted');
END;
