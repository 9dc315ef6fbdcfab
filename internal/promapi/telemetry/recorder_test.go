package telemetry_test

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"github.com/govkpi/govkpi/internal/promapi/telemetry"
)

// same fails where a queryable holds anything but what is wanted.
func same(t *testing.T, q storage.Queryable, want map[string][]string) {
	t.Helper()
	if diff := cmp.Diff(want, everything(t, q)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSeriesThatIsGoneEnds(t *testing.T) {
	s := newStage(t)
	queue := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "govkpi_queue", Help: "Queue"}, []string{"of"})
	s.registry.MustRegister(queue)
	queue.WithLabelValues("a").Set(1)
	queue.WithLabelValues("b").Set(2)
	s.rounds(t.Context(), 2)
	queue.DeleteLabelValues("b")
	s.rounds(t.Context(), 2)
	queue.WithLabelValues("b").Set(3)
	s.rounds(t.Context(), 1)
	same(t, s.Store, map[string][]string{
		`{__name__="govkpi_queue", of="a"}`: {"1@0", "1@60", "1@120", "1@180", "1@240"},
		`{__name__="govkpi_queue", of="b"}`: {"2@0", "2@60", "stale@120", "3@240"},
	})
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Record(t.Context()) // one that comes too late
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, s.Store, map[string][]string{
		`{__name__="govkpi_queue", of="a"}`: {"1@0", "1@60", "1@120", "1@180", "1@240", "stale@300"},
		`{__name__="govkpi_queue", of="b"}`: {"2@0", "2@60", "stale@120", "3@240", "stale@300"},
	})
}

func TestStopRightAfterARound(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	s.Record(t.Context())
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, s.Store, map[string][]string{`{__name__="govkpi_a"}`: {"1@0", "stale@0.001"}})
}

// Native histograms are kept, and beside them the classic buckets of those that
// have both.
func TestNativeHistograms(t *testing.T) {
	s := newStage(t)
	both := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "govkpi_both", Help: "Both", Buckets: []float64{1, 4}, NativeHistogramBucketFactor: 2})
	native := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "govkpi_native", Help: "Native", NativeHistogramBucketFactor: 2})
	s.registry.MustRegister(both, native)
	both.Observe(3)
	native.Observe(3)
	s.rounds(t.Context(), 1)
	s.registry.Unregister(native)
	s.rounds(t.Context(), 1)
	same(t, s.Store, map[string][]string{
		`{__name__="govkpi_both"}`:                   {"{count:1, sum:3, (2,4]:1}@0", "{count:1, sum:3, (2,4]:1}@60"},
		`{__name__="govkpi_both_bucket", le="1.0"}`:  {"0@0", "0@60"},
		`{__name__="govkpi_both_bucket", le="4.0"}`:  {"1@0", "1@60"},
		`{__name__="govkpi_both_bucket", le="+Inf"}`: {"1@0", "1@60"},
		`{__name__="govkpi_both_count"}`:             {"1@0", "1@60"},
		`{__name__="govkpi_both_sum"}`:               {"3@0", "3@60"},
		`{__name__="govkpi_native"}`:                 {"{count:1, sum:3, (2,4]:1}@0", "stale histogram@60"},
	})
}

func TestFiguresAreLeftToTheLedger(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "governance_grids").Set(1234)
	s.gauge(t, "govkpi_a").Set(1)
	s.rounds(t.Context(), 1)
	same(t, s.Store, map[string][]string{`{__name__="govkpi_a"}`: {"1@0"}})
}

func TestTimeOfARound(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	for _, after := range []time.Duration{
		0, time.Minute + 13*time.Millisecond, time.Minute - 30*time.Millisecond, // timers are late by a little
		time.Minute + time.Second,                 // by much
		-time.Second, -time.Hour, 0, time.Hour, 0, // a clock that goes back, and is put right
		2 * time.Minute,
	} {
		s.clock.move(after)
		s.Record(t.Context())
	}
	same(t, s.Store, map[string][]string{`{__name__="govkpi_a"}`: {"1@0", "1@60", "1@120", "1@180.983", "1@299.983"}})
	if got := s.metric(t, "govkpi_telemetry_failed_rounds_total"); got != 5 {
		t.Errorf("%v rounds failed, want 5", got)
	}
	if got := strings.Count(s.log.String(), "the clock stands still or goes backwards"); got != 2 {
		t.Errorf("logged %d times, want when it began and when it was over:\n%s", got, s.log)
	}
}

// A clock that was ahead before a restart is none of the recorder's memory: the
// TSDB refuses what is older than it has.
func TestClockThatWasAhead(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	s.clock.move(30 * 24 * time.Hour)
	s.Record(t.Context())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s.clock.move(-30 * 24 * time.Hour)
	again := openStage(t, s.folder, s.clock)
	if !strings.Contains(again.log.String(), "the newest telemetry is later than the clock") {
		t.Errorf("the log says nothing of it:\n%s", again.log)
	}
	again.gauge(t, "govkpi_a").Set(2)
	again.gauge(t, "govkpi_b").Set(2)
	again.rounds(t.Context(), 3)
	if got := again.metric(t, "govkpi_telemetry_rejected_samples_total"); got != 6 {
		t.Errorf("%v samples were rejected, want 6", got)
	}
	if got := strings.Count(again.log.String(), "samples of telemetry were refused"); got != 1 {
		t.Errorf("logged %d times, want once:\n%s", got, again.log)
	}
	again.clock.move(31 * 24 * time.Hour)
	again.rounds(t.Context(), 1)
	if got := everything(t, again.Store)[`{__name__="govkpi_a"}`]; len(got) != 2 {
		t.Errorf("once the clock has passed it, there is %v", got)
	}
}

