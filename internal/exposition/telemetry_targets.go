package exposition

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/internal/fact"
)

// Target is one of the regions that a collector is fanned out over.
type Target struct {
	Code string
	Name string
}

// mostShownTargets is how many targets a collector may have for each of them to
// have series of its own. It is enough for the townships of a province; with the
// villages every scrape would carry tens of thousands.
const mostShownTargets = 2000

// targetsCollector shows how the pulls of each target went. It is safe for
// concurrent use.
type targetsCollector struct {
	mu  sync.Mutex
	all map[string]map[string]*targetState // by collector and code

	targets, failed                *prometheus.Desc // of a collector
	successful, succeeded, lasting *prometheus.Desc // of a target
}

// targetState is how the newest pull of a target went.
type targetState struct {
	name     string
	outcome  fact.Outcome // empty before the first
	duration time.Duration
	success  time.Time // end of the last successful one; zero is none
}

func newTargetsCollector() *targetsCollector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("govkpi_collector_"+name, help, append([]string{"collector"}, labels...), nil)
	}
	return &targetsCollector{
		all:        map[string]map[string]*targetState{},
		targets:    describe("targets", "Regions that the collector pulls for one by one (采集对象数)"),
		failed:     describe("failed_targets", "Regions whose newest pull failed (采集失败的对象数)"),
		successful: describe("target_last_run_successful", "Whether the newest pull for the region succeeded, 0 or 1; 0 also before the first (该对象最近一次采集是否成功)", "target", "name"),
		succeeded:  describe("target_last_success_timestamp_seconds", "End of the last successful pull for the region, also before this start of the program, in seconds since the Unix epoch (该对象最近成功采集时间)", "target", "name"),
		lasting:    describe("target_last_run_duration_seconds", "Duration of the newest pull for the region, all attempts (该对象最近一次采集耗时)", "target", "name"),
	}
}

// Describe implements prometheus.Collector.
func (c *targetsCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.targets, c.failed, c.successful, c.succeeded, c.lasting} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c *targetsCollector) Collect(to chan<- prometheus.Metric) {
	for _, m := range c.metrics() { // not under the lock: the reader may be slow
		to <- m
	}
}

func (c *targetsCollector) metrics() []prometheus.Metric {
	c.mu.Lock()
	defer c.mu.Unlock()
	var metrics []prometheus.Metric
	add := func(desc *prometheus.Desc, value float64, labels ...string) {
		metrics = append(metrics, prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...))
	}
	for collector, targets := range c.all {
		failed := 0
		for code, t := range targets {
			if t.outcome == fact.Failed {
				failed++
			}
			if len(targets) > mostShownTargets {
				continue
			}
			successful := 0.0
			if t.outcome == fact.Succeeded {
				successful = 1
			}
			add(c.successful, successful, collector, code, t.name)
			if t.outcome != "" {
				add(c.lasting, t.duration.Seconds(), collector, code, t.name)
			}
			if !t.success.IsZero() {
				add(c.succeeded, seconds(t.success), collector, code, t.name)
			}
		}
		add(c.targets, float64(len(targets)), collector)
		add(c.failed, float64(failed), collector)
	}
	return metrics
}

// track makes the given targets all that the collector has. One that it had
// already keeps its state.
func (c *targetsCollector) track(collector string, targets []Target) {
	c.mu.Lock()
	defer c.mu.Unlock()
	had := c.all[collector]
	if len(targets) == 0 {
		delete(c.all, collector)
		return
	}
	has := make(map[string]*targetState, len(targets))
	for _, t := range targets {
		state := &targetState{}
		if kept, ok := had[t.Code]; ok {
			state = kept
		}
		state.name = t.Name
		has[t.Code] = state
	}
	c.all[collector] = has
}

func (c *targetsCollector) observe(collector string, runs []fact.TargetRun) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range runs {
		run := &runs[i]
		state, tracked := c.all[collector][run.Target]
		if !tracked || run.Outcome != fact.Succeeded && run.Outcome != fact.Failed {
			continue
		}
		state.outcome, state.duration = run.Outcome, max(0, run.End.Sub(run.Start))
		if run.Outcome == fact.Succeeded {
			state.success = run.End
		}
	}
}

func (c *targetsCollector) setLastSuccess(collector, target string, end time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state, tracked := c.all[collector][target]; tracked {
		state.success = end
	}
}

// TrackTargets says which targets a collector has, all of them; none makes it one
// without. The series of a target begin with it and end when it is left out or
// its collector is forgotten. A collector with more than 2,000 has only their
// number and that of those that failed. It must be tracked already.
func (t *Telemetry) TrackTargets(collector string, targets []Target) {
	t.about(collector, func() { t.targets.track(collector, targets) })
}

// ObserveTargets says how the newest pulls of targets went. Those that it does
// not name stay as they were, and so does one that was interrupted: that says
// nothing of the target. Nothing is counted, so what the ledger has of a run
// before this start of the program may be observed again.
func (t *Telemetry) ObserveTargets(collector string, runs []fact.TargetRun) {
	t.about(collector, func() { t.targets.observe(collector, runs) })
}

// SetTargetLastSuccess says when a pull of the target last succeeded, as
// SetLastSuccess does of a collector.
func (t *Telemetry) SetTargetLastSuccess(collector, target string, end time.Time) {
	t.about(collector, func() { t.targets.setLastSuccess(collector, target, end) })
}
