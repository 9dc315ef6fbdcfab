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
		return c.write(ctx, tx, s.now)
	})
	if err != nil {
		return fact.Committed{}, err
	}
	return fact.Committed{Facts: c.takeFacts(), Regions: c.takeRegions()}, nil
}

// commit is a delivery on its way into the ledger.
type commit struct {
	fact.Delivery
	facts    []entry
	regions  []regionEntry
	recorded int64
}

func (c *commit) write(ctx context.Context, tx *sql.Tx, now func() time.Time) error {
	if err := checkOpen(ctx, tx, c.Run, c.Target); err != nil {
		return err
	}
	texts, err := loadDictionaries(ctx, tx)
	if err != nil {
		return err
	}
	if c.facts, err = makeEntries(ctx, texts, c.Facts); err != nil {
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
	delivery, last, err := lastDelivery(ctx, tx)
	if err != nil {
		return err
	}
	delivery++
	if err := deleteRepeated(ctx, tx, &c.Delivery); err != nil {
		return err
	}
	c.recorded = max(last, now().UnixMilli())
	facts, sum, err := insertFacts(ctx, tx, texts, delivery, c.Facts, c.facts)
	if err != nil {
		return err
	}
	regions, err := insertRegions(ctx, tx, texts, delivery, c.Regions, c.regions, &sum)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO delivery (id, run, target, recorded, rows, accepted, changed, regions, rejected,
		query_digest, input_digest, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		delivery, c.Run, c.Target, c.recorded, c.Rows, len(c.Facts)+len(c.Regions), facts+regions, regions, len(c.Rejections),
		c.QueryDigest, c.InputDigest, int64(sum)); err != nil {
		return err
	}
	return insertRejections(ctx, tx, delivery, c.Rejections)
}

// checkOpen refuses a delivery of a run that isn't there, has ended, or has
// delivered the target already.
func checkOpen(ctx context.Context, tx *sql.Tx, run int64, target string) error {
	var (
		outcome   fact.Outcome
		delivered bool
	)
	err := tx.QueryRowContext(ctx, `SELECT outcome, EXISTS (SELECT 1 FROM delivery WHERE run = run.id AND target = ?) FROM run WHERE id = ?`,
		target, run).Scan(&outcome, &delivered)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("run %d: %w", run, ledger.ErrNotFound)
	case err != nil:
		return err
	case outcome != fact.Running:
		return fmt.Errorf("run %d has ended (%s): begin another for this delivery", run, outcome)
	case delivered:
		return fmt.Errorf("run %d has delivered its target %q already", run, target)
	}
	return nil
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
func makeEntries(ctx context.Context, texts *dictionaries, facts []fact.Fact) ([]entry, error) {
	entries := make([]entry, len(facts))
	for i := range facts {
		if err := makeEntry(ctx, texts, &facts[i], &entries[i]); err != nil {
			return nil, fmt.Errorf("fact %d of the delivery (%s): %w", i+1, describe(&facts[i]), err)
		}
		entries[i].index = int32(i)
	}
	compare := func(a, b entry) int { return a.compare(&b) }
	if !slices.IsSortedFunc(entries, compare) {
		slices.SortFunc(entries, compare)
	}
	for i := 1; i < len(entries); i++ {
		if a, b := &entries[i-1], &entries[i]; a.compare(b) == 0 {
			return nil, fmt.Errorf("the delivery has %s twice, as its facts %d and %d: the gate lets one through",
				describe(&facts[a.index]), min(a.index, b.index)+1, max(a.index, b.index)+1)
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

func describe(f *fact.Fact) string {
	s := f.Indicator + " of region " + f.Region
	if f.Dimensions != "" {
		s += " {" + string(f.Dimensions) + "}"
	}
	if s += " for " + f.Period.String(); f.Place != (fact.Place{}) {
		s += " at " + f.Place.String()
	}
	return s
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
		f.Recorded, f.Run = c.recorded, c.Run
		changed = append(changed, f)
	}
	return changed
}
