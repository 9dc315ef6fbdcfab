package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// Commit takes a delivery: see ledger.Store.
//
// It sorts small entries that point to the facts, not the facts. What the
// ledger has for the delivered indicators and periods is read in ordered passes
// beside them, and what is new is written in that same order, which is the
// table's: pages are filled one after the other. Regions go the same way.
func (s *Store) Commit(ctx context.Context, d fact.Delivery) (fact.Committed, error) {
	c := commit{Delivery: d}
	err := s.write(ctx, fmt.Sprintf("commit what run %d delivered", d.Run), func(tx *sql.Tx) error {
		err := c.write(ctx, tx, s.now)
		if errors.Is(err, ledger.ErrConflict) {
			c.conflict = err
		}
		return err
	})
	switch {
	case c.conflict != nil: // for whoever decided, whom the ledger's file doesn't concern
		return fact.Committed{}, c.conflict
	case err != nil:
		return fact.Committed{}, err
	}
	return fact.Committed{Facts: c.takeFacts(), Regions: c.takeRegions(), Held: c.takeHeld(), Decisions: c.takeDecisions()}, nil
}

// commit is a delivery on its way into the ledger.
type commit struct {
	fact.Delivery
	run      fact.Run // the one that delivers: its origin, and who asked for it and why
	texts    *dictionaries
	id       int64 // of the delivery
	recorded int64
	facts    []entry
	regions  []regionEntry
	held     []entry // same: it waits already
	// decisions are in their order, byKey by their figures. waiting are the held
	// figures that wait from now on, closed those that no longer do.
	decisions []decision
	byKey     map[fact.Key]*decision
	waiting   []heldRow
	closed    []heldRow
	conflict  error
}

func (c *commit) write(ctx context.Context, tx *sql.Tx, now func() time.Time) (err error) {
	if c.run, err = openRun(ctx, tx, c.Run, c.Target); err != nil {
		return err
	}
	if c.texts, err = loadDictionaries(ctx, tx); err != nil {
		return err
	}
	if err := c.openDecisions(ctx, tx); err != nil {
		return err
	}
	if err := c.compareAll(ctx, tx); err != nil {
		return err
	}
	last, recorded, err := lastDelivery(ctx, tx)
	if err != nil {
		return err
	}
	if err := deleteRepeated(ctx, tx, &c.Delivery); err != nil {
		return err
	}
	c.id, c.recorded = last+1, max(recorded, now().UnixMilli())
	facts, sum, err := insertFacts(ctx, tx, c.texts, c.id, c.Facts, c.facts)
	if err != nil {
		return err
	}
	regions, err := insertRegions(ctx, tx, c.texts, c.id, c.Regions, c.regions, &sum)
	if err != nil {
		return err
	}
	if err := c.judge(ctx, tx, &sum); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO delivery (id, run, target, recorded, rows, accepted, changed, regions, rejected,
		held, decisions, query_digest, input_digest, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.id, c.Run, c.Target, c.recorded, c.Rows, len(c.Facts)+len(c.Regions), facts+regions, regions, len(c.Rejections),
		len(c.waiting), len(c.decisions), c.QueryDigest, c.InputDigest, int64(sum)); err != nil {
		return err
	}
	if err := c.insertJudged(ctx, tx); err != nil {
		return err
	}
	return insertRejections(ctx, tx, c.id, c.Rejections)
}

// compareAll makes the entries of what was delivered and compares them with what
// the ledger has.
func (c *commit) compareAll(ctx context.Context, tx *sql.Tx) (err error) {
	if c.facts, err = makeEntries(ctx, c.texts, "fact", c.Facts); err != nil {
		return err
	}
	if err := compareWithNewest(ctx, tx, c.Facts, c.facts); err != nil {
		return err
	}
	if c.regions, err = makeRegionEntries(c.Regions); err != nil {
		return err
	}
	if err := compareRegions(ctx, tx, c.Regions, c.regions); err != nil {
		return err
	}
	return c.makeHeldEntries(ctx)
}

// openRun returns the origin, name and reason of the run of a delivery. It
// refuses a run that isn't there, has ended, or has delivered the target already.
func openRun(ctx context.Context, tx *sql.Tx, id int64, target string) (fact.Run, error) {
	var (
		run       fact.Run
		origin    string
		delivered bool
	)
	err := tx.QueryRowContext(ctx, `SELECT outcome, origin, by, reason, EXISTS (SELECT 1 FROM delivery WHERE run = run.id AND target = ?)
		FROM run WHERE id = ?`, target, id).Scan(&run.Outcome, &origin, &run.By, &run.Reason, &delivered)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return run, fmt.Errorf("run %d: %w", id, ledger.ErrNotFound)
	case err != nil:
		return run, err
	case run.Outcome != fact.Running:
		return run, fmt.Errorf("run %d has ended (%s): begin another for this delivery", id, run.Outcome)
	case delivered:
		return run, fmt.Errorf("run %d has delivered its target %q already", id, target)
	}
	if run.Origin, err = fact.ParseOrigin(origin); err != nil {
		return run, fmt.Errorf("%w: run %d: %w", errDamaged, id, err)
	}
	return run, nil
}

