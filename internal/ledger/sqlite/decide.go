package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// decision is a decision on its way into the ledger.
type decision struct {
	fact.Decision
	key  entry
	held *heldRow // what is released or rejected
}

// conflict says to whoever decided why it can't be.
func (d *decision) conflict(format string, arguments ...any) error {
	return fmt.Errorf("%s: %w: %s", d, ledger.ErrConflict, fmt.Sprintf(format, arguments...))
}

// String names the decision.
func (d *decision) String() string {
	switch {
	case d.Action != fact.Release && d.Action != fact.Reject:
		return string(d.Action) + " " + describeKey(d.Key)
	case d.held == nil:
		return fmt.Sprintf("%s held figure %d", d.Action, d.Held)
	}
	return fmt.Sprintf("%s held figure %d, %s", d.Action, d.Held, describeKey(d.Key))
}

// openDecisions looks up what the decisions speak of, and adds what is released
// to the delivery's facts.
func (c *commit) openDecisions(ctx context.Context, tx *sql.Tx) error {
	c.decisions = make([]decision, len(c.Decisions))
	c.byKey = make(map[fact.Key]*decision, len(c.Decisions))
	var released []fact.Fact
	for i := range c.decisions {
		d := &c.decisions[i]
		d.Decision = c.Decisions[i]
		d.Run, d.By, d.Reason, d.Overruled = c.Run, c.run.By, c.run.Reason, fact.Optional{}
		if err := d.open(ctx, tx, c.texts); err != nil {
			return err
		}
		if c.byKey[d.Key] != nil {
			return fmt.Errorf("the delivery decides on %s twice: one decision at a time", describeKey(d.Key))
		}
		c.byKey[d.Key] = d
		if d.Action == fact.Release {
			released = append(released, factOf(d.Key, d.held.Value, d.held.Place))
		}
	}
	if len(released) > 0 {
		c.Facts = append(slices.Clip(c.Facts), released...) // what lies behind them is the caller's
	}
	return nil
}

// open validates one decision and finds the held figure that it names.
func (d *decision) open(ctx context.Context, tx *sql.Tx, texts *dictionaries) error {
	switch d.Action {
	case fact.Confirm, fact.Correct:
		f := factOf(d.Key, 0, fact.Place{})
		d.Held = 0
		if err := makeEntry(ctx, texts, &f, &d.key); err != nil {
			return fmt.Errorf("%s: %w", d, err)
		}
		return nil
	case fact.Release, fact.Reject:
	default:
		return fmt.Errorf("unknown decision %q: expected confirm, release, reject or correct", d.Action)
	}
	if err := eachHeld(ctx, tx, func(h *heldRow) error { d.held = h; return nil }, " AND held.id = ?", d.Held); err != nil {
		return err
	}
	switch {
	case d.held == nil:
		return d.conflict("there is no held figure of this number: look it up among those that wait")
	case d.Key != (fact.Key{}) && d.Key != d.held.Key:
		return d.conflict("held figure %d is %s: look the number up among those that wait", d.Held, describeKey(d.held.Key))
	}
	d.Key, d.key, d.Revision = d.held.Key, d.held.key, 0
	if d.held.Waits() {
		return nil
	}
	return d.explainClosed(ctx, tx)
}

// explainClosed says why the held figure doesn't wait any more.
func (d *decision) explainClosed(ctx context.Context, tx *sql.Tx) error {
	var (
		run int64
		by  string
	)
	if err := tx.QueryRowContext(ctx, `SELECT run.id, run.by FROM held JOIN delivery ON delivery.id = held.closed_by JOIN run ON run.id = delivery.run
		WHERE held.id = ?`, d.Held).Scan(&run, &by); err != nil {
		return err
	}
	switch d.held.Closing {
	case fact.BySource:
		return d.conflict("run %d has brought another figure in its place: decide on that one", run)
	case fact.ByCorrection:
		return d.conflict("%s has corrected the figure in run %d: look at what it is now", whom(by), run)
	}
	return d.conflict("%s has %s it in run %d: file a correction if that was wrong", whom(by), d.held.Closing, run)
}

func whom(by string) string {
	if by == "" {
		return "somebody"
	}
	return by
}

