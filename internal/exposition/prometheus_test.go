package exposition_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/servertest"
)

// complete is an exposition with every family of figures and of telemetry.
func complete(t *testing.T) *exposition.Exposition {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	telemetry := newTelemetry(t, registry)
	telemetry.ConfigurationReloaded("0a1b", january(), nil)
	telemetry.ObserveRun(fact.Run{Collector: "elder-care", End: january(), Outcome: fact.Succeeded}, map[string]int{"period-ended": 1}, map[string]int{"step-plausible": 1})
	telemetry.SetCalendar(january())
	telemetry.ObserveTargets("counties", []fact.TargetRun{
		{Target: "360102", Start: january(), End: january(), Outcome: fact.Succeeded},
		{Target: "360603", Start: january(), End: january(), Outcome: fact.Failed},
	})
	e := newExposition(t, registry, january, nil)
	site, _ := tinySite()
	if err := e.SetSite(site); err != nil {
		t.Fatal(err)
	}
	return e
}

// program finds a program of Debian's package prometheus.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v; install it with: apt-get install -y prometheus", err)
	}
	return path
}

func TestPromtoolHasNoComplaint(t *testing.T) {
	check := exec.CommandContext(t.Context(), program(t, "promtool"), "check", "metrics")
	check.Stdin = strings.NewReader(text(t, complete(t)))
	if said, err := check.CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, said)
	}
}

func TestPrometheusScrapesAndAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		flags  []string
		format string
	}{
		"OpenMetrics": {nil, "application/openmetrics-text"},
		"protobuf":    {[]string{"--enable-feature=native-histograms"}, "application/vnd.google.protobuf"},
	} {
		t.Run(name, func(t *testing.T) {
			served := &atomic.Pointer[http.Header]{}
			handler := complete(t)
			target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				handler.ServeHTTP(w, r)
				header := w.Header().Clone()
				served.Store(&header)
			}))
			t.Cleanup(target.Close)
			server := startPrometheus(t, target.Listener.Addr().String(), c.flags)
			for query, want := range map[string]string{
				`up`:                                   "1",
				`governance_grids{code="360102"}`:      "1234",
				`sum(governance_full_time_grid_staff)`: "23",
				`governance_cadre_visits{grid="第一网格",village="老\"屋\\村\n二"}`: "5",
				`govkpi_collector_runs_total{outcome="success"} > 0`:        "1",
				`governance_overdue_seconds{indicator="grids"} > 0`:         "28800",
				`sum(governance_overdue_seconds)`:                           "10972800",
				`governance_rollup{indicator="grids"}`:                      "1235801",
				`count(governance_coverage_ratio{indicator="grids"} >= 0)`:  "2",
				`govkpi_collector_failed_targets{collector="counties"}`:     "1",
				`count({__name__=~"governance_.+"})`:                        strconv.Itoa(strings.Count(text(t, handler), "\ngovernance_")),
			} {
				if got := server.ask(t, query); got != want {
					t.Errorf("%s is %q, want %q", query, got, want)
				}
			}
			for _, query := range documentedQueries(t) {
				if _, err := server.get(t.Context(), "/api/v1/query?query="+url.QueryEscape(query)); err != nil {
					t.Errorf("docs/metrics.md: %v\n%s", err, query)
				}
			}
			// The figure is of December 2025, and what is reached by then the whole
			// progress. As one of January it is held against 31 days, as one of 29
			// February 2024 against 60 of 366.
			progress := documentedQuery(t, "day_of_year(")
			for moved, want := range map[string]string{"+ 28799": "0.823", "+ 28799 + 31 * 86400": "9.686", "+ 28799 - 671 * 86400": "5.018"} {
				query := strings.NewReplacer("cadre_visits", "grids", "+ 28799", moved).Replace(progress)
				if got := server.ask(t, "round("+query+", 0.001)"); got != want {
					t.Errorf("progress at the end %s is %q, want %s", moved, got, want)
				}
			}
			header := *served.Load()
			if got := header.Get("Content-Type"); !strings.HasPrefix(got, c.format) || header.Get("Content-Encoding") != "gzip" {
				t.Errorf("it scraped %s with coding %q, want %s with gzip", got, header.Get("Content-Encoding"), c.format)
			}
		})
	}
}

// server is a Prometheus that scrapes once a second.
type server struct{ address string }

func startPrometheus(t *testing.T, target string, flags []string) *server {
	t.Helper()
	s := &server{servertest.Prometheus(t, target, "", flags...)}
	s.wait(t, "ready", func(ctx context.Context) bool {
		_, err := s.get(ctx, "/-/ready")
		return err == nil
	})
	return s
}

// wait asks until it is so, for half a minute.
func (s *server) wait(t *testing.T, what string, so func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !so(ctx) {
		select {
		case <-ctx.Done():
			t.Fatalf("prometheus is not %s after half a minute", what)
		case <-again.C:
		}
	}
}

func (s *server) get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := new(http.Client).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return body, err
}

// ask returns the value of the query's only series, once there is one.
func (s *server) ask(t *testing.T, query string) string {
	t.Helper()
	var value string
	s.wait(t, "able to answer "+query, func(ctx context.Context) bool {
		body, err := s.get(ctx, "/api/v1/query?query="+url.QueryEscape(query))
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Data struct {
				Result []struct{ Value [2]any }
			}
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Fatal(err)
		}
		if len(answer.Data.Result) != 1 {
			return false
		}
		value = fmt.Sprint(answer.Data.Result[0].Value[1])
		return query != "up" || value == "1" // it is 0 before the first scrape
	})
	return value
}
