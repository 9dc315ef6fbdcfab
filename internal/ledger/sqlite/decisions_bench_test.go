package sqlite_test

import (
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

// timeCommit times the commit alone of one delivery.
func timeCommit(b *testing.B, s *sqlite.Store, d fact.Delivery) (time.Duration, fact.Committed) {
	b.Helper()
	run, err := s.Begin(b.Context(), fact.Run{Collector: "grids", Start: fixedNow()})
	if err != nil {
		b.Fatal(err)
	}
	d.Run = run
	start := time.Now()
	committed, err := s.Commit(b.Context(), d)
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(start), committed
}

func asHeld(facts []fact.Fact, value float64) []fact.HeldFact {
	held := make([]fact.HeldFact, len(facts))
	for i := range facts {
		held[i] = fact.HeldFact{Key: facts[i].Key(), Value: value, Stage: "step-plausible", Place: facts[i].Place,
			Reason: fact.Text{ZH: "比上一期多了十倍", EN: "ten times that of the period before"}}
	}
	return held
}

// BenchmarkCommitWhileHeld commits 176,000 facts, of which 1,000 take the place
// of figures that wait, and compares with a ledger in which nothing waits.
func BenchmarkCommitWhileHeld(b *testing.B) {
	bare, _ := newStore(b)
	waiting, _ := newStore(b)
	var without, with time.Duration
	for i := 0; b.Loop(); i++ {
		took, _ := timeCommit(b, bare, fact.Delivery{Facts: gridFacts(i, 0)})
		without += took
		timeCommit(b, waiting, fact.Delivery{Held: asHeld(gridFacts(i, 0)[50_000:51_000], -1)})
		took, committed := timeCommit(b, waiting, fact.Delivery{Facts: gridFacts(i, 0)})
		with += took
		if len(committed.Facts) != grids || len(committed.Held) != 1000 {
			b.Fatalf("%d facts and %d held figures changed", len(committed.Facts), len(committed.Held))
		}
	}
	b.ReportMetric(float64(with)/float64(without), "x-of-bare")
	b.ReportMetric(float64(with.Milliseconds())/float64(b.N), "ms/commit")
}

// BenchmarkDecide confirms 1,000 figures of a ledger of 176,000 in one delivery,
// and releases 1,000.
func BenchmarkDecide(b *testing.B) {
	s, _ := newStore(b)
	var confirming, releasing time.Duration
	for i := 0; b.Loop(); i++ {
		facts := gridFacts(i, 0)
		timeCommit(b, s, fact.Delivery{Facts: gridFacts(i, 0)})
		var confirms, releases fact.Delivery
		for j := range 1000 {
			confirms.Decisions = append(confirms.Decisions, fact.Decision{Key: facts[j*170].Key(), Action: fact.Confirm})
		}
		_, held := timeCommit(b, s, fact.Delivery{Held: asHeld(facts[:1000], -1)})
		for _, h := range held.Held {
			releases.Decisions = append(releases.Decisions, fact.Decision{Held: h.ID, Action: fact.Release})
		}
		took, _ := timeCommit(b, s, confirms)
		confirming += took
		took, _ = timeCommit(b, s, releases)
		releasing += took
	}
	b.ReportMetric(float64(confirming.Microseconds())/float64(b.N)/1000, "ms/confirm-1000")
	b.ReportMetric(float64(releasing.Microseconds())/float64(b.N)/1000, "ms/release-1000")
}

// BenchmarkProvenances asks a ledger of 24 periods of 176,000 facts for all of
// one region, and for one period of it.
func BenchmarkProvenances(b *testing.B) {
	s, _ := newStore(b)
	for month := range 24 {
		mustDeliver(b, s, gridFacts(month, float64(month)))
	}
	region := gridFacts(0, 0)[grids/2].Region
	for name, c := range map[string]struct {
		period fact.Period
		want   int
	}{"all": {want: 24}, "period": {gridFacts(7, 0)[0].Period, 1}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				list, err := s.Provenances(b.Context(), "grids", region, c.period)
				if err != nil || len(list) != c.want {
					b.Fatalf("%d provenances, %v; want %d", len(list), err, c.want)
				}
			}
		})
	}
	b.Run("known-by", func(b *testing.B) {
		for b.Loop() {
			n := 0
			query := ledger.FactQuery{Region: region, KnownBy: fixedNow()}
			if err := s.Facts(b.Context(), query, func(fact.Fact) error { n++; return nil }); err != nil || n != 24 {
				b.Fatalf("%d facts, %v; want 24", n, err)
			}
		}
	})
}
