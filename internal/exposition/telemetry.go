package exposition

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/govkpi/govkpi/internal/fact"
)

// TelemetryOptions are what a Telemetry is made from; all are required.
type TelemetryOptions struct {
	Registry *prometheus.Registry
	Version  string
	Revision string // of the source code
	// Statistics returns the ledger's size. It is asked at every scrape, with a
	// short deadline.
	Statistics func(context.Context) (LedgerSize, error)
	// Next returns when a collector runs next; ok is false where it never does.
	// It is asked at every scrape.
	Next func(collector string) (at time.Time, ok bool)
}

func (o TelemetryOptions) validate() error {
	switch {
	case o.Registry == nil:
		return errors.New("exposition: TelemetryOptions.Registry is required")
	case o.Version == "" || o.Revision == "":
		return errors.New("exposition: TelemetryOptions.Version and Revision are required: write unknown where they are not known")
	case o.Statistics == nil:
		return errors.New("exposition: TelemetryOptions.Statistics is required: the size of the ledger is asked from it")
	case o.Next == nil:
		return errors.New("exposition: TelemetryOptions.Next is required: the next runs are asked from it")
	}
	return nil
}

// Telemetry is what the program says of itself: runs, rows, the ledger, the
// configuration. All methods are safe for concurrent use.
//
// A collector's series exist from Track until Forget, so that they begin at 0
// and a collector that a reload removed does not look stuck for ever.
// Observations of any other collector are ignored: its last run may end after
// the reload.
type Telemetry struct {
	mu      sync.RWMutex // also held while a collector's series come and go
	tracked map[string]bool
	digest  string

	runs        *prometheus.CounterVec
	durations   *prometheus.HistogramVec
	succeeded   *prometheus.GaugeVec
	running     *prometheus.GaugeVec
	skipped     *prometheus.CounterVec
	unchanged   *prometheus.CounterVec
	targets     *targetsCollector
	rows        *prometheus.CounterVec
	accepted    *prometheus.CounterVec
	changed     *prometheus.CounterVec
	rejected    *prometheus.CounterVec
	rejections  *prometheus.CounterVec
	held        *prometheus.CounterVec
	reloaded    prometheus.Gauge
	reloadedAt  prometheus.Gauge
	information *prometheus.GaugeVec
	calendar    *prometheus.GaugeVec // without labels: it may be missing
}

// NewTelemetry registers the program's telemetry, and that of the Go runtime and
// the process.
func NewTelemetry(o TelemetryOptions) (*Telemetry, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	t := &Telemetry{tracked: map[string]bool{}, targets: newTargetsCollector()}
	t.makeRuns()
	t.makeRows()
	t.makeConfiguration()
	about := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "govkpi_build_info",
		Help: "Version of the program, always 1 (程序版本)",
	}, []string{"version", "revision", "goversion"})
	about.WithLabelValues(o.Version, o.Revision, runtime.Version()).Set(1)
	for _, c := range []prometheus.Collector{
		t.runs, t.durations, t.succeeded, t.running, t.skipped, t.unchanged, t.targets,
		t.rows, t.accepted, t.changed, t.rejected, t.rejections, t.held,
		t.reloaded, t.reloadedAt, t.information, t.calendar, about,
		newScheduleCollector(t.names, o.Next), newLedgerCollector(o.Statistics),
		collectors.NewGoCollector(),
		newProcessCollector(),
	} {
		if err := o.Registry.Register(c); err != nil {
			return nil, fmt.Errorf("exposition: register telemetry: %w", err)
		}
	}
	return t, nil
}

func (t *Telemetry) makeRuns() {
	t.runs = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "govkpi_collector_runs_total",
		Help: "Ended runs by outcome: success, partial, failure or interrupted (采集运行次数)",
	}, []string{"collector", "outcome"})
	t.durations = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "govkpi_collector_run_duration_seconds",
		Help:    "Duration of ended runs (采集运行耗时)",
		Buckets: []float64{.1, .5, 1, 5, 15, 60, 300, 900, 3600},
	}, []string{"collector"})
	t.succeeded = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "govkpi_collector_last_success_timestamp_seconds",
		Help: "End of the last successful run, also before this start of the program, in seconds since the Unix epoch (最近成功采集时间)",
	}, []string{"collector"})
	t.running = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "govkpi_collector_running",
		Help: "Whether a run is under way, 0 or 1 (是否正在采集)",
	}, []string{"collector"})
	t.skipped = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "govkpi_collector_skipped_runs_total",
		Help: "Due runs that were left out because the one before was still under way (跳过的采集次数)",
	}, []string{"collector"})
	t.unchanged = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "govkpi_collector_unchanged_runs_total",
		Help: "Runs whose source answered that nothing had changed (来源无变化的采集次数)",
	}, []string{"collector"})
}

func (t *Telemetry) makeRows() {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, append([]string{"collector"}, labels...))
	}
	t.rows = counter("govkpi_collector_read_rows_total", "Rows read from the source (读取行数)")
	t.accepted = counter("govkpi_collector_accepted_readings_total", "Readings that passed the gate, changed or not (通过校验的数据条数)")
	t.changed = counter("govkpi_collector_changed_facts_total", "Accepted readings that were new or a correction (新增或更正的数据条数)")
	t.rejected = counter("govkpi_collector_rejected_readings_total", "Readings that the gate refused (被拒绝的数据条数)")
	t.rejections = counter("govkpi_collector_rejections_total", "Readings that the gate refused, by the stage that did (按校验环节统计的拒绝条数)", "stage")
	t.held = counter("govkpi_collector_held_readings_total", "Readings that the gate did not believe and left to people (待核实的数据条数)")
}