// lastDelivery returns the id and time of the newest delivery; zero where there
// is none.
func lastDelivery(ctx context.Context, tx *sql.Tx) (id, recorded int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT id, recorded FROM delivery ORDER BY id DESC LIMIT 1").Scan(&id, &recorded)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, recorded, err
}

// entry is the key of one delivered fact, as the table has it.
type entry struct {
	region     int64
	indicator  int32
	period     int32
	dimensions int32
	// revision is the newest the ledger has, later the one to be written.
	revision int32
	index    int32 // of the fact in the delivery
	same     bool  // the newest revision has the delivered value already
}

func (e *entry) compare(f *entry) int {
	return cmp.Or(cmp.Compare(e.indicator, f.indicator), cmp.Compare(e.period, f.period),
		cmp.Compare(e.region, f.region), cmp.Compare(e.dimensions, f.dimensions))
}

// groups yields the entries of one indicator and period after the other.
func groups(entries []entry) iter.Seq[[]entry] {
	return func(yield func([]entry) bool) {
		for len(entries) > 0 {
			n := 1
			for n < len(entries) && entries[n].indicator == entries[0].indicator && entries[n].period == entries[0].period {
				n++
			}
			if !yield(entries[:n]) {
				return
			}
			entries = entries[n:]
		}
	}
}

// makeEntries validates the facts and returns their keys in the table's order.
// what they are is for errors.
func makeEntries(ctx context.Context, texts *dictionaries, what string, facts []fact.Fact) ([]entry, error) {
	entries := make([]entry, len(facts))
	for i := range facts {
		if err := makeEntry(ctx, texts, &facts[i], &entries[i]); err != nil {
			return nil, fmt.Errorf("%s %d of the delivery (%s): %w", what, i+1, describe(&facts[i]), err)
		}
		entries[i].index = int32(i)
	}
	compare := func(a, b entry) int { return a.compare(&b) }
	if !slices.IsSortedFunc(entries, compare) {
		slices.SortFunc(entries, compare)
	}
	for i := 1; i < len(entries); i++ {
		if a, b := &entries[i-1], &entries[i]; a.compare(b) == 0 {
			return nil, fmt.Errorf("the delivery has %s twice, as its %ss %d and %d: the gate lets one through",
				describe(&facts[a.index]), what, min(a.index, b.index)+1, max(a.index, b.index)+1)
		}
	}
	return entries, nil
}

func makeEntry(ctx context.Context, texts *dictionaries, f *fact.Fact, e *entry) (err error) {
	if math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
		return fmt.Errorf("its value is %v: only finite numbers can be kept", f.Value)
	}
	if f.Indicator == "" {
		return errors.New("it names no indicator")
	}
	if _, ok := fact.PeriodFromNumber(f.Period.Number()); !ok {
		return errors.New("it has no valid period")
	}
	if e.region, err = regionNumber(f.Region); err != nil {
		return err
	}
	if e.indicator, err = texts.indicators.id(f.Indicator); err != nil {
		return err
	}
	if e.dimensions, err = texts.dimensions.id(f.Dimensions); err != nil {
		return err
	}
	e.period = f.Period.Number()
	return texts.period(ctx, f.Period)
}

// factOf is the fact that a figure has a value, as far as that says it.
func factOf(key fact.Key, value float64, place fact.Place) fact.Fact {
	return fact.Fact{Indicator: key.Indicator, Region: key.Region, Dimensions: key.Dimensions, Period: key.Period, Value: value, Place: place}
}

func describe(f *fact.Fact) string {
	s := describeKey(f.Key())
	if f.Place != (fact.Place{}) {
		s += " at " + f.Place.String()
	}
	return s
}

func describeKey(k fact.Key) string {
	s := k.Indicator + " of region " + k.Region
	if k.Dimensions != "" {
		s += " {" + string(k.Dimensions) + "}"
	}
	return s + " for " + k.Period.String()
}

// takeFacts moves the facts that the ledger took to the front of the delivery's
// array, completes and returns them: a delivery may be large, and nobody needs
// the others.
func (c *commit) takeFacts() []fact.Fact {
	for i := range c.Facts {
		c.Facts[i].Revision = 0
	}
	for i := range c.facts {
		if e := &c.facts[i]; !e.same {
			c.Facts[e.index].Revision = e.revision
		}
	}
	changed := c.Facts[:0]
	for _, f := range c.Facts {
		if f.Revision == 0 {
			continue
		}
		f.Value += 0
		f.Recorded, f.Run, f.Origin = c.recorded, c.Run, c.run.Origin
		changed = append(changed, f)
	}
	return changed
}
