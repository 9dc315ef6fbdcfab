package app

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

// The head holds three periods; what is asked about earlier ones comes from the
// ledger.
func TestHistory(t *testing.T) {
	store, err := sqlite.Open(t.Context(), sqlite.Options{File: filepath.Join(t.TempDir(), "ledger.db"), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	parse := func(s string) fact.Period {
		p, err := fact.ParsePeriod(s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	commit := func(values map[string]float64) {
		run, err := store.Begin(t.Context(), fact.Run{Collector: "a", Start: time.Now(), Outcome: fact.Running, Attempt: 1})
		if err != nil {
			t.Fatal(err)
		}
		d := fact.Delivery{Run: run}
		for p, v := range values {
			d.Facts = append(d.Facts, fact.Fact{Indicator: "grids", Region: "360602", Period: parse(p), Value: v})
		}
		if _, err := store.Commit(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	commit(map[string]float64{"2023-06": 1, "2024-11": 3, "2025-02": 5, "2025-03": 6, "2025-06": 9, "2025-12": 12})
	commit(map[string]float64{"2025-02": 4}) // a correction
	head, err := ledger.OpenHead(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	h := &history{head: head, facts: store}
	for name, test := range map[string]struct {
		region, period string
		before, at     fact.Optional
	}{
		"a new month":                    {"360602", "2026-01", fact.Some(12), fact.Optional{}},
		"the newest again":               {"360602", "2025-12", fact.Some(9), fact.Some(12)},
		"between the two in the head":    {"360602", "2025-08", fact.Some(9), fact.Optional{}},
		"before both":                    {"360602", "2025-05", fact.Some(6), fact.Optional{}},
		"a corrected month counts as it": {"360602", "2025-03", fact.Some(4), fact.Some(6)},
		"over a gap of months":           {"360602", "2025-02", fact.Some(3), fact.Some(4)},
		"too long ago to say anything":   {"360602", "2024-11", fact.Optional{}, fact.Some(3)},
		"the first of all":               {"360602", "2023-06", fact.Optional{}, fact.Some(1)},
		"another cadence":                {"360602", "2026-Q1", fact.Optional{}, fact.Optional{}},
		"a region that never reported":   {"360603", "2025-12", fact.Optional{}, fact.Optional{}},
	} {
		t.Run(name, func(t *testing.T) {
			var before, at fact.Optional
			if before.Value, before.OK, err = h.Before(t.Context(), "grids", test.region, "", parse(test.period)); err != nil {
				t.Fatal(err)
			}
			if at.Value, at.OK, err = h.At(t.Context(), "grids", test.region, "", parse(test.period)); err != nil {
				t.Fatal(err)
			}
			if before != test.before || at != test.at {
				t.Errorf("before %v, at %v; want %v and %v", before, at, test.before, test.at)
			}
		})
	}
}
