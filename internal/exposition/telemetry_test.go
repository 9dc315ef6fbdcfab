package exposition_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
)

// familiesOf gathers a registry and keeps the families whose names begin so.
func familiesOf(tb testing.TB, registry *prometheus.Registry, prefix string) []*dto.MetricFamily {
	tb.Helper()
	all, err := registry.Gather()
	if err != nil {
		tb.Fatal(err)
	}
	var kept []*dto.MetricFamily
	for _, f := range all {
		if strings.HasPrefix(f.GetName(), prefix) {
			kept = append(kept, f)
		}
	}
	return kept
}

func TestTelemetry(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	telemetry := newTelemetry(t, registry)
	start := january()
	run := fact.Run{
		Collector: "elder-care", Start: start, End: start.Add(1500 * time.Millisecond),
		Outcome: fact.Succeeded, Rows: 100, Accepted: 97, Changed: 12, Rejected: 3,
	}
	telemetry.SetLastSuccess("grids", start.Add(-24*time.Hour))
	telemetry.ConfigurationReloaded("0a1b", start, nil)
	telemetry.SetCalendar(time.Date(2027, 1, 1, 0, 0, 0, 0, beijing()))
	telemetry.Started("elder-care")
	telemetry.ObserveRun(run, map[string]int{"period-ended": 2, "value-finite": 1}, map[string]int{"step-plausible": 2, "figure-falls": 1})
	run.Outcome, run.Rows, run.Accepted, run.Changed, run.Rejected = fact.Failed, 0, 0, 0, 0
	telemetry.ObserveRun(run, nil, nil)
	telemetry.Skipped("grids")
	telemetry.Unchanged("grids")
	telemetry.Started("grids")
	telemetry.ObserveRun(fact.Run{Collector: "counties", Start: start, End: start.Add(time.Second), Outcome: fact.Partial}, nil, nil)
	telemetry.ObserveTargets("counties", []fact.TargetRun{
		{Target: "360102", Start: start, End: start.Add(500 * time.Millisecond), Outcome: fact.Succeeded},
		{Target: "360603", Start: start, End: start.Add(time.Second), Outcome: fact.Failed},
	})

	got := strings.ReplaceAll(render(t, familiesOf(t, registry, "govkpi_")), runtime.Version(), "GOVERSION")
	golden(t, "telemetry.txt", got)
}

func TestForgottenCollectorLeavesNothing(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	telemetry := newTelemetry(t, registry)
	run := fact.Run{Collector: "elder-care", Start: january(), End: january(), Outcome: fact.Succeeded, Rejected: 1}
	telemetry.ObserveRun(run, map[string]int{"period-ended": 1}, map[string]int{"step-plausible": 1})
	telemetry.Forget("elder-care", "never-tracked")
	// The last run may end after the reload that removed its collector.
	telemetry.ObserveRun(run, map[string]int{"period-ended": 1}, map[string]int{"step-plausible": 1})
	telemetry.Started("elder-care")
	telemetry.Skipped("elder-care")
	telemetry.SetLastSuccess("elder-care", january())
	telemetry.Unchanged("elder-care")

	got := render(t, familiesOf(t, registry, "govkpi_collector_"))
	if strings.Contains(got, `"elder-care"`) {
		t.Errorf("left behind:\n%s", got)
	}
	if !strings.Contains(got, `govkpi_collector_running{collector="grids"} 0`) {
		t.Error("the other collector is gone too")
	}
	telemetry.Track("elder-care", "grids")
	if got := render(t, familiesOf(t, registry, "govkpi_collector_")); !strings.Contains(got, `govkpi_collector_read_rows_total{collector="elder-care"} 0`) {
		t.Errorf("a collector that came back does not begin at 0:\n%s", got)
	}
}

func TestConfigurationTelemetry(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	telemetry := newTelemetry(t, registry)
	for _, step := range []struct {
		digest  string
		refused error
		want    string
	}{
		{"0a1b", nil, `info{digest="0a1b"} 1,success_timestamp_seconds 1.7679168e+09,successful 1`},
		{"", errors.New("unknown key"), `info{digest="0a1b"} 1,success_timestamp_seconds 1.7679168e+09,successful 0`},
		{"2c3d", nil, `info{digest="2c3d"} 1,success_timestamp_seconds 1.7679168e+09,successful 1`},
		{"2c3d", nil, `info{digest="2c3d"} 1,success_timestamp_seconds 1.7679168e+09,successful 1`},
	} {
		telemetry.ConfigurationReloaded(step.digest, january(), step.refused)
		var samples []string
		for line := range strings.Lines(render(t, familiesOf(t, registry, "govkpi_configuration_"))) {
			if !strings.HasPrefix(line, "#") {
				line = strings.TrimPrefix(strings.TrimSpace(line), "govkpi_configuration_")
				samples = append(samples, strings.TrimPrefix(line, "last_reload_"))
			}
		}
		if got := strings.Join(samples, ","); got != step.want {
			t.Errorf("got  %s\nwant %s", got, step.want)
		}
	}
}

