package sqlite

import (
	"context"
	"database/sql"
	"math"

	"github.com/govkpi/govkpi/internal/fact"
)

// held reads the held figures by id. That they refer to what is there has been
// checked with the other references.
func (c *checker) held(ctx context.Context) error {
	var last int64
	return c.each(ctx, func(rows *sql.Rows) error {
		var (
			h                 checkedHeld
			closing           sql.NullString
			decided, overlook bool
		)
		if err := rows.Scan(&h.ID, &h.delivery, &h.key.indicator, &h.key.period, &h.key.region, &h.key.dimensions, &h.Value, &h.place,
			&h.Place.Row, &h.Stage, &h.Reason.ZH, &h.Reason.EN, &closing, &h.closedBy, &decided, &overlook); err != nil {
			return err
		}
		c.inOrder("held figures", &last, h.ID)
		h.Closing = fact.Closing(closing.String)
		c.heldFigure(&h, decided, overlook)
		return nil
	}, `SELECT id, delivery, indicator, period, region, dimensions, value, place, row, stage, reason_zh, reason_en, closing, closed_by,
			closing IS NULL OR closing = 'superseded' OR EXISTS (SELECT 1 FROM decision
				WHERE decision.delivery = held.closed_by AND decision.indicator = held.indicator AND decision.period = held.period
					AND decision.region = held.region AND decision.dimensions = held.dimensions
					AND action = CASE closing WHEN 'released' THEN 'release' WHEN 'rejected' THEN 'reject' ELSE 'correct' END
					AND (decision.held IS NULL OR decision.held = held.id)),
			EXISTS (SELECT 1 FROM fact
				WHERE fact.indicator = held.indicator AND fact.period = held.period AND fact.region = held.region
					AND fact.dimensions = held.dimensions AND fact.delivery > held.delivery
					AND (held.closed_by IS NULL OR fact.delivery < held.closed_by))
		FROM held ORDER BY id`)
}

// checkedHeld is a row of the table held.
type checkedHeld struct {
	heldRow
	delivery int64
	closedBy sql.NullInt64
}

// heldFigure checks one held figure, and counts it for its delivery. decided
// tells that a decision closed it where one must have, overlook that a fact of
// the figure came while it waited.
func (c *checker) heldFigure(h *checkedHeld, decided, overlook bool) {
	name := c.nameKey(&h.key)
	switch {
	case !validCode(h.key.region):
		c.found.add("held figure %d, %s, has no valid region code", h.ID, name)
	case math.IsInf(h.Value, 0):
		c.found.add("held figure %d, %s, has the value %v", h.ID, name, h.Value)
	case h.closedBy.Valid && h.closedBy.Int64 <= h.delivery:
		c.found.add("held figure %d, %s, was %s by delivery %d, before it was held", h.ID, name, h.Closing, h.closedBy.Int64)
	case !decided:
		c.found.add("held figure %d, %s, was %s by delivery %d, which has no such decision", h.ID, name, h.Closing, h.closedBy.Int64)
	case overlook:
		c.found.add("held figure %d, %s, waited on when a later delivery brought a fact of it", h.ID, name)
	}
	d, known := c.deliveries[h.delivery]
	if !known {
		c.found.add("held figure %d, %s, belongs to delivery %d, which is missing", h.ID, name, h.delivery)
		return
	}
	d.is.held++
	d.is.checksum.addHeld(&h.heldRow)
}

// closings reads how held figures were closed, which belongs to the deliveries
// that closed them.
func (c *checker) closings(ctx context.Context) error {
	return c.each(ctx, func(rows *sql.Rows) error {
		var (
			id, delivery int64
			closing      fact.Closing
		)
		if err := rows.Scan(&id, &delivery, &closing); err != nil {
			return err
		}
		if d, known := c.deliveries[delivery]; known { // else a missing reference
			d.is.checksum.addClosing(id, closing)
		}
		return nil
	}, "SELECT id, closed_by, closing FROM held WHERE closing IS NOT NULL ORDER BY id")
}

