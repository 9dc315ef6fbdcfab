package exposition_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
)

// targetSamples are the samples of the targets' families, shortened.
func targetSamples(tb testing.TB, registry *prometheus.Registry) []string {
	tb.Helper()
	short := strings.NewReplacer("govkpi_collector_", "", "target_last_run_", "", "target_last_", "", `collector="counties"`, "",
		`,name="`, "", `",target="`, " ", `"}`, "", "{", " ", "}", "")
	var samples []string
	for _, family := range []string{
		"govkpi_collector_targets", "govkpi_collector_failed_targets", "govkpi_collector_target_last_run_successful",
		"govkpi_collector_target_last_success_timestamp_seconds", "govkpi_collector_target_last_run_duration_seconds",
	} {
		for line := range strings.Lines(render(tb, familiesOf(tb, registry, family))) {
			if !strings.HasPrefix(line, "#") {
				samples = append(samples, strings.Join(strings.Fields(short.Replace(line)), " "))
			}
		}
	}
	return samples
}

func TestTargets(t *testing.T) {
	start := january() // 1767916800
	run := func(target string, outcome fact.Outcome, took time.Duration) fact.TargetRun {
		return fact.TargetRun{Target: target, Outcome: outcome, Start: start, End: start.Add(took)}
	}
	before := []string{"targets 3", "failed_targets 0", "successful 东湖区 360102 0", "successful 余江区 360603 0", "successful 贵溪市 360681 0"}
	for name, test := range map[string]struct {
		observe func(*exposition.Telemetry)
		want    []string
	}{
		"before the first run": {func(*exposition.Telemetry) {}, before},
		"a run that failed in part": {
			func(telemetry *exposition.Telemetry) {
				telemetry.ObserveTargets("counties", []fact.TargetRun{
					run("360102", fact.Succeeded, time.Second), run("360603", fact.Failed, 90*time.Second), run("360681", fact.Interrupted, time.Second),
				})
			},
			[]string{
				"targets 3", "failed_targets 1",
				"successful 东湖区 360102 1", "successful 余江区 360603 0", "successful 贵溪市 360681 0",
				"success_timestamp_seconds 东湖区 360102 1.767916801e+09",
				"duration_seconds 东湖区 360102 1", "duration_seconds 余江区 360603 90",
			},
		},
		"one that has mended, and one that only now fails": {
			func(telemetry *exposition.Telemetry) {
				telemetry.ObserveTargets("counties", []fact.TargetRun{run("360102", fact.Succeeded, time.Second), run("360603", fact.Failed, time.Second)})
				telemetry.ObserveTargets("counties", []fact.TargetRun{run("360102", fact.Failed, 2*time.Second), run("360603", fact.Succeeded, 3*time.Second)})
			},
			[]string{
				"targets 3", "failed_targets 1",
				"successful 东湖区 360102 0", "successful 余江区 360603 1", "successful 贵溪市 360681 0",
				"success_timestamp_seconds 东湖区 360102 1.767916801e+09", "success_timestamp_seconds 余江区 360603 1.767916803e+09",
				"duration_seconds 东湖区 360102 2", "duration_seconds 余江区 360603 3",
			},
		},
		"what the ledger knows from before": {
			func(telemetry *exposition.Telemetry) { telemetry.SetTargetLastSuccess("counties", "360603", start) },
			append(append([]string{}, before...), "success_timestamp_seconds 余江区 360603 1.7679168e+09"),
		},
		"a reload": {
			func(telemetry *exposition.Telemetry) {
				telemetry.ObserveTargets("counties", []fact.TargetRun{run("360102", fact.Failed, time.Second), run("360603", fact.Succeeded, time.Second)})
				telemetry.TrackTargets("counties", []exposition.Target{{Code: "360603", Name: "余江县"}, {Code: "360622", Name: "新县"}})
				telemetry.ObserveTargets("counties", []fact.TargetRun{run("360102", fact.Failed, time.Second)})
				telemetry.SetTargetLastSuccess("counties", "360102", start)
			},
			[]string{
				"targets 2", "failed_targets 0", "successful 余江县 360603 1", "successful 新县 360622 0",
				"success_timestamp_seconds 余江县 360603 1.767916801e+09", "duration_seconds 余江县 360603 1",
			},
		},
		"a collector that loses its targets": {
			func(telemetry *exposition.Telemetry) { telemetry.TrackTargets("counties", nil) },
			nil,
		},
		"a collector that is forgotten": {
			func(telemetry *exposition.Telemetry) {
				telemetry.Forget("counties")
				telemetry.ObserveTargets("counties", []fact.TargetRun{run("360102", fact.Failed, time.Second)})
				telemetry.TrackTargets("counties", []exposition.Target{{Code: "360603", Name: "余江区"}})
			},
			nil,
		},
		"a clock that went back": {
			func(telemetry *exposition.Telemetry) {
				telemetry.TrackTargets("counties", []exposition.Target{{Code: "360603", Name: "余江区"}})
				telemetry.ObserveTargets("counties", []fact.TargetRun{run("360603", fact.Failed, -time.Second)})
			},
			[]string{"targets 1", "failed_targets 1", "successful 余江区 360603 0", "duration_seconds 余江区 360603 0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			registry := prometheus.NewPedanticRegistry()
			telemetry := newTelemetry(t, registry)
			test.observe(telemetry)
			if diff := cmp.Diff(test.want, targetSamples(t, registry)); diff != "" {
				t.Errorf("samples (-want +got):\n%s", diff)
			}
		})
	}
}

// Tens of thousands of villages must not fill every scrape.
func TestTargetsAreBounded(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	telemetry := newTelemetry(t, registry)
	villages := make([]exposition.Target, 2001)
	for i := range villages {
		villages[i] = exposition.Target{Code: fmt.Sprintf("360603%06d", i), Name: "村"}
	}
	telemetry.TrackTargets("counties", villages)
	telemetry.ObserveTargets("counties", []fact.TargetRun{{Target: villages[7].Code, Outcome: fact.Failed}})
	if diff := cmp.Diff([]string{"targets 2001", "failed_targets 1"}, targetSamples(t, registry)); diff != "" {
		t.Errorf("samples of too many (-want +got):\n%s", diff)
	}
	telemetry.TrackTargets("counties", villages[:2000])
	if got := len(targetSamples(t, registry)); got != 2+2000+1 {
		t.Errorf("%d samples of just few enough", got)
	}
}

func TestTargetsFromManyRuns(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	telemetry := newTelemetry(t, registry)
	var runs sync.WaitGroup
	for range 8 {
		runs.Go(func() {
			telemetry.ObserveTargets("counties", []fact.TargetRun{{Target: "360603", Outcome: fact.Failed}})
			telemetry.SetTargetLastSuccess("counties", "360102", january())
		})
		runs.Go(func() {
			telemetry.TrackTargets("counties", []exposition.Target{{Code: "360603", Name: "余江区"}, {Code: "360102", Name: "东湖区"}})
			targetSamples(t, registry)
		})
	}
	runs.Wait()
	if got := targetSamples(t, registry); len(got) < 2 || got[1] != "failed_targets 1" {
		t.Errorf("samples %q, want one failed target", got)
	}
}
