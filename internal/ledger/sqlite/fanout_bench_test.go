package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

// A fan-out has a target for each county, and so many workers.
const (
	targets = 100
	workers = 10
)

// countyFacts are what one target of a fan-out delivers: a figure of the county
// and those of its grids.
func countyFacts(target, grids, month int) []fact.Fact {
	p := fact.PeriodAt(time.Date(2000, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC), fact.Monthly)
	county := strconv.Itoa(360100 + target)
	facts := []fact.Fact{{Indicator: "grids", Region: county, Period: p, Value: float64(grids)}}
	for i := range grids {
		facts = append(facts, fact.Fact{Indicator: "grids", Region: county + strconv.Itoa(100_000_000+i*7), Period: p, Value: float64(i),
			Place: fact.Place{Field: "amount", Row: int32(i + 1)}})
	}
	return facts
}

// fanOut commits what all targets of one run deliver, some at once.
func fanOut(ctx context.Context, s *sqlite.Store, run int64, facts [][]fact.Fact) error {
	var (
		group  sync.WaitGroup
		next   atomic.Int32
		failed = make([]error, workers)
	)
	for i := range workers {
		group.Go(func() {
			for failed[i] == nil {
				target := int(next.Add(1)) - 1
				if target >= len(facts) {
					return
				}
				_, failed[i] = s.Commit(ctx, fact.Delivery{Run: run, Target: strconv.Itoa(360100 + target), Facts: facts[target]})
			}
		})
	}
	group.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkFanOut times the commits of 100 targets by 10 workers against as many
// writes of a page with fsync.
func BenchmarkFanOut(b *testing.B) {
	for name, grids := range map[string]int{"figure": 0, "county": 1760} {
		b.Run(name, func(b *testing.B) {
			s, _ := newStore(b)
			var bare time.Duration
			for month := 0; b.Loop(); month++ {
				b.StopTimer()
				facts := make([][]fact.Fact, targets)
				for target := range facts {
					facts[target] = countyFacts(target, grids, month)
				}
				run, err := s.Begin(b.Context(), fact.Run{Collector: "grids", Start: fixedNow()})
				if err != nil {
					b.Fatal(err)
				}
				bare += syncedWrites(b, targets)
				b.StartTimer()
				if err := fanOut(b.Context(), s, run, facts); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*targets), "µs/commit")
			b.ReportMetric(float64(b.Elapsed())/float64(bare), "x-of-bare")
		})
	}
}

// syncedWrites is the baseline: what the disk alone takes.
func syncedWrites(b *testing.B, n int) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "bare"))
	if err != nil {
		b.Fatal(err)
	}
	page := make([]byte, 4096)
	began := time.Now()
	for range n {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	took := time.Since(began)
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return took
}
