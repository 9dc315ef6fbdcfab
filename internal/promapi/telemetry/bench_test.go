package telemetry_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
)

// busy registers 300 series such as the program has: a third stands still, a third
// counts, a third is measured anew each time. It returns what makes a minute pass
// in them.
func busy(b *testing.B, r *prometheus.Registry) (minute func()) {
	b.Helper()
	still := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "govkpi_still", Help: "Still"}, []string{"collector"})
	counts := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "govkpi_counts_total", Help: "Counts"}, []string{"collector"})
	measured := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "govkpi_measured_bytes", Help: "Measured"}, []string{"collector"})
	r.MustRegister(still, counts, measured)
	random := rand.New(rand.NewPCG(1, 2))
	names := make([]string, 100)
	for i := range names {
		names[i] = fmt.Sprintf("collector-%02d", i)
		still.WithLabelValues(names[i]).Set(float64(i))
		counts.WithLabelValues(names[i])
	}
	return func() {
		for i, name := range names {
			if random.IntN(10) == 0 {
				counts.WithLabelValues(name).Add(float64(random.IntN(100)))
			}
			measured.WithLabelValues(name).Set(math.Round(1e8 + 1e6*random.NormFloat64()*float64(i)))
		}
	}
}

func live() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// BenchmarkMonth records 300 series every minute for 30 days.
func BenchmarkMonth(b *testing.B) {
	const days = 30
	for b.Loop() {
		before := live()
		s := newStage(b)
		empty := live()
		minute := busy(b, s.registry)
		var recording time.Duration
		for range days {
			began := time.Now()
			for range 24 * 60 {
				minute()
				s.Record(b.Context())
				s.clock.move(time.Minute)
			}
			recording += time.Since(began)
			if err := s.Compact(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		s.Record(b.Context())
		b.ReportMetric(float64(recording.Microseconds())/(days*24*60), "us/round")
		b.ReportMetric(s.metric(b, "govkpi_telemetry_size_bytes"), "bytes")
		var inBlocks float64
		blocks := s.blocks(b)
		for _, block := range blocks {
			inBlocks += float64(block.Stats.NumSamples)
		}
		size, _ := s.BlocksSize()
		b.ReportMetric(float64(size)/inBlocks, "bytes/sample")
		b.ReportMetric(float64(size)/inBlocks*24*60, "bytes/series-day")
		b.ReportMetric((empty-before)/1e6, "MB-empty")
		b.ReportMetric((live()-before)/1e6, "MB-live")
		began := time.Now()
		q, err := s.Querier(math.MinInt64, math.MaxInt64)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		set := q.Select(b.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "collector", "collector-07"))
		for set.Next() {
			for i := set.At().Iterator(nil); i.Next() != 0; {
				n++
			}
		}
		if err := q.Close(); err != nil || n != 3*(days*24*60+1) {
			b.Fatalf("%d samples, %v", n, err)
		}
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-month-of-3-series")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		began = time.Now()
		again := openStage(b, s.folder, s.clock)
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-restart")
		if err := again.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
