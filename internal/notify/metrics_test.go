package notify_test

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/govkpi/govkpi/internal/notify"
	"github.com/govkpi/govkpi/internal/notify/queue"
)

// counting is an office whose messages to Nanchang fail, to Jingdezhen are in
// doubt and to Pingxiang wait.
func counting(t *testing.T) *prometheus.Registry {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	c := &clock{now: morning(t)}
	g := &group{format: markdown(), answer: func(m notify.Message) error {
		return map[string]error{
			"360100": fmt.Errorf("%w: no", notify.ErrRefused), "360200": fmt.Errorf("%w: perhaps", notify.ErrDoubtful), "360300": os.ErrDeadlineExceeded,
		}[m.Region]
	}}
	q, err := queue.Open(t.Context(), filepath.Join(t.TempDir(), "notify.db"), c.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	n, err := notify.New(t.Context(), notify.Options{Store: q, Memory: q, Settings: settings(t, g), Now: c.Now, Log: slog.New(slog.DiscardHandler), Registry: registry})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{Notifier: n, queue: q, clock: c, group: g}
	o.receive(t, everyCity(t)...)
	o.send(t, everyCity(t))
	o.deliver(t, 0)
	c.add(20 * time.Second)
	return registry
}

func TestMetrics(t *testing.T) {
	registry := counting(t)
	var text strings.Builder
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := promlint.NewWithMetricFamilies(families).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			text.WriteString(f.GetName())
			for _, l := range m.GetLabel() {
				text.WriteString(" " + l.GetName() + "=" + l.GetValue())
			}
			fmt.Fprintf(&text, " %v\n", m.GetGauge().GetValue()+m.GetCounter().GetValue())
		}
	}
	golden(t, "metrics.txt", text.String())
}

// Every family has its row in docs/metrics.md, and no other has one.
func TestMetricsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(govkpi_notify_[a-z_]+)`").FindAllStringSubmatch(string(page), -1) {
		documented[m[1]] = true
	}
	exposed := map[string]bool{}
	families, err := counting(t).Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		exposed[f.GetName()] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(exposed))); diff != "" {
		t.Errorf("docs/metrics.md and the metrics differ (-documented +exposed):\n%s", diff)
	}
}
