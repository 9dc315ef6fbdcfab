package telemetry_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/govkpi/govkpi/internal/promapi/telemetry"
)

func january() time.Time { return time.Date(2026, 1, 9, 8, 0, 0, 0, time.UTC) }

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: january()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// logBook is a log that many may write to.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// stage is a Store and a Recorder in a folder, with the registry that is recorded.
type stage struct {
	*telemetry.Store
	*telemetry.Recorder
	folder   string
	clock    *clock
	log      *logBook
	registry *prometheus.Registry // what is recorded
	own      *prometheus.Registry // the Store's metrics
}

func options(folder string, c *clock, log *logBook) telemetry.Options {
	return telemetry.Options{
		Folder: folder, Retention: 400 * 24 * time.Hour, Now: c.Now,
		Log: slog.New(slog.NewTextHandler(log, nil)), Registerer: prometheus.NewPedanticRegistry(),
	}
}

// newStage opens a Store that the test's end closes.
func newStage(tb testing.TB, change ...func(*telemetry.Options)) *stage {
	tb.Helper()
	return openStage(tb, filepath.Join(tb.TempDir(), "telemetry"), newClock(), change...)
}

func openStage(tb testing.TB, folder string, c *clock, change ...func(*telemetry.Options)) *stage {
	tb.Helper()
	s := &stage{folder: folder, clock: c, log: &logBook{}, registry: prometheus.NewPedanticRegistry(), own: prometheus.NewPedanticRegistry()}
	o := options(folder, c, s.log)
	o.Registerer = s.own
	for _, change := range change {
		change(&o)
	}
	var err error
	if s.Store, err = telemetry.Open(tb.Context(), o); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	s.Recorder = s.recorderOf(tb, s.registry)
	return s
}

func (s *stage) recorderOf(tb testing.TB, g prometheus.Gatherer) *telemetry.Recorder {
	tb.Helper()
	r, err := telemetry.NewRecorder(telemetry.RecorderOptions{
		Store: s.Store, Gatherer: g, Interval: time.Minute, Now: s.clock.Now, Log: slog.New(slog.NewTextHandler(s.log, nil)),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// gauge registers a gauge to be recorded.
func (s *stage) gauge(tb testing.TB, name string) prometheus.Gauge {
	tb.Helper()
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: name})
	if err := s.registry.Register(g); err != nil {
		tb.Fatal(err)
	}
	return g
}

// rounds records so many, a minute apart, the first at once.
func (s *stage) rounds(ctx context.Context, n int) {
	for range n {
		s.Record(ctx)
		s.clock.move(time.Minute)
	}
}

// everything returns all samples as texts, by series. A time is in seconds after
// january.
func everything(tb testing.TB, q storage.Queryable) map[string][]string {
	tb.Helper()
	return between(tb, q, math.MinInt64, math.MaxInt64)
}

func between(tb testing.TB, q storage.Queryable, from, to int64) map[string][]string {
	tb.Helper()
	querier, err := q.Querier(from, to)
	if err != nil {
		tb.Fatal(err)
	}
	defer querier.Close()
	found := map[string][]string{}
	set := querier.Select(tb.Context(), true, nil, labels.MustNewMatcher(labels.MatchRegexp, "__name__", ".+"))
	for set.Next() {
		samples := []string{}
		iterator := set.At().Iterator(nil)
		for kind := iterator.Next(); kind != chunkenc.ValNone; kind = iterator.Next() {
			samples = append(samples, written(iterator, kind))
		}
		if err := iterator.Err(); err != nil {
			tb.Fatal(err)
		}
		found[set.At().Labels().String()] = samples
	}
	if err := set.Err(); err != nil {
		tb.Fatal(err)
	}
	return found
}

func written(i chunkenc.Iterator, kind chunkenc.ValueType) string {
	var (
		at   int64
		text string
	)
	if kind == chunkenc.ValFloat {
		var v float64
		at, v = i.At()
		text = strconv.FormatFloat(v, 'g', -1, 64)
		if value.IsStaleNaN(v) {
			text = "stale"
		}
	} else {
		var floats *histogram.FloatHistogram
		at, floats = i.AtFloatHistogram(nil)
		text = floats.String()
		if value.IsStaleNaN(floats.Sum) {
			text = "stale histogram"
		}
	}
	seconds := float64(at-january().UnixMilli()) / 1000
	return fmt.Sprintf("%s@%s", text, strconv.FormatFloat(seconds, 'f', -1, 64))
}

// metric returns a metric of the Store itself, 0 where it is missing.
func (s *stage) metric(tb testing.TB, name string) float64 {
	tb.Helper()
	families, err := s.own.Gather()
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return 0
}

// gathererFunc is a prometheus.Gatherer.
type gathererFunc func() ([]*dto.MetricFamily, error)

func (f gathererFunc) Gather() ([]*dto.MetricFamily, error) { return f() }
