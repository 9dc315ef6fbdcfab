package grafana_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/govkpi/govkpi/grafana"
)

// stage is a Provisioner of a site.
type stage struct {
	*grafana.Provisioner
	registry *prometheus.Registry
	log      *bytes.Buffer
	desired  grafana.Desired
	err      error
}

func provision(t *testing.T, s *site) *stage {
	t.Helper()
	g := &stage{registry: prometheus.NewPedanticRegistry(), log: &bytes.Buffer{}, desired: desired(s.prefix)}
	p, err := grafana.NewProvisioner(grafana.ProvisionerOptions{
		Target:   func(context.Context) (*grafana.Remote, grafana.Desired, error) { return s.remote(), g.desired, g.err },
		Registry: g.registry, Now: func() time.Time { return time.Unix(1767225600, 0) }, Log: slog.New(slog.NewTextHandler(g.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	g.Provisioner = p
	return g
}

func (g *stage) shows(t *testing.T, want string) {
	t.Helper()
	families, err := g.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if value := m.GetGauge().GetValue(); value != 0 || len(m.GetLabel()) == 0 {
				got.WriteString(strings.TrimPrefix(f.GetName(), "govkpi_grafana_"))
				for _, l := range m.GetLabel() {
					got.WriteString("/" + l.GetValue())
				}
				got.WriteString(" ")
				if value < 1e9 {
					got.WriteString(string(rune('0' + int(value))))
				} else {
					got.WriteString("now")
				}
				got.WriteString("; ")
			}
		}
	}
	if got.String() != want {
		t.Errorf("metrics\n%s\nwant\n%s", got.String(), want)
	}
}

func TestProvisioner(t *testing.T) {
	s := fake(t, "12.4.0").site(t, "p-")
	g := provision(t, s)
	g.shows(t, "")
	if err := g.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	const good = "last_apply_success_timestamp_seconds now; last_apply_successful 1; last_apply_timestamp_seconds now; "
	g.shows(t, good+"objects/unchanged 7; ")
	s.edit("p-city", retitle("我的"))
	g.desired.Boards = []grafana.Board{g.desired.Boards[0], g.desired.Boards[2]}
	if err := g.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.shows(t, good+"objects/drift 1; objects/orphan 1; objects/unchanged 5; ")
	for _, want := range []string{"state=drift", "uid=p-city", "state=orphan", "version 2 is not ours"} {
		if !strings.Contains(g.log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, g.log)
		}
	}
	s.edit("p-city", retitle("网格"))
	g.err = errors.New("no boards")
	if err := g.Run(t.Context()); !errors.Is(err, g.err) {
		t.Errorf("error %v", err)
	}
	g.shows(t, strings.Replace(good, "successful 1", "successful 0", 1)+"objects/drift 1; objects/orphan 1; objects/unchanged 5; ")
}

// TestMetricsAreDocumented: every family stands on the page, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	g := provision(t, fake(t, "12.4.0").site(t, "p-"))
	if err := g.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(govkpi_grafana_[a-z_]+)`").FindAllStringSubmatch(string(page), -1) {
		documented[m[1]] = true
	}
	families, err := g.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if !documented[f.GetName()] {
			t.Errorf("docs/metrics.md does not have %s", f.GetName())
		}
		delete(documented, f.GetName())
	}
	for name := range documented {
		t.Errorf("docs/metrics.md has %s, which nothing shows", name)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("problems %v, %v", problems, err)
	}
}

func TestProvisionerNeedsAll(t *testing.T) {
	if _, err := grafana.NewProvisioner(grafana.ProvisionerOptions{}); err == nil {
		t.Error("it was made of nothing")
	}
}
