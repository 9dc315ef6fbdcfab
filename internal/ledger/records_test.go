package ledger_test

import (
	"context"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// records is a store of what was committed.
type records []fact.Committed

func (r records) Facts(_ context.Context, q ledger.FactQuery, each func(fact.Fact) error) error {
	if !q.AllRevisions {
		return fmt.Errorf("asked for %+v; want all revisions", q)
	}
	for _, c := range r {
		for _, f := range c.Facts {
			if !slices.Contains(q.Indicators, f.Indicator) || q.Region != "" && q.Region != f.Region {
				continue
			}
			if q.From != (fact.Period{}) && (f.Period.Compare(q.From) < 0 || f.Period.Compare(q.To) > 0) {
				continue
			}
			if err := each(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r records) Decisions(_ context.Context, q ledger.DecisionQuery) ([]fact.Decision, error) {
	var list []fact.Decision
	for _, c := range r {
		for _, d := range c.Decisions {
			if q.Indicator == "" || q.Indicator == d.Indicator {
				list = append(list, d)
			}
		}
	}
	slices.Reverse(list)
	return list, nil
}

// Held returns each as it is now, the newest first.
func (r records) Held(context.Context, ledger.HeldQuery) ([]fact.HeldFact, error) {
	var list []fact.HeldFact
	for _, c := range r {
		for _, h := range c.Held {
			list = slices.DeleteFunc(list, func(known fact.HeldFact) bool { return known.ID == h.ID })
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b fact.HeldFact) int { return int(b.ID - a.ID) })
	return list, nil
}

// writer makes up a ledger, commit by commit, as a store would number and record
// it.
type writer struct {
	now       int64
	revisions map[fact.Key][]fact.Fact
	confirmed map[fact.Key]int32
	waiting   map[fact.Key]fact.HeldFact
	held      int64
	decisions int64
	records   records
}

func newWriter() *writer {
	return &writer{
		now: 1_000, revisions: map[fact.Key][]fact.Fact{}, confirmed: map[fact.Key]int32{}, waiting: map[fact.Key]fact.HeldFact{},
	}
}

var indicators = []string{"grids", "volunteers", "unfollowed"}

// drawKey chooses among a few figures, so that much happens to each of them.
func drawKey(t *rapid.T) fact.Key {
	december := period("2025-12")
	return rapid.SampledFrom([]fact.Key{
		{Indicator: "grids", Region: "360603", Period: december},
		{Indicator: "grids", Region: "360603", Period: period("2025-11")},
		{Indicator: "grids", Region: "360603", Period: december, Dimensions: "sex=female"},
		{Indicator: "grids", Region: "360602", Period: december},
		{Indicator: "volunteers", Region: "360603", Period: december},
		{Indicator: "volunteers", Region: "360603", Period: period("2025-Q4")},
		{Indicator: "unfollowed", Region: "360603", Period: december},
	}).Draw(t, "figure")
}

// values are few, so that they come back.
func drawValue(t *rapid.T) float64 { return float64(rapid.IntRange(0, 3).Draw(t, "value")) }

// commit makes up one delivery of what can happen.
func (w *writer) commit(t *rapid.T) {
	var c fact.Committed
	w.now++ // no two decisions on one figure within a millisecond
	touched := map[fact.Key]bool{}
	for range rapid.IntRange(1, 4).Draw(t, "changes") {
		key := drawKey(t)
		if touched[key] {
			continue
		}
		touched[key] = true
		switch rapid.SampledFrom([]string{"pull", "pull", "hold", "confirm", "correct", "release", "reject"}).Draw(t, "change") {
		case "pull":
			w.fact(&c, key, drawValue(t), fact.Pulled, fact.BySource)
		case "hold":
			w.hold(&c, key, drawValue(t))
		case "confirm":
			w.confirm(&c, key)
		case "correct":
			w.correct(&c, key, drawValue(t))
		case "release", "reject":
			w.judge(&c, key, rapid.Bool().Draw(t, "believed"))
		}
	}
	w.records = append(w.records, c)
}

func (w *writer) newest(key fact.Key) (fact.Fact, bool) {
	all := w.revisions[key]
	if len(all) == 0 {
		return fact.Fact{}, false
	}
	return all[len(all)-1], true
}

func (w *writer) fact(c *fact.Committed, key fact.Key, value float64, origin fact.Origin, closing fact.Closing) (changed bool) {
	w.close(c, key, closing)
	newest, ok := w.newest(key)
	if ok && newest.Value == value {
		return false
	}
	f := fact.Fact{
		Indicator: key.Indicator, Region: key.Region, Dimensions: key.Dimensions, Period: key.Period,
		Value: value, Revision: newest.Revision + 1, Origin: origin, Recorded: w.now,
	}
	w.revisions[key] = append(w.revisions[key], f)
	c.Facts = append(c.Facts, f)
	return true
}

func (w *writer) hold(c *fact.Committed, key fact.Key, value float64) {
	if waiting, ok := w.waiting[key]; ok && waiting.Value == value {
		return
	}
	w.close(c, key, fact.BySource)
	w.held++
	h := fact.HeldFact{ID: w.held, Key: key, Value: value, Stage: "step-plausible", Recorded: w.now}
	w.waiting[key] = h
	c.Held = append(c.Held, h)
}

func (w *writer) close(c *fact.Committed, key fact.Key, closing fact.Closing) {
	h, ok := w.waiting[key]
	if !ok {
		return
	}
	delete(w.waiting, key)
	h.Closed, h.Closing = w.now, closing
	c.Held = append(c.Held, h)
}

func (w *writer) decide(c *fact.Committed, d fact.Decision) {
	w.decisions++
	d.ID, d.By, d.Recorded = w.decisions, "李芳", w.now
	c.Decisions = append(c.Decisions, d)
}

func (w *writer) confirm(c *fact.Committed, key fact.Key) {
	newest, ok := w.newest(key)
	if !ok || w.confirmed[key] == newest.Revision {
		return
	}
	w.confirmed[key] = newest.Revision
	w.decide(c, fact.Decision{Key: key, Action: fact.Confirm, Revision: newest.Revision})
}

func (w *writer) correct(c *fact.Committed, key fact.Key, value float64) {
	before, known := w.newest(key)
	if known && before.Value == value {
		return
	}
	w.fact(c, key, value, fact.Decided, fact.ByCorrection)
	d := fact.Decision{Key: key, Action: fact.Correct, Revision: before.Revision + 1}
	if known {
		d.Overruled = fact.Some(before.Value)
	}
	w.decide(c, d)
}

// judge releases or rejects what waits.
func (w *writer) judge(c *fact.Committed, key fact.Key, believed bool) {
	h, ok := w.waiting[key]
	if !ok {
		return
	}
	d := fact.Decision{Key: key, Held: h.ID, Action: fact.Reject, Overruled: fact.Some(h.Value)}
	if believed {
		w.fact(c, key, h.Value, fact.Decided, fact.ByRelease)
		newest, _ := w.newest(key)
		d = fact.Decision{Key: key, Held: h.ID, Action: fact.Release, Revision: newest.Revision}
	} else {
		w.close(c, key, fact.ByReject)
	}
	w.decide(c, d)
}

// drawRecords makes up a ledger.
func drawRecords(t *rapid.T) records {
	w := newWriter()
	for range rapid.IntRange(0, 40).Draw(t, "commits") {
		w.commit(t)
	}
	return w.records
}

// drawArrival is the records in some order of arrival, each at least once.
func drawArrival(t *rapid.T, all records) records {
	again := rapid.SliceOfN(rapid.IntRange(0, max(0, len(all)-1)), 0, min(len(all), 5)).Draw(t, "again")
	order := slices.Clone(all)
	for _, i := range again {
		order = append(order, all[i])
	}
	return rapid.Permutation(order).Draw(t, "arrival")
}
