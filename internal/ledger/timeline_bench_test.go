package ledger_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

// The size that the design is measured by.
const (
	benchIndicators = 30
	benchCounties   = 100
)

func benchIDs() []string {
	ids := make([]string, benchIndicators)
	for i := range ids {
		ids[i] = fmt.Sprintf("indicator_%02d", i)
	}
	return ids
}

// monthOfCounties is one delivery: a month of an indicator for all counties.
func monthOfCounties(indicator string, month int) []fact.Fact {
	p := fact.PeriodAt(time.Date(2014, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC), fact.Monthly)
	facts := make([]fact.Fact, benchCounties)
	for i := range facts {
		facts[i] = fact.Fact{
			Indicator: indicator, Region: strconv.Itoa(360100 + i), Period: p, Value: float64(month*1000 + i), Revision: 1,
			Place: fact.Place{Field: "value", Row: int32(i + 1)},
		}
	}
	return facts
}

func fillStore(b *testing.B, months int) *sqlite.Store {
	b.Helper()
	store, err := sqlite.Open(b.Context(), sqlite.Options{
		File: filepath.Join(b.TempDir(), "ledger.db"), Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	for month := range months {
		run, err := store.Begin(b.Context(), fact.Run{Collector: "bench", Start: time.Unix(0, 0)})
		if err != nil {
			b.Fatal(err)
		}
		var facts []fact.Fact
		for _, id := range benchIDs() {
			facts = append(facts, monthOfCounties(id, month)...)
		}
		if _, err := store.Commit(b.Context(), fact.Delivery{Run: run, Facts: facts}); err != nil {
			b.Fatal(err)
		}
	}
	return store
}

// BenchmarkOpenTimeline reads 30 indicators of 100 counties; x-of-bare compares
// that with reading the facts and forgetting them.
func BenchmarkOpenTimeline(b *testing.B) {
	for _, months := range []int{24, 120} {
		b.Run(strconv.Itoa(months)+"-months", func(b *testing.B) {
			store := fillStore(b, months)
			read := 0
			start := time.Now()
			err := store.Facts(b.Context(), ledger.FactQuery{AllRevisions: true}, func(fact.Fact) error { read++; return nil })
			bare := time.Since(start)
			if err != nil || read != benchIndicators*benchCounties*months {
				b.Fatalf("%d facts, %v", read, err)
			}
			before := liveBytes()
			var timeline *ledger.Timeline
			for b.Loop() {
				timeline = openTimeline(b, store, benchIDs()...)
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(bare), "x-of-bare")
			b.ReportMetric(float64(liveBytes()-before)/float64(read), "B/mark")
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/open")
			runtime.KeepAlive(timeline)
		})
	}
}

func liveBytes() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkTimelineApply advances a timeline of 24 months by one figure, and by
// a month of all counties.
func BenchmarkTimelineApply(b *testing.B) {
	var all records
	for month := range 24 {
		for _, id := range benchIDs() {
			all = append(all, fact.Committed{Facts: monthOfCounties(id, month)})
		}
	}
	for name, n := range map[string]int{"one": 1, "month": benchCounties} {
		b.Run(name, func(b *testing.B) {
			timeline := openTimeline(b, all, benchIDs()...)
			facts := monthOfCounties("indicator_07", 24)[:n]
			b.ReportAllocs()
			for b.Loop() {
				timeline.Apply(fact.Committed{Facts: facts})
			}
		})
	}
}
