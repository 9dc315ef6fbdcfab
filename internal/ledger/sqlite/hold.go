package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// makeHeldEntries validates the held figures of the delivery and makes their
// keys.
func (c *commit) makeHeldEntries(ctx context.Context) (err error) {
	if len(c.Held) == 0 {
		return nil
	}
	figures := make([]fact.Fact, len(c.Held))
	for i := range c.Held {
		h := &c.Held[i]
		figures[i] = factOf(h.Key, h.Value, h.Place)
	}
	if c.held, err = makeEntries(ctx, c.texts, "held figure", figures); err != nil {
		return err
	}
	for i := range c.held {
		e := &c.held[i]
		switch key := c.Held[e.index].Key; {
		case find(c.facts, e) != nil:
			return fmt.Errorf("the delivery has %s as a fact and as a held figure: the gate lets one through", describeKey(key))
		case c.byKey[key] != nil:
			return fmt.Errorf("the delivery holds %s and decides on it: decide when it waits", describeKey(key))
		}
	}
	return nil
}

// find returns the entry with the key of another, or nil.
func find(entries []entry, key *entry) *entry {
	i, found := slices.BinarySearchFunc(entries, key, func(e entry, key *entry) int { return e.compare(key) })
	if !found {
		return nil
	}
	return &entries[i]
}

// judge settles what becomes of held figures and takes the decisions, after the
// facts are written. It goes on with the delivery's checksum; the delivery comes
// before the rows that refer to it.
func (c *commit) judge(ctx context.Context, tx *sql.Tx, sum *checksum) error {
	if err := c.closeWaiting(ctx, tx); err != nil {
		return err
	}
	if err := c.hold(ctx, tx); err != nil {
		return err
	}
	if err := c.decide(ctx, tx); err != nil {
		return err
	}
	for i := range c.waiting {
		sum.addHeld(&c.waiting[i])
	}
	for i := range c.closed {
		sum.addClosing(c.closed[i].ID, c.closed[i].Closing)
	}
	for i := range c.decisions {
		sum.addDecision(&c.decisions[i])
	}
	return nil
}

// closeWaiting finds what no longer waits: figures that the delivery brings as
// facts or with another value, and those that it rejects. Mostly nothing waits,
// and then nothing is read.
func (c *commit) closeWaiting(ctx context.Context, tx *sql.Tx) error {
	var waits bool
	if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM held WHERE closing IS NULL)").Scan(&waits); err != nil || !waits {
		return err
	}
	if err := eachWaiting(ctx, tx, c.facts, func(_ *entry, h *heldRow) { c.close(h, c.closing(h.Key)) }); err != nil {
		return err
	}
	if err := eachWaiting(ctx, tx, c.held, func(e *entry, h *heldRow) {
		if e.same = h.Value == c.Held[e.index].Value; !e.same {
			c.close(h, fact.BySource)
		}
	}); err != nil {
		return err
	}
	for i := range c.decisions {
		if d := &c.decisions[i]; d.Action == fact.Reject {
			c.close(d.held, fact.ByReject)
		}
	}
	slices.SortFunc(c.closed, func(a, b heldRow) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

func (c *commit) close(h *heldRow, closing fact.Closing) {
	closed := *h
	closed.Closed, closed.Closing = c.recorded, closing
	c.closed = append(c.closed, closed)
}

// closing says how a held figure is closed by a fact of its key.
func (c *commit) closing(key fact.Key) fact.Closing {
	switch d := c.byKey[key]; {
	case d != nil && d.Action == fact.Release:
		return fact.ByRelease
	case d != nil && d.Action == fact.Correct:
		return fact.ByCorrection
	}
	return fact.BySource
}

// eachWaiting calls each for every waiting figure that has the key of an entry,
// in one pass for each indicator and period.
func eachWaiting(ctx context.Context, tx *sql.Tx, entries []entry, each func(*entry, *heldRow)) error {
	for group := range groups(entries) {
		first, last := &group[0], &group[len(group)-1]
		if err := eachHeld(ctx, tx, func(h *heldRow) error {
			if e := find(group, &h.key); e != nil {
				each(e, h)
			}
			return nil
		}, waitingWithin, first.indicator, first.period, first.region, last.region); err != nil {
			return err
		}
	}
	return nil
}

const waitingWithin = " AND held.closing IS NULL AND held.indicator = ? AND held.period = ? AND held.region BETWEEN ? AND ?"

// hold makes the rows of what waits from now on, in the delivery's order.
func (c *commit) hold(ctx context.Context, tx *sql.Tx) error {
	if len(c.held) == 0 {
		return nil
	}
	var id int64
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM held").Scan(&id); err != nil {
		return err
	}
	entries := make([]*entry, len(c.Held))
	for i := range c.held {
		entries[c.held[i].index] = &c.held[i]
	}
	for i, e := range entries {
		if e.same {
			continue
		}
		id++
		h := heldRow{HeldFact: c.Held[i], key: *e}
		h.ID, h.Run, h.Recorded, h.Closed, h.Closing = id, c.Run, c.recorded, 0, ""
		h.Value += 0 // -0 becomes 0
		var err error
		if h.place, err = c.texts.places.id(placeKey{part: h.Place.Part, field: h.Place.Field}); err != nil {
			return err
		}
		c.waiting = append(c.waiting, h)
	}
	return nil
}

// insertJudged writes what judge settled. A figure is closed before another of
// its key begins to wait.
func (c *commit) insertJudged(ctx context.Context, tx *sql.Tx) error {
	for i := range c.closed {
		h := &c.closed[i]
		if _, err := tx.ExecContext(ctx, "UPDATE held SET closing = ?, closed_by = ? WHERE id = ?", h.Closing, c.id, h.ID); err != nil {
			return err
		}
	}
	into := newBulk(tx, "held", []string{"delivery"}, []string{"id", "indicator", "period", "region", "dimensions", "value",
		"place", "row", "stage", "reason_zh", "reason_en"})
	if err := into.share(ctx, c.id); err != nil {
		return err
	}
	for i := range c.waiting {
		h := &c.waiting[i]
		if err := into.row(ctx, h.ID, int64(h.key.indicator), int64(h.key.period), h.key.region, int64(h.key.dimensions), h.Value,
			int64(h.place), int64(h.Place.Row), h.Stage, h.Reason.ZH, h.Reason.EN); err != nil {
			return err
		}
	}
	if err := into.flush(ctx); err != nil {
		return err
	}
	return c.insertDecisions(ctx, tx)
}

// takeHeld returns the figures that no longer wait, then those that now do.
func (c *commit) takeHeld() []fact.HeldFact {
	var list []fact.HeldFact
	for _, rows := range [][]heldRow{c.closed, c.waiting} {
		for i := range rows {
			list = append(list, rows[i].HeldFact)
		}
	}
	return list
}
