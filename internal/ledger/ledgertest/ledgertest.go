// Package ledgertest is the suite that every backend of a ledger must pass: it
// states by example what the contract in package ledger means.
//
// It drives a backend through ledger.Store alone, with a clock of its own, and
// hands nothing on but the verdict.
package ledgertest

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// Run runs the suite. open opens the ledger of a test, which is empty when the
// test first asks; asked again with the same t, after the store was closed, it
// opens the same ledger once more. Whoever opened a store closes it.
func Run(t *testing.T, open func(t *testing.T, now func() time.Time) ledger.Store) {
	for _, group := range []tests{
		factTests(), regionTests(), refusalTests(), commitTests(), queryTests(), runTests(), targetTests(), deliveryTests(),
		rejectionTests(), repeatTests(), heldTests(), decisionTests(), provenanceTests(), knownTests(), configurationTests(), sharingTests(),
	} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) { test(t, newHarness(t, open)) })
		}
	}
}

// tests are by what they show.
type tests map[string]func(*testing.T, *harness)

// harness is one ledger, its clock, and short ways to fill and read it.
type harness struct {
	ledger.Store
	clock *clock
	// reopen closes the store and opens the same ledger again.
	reopen func()
}

func newHarness(t *testing.T, open func(*testing.T, func() time.Time) ledger.Store) *harness {
	t.Helper()
	h := &harness{clock: &clock{now: time.Date(2026, 1, 15, 6, 30, 0, 123e6, time.UTC)}}
	h.Store = open(t, h.clock.Now)
	h.reopen = func() {
		t.Helper()
		if err := h.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		h.Store = open(t, h.clock.Now)
	}
	t.Cleanup(func() {
		// Every test ends with a sound ledger, whatever it did.
		if found, err := h.Check(context.WithoutCancel(t.Context())); err != nil || len(found) > 0 {
			t.Errorf("Check at the end of the test: %q, %v; want nothing", found, err)
		}
		if err := h.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return h
}

// clock stands still until it is told otherwise.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	hook func() // called by the next Now, once
}

// Now is what a store is given to ask for the time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	hook, now := c.hook, c.now
	c.hook = nil
	c.mu.Unlock()
	if hook != nil {
		hook()
	}
	return now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// onNext has hook called when the time is next asked for. A backend asks for it
// while it commits, which is how a test gets to the middle of a commit.
func (c *clock) onNext(hook func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hook = hook
}

func (h *harness) begin(t *testing.T, collector string) int64 {
	t.Helper()
	id, err := h.Begin(t.Context(), fact.Run{Collector: collector, Start: h.clock.Now(), Attempt: 1})
	if err != nil {
		t.Fatalf("Begin: %v", err)
	}
	return id
}

func (h *harness) commit(t *testing.T, d fact.Delivery) []fact.Fact {
	t.Helper()
	return h.commitAll(t, d).Facts
}

func (h *harness) commitAll(t *testing.T, d fact.Delivery) fact.Committed {
	t.Helper()
	committed, err := h.Commit(t.Context(), d)
	if err != nil {
		t.Fatalf("Commit: %v", err)
	}
	return committed
}

func (h *harness) end(t *testing.T, id int64, outcome fact.Outcome, targets ...fact.TargetRun) {
	t.Helper()
	if err := h.End(t.Context(), fact.Run{ID: id, End: h.clock.Now(), Outcome: outcome}, targets...); err != nil {
		t.Fatalf("End: %v", err)
	}
}

// deliver commits facts in a run of their own.
func (h *harness) deliver(t *testing.T, facts ...fact.Fact) []fact.Fact {
	t.Helper()
	id := h.begin(t, "grids")
	changed := h.commit(t, fact.Delivery{Run: id, Facts: facts})
	h.end(t, id, fact.Succeeded)
	return changed
}

// tryDeliver is deliver for goroutines, which must not end a test.
func (h *harness) tryDeliver(ctx context.Context, collector string, facts ...fact.Fact) error {
	id, err := h.Begin(ctx, fact.Run{Collector: collector, Start: h.clock.Now(), Attempt: 1})
	if err != nil {
		return err
	}
	if _, err := h.Commit(ctx, fact.Delivery{Run: id, Facts: facts}); err != nil {
		return err
	}
	return h.End(ctx, fact.Run{ID: id, End: h.clock.Now(), Outcome: fact.Succeeded})
}

func (h *harness) facts(t *testing.T, query ledger.FactQuery) []fact.Fact {
	t.Helper()
	var facts []fact.Fact
	err := h.Facts(t.Context(), query, func(f fact.Fact) error {
		facts = append(facts, f)
		return nil
	})
	if err != nil {
		t.Fatalf("Facts(%+v): %v", query, err)
	}
	return facts
}

func (h *harness) history(t *testing.T) []fact.Fact {
	t.Helper()
	return h.facts(t, ledger.FactQuery{AllRevisions: true})
}

// grids is the figure that most tests speak of.
func grids(region, period string, value float64) fact.Fact {
	p, err := fact.ParsePeriod(period)
	if err != nil {
		panic(err) // a slip in a test
	}
	return fact.Fact{Indicator: "grids", Region: region, Period: p, Value: value}
}

// brief is what a test about values and revisions looks at.
type brief struct {
	Indicator, Region string
	Dimensions        fact.Dimensions
	Period            string
	Value             float64
	Revision          int32
}

func briefs(facts []fact.Fact) []brief {
	list := make([]brief, 0, len(facts))
	for _, f := range facts {
		list = append(list, brief{f.Indicator, f.Region, f.Dimensions, f.Period.String(), f.Value, f.Revision})
	}
	return list
}

// sorted brings what Commit returned, which is in no particular order, into the
// ledger's.
func sorted(facts []fact.Fact) []fact.Fact {
	facts = slices.Clone(facts)
	slices.SortFunc(facts, func(a, b fact.Fact) int {
		return cmp.Or(cmp.Compare(a.Indicator, b.Indicator), a.Period.Compare(b.Period),
			cmp.Compare(len(a.Region), len(b.Region)), cmp.Compare(a.Region, b.Region),
			cmp.Compare(a.Dimensions, b.Dimensions), cmp.Compare(a.Revision, b.Revision))
	})
	return facts
}

// same fails the test where got differs from want; nil and empty are the same.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	values := gocmp.Comparer(func(a, b fact.Value) bool {
		x, isNumber := a.Number()
		y, isNumber2 := b.Number()
		return a == b || isNumber && isNumber2 && x != x && y != y // NaN
	})
	if diff := gocmp.Diff(want, got, values, cmpopts.EquateComparable(fact.Period{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
