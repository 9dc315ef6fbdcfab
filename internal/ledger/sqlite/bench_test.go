package sqlite_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

// grids is the number of grids in the province: the largest family.
const grids = 176_000

func gridFacts(month int, value float64) []fact.Fact {
	p := fact.PeriodAt(time.Date(2000, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC), fact.Monthly)
	facts := make([]fact.Fact, grids)
	for i := range facts {
		facts[i] = fact.Fact{Indicator: "grids", Region: strconv.Itoa(360102001001000 + i*7), Period: p, Value: value + float64(i%500),
			Place: fact.Place{Field: "amount", Row: int32(i + 1)}}
	}
	return facts
}

// benchmarkCommit times the commit alone of one delivery.
func benchmarkCommit(b *testing.B, s *sqlite.Store, next func(i int) []fact.Fact, want int) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		facts := next(i)
		run, err := s.Begin(b.Context(), fact.Run{Collector: "grids", Start: fixedNow()})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		committed, err := s.Commit(b.Context(), fact.Delivery{Run: run, Facts: facts})
		if err != nil || len(committed.Facts) != want {
			b.Fatalf("%d facts changed, %v; want %d", len(committed.Facts), err, want)
		}
	}
}

// BenchmarkCommit commits 176,000 facts of one indicator and period, fsync
// included.
func BenchmarkCommit(b *testing.B) {
	b.Run("new", func(b *testing.B) {
		s, _ := newStore(b)
		benchmarkCommit(b, s, func(i int) []fact.Fact { return gridFacts(i, 0) }, grids)
	})
	b.Run("new-shuffled", func(b *testing.B) {
		s, _ := newStore(b)
		benchmarkCommit(b, s, func(i int) []fact.Fact {
			facts := gridFacts(i, 0)
			rand.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
			return facts
		}, grids)
	})
	b.Run("same", func(b *testing.B) {
		s, _ := newStore(b)
		mustDeliver(b, s, gridFacts(0, 0))
		benchmarkCommit(b, s, func(int) []fact.Fact { return gridFacts(0, 0) }, 0)
	})
	b.Run("revised", func(b *testing.B) {
		s, _ := newStore(b)
		mustDeliver(b, s, gridFacts(0, math.Pi))
		benchmarkCommit(b, s, func(i int) []fact.Fact { return gridFacts(0, float64(i)) }, grids)
	})
	b.Run("one", func(b *testing.B) {
		s, _ := newStore(b)
		mustDeliver(b, s, gridFacts(0, 0))
		benchmarkCommit(b, s, func(i int) []fact.Fact { return gridFacts(i+1, 0)[:1] }, 1)
	})
}

// BenchmarkRegister commits and reads a register of 176,000 regions.
func BenchmarkRegister(b *testing.B) {
	deliver := func(b *testing.B, s *sqlite.Store, name string, want int) {
		b.StopTimer()
		regions := register(grids, name)
		run, err := s.Begin(b.Context(), fact.Run{Collector: "register", Start: fixedNow()})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		committed, err := s.Commit(b.Context(), fact.Delivery{Run: run, Regions: regions})
		if err != nil || len(committed.Regions) != want {
			b.Fatalf("%d regions changed, %v; want %d", len(committed.Regions), err, want)
		}
	}
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s, _ := newStore(b)
			deliver(b, s, "甲村", grids)
		}
	})
	s, _ := newStore(b)
	deliver(b, s, "甲村", grids)
	b.Run("same", func(b *testing.B) {
		for b.Loop() {
			deliver(b, s, "甲村", 0)
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			n := 0
			if err := s.Regions(b.Context(), time.Time{}, func(fact.RegionFact) error { n++; return nil }); err != nil || n != grids {
				b.Fatalf("%d regions, %v", n, err)
			}
		}
	})
}

// BenchmarkRead reads a ledger of twelve periods of 176,000 facts.
func BenchmarkRead(b *testing.B) {
	s, _ := newStore(b)
	for month := range 12 {
		mustDeliver(b, s, gridFacts(month, float64(month)))
	}
	b.Run("facts", func(b *testing.B) {
		for b.Loop() {
			n := 0
			if err := s.Facts(b.Context(), ledger.FactQuery{}, func(fact.Fact) error { n++; return nil }); err != nil || n != 12*grids {
				b.Fatalf("%d facts, %v", n, err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(12*grids), "ns/fact")
	})
	b.Run("region", func(b *testing.B) {
		for b.Loop() {
			n := 0
			query := ledger.FactQuery{Region: "360102001008000"}
			if err := s.Facts(b.Context(), query, func(fact.Fact) error { n++; return nil }); err != nil || n != 12 {
				b.Fatalf("%d facts, %v", n, err)
			}
		}
	})
	b.Run("head", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ledger.OpenHead(b.Context(), s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("statistics", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Statistics(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if found, err := s.Check(b.Context()); err != nil || len(found) > 0 {
				b.Fatal(found, err)
			}
		}
	})
}