// decide takes the decisions, after the facts are written.
func (c *commit) decide(ctx context.Context, tx *sql.Tx) error {
	if len(c.decisions) == 0 {
		return nil
	}
	var last int64
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM decision").Scan(&last); err != nil {
		return err
	}
	newest, err := tx.PrepareContext(ctx, `SELECT revision, value FROM fact
		WHERE indicator = ? AND period = ? AND region = ? AND dimensions = ? ORDER BY revision DESC LIMIT 2`)
	if err != nil {
		return err
	}
	defer newest.Close()
	for i := range c.decisions {
		d := &c.decisions[i]
		d.ID, d.Recorded = last+1+int64(i), c.recorded
		revisions, err := newestRevisions(ctx, newest, &d.key)
		if err != nil {
			return err
		}
		if err := c.take(ctx, tx, d, revisions); err != nil {
			return err
		}
	}
	return nil
}

// revision is one of the newest of a figure.
type revision struct {
	number int32
	value  float64
}

func newestRevisions(ctx context.Context, newest *sql.Stmt, key *entry) ([]revision, error) {
	rows, err := newest.QueryContext(ctx, key.indicator, key.period, key.region, key.dimensions)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []revision
	for rows.Next() {
		var r revision
		if err := rows.Scan(&r.number, &r.value); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// take completes one decision, or says why it can't be taken. revisions are the
// two newest of its figure, after the delivery.
func (c *commit) take(ctx context.Context, tx *sql.Tx, d *decision, revisions []revision) error {
	delivered := find(c.facts, &d.key)
	switch d.Action {
	case fact.Confirm:
		return d.confirm(ctx, tx, revisions)
	case fact.Release:
		d.Revision = revisions[0].number
	case fact.Reject:
		if delivered != nil {
			return fmt.Errorf("%s: the delivery brings a figure in its place: there is nothing to reject", d)
		}
		d.Overruled = fact.Some(d.held.Value)
	case fact.Correct:
		switch {
		case delivered == nil:
			return fmt.Errorf("%s: the delivery doesn't have the right figure: deliver it together with the decision", d)
		case delivered.same:
			return c.alreadySo(d, revisions[0])
		}
		d.Revision = revisions[0].number
		if len(revisions) > 1 {
			d.Overruled = fact.Some(revisions[1].value)
		}
	}
	return nil
}

// alreadySo refuses a correction to what the figure is.
func (c *commit) alreadySo(d *decision, is revision) error {
	for i := range c.closed {
		if h := &c.closed[i]; h.Key == d.Key {
			return d.conflict("the figure is %s already, and held figure %d (%s) waits in its place: reject that one instead",
				number(is.value), h.ID, number(h.Value))
		}
	}
	return d.conflict("the figure is %s already: file another value, or confirm this one", number(is.value))
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (d *decision) confirm(ctx context.Context, tx *sql.Tx, revisions []revision) error {
	if len(revisions) == 0 {
		return d.conflict("the ledger has no such figure: check the indicator, the region and the period")
	}
	is := revisions[0]
	if d.Revision == 0 {
		d.Revision = is.number
	}
	if d.Revision != is.number {
		return d.conflict("its newest revision is %d (%s), not %d: look at that, then confirm it", is.number, number(is.value), d.Revision)
	}
	var (
		run int64
		by  string
	)
	err := tx.QueryRowContext(ctx, `SELECT run.id, run.by FROM decision JOIN delivery ON delivery.id = decision.delivery JOIN run ON run.id = delivery.run
		WHERE action = 'confirm' AND indicator = ? AND period = ? AND region = ? AND dimensions = ? AND revision = ?`,
		d.key.indicator, d.key.period, d.key.region, d.key.dimensions, d.Revision).Scan(&run, &by)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return d.conflict("%s has confirmed its revision %d (%s) in run %d already: there is nothing left to do", whom(by), d.Revision, number(is.value), run)
}

func (c *commit) insertDecisions(ctx context.Context, tx *sql.Tx) error {
	into := newBulk(tx, "decision", []string{"delivery"}, []string{"id", "action", "indicator", "period", "region", "dimensions",
		"revision", "held", "overruled"})
	if err := into.share(ctx, c.id); err != nil {
		return err
	}
	for i := range c.decisions {
		d := &c.decisions[i]
		var revision, held, overruled any
		if d.Revision != 0 {
			revision = int64(d.Revision)
		}
		if d.Held != 0 {
			held = d.Held
		}
		if d.Overruled.OK {
			overruled = d.Overruled.Value
		}
		if err := into.row(ctx, d.ID, string(d.Action), int64(d.key.indicator), int64(d.key.period), d.key.region, int64(d.key.dimensions),
			revision, held, overruled); err != nil {
			return err
		}
	}
	return into.flush(ctx)
}

func (c *commit) takeDecisions() []fact.Decision {
	var list []fact.Decision
	for i := range c.decisions {
		list = append(list, c.decisions[i].Decision)
	}
	return list
}
