package telemetry_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/govkpi/govkpi/internal/servertest"
)

// What is recorded is what a Prometheus stores that scrapes the same registry:
// the same series with the same values, but for the labels job and instance.
func TestRecordsWhatPrometheusStores(t *testing.T) {
	frozen := varied(t)
	s := newStage(t)
	s.recorderOf(t, frozen).Record(t.Context())
	got := map[string]string{}
	for series, samples := range everything(t, s.Store) {
		if len(samples) != 1 {
			t.Errorf("%s has %v", series, samples)
		}
		got[series], _, _ = strings.Cut(samples[0], "@")
	}

	target := httptest.NewServer(promhttp.HandlerFor(frozen, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	t.Cleanup(target.Close)
	want := (&server{servertest.Prometheus(t, target.Listener.Addr().String(), "")}).everything(t)
	if len(want) < 70 {
		t.Errorf("Prometheus has only %d series", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-Prometheus +ours:\n%s", diff)
	}
}

// The Prometheus of the test above is an old one. The newest spells the labels le
// and quantile alike whatever format it scrapes, and so do we.
func TestSpellsLikeTheNewestPrometheus(t *testing.T) {
	frozen := varied(t)
	s := newStage(t)
	s.recorderOf(t, frozen).Record(t.Context())
	want := slices.Sorted(maps.Keys(everything(t, s.Store)))
	handler := promhttp.HandlerFor(frozen, promhttp.HandlerOpts{EnableOpenMetrics: true})
	for _, accept := range []string{"text/plain;version=0.0.4", "application/openmetrics-text;version=1.0.0"} {
		request := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
		request.Header.Set("Accept", accept)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		parser, err := textparse.New(answer.Body.Bytes(), answer.Header().Get("Content-Type"), nil, textparse.ParserOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for {
			kind, err := parser.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if kind == textparse.EntrySeries {
				var l labels.Labels
				parser.Labels(&l)
				got = append(got, l.WithoutEmpty().String())
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("-%s +ours:\n%s", accept, diff)
		}
	}
}

// varied is a registry with a metric of every type and what may be odd in one. It
// always shows the same.
func varied(t *testing.T) prometheus.Gatherer {
	t.Helper()
	r := prometheus.NewRegistry()
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "govkpi_odd_total", Help: "Odd labels"}, []string{"name", "empty"})
	counter.WithLabelValues("余江区 \"a\\b\"\nsecond line", "").Add(3)
	counter.WithLabelValues("", "").Inc()
	gauge := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "govkpi_odd", Help: "Odd values"}, []string{"of"})
	for of, v := range map[string]float64{
		"nan": math.NaN(), "inf": math.Inf(1), "minus inf": math.Inf(-1), "large": 1.7e308, "small": 5e-324, "zero": 0, "third": 1. / 3,
	} {
		gauge.WithLabelValues(of).Set(v)
	}
	histogram := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "govkpi_odd_seconds", Help: "Odd buckets", Buckets: []float64{-1, 0, 1e-7, .1, .5, 1, 2.5, 10, 1e6, 1e21},
	}, []string{"of"})
	histogram.WithLabelValues("none")
	for _, v := range []float64{-2, .3, 1, 11, 1e30} {
		histogram.WithLabelValues("some").Observe(v)
	}
	summary := prometheus.NewSummary(prometheus.SummaryOpts{
		Name: "govkpi_odd_bytes", Help: "Odd quantiles", Objectives: map[float64]float64{0: 0, .5: .05, .999: .001, 1: 0},
	})
	summary.Observe(4)
	untyped := prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "govkpi_odd_untyped", Help: "No type"}, func() float64 { return 1 })
	r.MustRegister(counter, gauge, histogram, summary, untyped, collectors.NewGoCollector(), collectors.NewBuildInfoCollector())
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return gathererFunc(func() ([]*dto.MetricFamily, error) { return families, nil })
}

// server is a Prometheus that scrapes once a second.
type server struct{ address string }

// everything waits for the first scrape, for half a minute, and returns the value
// of every series that the target has, without the target's labels.
func (s *server) everything(t *testing.T) map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if found := s.ask(ctx, t, `{job="govkpi",__name__!~"up|scrape_.+"}`); len(found) > 0 {
			return found
		}
		select {
		case <-ctx.Done():
			t.Fatal("prometheus has scraped nothing after half a minute")
		case <-again.C:
		}
	}
}

// ask returns nothing while Prometheus is not ready.
func (s *server) ask(ctx context.Context, t *testing.T, query string) map[string]string {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/api/v1/query?query="+url.QueryEscape(query), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := new(http.Client).Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil
	}
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, r := range answer.Data.Result {
		delete(r.Metric, "job")
		delete(r.Metric, "instance")
		v, err := strconv.ParseFloat(fmt.Sprint(r.Value[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		found[labels.FromMap(r.Metric).String()] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return found
}
