package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func queryTests() tests {
	return tests{
		"facts come in the ledger's order": factOrder,
		"queries select":                   factQueries,
		"an error of the callback ends the query and comes back unchanged": func(t *testing.T, h *harness) {
			h.deliver(t, counties(10)...)
			stop, calls := errors.New("enough"), 0
			err := h.Facts(t.Context(), ledger.FactQuery{}, func(fact.Fact) error {
				if calls++; calls == 3 {
					return stop
				}
				return nil
			})
			if err != stop || calls != 3 { //nolint:errorlint // unchanged is what is promised
				t.Errorf("Facts returned %v after %d calls; want %v after 3", err, calls, stop)
			}
		},
		"a context that ends ends a query": func(t *testing.T, h *harness) {
			h.deliver(t, counties(10)...)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			err := h.Facts(ctx, ledger.FactQuery{}, func(fact.Fact) error { return nil })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Facts: %v; want context.Canceled", err)
			}
		},
		"a query sees the ledger as it was at its start": snapshot,
	}
}

func snapshot(t *testing.T, h *harness) {
	h.deliver(t, counties(500)...)
	started, delivered := make(chan struct{}), make(chan error)
	go func() {
		<-started
		later := counties(700)
		for i := range later {
			later[i].Value = -1
		}
		delivered <- h.tryDeliver(t.Context(), "grids", later...)
	}()
	seen := 0
	err := h.Facts(t.Context(), ledger.FactQuery{}, func(f fact.Fact) error {
		if seen++; seen == 1 {
			close(started)
			if err := <-delivered; err != nil {
				return err
			}
		}
		if f.Value == -1 {
			return errors.New("a later figure")
		}
		return nil
	})
	if err != nil || seen != 500 {
		t.Errorf("Facts: %d facts, %v; want the 500 of before", seen, err)
	}
}

func factOrder(t *testing.T, h *harness) {
	var want []fact.Fact
	for _, indicator := range []string{"a", "b"} {
		// 2025-01, 2025-Q1 and 2025 begin on one day: the shorter comes first.
		for _, period := range []string{"2024-12", "2025-01", "2025-Q1", "2025", "2025-02"} {
			for _, region := range []string{"36", "3606", "360601", "360602", "360601002", "360601002003"} {
				for _, dimensions := range []fact.Dimensions{"", "sex=female", "sex=male"} {
					f := grids(region, period, 1)
					f.Indicator, f.Dimensions = indicator, dimensions
					want = append(want, f)
				}
			}
		}
	}
	// The first to come are the last in order, so that a backend which numbers
	// what it meets numbers it the wrong way round.
	backwards := slices.Clone(want)
	slices.Reverse(backwards)
	h.deliver(t, backwards...)
	for i := range want {
		want[i].Value = 2
	}
	h.deliver(t, slices.Clone(want)...)

	var newest, all []brief
	for _, f := range want {
		newest = append(newest, brief{f.Indicator, f.Region, f.Dimensions, f.Period.String(), 2, 2})
		all = append(all, brief{f.Indicator, f.Region, f.Dimensions, f.Period.String(), 1, 1}, newest[len(newest)-1])
	}
	same(t, "the newest revisions", briefs(h.facts(t, ledger.FactQuery{})), newest)
	same(t, "all revisions", briefs(h.history(t)), all)
}

func factQueries(t *testing.T, h *harness) {
	forms := grids("360601", "2025-12", 1)
	forms.Indicator = "forms"
	h.deliver(t, forms, grids("360601", "2025-11", 2), grids("360601", "2025-12", 3), grids("360602", "2025-12", 4), grids("360601", "2025", 5))
	h.deliver(t, grids("360601", "2025-12", 6))
	period := func(s string) fact.Period { return grids("36", s, 0).Period }
	for name, c := range map[string]struct {
		query ledger.FactQuery
		want  []float64
	}{
		"everything":                       {ledger.FactQuery{}, []float64{1, 5, 2, 6, 4}},
		"everything ever":                  {ledger.FactQuery{AllRevisions: true}, []float64{1, 5, 2, 3, 6, 4}},
		"an indicator":                     {ledger.FactQuery{Indicators: []string{"forms"}}, []float64{1}},
		"two indicators, in any order":     {ledger.FactQuery{Indicators: []string{"grids", "forms"}}, []float64{1, 5, 2, 6, 4}},
		"an indicator without facts":       {ledger.FactQuery{Indicators: []string{"policies"}}, nil},
		"a region":                         {ledger.FactQuery{Region: "360602"}, []float64{4}},
		"a region with all revisions":      {ledger.FactQuery{Region: "360601", AllRevisions: true}, []float64{1, 5, 2, 3, 6}},
		"a region without facts":           {ledger.FactQuery{Region: "3606"}, nil},
		"from a period":                    {ledger.FactQuery{From: period("2025-12")}, []float64{1, 6, 4}},
		"from a day":                       {ledger.FactQuery{From: period("2025-11-01")}, []float64{1, 2, 6, 4}},
		"to a period":                      {ledger.FactQuery{To: period("2025-11")}, []float64{5, 2}},
		"to a longer period, by first day": {ledger.FactQuery{To: period("2025-Q4")}, []float64{5}},
		"between":                          {ledger.FactQuery{From: period("2025-11"), To: period("2025-11")}, []float64{2}},
		"all of it": {ledger.FactQuery{Indicators: []string{"grids"}, Region: "360601", From: period("2025-12"),
			To: period("2025-12"), AllRevisions: true}, []float64{3, 6}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []float64
			for _, f := range h.facts(t, c.query) {
				got = append(got, f.Value)
			}
			same(t, fmt.Sprintf("values of %+v", c.query), got, c.want)
		})
	}
}