func TestWhatCouldBeGatheredIsRecorded(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	var failure error
	r := s.recorderOf(t, gathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := s.registry.Gather()
		return families, errors.Join(err, failure)
	}))
	for _, failure = range []error{nil, errors.New("the ledger did not answer"), errors.New("the ledger did not answer"), nil} {
		r.Record(t.Context())
		s.clock.move(time.Minute)
	}
	same(t, s.Store, map[string][]string{`{__name__="govkpi_a"}`: {"1@0", "1@60", "1@120", "1@180"}})
	if got := s.metric(t, "govkpi_telemetry_failed_rounds_total"); got != 2 {
		t.Errorf("%v rounds failed, want 2", got)
	}
	log := s.log.String()
	if strings.Count(log, "the ledger did not answer") != 1 || !strings.Contains(log, "recorded again") {
		t.Errorf("want it logged when it began and when it was over:\n%s", log)
	}
}

// A family that can't be parsed ends its round, but not the series that were not
// read for it.
func TestUnreadableFamily(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	s.gauge(t, "govkpi_z").Set(1)
	broken := false
	r := s.recorderOf(t, gathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := s.registry.Gather()
		if name := "govkpi_\xff"; broken {
			families = []*dto.MetricFamily{families[0], {Name: &name, Type: dto.MetricType_GAUGE.Enum(), Metric: families[0].Metric}, families[1]}
		}
		return families, err
	}))
	for _, broken = range []bool{false, true, false} {
		r.Record(t.Context())
		s.clock.move(time.Minute)
	}
	got := everything(t, s.Store)
	delete(got, `{__name__="govkpi_a"}`)
	if diff := cmp.Diff(map[string][]string{`{__name__="govkpi_z"}`: {"1@0", "1@120"}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := s.metric(t, "govkpi_telemetry_failed_rounds_total"); got != 1 {
		t.Errorf("%v rounds failed, want 1", got)
	}
}

// The loop: at once, then at every interval, until it is stopped.
func TestLoop(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "telemetry")
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := newStage(t, func(o *telemetry.Options) { o.Folder, o.Now = folder, time.Now })
		s.clock = &clock{now: began}
		s.gauge(t, "govkpi_a").Set(1)
		r, err := telemetry.NewRecorder(telemetry.RecorderOptions{
			Store: s.Store, Gatherer: s.registry, Interval: time.Minute, Now: time.Now, Log: options("", s.clock, s.log).Log,
		})
		if err != nil {
			t.Fatal(err)
		}
		r.Start(t.Context())
		wait := time.NewTimer(150 * time.Second)
		<-wait.C
		synctest.Wait()
		if err := r.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		wait.Reset(time.Hour)
		<-wait.C
		var times []float64
		q, err := s.Querier(math.MinInt64, math.MaxInt64)
		if err != nil {
			t.Fatal(err)
		}
		defer q.Close()
		set := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", "govkpi_a"))
		for set.Next() {
			for i := set.At().Iterator(nil); i.Next() != 0; {
				times = append(times, float64(i.AtT()-began.UnixMilli())/1000)
			}
		}
		if diff := cmp.Diff([]float64{0, 60, 120, 150}, times); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if got := s.metric(t, "govkpi_telemetry_last_round_timestamp_seconds"); got != float64(began.Unix()+120) {
			t.Errorf("the last round was at %v", got)
		}
	})
}

func TestRecorderOptions(t *testing.T) {
	s := newStage(t)
	good := telemetry.RecorderOptions{
		Store: s.Store, Gatherer: s.registry, Interval: time.Minute, Now: s.clock.Now, Log: options("", s.clock, s.log).Log,
	}
	for name, c := range map[string]struct {
		change func(*telemetry.RecorderOptions)
		want   string
	}{
		"Store":    {func(o *telemetry.RecorderOptions) { o.Store = nil }, "Store is required"},
		"Gatherer": {func(o *telemetry.RecorderOptions) { o.Gatherer = nil }, "Gatherer is required"},
		"Now":      {func(o *telemetry.RecorderOptions) { o.Now = nil }, "Now is required"},
		"Log":      {func(o *telemetry.RecorderOptions) { o.Log = nil }, "Log is required"},
		"short":    {func(o *telemetry.RecorderOptions) { o.Interval = time.Millisecond }, "Interval is 1ms; it must be from 1s to 4m0s"},
		"long":     {func(o *telemetry.RecorderOptions) { o.Interval = 5 * time.Minute }, "Interval is 5m0s; it must be from 1s to 4m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			c.change(&o)
			if _, err := telemetry.NewRecorder(o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}
