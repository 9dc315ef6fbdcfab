package ledgertest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func knownTests() tests {
	return tests{
		"a query of what was known by a time sees nothing later":          knownBy,
		"a register that was known by a time has its entries of then":     knownRegisters,
		"what was known at any time is what the ledger told at that time": knownProperty,
	}
}

func knownBy(t *testing.T, h *harness) {
	begun := h.clock.Now()
	for i := range 3 { // at 0, 1 and 2 hours
		h.deliver(t, grids("360603", "2025-12", float64(i+1)), grids("360681", "2025-12", 9))
		h.clock.advance(time.Hour)
	}
	h.deliver(t, grids("360682", "2025-12", 7)) // at 3
	for name, c := range map[string]struct {
		at     time.Time
		newest []float64
		all    []float64
	}{
		"before all":             {begun.Add(-time.Millisecond), nil, nil},
		"at the first":           {begun, []float64{1, 9}, []float64{1, 9}},
		"just before the second": {begun.Add(time.Hour - time.Nanosecond), []float64{1, 9}, []float64{1, 9}},
		"at the second":          {begun.Add(time.Hour), []float64{2, 9}, []float64{1, 2, 9}},
		"before the last":        {begun.Add(150 * time.Minute), []float64{3, 9}, []float64{1, 2, 3, 9}},
		"after all":              {begun.Add(1000 * time.Hour), []float64{3, 9, 7}, []float64{1, 2, 3, 9, 7}},
		"elsewhere on Earth":     {begun.Add(time.Hour).In(time.FixedZone("CST", 8*3600)), []float64{2, 9}, []float64{1, 2, 9}},
		"at any time":            {time.Time{}, []float64{3, 9, 7}, []float64{1, 2, 3, 9, 7}},
	} {
		t.Run(name, func(t *testing.T) {
			for all, want := range map[bool][]float64{false: c.newest, true: c.all} {
				var got []float64
				for _, f := range h.facts(t, ledger.FactQuery{KnownBy: c.at, AllRevisions: all}) {
					got = append(got, f.Value)
				}
				same(t, fmt.Sprintf("values, all revisions: %v", all), got, want)
			}
		})
	}
}

// knownProperty delivers, holds and decides at random. The iterations share one
// ledger, which is checked in the end; each has an indicator of its own.
func knownProperty(t *testing.T, h *harness) {
	pull, err := h.Begin(t.Context(), fact.Run{Collector: "property", Start: h.clock.Now()})
	if err != nil {
		t.Fatal(err)
	}
	people, err := h.Begin(t.Context(), fact.Run{Collector: "correct", Start: h.clock.Now(), Origin: fact.Decided, By: "张三", Reason: "核对"})
	if err != nil {
		t.Fatal(err)
	}
	iteration := 0
	rapid.Check(t, func(rt *rapid.T) {
		iteration++
		w := &walk{T: rt, h: h, t: t, pull: pull, people: people, indicator: fmt.Sprintf("indicator-%d", iteration), told: map[time.Time]told{}}
		for _, region := range []string{"360603", "360681"} {
			for _, period := range []string{"2025-11", "2025-12"} {
				key := keyOf(region, period)
				key.Indicator = w.indicator
				w.figures = append(w.figures, &figure{key: key})
			}
		}
		h.clock.advance(time.Millisecond)
		before := h.clock.Now().Add(-time.Millisecond)
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			h.clock.advance(time.Duration(rapid.IntRange(0, 2).Draw(rt, "ms")) * time.Millisecond)
			if rapid.Bool().Draw(rt, "decide") {
				w.decide()
			} else {
				w.deliver()
			}
			now := w.ask(time.Time{})
			w.compare(now.newest)
			w.told[h.clock.Now()] = now
		}
		w.told[before] = told{}
		for at, then := range w.told {
			w.same(fmt.Sprintf("known by %s", at), w.ask(at), then)
		}
	})
}

// walk is one random walk through a ledger, and what it must have come to.
type walk struct {
	*rapid.T
	h            *harness
	t            *testing.T
	pull, people int64
	indicator    string
	targets      int
	figures      []*figure
	told         map[time.Time]told
}

// figure is what the ledger must know of one figure.
type figure struct {
	key                 fact.Key
	revision, confirmed int32
	value               float64
	waiting             fact.Optional
}

// told is what a ledger said of the walk's indicator.
type told struct{ newest, all []fact.Fact }

func (w *walk) ask(at time.Time) (answer told) {
	for _, q := range []struct {
		all  bool
		into *[]fact.Fact
	}{{false, &answer.newest}, {true, &answer.all}} {
		query := ledger.FactQuery{Indicators: []string{w.indicator}, AllRevisions: q.all, KnownBy: at}
		if err := w.h.Facts(w.t.Context(), query, func(f fact.Fact) error { *q.into = append(*q.into, f); return nil }); err != nil {
			w.Fatalf("Facts: %v", err)
		}
	}
	return answer
}