func (t *Telemetry) makeConfiguration() {
	t.reloaded = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "govkpi_configuration_last_reload_successful",
		Help: "Whether the configuration was accepted when it was last read, 0 or 1 (最近一次配置加载是否成功)",
	})
	t.reloadedAt = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "govkpi_configuration_last_reload_success_timestamp_seconds",
		Help: "When a configuration was last accepted, in seconds since the Unix epoch (最近一次配置加载成功时间)",
	})
	t.information = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "govkpi_configuration_info",
		Help: "Digest of the configuration in force, always 1 (当前配置摘要)",
	}, []string{"digest"})
	t.calendar = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "govkpi_calendar_known_until_timestamp_seconds",
		Help: "End of the last year whose public holidays the calendar knows, in seconds since the Unix epoch (节假日日历截止时间)",
	}, nil)
}

// Track makes the series of collectors; one that is tracked already keeps its
// own.
func (t *Telemetry) Track(names ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range names {
		if t.tracked[name] {
			continue
		}
		t.tracked[name] = true
		for _, outcome := range []fact.Outcome{fact.Succeeded, fact.Partial, fact.Failed, fact.Interrupted} {
			t.runs.WithLabelValues(name, string(outcome))
		}
		t.durations.WithLabelValues(name)
		t.running.WithLabelValues(name)
		for _, v := range []*prometheus.CounterVec{t.skipped, t.unchanged, t.rows, t.accepted, t.changed, t.rejected, t.held} {
			v.WithLabelValues(name)
		}
	}
}

// Forget removes all series of collectors.
func (t *Telemetry) Forget(names ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range names {
		delete(t.tracked, name)
		t.targets.track(name, nil)
		labels := prometheus.Labels{"collector": name}
		for _, v := range []interface{ DeletePartialMatch(prometheus.Labels) int }{
			t.runs, t.durations, t.succeeded, t.running, t.skipped, t.unchanged,
			t.rows, t.accepted, t.changed, t.rejected, t.rejections, t.held,
		} {
			v.DeletePartialMatch(labels)
		}
	}
}

func (t *Telemetry) names() []string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Sorted(maps.Keys(t.tracked))
}

// about calls observe if the collector is tracked, and holds off Forget until
// it has returned.
func (t *Telemetry) about(collector string, observe func()) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.tracked[collector] {
		observe()
	}
}

// Started marks the collector as running.
func (t *Telemetry) Started(collector string) {
	t.about(collector, func() { t.running.WithLabelValues(collector).Set(1) })
}

// Skipped counts a due run that was left out.
func (t *Telemetry) Skipped(collector string) {
	t.about(collector, func() { t.skipped.WithLabelValues(collector).Inc() })
}

// Unchanged counts a run whose source answered, for every target where there are
// several, that nothing had changed. ObserveRun counts it too.
func (t *Telemetry) Unchanged(collector string) {
	t.about(collector, func() { t.unchanged.WithLabelValues(collector).Inc() })
}

// ObserveRun counts a run that has ended with any outcome, and what it brought.
// rejections counts the refused readings by the stage that did, and held those
// that wait for a decision.
func (t *Telemetry) ObserveRun(run fact.Run, rejections, held map[string]int) {
	name := run.Collector
	t.about(name, func() {
		t.running.WithLabelValues(name).Set(0)
		t.runs.WithLabelValues(name, string(run.Outcome)).Inc()
		t.durations.WithLabelValues(name).Observe(max(0, run.End.Sub(run.Start).Seconds()))
		t.rows.WithLabelValues(name).Add(float64(run.Rows))
		t.accepted.WithLabelValues(name).Add(float64(run.Accepted))
		t.changed.WithLabelValues(name).Add(float64(run.Changed))
		t.rejected.WithLabelValues(name).Add(float64(run.Rejected))
		for stage, n := range rejections {
			t.rejections.WithLabelValues(name, stage).Add(float64(n))
		}
		for _, n := range held {
			t.held.WithLabelValues(name).Add(float64(n))
		}
		if run.Outcome == fact.Succeeded {
			t.succeeded.WithLabelValues(name).Set(seconds(run.End))
		}
	})
}

// SetLastSuccess says when a run of the collector last succeeded: the ledger knows it
// from before this start of the program.
func (t *Telemetry) SetLastSuccess(collector string, end time.Time) {
	t.about(collector, func() { t.succeeded.WithLabelValues(collector).Set(seconds(end)) })
}

// ConfigurationReloaded says how reading the configuration went: which one is
// in force since when, or that it was refused and the one before stays. The
// first reading, at start, counts.
func (t *Telemetry) ConfigurationReloaded(digest string, at time.Time, refused error) {
	if refused != nil {
		t.reloaded.Set(0)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reloaded.Set(1)
	t.reloadedAt.Set(seconds(at))
	if t.digest != digest {
		t.information.DeleteLabelValues(t.digest)
	}
	t.information.WithLabelValues(digest).Set(1)
	t.digest = digest
}

// SetCalendar says until when the calendar in force knows the public holidays:
// the end of its last year. The zero time is none, and leaves no series.
func (t *Telemetry) SetCalendar(until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if until.IsZero() {
		t.calendar.Reset()
		return
	}
	t.calendar.WithLabelValues().Set(seconds(until))
}

// seconds since the Unix epoch, to the millisecond.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