// checkedDecision is a row of the table decision, with what it speaks of.
type checkedDecision struct {
	decision
	delivery int64
	figure   struct { // the held one, of the same key
		id       sql.NullInt64
		value    sql.NullFloat64
		closing  sql.NullString
		closedBy sql.NullInt64
	}
	made, before struct { // the revision that it speaks of, and the one before
		value    sql.NullFloat64
		delivery sql.NullInt64
	}
}

// decisions reads the decisions by id.
func (c *checker) decisions(ctx context.Context) error {
	var last int64
	return c.each(ctx, func(rows *sql.Rows) error {
		var (
			d              checkedDecision
			revision, held sql.NullInt64
			overruled      sql.NullFloat64
			by, reason     sql.NullString // NULL where the delivery or its run is missing
		)
		if err := rows.Scan(&d.ID, &d.delivery, &d.Action, &d.key.indicator, &d.key.period, &d.key.region, &d.key.dimensions, &revision, &held,
			&overruled, &by, &reason, &d.figure.id, &d.figure.value, &d.figure.closing, &d.figure.closedBy,
			&d.made.value, &d.made.delivery, &d.before.value); err != nil {
			return err
		}
		c.inOrder("decisions", &last, d.ID)
		d.Revision, d.Held, d.By, d.Reason = int32(revision.Int64), held.Int64, by.String, reason.String
		d.Overruled = fact.Optional{Value: overruled.Float64, OK: overruled.Valid}
		c.decision(&d)
		return nil
	}, `SELECT decision.id, decision.delivery, action, decision.indicator, decision.period, decision.region, decision.dimensions,
			decision.revision, decision.held, overruled, run.by, run.reason, figure.id, figure.value, figure.closing, figure.closed_by,
			made.value, made.delivery, before.value
		FROM decision LEFT JOIN delivery ON delivery.id = decision.delivery LEFT JOIN run ON run.id = delivery.run
			LEFT JOIN held AS figure ON figure.id = decision.held AND figure.indicator = decision.indicator
				AND figure.period = decision.period AND figure.region = decision.region AND figure.dimensions = decision.dimensions
			LEFT JOIN fact AS made ON made.indicator = decision.indicator AND made.period = decision.period
				AND made.region = decision.region AND made.dimensions = decision.dimensions AND made.revision = decision.revision
			LEFT JOIN fact AS before ON before.indicator = decision.indicator AND before.period = decision.period
				AND before.region = decision.region AND before.dimensions = decision.dimensions AND before.revision = decision.revision - 1
		ORDER BY decision.id`)
}

// decision checks one decision, and counts it for its delivery.
func (c *checker) decision(d *checkedDecision) {
	if fault := d.fault(); fault != "" {
		c.found.add("decision %d (%s %s) %s", d.ID, d.Action, c.nameKey(&d.key), fault)
	}
	delivery, known := c.deliveries[d.delivery]
	if !known {
		c.found.add("decision %d belongs to delivery %d, which is missing", d.ID, d.delivery)
		return
	}
	delivery.is.decisions++
	delivery.is.checksum.addDecision(&d.decision)
}

// fault says what of a decision doesn't fit the rest of the ledger.
func (d *checkedDecision) fault() string {
	var overruled sql.NullFloat64 // what it must be
	switch d.Action {
	case fact.Reject:
		overruled = d.figure.value
	case fact.Correct:
		overruled = d.before.value
	}
	closing := map[fact.Action]fact.Closing{fact.Release: fact.ByRelease, fact.Reject: fact.ByReject}[d.Action]
	switch {
	case closing != "" && !d.figure.id.Valid:
		return "speaks of a held figure that is another's or missing"
	case closing != "" && (d.figure.closing.String != string(closing) || d.figure.closedBy.Int64 != d.delivery):
		return "didn't close the held figure that it names"
	case d.Action != fact.Reject && !d.made.value.Valid:
		return "speaks of a revision that is missing"
	case d.made.delivery.Int64 > d.delivery:
		return "was taken before the revision that it speaks of"
	case d.Action == fact.Correct && d.made.delivery.Int64 != d.delivery:
		return "corrected nothing"
	case d.Action == fact.Release && d.made.value != d.figure.value:
		return "made another value of the held one"
	case d.Overruled != fact.Optional{Value: overruled.Float64, OK: overruled.Valid}:
		return "overruled another value than the ledger has"
	}
	return ""
}