func TestCalendarTelemetry(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	telemetry := newTelemetry(t, registry)
	for _, step := range []struct {
		name  string
		until time.Time
		want  string
	}{
		{"a calendar", january(), "govkpi_calendar_known_until_timestamp_seconds 1.7679168e+09"},
		{"none after a reload", time.Time{}, ""},
		{"another", january().Add(time.Second), "govkpi_calendar_known_until_timestamp_seconds 1.767916801e+09"},
	} {
		telemetry.SetCalendar(step.until)
		got := ""
		for line := range strings.Lines(render(t, familiesOf(t, registry, "govkpi_calendar_"))) {
			if !strings.HasPrefix(line, "#") {
				got = strings.TrimSpace(line)
			}
		}
		if got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}
}

func TestTelemetryFromManyRuns(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	telemetry := newTelemetry(t, registry)
	var runs sync.WaitGroup
	for range 8 {
		runs.Go(func() {
			telemetry.Started("grids")
			telemetry.ObserveRun(fact.Run{Collector: "grids", Outcome: fact.Succeeded, Rows: 2}, map[string]int{"period-ended": 1}, nil)
		})
		runs.Go(func() {
			telemetry.Forget("elder-care")
			telemetry.Track("elder-care")
			familiesOf(t, registry, "govkpi_")
		})
	}
	runs.Wait()
	got := render(t, familiesOf(t, registry, "govkpi_collector_read_rows_total"))
	if !strings.Contains(got, `{collector="grids"} 16`) {
		t.Errorf("want 16 rows, got\n%s", got)
	}
}

func TestProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Log("this system has no /proc: the families must be missing")
	}
	registry := prometheus.NewPedanticRegistry()
	newTelemetry(t, registry)
	got := map[string]float64{}
	for _, f := range familiesOf(t, registry, "process_") {
		m := f.GetMetric()[0]
		got[f.GetName()] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
	}
	if runtime.GOOS != "linux" {
		if len(got) != 0 {
			t.Errorf("got %v", got)
		}
		return
	}
	now := float64(time.Now().Unix())
	for name, within := range map[string][2]float64{
		"process_cpu_seconds_total":     {0, 1e5},
		"process_resident_memory_bytes": {1 << 20, 1 << 34},
		"process_virtual_memory_bytes":  {1 << 20, 1 << 50},
		"process_start_time_seconds":    {now - 3600, now + 60},
		"process_open_fds":              {3, 1000},
	} {
		if v, ok := got[name]; !ok || v < within[0] || v > within[1] {
			t.Errorf("%s is %v, want it within %v", name, v, within)
		}
	}
}

func TestLedgerThatFailsCostsItsOwnFamiliesOnly(t *testing.T) {
	registry, log := prometheus.NewPedanticRegistry(), &bytes.Buffer{}
	_, err := exposition.NewTelemetry(exposition.TelemetryOptions{
		Registry: registry, Version: "1", Revision: "1",
		Next: func(string) (time.Time, bool) { return time.Time{}, false },
		Statistics: func(ctx context.Context) (exposition.LedgerSize, error) {
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("the ledger is asked without a deadline")
			}
			return exposition.LedgerSize{}, errors.New("disk I/O error")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := newExposition(t, registry, january, log)
	site, _ := tinySite()
	if err := e.SetSite(site); err != nil {
		t.Fatal(err)
	}
	for i, accept := range []string{acceptText, acceptOpenMetrics} {
		got := get(t, e, "Accept", accept).Body.String()
		if strings.Contains(got, "govkpi_ledger") || !strings.Contains(got, "governance_grids{") || !strings.Contains(got, "govkpi_build_info{") {
			t.Errorf("%s: want everything but the ledger, got\n%s", accept, got)
		}
		if accept == acceptOpenMetrics && !strings.HasSuffix(got, "\n# EOF\n") {
			t.Error("no end")
		}
		if errs := strings.Count(log.String(), "disk I/O error"); errs != i+1 {
			t.Errorf("logged %d times after %d scrapes", errs, i+1)
		}
	}
	if got := text(t, e); !strings.Contains(got, `govkpi_exposition_errors_total{stage="gather"} 2`) {
		t.Errorf("want two errors of the scrapes before, got\n%s", got)
	}
}

func TestTelemetryFamilyInTheNamespaceOfFigures(t *testing.T) {
	registry, log := prometheus.NewPedanticRegistry(), &bytes.Buffer{}
	registry.MustRegister(
		prometheus.NewGauge(prometheus.GaugeOpts{Name: "governance_grids", Help: "An intruder"}),
		prometheus.NewGauge(prometheus.GaugeOpts{Name: "governances", Help: "A neighbour"}),
	)
	e := newExposition(t, registry, january, log)
	site, _ := tinySite()
	if err := e.SetSite(site); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		got := text(t, e)
		if strings.Contains(got, "An intruder") || !strings.Contains(got, "A neighbour") {
			t.Errorf("want the neighbour and not the intruder, got\n%s", got)
		}
	}
	if n := strings.Count(log.String(), "family=governance_grids"); n != 1 {
		t.Errorf("logged %d times, want once: %s", n, log)
	}
}
