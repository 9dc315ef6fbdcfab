package ledgertest

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func refusalTests() tests {
	return tests{
		"facts that can't be kept refuse the whole delivery": refusedFacts,
		"a refused delivery leaves its facts as they were": func(t *testing.T, h *harness) {
			h.deliver(t, grids("360601", "2025", 7))
			facts := append(counties(600), grids("360601", "2025", math.NaN()))
			before := slices.Clone(facts)
			if _, err := h.Commit(t.Context(), fact.Delivery{Run: h.begin(t, "grids"), Facts: facts}); err == nil {
				t.Fatal("Commit took NaN")
			}
			same(t, "the facts", briefs(facts[:600]), briefs(before[:600]))
		},
		"two facts with one key are refused": func(t *testing.T, h *harness) {
			run := h.begin(t, "grids")
			facts := counties(600)
			for name, twice := range map[string][]fact.Fact{
				"side by side":         {facts[0], facts[0]},
				"with another value":   append(slices.Clone(facts), grids(facts[3].Region, "2025", -1)),
				"with the ledger's":    {facts[1], facts[1]},
				"0 and -0, far apart":  append(append([]fact.Fact{grids("99", "2025", 0)}, facts...), grids("99", "2025", math.Copysign(0, -1))),
				"first and last of it": append(slices.Clone(facts), facts[0]),
			} {
				_, err := h.Commit(t.Context(), fact.Delivery{Run: run, Target: name, Facts: twice})
				if err == nil || !strings.Contains(err.Error(), "grids") || !strings.Contains(err.Error(), twice[len(twice)-1].Region) {
					t.Errorf("%s: error %v; want one that names indicator and region", name, err)
				}
			}
			same(t, "the ledger holds", h.history(t), []fact.Fact{})
		},
	}
}

func commitTests() tests {
	return tests{
		"a context that ends in the middle of a commit leaves nothing": func(t *testing.T, h *harness) {
			run := h.begin(t, "grids")
			ctx, cancel := context.WithCancel(t.Context())
			h.clock.onNext(cancel)
			delivery := fact.Delivery{Run: run, Facts: counties(3000), Regions: villages(600), Rejections: []fact.Rejection{{Stage: "value-finite"}},
				Held: []fact.HeldFact{doubtful("360603", "2025-12", 1)}}
			if _, err := h.Commit(ctx, delivery); !errors.Is(err, context.Canceled) {
				t.Errorf("Commit: %v; want context.Canceled", err)
			}
			assertEmpty(t, h)
			if c := h.commitAll(t, delivery); len(c.Facts) != 3000 || len(c.Regions) != 600 {
				t.Errorf("the same delivery again brought %d facts and %d regions; want 3000 and 600", len(c.Facts), len(c.Regions))
			}
		},
		"a context that has ended commits nothing": func(t *testing.T, h *harness) {
			run := h.begin(t, "grids")
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := h.Commit(ctx, fact.Delivery{Run: run, Facts: counties(1)}); !errors.Is(err, context.Canceled) {
				t.Errorf("Commit: %v; want context.Canceled", err)
			}
			assertEmpty(t, h)
		},
		"a delivery needs a run that is running": func(t *testing.T, h *harness) {
			if _, err := h.Commit(t.Context(), fact.Delivery{Run: 4711, Facts: counties(1)}); !errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("Commit for an unknown run: %v; want ErrNotFound", err)
			}
			run := h.begin(t, "grids")
			h.end(t, run, fact.Failed)
			if _, err := h.Commit(t.Context(), fact.Delivery{Run: run, Facts: counties(1)}); err == nil {
				t.Error("Commit took a delivery of a run that had ended")
			}
			assertEmpty(t, h)
		},
		"a run delivers each of its targets once": func(t *testing.T, h *harness) {
			run := h.begin(t, "grids")
			h.commit(t, fact.Delivery{Run: run, Target: "a", Facts: counties(1)})
			h.commit(t, fact.Delivery{Run: run, Target: "b", Facts: counties(2)})
			if _, err := h.Commit(t.Context(), fact.Delivery{Run: run, Target: "a", Facts: counties(3)}); err == nil {
				t.Error("Commit took the same target twice")
			}
			if n := len(h.history(t)); n != 2 {
				t.Errorf("%d facts; want those of the first two deliveries", n)
			}
		},
		"a delivery may be empty": func(t *testing.T, h *harness) {
			same(t, "Commit returned", h.deliver(t), []fact.Fact{})
		},
	}
}

func refusedFacts(t *testing.T, h *harness) {
	bad := map[string]fact.Fact{
		"NaN":                       grids("360603", "2025", math.NaN()),
		"infinity":                  grids("360603", "2025", math.Inf(1)),
		"negative infinity":         grids("360603", "2025", math.Inf(-1)),
		"no period":                 {Indicator: "grids", Region: "360603", Value: 1},
		"no indicator":              {Region: "360603", Period: grids("36", "2025", 1).Period},
		"no region":                 grids("", "2025", 1),
		"a region of letters":       grids("余江区", "2025", 1),
		"a region with a sign":      grids("-360603", "2025", 1),
		"a region with a blank":     grids("360603 ", "2025", 1),
		"a region beginning with 0": grids("0360603", "2025", 1),
		"a region of one digit":     grids("3", "2025", 1),
		"a region of 19 digits":     grids("1234567890123456789", "2025", 1),
	}
	run := h.begin(t, "grids")
	for name, f := range bad {
		t.Run(name, func(t *testing.T) {
			// Both ends: whatever a backend does first, nothing may stay.
			for _, facts := range [][]fact.Fact{append(counties(1000), f), append([]fact.Fact{f}, counties(1000)...)} {
				if _, err := h.Commit(t.Context(), fact.Delivery{Run: run, Facts: facts}); err == nil {
					t.Error("Commit took it")
				}
			}
			assertEmpty(t, h)
		})
	}
	// What was refused stands in the way of nothing.
	if n := len(h.commit(t, fact.Delivery{Run: run, Facts: counties(1000)})); n != 1000 {
		t.Errorf("the good facts alone: %d were new; want 1000", n)
	}
	limits := []fact.Fact{grids("10", "2025-W01", 1), grids("999999999999999999", "2025-W01", 1)}
	if n := len(h.deliver(t, limits...)); n != len(limits) {
		t.Errorf("the shortest and the longest code: %d were new; want %d", n, len(limits))
	}
}

// counties are n facts, of regions 100000 and up.
func counties(n int) []fact.Fact {
	facts := make([]fact.Fact, n)
	for i := range facts {
		facts[i] = grids(strconv.Itoa(100000+i), "2025", float64(i))
	}
	return facts
}

func assertEmpty(t *testing.T, h *harness) {
	t.Helper()
	statistics, err := h.Statistics(t.Context())
	if err != nil {
		t.Fatalf("Statistics: %v", err)
	}
	rejections, err := h.Rejections(t.Context(), ledger.RejectionQuery{})
	if err != nil {
		t.Fatalf("Rejections: %v", err)
	}
	facts, regions := len(h.history(t)), len(h.regions(t))
	held, decisions := len(h.held(t, ledger.HeldQuery{})), len(h.decisions(t, ledger.DecisionQuery{}))
	if facts+regions+held+decisions+len(rejections) > 0 ||
		statistics.Facts+statistics.Regions+statistics.Held+statistics.Decisions+statistics.Rejections > 0 {
		t.Errorf("the ledger has %d facts, %d regions, %d held figures, %d decisions and %d rejections, and counts %+v; want none",
			facts, regions, held, decisions, len(rejections), statistics)
	}
}
