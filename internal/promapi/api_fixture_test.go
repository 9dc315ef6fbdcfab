package promapi_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/govkpi/govkpi/internal/promapi"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// apiNow is the time of the handlers under test: two days of history lie before
// it, and none after.
var apiNow = time.Date(2026, 1, 12, 0, 0, 0, 0, time.UTC)

// apiStore returns a TSDB with two days of hourly samples.
func apiStore(t testing.TB) *tsdb.DB {
	t.Helper()
	o := tsdb.DefaultOptions()
	o.RetentionDuration = 0
	db, err := tsdb.Open(t.TempDir(), slog.New(slog.DiscardHandler), prometheus.NewRegistry(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	db.DisableCompactions() // they come when they like, and give series another order
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	app := db.Appender(t.Context())
	add := func(at time.Time, v float64, pairs ...string) {
		if _, err := app.Append(0, labels.FromStrings(pairs...), at.UnixMilli(), v); err != nil {
			t.Fatal(err)
		}
	}
	for hour := range 49 {
		at := apiNow.Add(time.Duration(hour-48) * time.Hour)
		add(at, float64(100+hour), "__name__", "governance_grids", "level", "county", "code", "360603", "city", "鹰潭市", "county", "余江区")
		add(at, float64(200-hour), "__name__", "governance_grids", "level", "county", "code", "360681", "city", "鹰潭市", "county", `贵溪市 "\`)
		add(at, math.Sin(float64(hour)), "__name__", "governance_grids", "level", "county", "code", "360102", "city", "南昌市", "county", "东湖区")
		add(at, []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, math.Copysign(0, -1)}[hour%5], "__name__", "odd", "code", "1")
		add(at, float64(hour*7), "__name__", "govkpi_collector_runs_total", "collector", "grids", "outcome", "success")
		for i, le := range []string{"0.1", "1", "+Inf"} {
			add(at, float64(hour*(i+1)), "__name__", "govkpi_collector_run_duration_seconds_bucket", "collector", "grids", "le", le)
		}
		h := &histogram.Histogram{
			Count: uint64(10 * hour), Sum: float64(hour), Schema: 1,
			PositiveSpans: []histogram.Span{{Offset: 0, Length: 2}}, PositiveBuckets: []int64{int64(5 * hour), 0},
		}
		if _, err := app.AppendHistogram(0, labels.FromStrings("__name__", "native", "code", "1"), at.UnixMilli(), h, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	return db
}

// apiLimits are wide enough for everything that is not about them.
func apiLimits() promapi.Limits {
	return promapi.Limits{
		Timeout: time.Minute, MaxSamples: 1_000_000, Concurrency: 4, Wait: 10 * time.Second,
		ResponseBytes: 4 << 20, QueryBytes: 64 << 10, QueryLabels: 1000,
	}
}

func apiFamilies() []promapi.Family {
	return []promapi.Family{
		{Name: "governance_grids", Help: "Village and community grids (村（社区）网格)", Type: "gauge"},
		{Name: "govkpi_collector_runs_total", Help: "Ended runs (采集运行次数)", Type: "counter"},
	}
}

// apiOptions returns the options of a handler over a Queryable.
func apiOptions(q storage.Queryable, l promapi.Limits) promapi.HandlerOptions {
	log := slog.New(slog.DiscardHandler)
	return promapi.HandlerOptions{
		Engine: promapi.NewEngine(promapi.EngineOptions{Limits: l, Log: log}), Queryable: q,
		Metadata: apiFamilies, ParseInstant: parseAPIInstant, Limits: l,
		About: promapi.About{
			Version: "v0.5.0", Revision: "0123abc", Started: apiNow.Add(-time.Hour),
			Reloaded:  func() (bool, time.Time) { return true, apiNow.Add(-time.Minute) },
			Retention: 400 * 24 * time.Hour, Interval: time.Minute,
		},
		Registerer: prometheus.NewPedanticRegistry(), Log: log,
		Now: func() time.Time { return apiNow },
	}
}

// parseAPIInstant reads RFC 3339 and dates, as the program does.
func parseAPIInstant(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, errors.New("expected a date or a time")
	}
	return t.AddDate(0, 0, 1).Add(-time.Millisecond), nil
}

func apiHandler(t testing.TB, o promapi.HandlerOptions) http.Handler {
	t.Helper()
	h, err := promapi.NewHandler(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// get and post ask a handler and return its whole answer.
func get(t testing.TB, h http.Handler, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t.Context(), h, http.MethodGet, path, form)
}

func post(t testing.TB, h http.Handler, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t.Context(), h, http.MethodPost, path, form)
}

func ask(ctx context.Context, h http.Handler, method, path string, form url.Values) *httptest.ResponseRecorder {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	} else if len(form) > 0 {
		path += "?" + form.Encode()
	}
	r := httptest.NewRequestWithContext(ctx, method, path, body)
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// asForm writes a form as query=up&time=1 reads, with nothing escaped.
func asForm(t testing.TB, pairs ...string) url.Values {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

// refusedWith checks that an answer is an error of Prometheus' form.
func refusedWith(t testing.TB, w *httptest.ResponseRecorder, status int, kind, text string) {
	t.Helper()
	body := w.Body.String()
	if w.Code != status || !strings.HasPrefix(body, `{"status":"error","errorType":"`+kind+`","error":"`) || !strings.Contains(body, text) {
		t.Errorf("answered %d %.500s\nwant %d %s with %q", w.Code, body, status, kind, text)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("content type %q", got)
	}
}

// golden compares with a file of testdata/api.
func apiGolden(t testing.TB, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", "api", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, append(bytes.Clone(got), '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSuffix(string(want), "\n"), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