func (w *walk) same(what string, got, want any) {
	if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(told{}), cmpopts.EquateComparable(fact.Period{}), cmpopts.EquateEmpty()); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (w *walk) commit(d fact.Delivery) error {
	w.targets++
	d.Target = fmt.Sprintf("%s/%d", w.indicator, w.targets)
	_, err := w.h.Commit(w.t.Context(), d)
	return err
}

// fact makes a fact of the figure, and notes what the ledger then has.
func (f *figure) fact(value float64) fact.Fact {
	if f.revision == 0 || f.value != value {
		f.revision++
	}
	f.value, f.waiting = value, fact.Optional{}
	return fact.Fact{Indicator: f.key.Indicator, Region: f.key.Region, Period: f.key.Period, Value: value}
}

// deliver brings some figures as facts and holds others.
func (w *walk) deliver() {
	d := fact.Delivery{Run: w.pull}
	for _, f := range w.figures {
		value := float64(rapid.IntRange(0, 3).Draw(w.T, "value"))
		switch rapid.IntRange(0, 2).Draw(w.T, "as") {
		case 1:
			d.Facts = append(d.Facts, f.fact(value))
		case 2:
			d.Held = append(d.Held, fact.HeldFact{Key: f.key, Value: value, Stage: "step-plausible"})
			f.waiting = fact.Some(value)
		}
	}
	if err := w.commit(d); err != nil {
		w.Fatalf("Commit: %v", err)
	}
}

// decide takes one decision, or is told why it can't be.
func (w *walk) decide() {
	f := rapid.SampledFrom(w.figures).Draw(w.T, "figure")
	d := fact.Decision{Key: f.key, Action: rapid.SampledFrom([]fact.Action{fact.Confirm, fact.Release, fact.Reject, fact.Correct}).Draw(w.T, "action")}
	delivery, possible := fact.Delivery{Run: w.people}, true
	switch d.Action {
	case fact.Confirm:
		if possible = f.revision > 0 && f.confirmed < f.revision; possible {
			f.confirmed = f.revision
		}
	case fact.Release, fact.Reject:
		if possible = f.waiting.OK; !possible {
			break
		}
		d.Held = w.waiting()[f.key].ID
		if d.Action == fact.Release {
			f.fact(f.waiting.Value)
		}
		f.waiting = fact.Optional{}
	case fact.Correct:
		value := float64(rapid.IntRange(0, 3).Draw(w.T, "right"))
		if possible = f.revision == 0 || f.value != value; possible {
			delivery.Facts = []fact.Fact{f.fact(value)}
		} else {
			impossible := *f
			delivery.Facts = []fact.Fact{impossible.fact(value)}
		}
	}
	delivery.Decisions = []fact.Decision{d}
	if err := w.commit(delivery); possible && err != nil || !possible && !errors.Is(err, ledger.ErrConflict) {
		w.Fatalf("%s %+v: %v; possible: %v", d.Action, f, err, possible)
	}
}

func (w *walk) waiting() map[fact.Key]fact.HeldFact {
	list, err := w.h.Held(w.t.Context(), ledger.HeldQuery{Indicator: w.indicator, Waiting: true})
	if err != nil {
		w.Fatalf("Held: %v", err)
	}
	waiting := map[fact.Key]fact.HeldFact{}
	for _, held := range list {
		waiting[held.Key] = held
	}
	if len(waiting) != len(list) {
		w.Errorf("two held figures wait for one key: %+v", list)
	}
	return waiting
}

// compare sets what the ledger has against what it must have.
func (w *walk) compare(facts []fact.Fact) {
	waiting, newest := w.waiting(), map[fact.Key]fact.Fact{}
	for _, f := range facts {
		newest[f.Key()] = f
	}
	for _, f := range w.figures {
		is := newest[f.key]
		if is.Revision != f.revision || is.Value != f.value {
			w.Errorf("%v is %v in revision %d; want %v in %d", f.key, is.Value, is.Revision, f.value, f.revision)
		}
		held, waits := waiting[f.key]
		if waits != f.waiting.OK || held.Value != f.waiting.Value {
			w.Errorf("%v waits: %v, with %v; want %v", f.key, waits, held.Value, f.waiting)
		}
	}
}

func knownRegisters(t *testing.T, h *harness) {
	begun := h.clock.Now()
	h.deliverRegions(t, village("360603001001", "old name"))
	h.clock.advance(time.Hour)
	h.deliverRegions(t, village("360603001001", "new name"), village("360603001002", "young"))
	for at, want := range map[time.Time]string{
		begun.Add(-time.Millisecond): "",
		begun:                        "old name,",
		begun.Add(time.Hour - 1):     "old name,",
		begun.Add(time.Hour):         "new name,young,",
		{}:                           "new name,young,",
	} {
		got := ""
		if err := h.Regions(t.Context(), at, func(r fact.RegionFact) error {
			got += r.Name + ","
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("known by %s: %q, want %q", at, got, want)
		}
	}
}
