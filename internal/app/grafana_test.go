package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/grafana/grafanatest"
	"github.com/govkpi/govkpi/internal/app"
)

// withGrafana adds a section grafana to a place, with further lines of it.
func (p *place) withGrafana(g *grafanatest.Grafana, lines ...string) {
	p.t.Helper()
	p.env["GRAFANA_TOKEN"] = grafanatest.Token
	section := []string{
		"grafana:", "  url: " + g.URL, "  token: ${GRAFANA_TOKEN}", "  timeout: 5s",
		"  organization: {id: 1, name: Main Org.}",
		`  datasource: {uid: gov, name: govkpi, url: "http://127.0.0.1:9600"}`,
		"  folders: [{language: zh, uid: govkpi, title: 治理}, {language: en, uid: govkpi-en, title: Governance}]",
		"  playlist: {uid: govkpi-walls, title: 轮播, interval: 1m}",
	}
	for _, line := range lines {
		section = append(section, "  "+line)
	}
	plain, _, _ := strings.Cut(p.read("govkpi.yaml"), "grafana:\n")
	p.write("govkpi.yaml", strings.TrimRight(plain, "\n")+"\n"+strings.Join(section, "\n")+"\n")
}

// awaitMetric waits until /metrics has a line.
func awaitMetric(t *testing.T, a *app.App, line string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		_, body := get(t, a, http.MethodGet, "/metrics")
		if strings.Contains(body, line+"\n") {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("/metrics never had %s:\n%s", line, body)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestBoardsAreAppliedAtStart(t *testing.T) {
	for name, lines := range map[string][]string{
		"once":               {"apply_at_start: true"},
		"and on a schedule":  {"apply_at_start: true", `schedule: "@daily"`},
		"with pages and map": {"apply_at_start: true", "pages_url: http://127.0.0.1:9600", "outlines_url: public/maps/x.geojson"},
	} {
		t.Run(name, func(t *testing.T) {
			g := grafanatest.New(t, "13.1.1")
			p := newPlace(t)
			p.withGrafana(g, lines...)
			a := p.open()
			wantMetrics(t, a, "!govkpi_grafana_")
			if err := a.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			awaitMetric(t, a, "govkpi_grafana_last_apply_successful 1")
			wantMetrics(t, a, `govkpi_grafana_objects{state="drift"} 0`, `govkpi_grafana_objects{state="create"} 0`)
			if content, folder, _ := g.Board("govkpi-wall-province"); content == nil || folder != "govkpi" {
				t.Errorf("the board of the province is in %q: %v", folder, content)
			}
			if _, folder, version := g.Board("govkpi-city-en"); folder != "govkpi-en" || version != 1 {
				t.Errorf("the English board is in %q, version %d", folder, version)
			}
			if strings.Contains(p.log.String(), grafanatest.Token) {
				t.Error("the log has the token")
			}
		})
	}
}

func TestBoardsAreNotAppliedUnasked(t *testing.T) {
	g := grafanatest.New(t, "12.4.0")
	p := newPlace(t)
	p.withGrafana(g, `schedule: "@daily"`)
	a := p.open()
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.stop(a)
	if asked := g.Requests(); len(asked) > 0 {
		t.Errorf("it asked %q", asked)
	}
}

// TestDriftIsShown begins without a Grafana in the configuration: a reload brings
// it.
func TestDriftIsShown(t *testing.T) {
	g := grafanatest.New(t, "12.4.0")
	p := newPlace(t)
	a := p.open()
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.withGrafana(g, "apply_at_start: true", `schedule: "@daily"`)
	if err := a.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitMetric(t, a, "govkpi_grafana_last_apply_successful 1")
	p.stop(a)
	g.Edit("govkpi-city", "li", "", func(d map[string]any) { d["title"] = "我的" })
	second := p.open()
	if err := second.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitMetric(t, second, `govkpi_grafana_objects{state="drift"} 1`)
	wantMetrics(t, second, "govkpi_grafana_last_apply_successful 1")
	if content, _, _ := g.Board("govkpi-city"); content["title"] != "我的" {
		t.Error("somebody's board is lost")
	}
}

func TestGrafanaDownHoldsNothingUp(t *testing.T) {
	g := grafanatest.New(t, "12.4.0")
	g.Close()
	p := newPlace(t)
	p.withGrafana(g, "apply_at_start: true")
	a := p.open()
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitMetric(t, a, "govkpi_grafana_last_apply_successful 0")
	awaitMetric(t, a, `govkpi_collector_runs_total{collector="grids",outcome="success"} 1`)
}

func TestGrafanaScheduleIsRefused(t *testing.T) {
	p := newPlace(t)
	p.withGrafana(grafanatest.New(t, "12.4.0"), `schedule: "0 0 30 2 *"`)
	_, err := app.New(t.Context(), p.options())
	if err == nil || !strings.Contains(err.Error(), "never fires") || !strings.Contains(err.Error(), "govkpi.yaml:") {
		t.Errorf("error %v", err)
	}
}

func TestGrafanaSecretIsNeeded(t *testing.T) {
	p := newPlace(t)
	p.withGrafana(grafanatest.New(t, "12.4.0"))
	cfg, err := config.LoadFile(p.folder+"/govkpi.yaml", app.ForReading(config.Options{Env: func(string) (string, bool) { return "", false }}))
	if err != nil {
		t.Fatal(err)
	}
	g, err := app.NewGrafana(cfg, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Plan(t.Context(), false, false); err == nil || !strings.Contains(err.Error(), "the secret of grafana.url is not there") {
		t.Errorf("error %v", err)
	}
}
