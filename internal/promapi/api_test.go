package promapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	grafanaregexp "github.com/grafana/regexp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/route"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	v1 "github.com/prometheus/prometheus/web/api/v1"

	"github.com/govkpi/govkpi/internal/promapi"
)

// plainPrometheus returns Prometheus' own API over the same storage, with
// nothing of ours around it.
func plainPrometheus(t testing.TB, db interface {
	storage.SampleAndChunkQueryable
	storage.ExemplarQueryable
}, engine promql.QueryEngine) http.Handler {
	t.Helper()
	api := v1.NewAPI(engine, db, nil, db, nil, nil, nil, func() promconfig.Config { return promconfig.Config{} }, nil,
		v1.GlobalURLOptions{}, func(h http.HandlerFunc) http.HandlerFunc { return h }, nil, "", false, false, 0,
		slog.New(slog.DiscardHandler), nil, 0, 1, 0, false, grafanaregexp.MustCompile("^$"), nil, nil, nil, nil,
		prometheus.NewRegistry(), nil, nil, false, nil, false, false, false, promapi.DefaultLookback, false, false, nil, nil,
		v1.OpenAPIOptions{}, nil, false, apiLimits().Timeout)
	router := route.New().WithPrefix("/api/v1")
	api.Register(router)
	return router
}

type apiRequest struct {
	path string
	form url.Values
	get  bool // GET only
}

// apiRequests are what clients ask, rightly and wrongly.
func apiRequests(t testing.TB) []apiRequest {
	t.Helper()
	start, end, now := "1768003200", "1768176000.000", "1768176000"
	requests := []apiRequest{
		{path: "query", form: asForm(t, "query", "1+1", "time", "4")}, // the health check of Grafana
		{path: "query", form: asForm(t, "time", now)},
		{path: "query", form: asForm(t, "query", "governance_grids", "time", now, "limit", "2", "stats", "all")},
		{path: "query", form: asForm(t, "query", "governance_grids", "time", now, "stats", "some", "timeout", "30s")},
		{path: "query", form: asForm(t, "query", "up", "time", "yesterday")},
		{path: "query", form: asForm(t, "query", "up", "timeout", "-1", "time", now)},
		{path: "query", form: asForm(t, "query", "up", "lookback_delta", "long", "time", now)},
		{path: "query", form: asForm(t, "query", "governance_grids", "lookback_delta", "30m", "time", "1768177200")},
		{path: "query_range", form: asForm(t, "query", "governance_grids", "start", start, "end", end, "step", "3600")},
		{path: "query_range", form: asForm(t, "query", "native", "start", start, "end", end, "step", "1d")},
		{path: "query_range", form: asForm(t, "query", "odd", "start", "1768003200.781", "end", end, "step", "1h", "lookback_delta", "2h")},
		{path: "query_range", form: asForm(t, "query", "rate(govkpi_collector_runs_total[4h])", "start", start, "end", end, "step", "10800.5")},
		{path: "query_range", form: asForm(t, "query", "nothing", "start", start, "end", end, "step", "60", "limit", "1")},
		{path: "query_range", form: asForm(t, "query", "time()", "start", "2026-01-11T00:00:00Z", "end", end, "step", "6h")},
		{path: "query_range", form: asForm(t, "query", "up[1h]", "start", start, "end", end, "step", "60")},
		{path: "query_range", form: asForm(t, "query", "up", "start", end, "end", start, "step", "60")},
		{path: "query_range", form: asForm(t, "query", "up", "start", start, "end", end, "step", "0")},
		{path: "query_range", form: asForm(t, "query", "up", "start", "1452556800", "end", end, "step", "1")}, // ten years by the second
		{path: "query_exemplars", form: asForm(t, "query", "governance_grids", "start", start, "end", end)},
		{path: "query_exemplars", form: asForm(t, "query", "1")},
		{path: "series", form: asForm(t, "match[]", "governance_grids")},
		{path: "series", form: asForm(t, "match[]", `{code="360603"}`, "match[]", `{__name__=~"gov.*"}`, "start", start, "end", end)},
		{path: "series", form: asForm(t, "match[]", "governance_grids", "limit", "1")},
		{path: "series", form: asForm(t, "match[]", "{")},
		{path: "series", form: asForm(t, "match[]", `{code=""}`)},
		{path: "series"},
		{path: "labels"},
		{path: "labels", form: asForm(t, "match[]", "governance_grids", "start", start, "end", end)},
		{path: "labels", form: asForm(t, "match[]", "nothing")},
		{path: "labels", form: asForm(t, "match[]", "odd", "match[]", "native", "limit", "1")},
		{path: "label/city/values", get: true},
		{path: "label/city/values", form: asForm(t, "match[]", "governance_grids", "limit", "1"), get: true},
		{path: "label/__name__/values", form: asForm(t, "match[]", "odd", "match[]", "native"), get: true},
		{path: "label/nothing/values", get: true},
		{path: "label/U__city/values", get: true},
		{path: "format_query", form: asForm(t, "query", "sum by(city)(governance_grids)/ignoring(x)  2")},
		{path: "format_query", form: asForm(t, "query", "sum(")},
		{path: "parse_query", form: asForm(t, "query", "topk(3, rate(a[5m] offset 1d @ end())) or -b")},
	}
	for _, query := range []string{
		"governance_grids", "odd", "native", "histogram_quantile(0.9, native)", "histogram_quantile(0.9, govkpi_collector_run_duration_seconds_bucket)",
		"governance_grids[3h]", "native[2h]", `"text"`, "scalar(count(governance_grids))", "nothing", "sum by (city) (governance_grids)",
		"governance_grids @ 1768100000 offset -1h", "avg_over_time(governance_grids[1d:1h])", "rate(governance_grids[3h])",
		"governance_grids + on (city) governance_grids", "{", `{__name__=~""}`, "sum(nothing) by", "mad_over_time(governance_grids[1h])",
		"label_replace(governance_grids, \"x\", \"$1\", \"code\", \"(..).*\")", "sort_by_label(governance_grids, \"code\")",
		"quantile(2, governance_grids)", "predict_linear(governance_grids[1d], 86400)", "native - 1", "topk(1, governance_grids) > 300",
	} {
		requests = append(requests, apiRequest{path: "query", form: asForm(t, "query", query, "time", now)})
	}
	return requests
}

// Around Prometheus' own handlers nothing of an answer changes.
func TestAnswersAsPrometheusDoes(t *testing.T) {
	db := apiStore(t)
	o := apiOptions(db, apiLimits())
	ours, plain := apiHandler(t, o), plainPrometheus(t, db, o.Engine)
	// How long things took is another every time.
	timings := regexp.MustCompile(`"timings":\{[^}]*\}`)
	bodyOf := func(w *httptest.ResponseRecorder) string {
		return timings.ReplaceAllString(w.Body.String(), `"timings":{}`)
	}
	for _, r := range apiRequests(t) {
		methods := []string{http.MethodGet, http.MethodPost}
		if r.get {
			methods = methods[:1]
		}
		for _, method := range methods {
			got, want := ask(t.Context(), ours, method, promapi.Prefix+r.path, r.form), ask(t.Context(), plain, method, promapi.Prefix+r.path, r.form)
			if got.Code != want.Code || bodyOf(got) != bodyOf(want) {
				t.Errorf("%s %s %v:\n got %d %s\nwant %d %s", method, r.path, r.form, got.Code, got.Body, want.Code, want.Body)
			}
			if g, w := got.Header().Get("Content-Type"), want.Header().Get("Content-Type"); g != w {
				t.Errorf("%s %s: content type %q, want %q", method, r.path, g, w)
			}
		}
	}
}

// The shape of every endpoint's answer.
func TestEndpoints(t *testing.T) {
	tests := []struct {
		golden, path string
		form         url.Values
		get          bool // POST is refused, as by Prometheus
	}{
		{"query.json", "query", asForm(t, "query", "governance_grids"), false}, // at the time of the clock that was handed in
		{"query_range.json", "query_range", asForm(t, "query", "sum by (city) (governance_grids)", "start", "1768168800.000", "end", "1768176000", "step", "3600"), false},
		{"query_exemplars.json", "query_exemplars", asForm(t, "query", "governance_grids"), false},
		{"series.json", "series", asForm(t, "match[]", "governance_grids"), false},
		{"labels.json", "labels", nil, false},
		{"label_values.json", "label/county/values", asForm(t, "match[]", `governance_grids{city="鹰潭市"}`), true},
		{"format_query.json", "format_query", asForm(t, "query", "sum(a)by(b)"), false},
		{"parse_query.json", "parse_query", asForm(t, "query", "a > 1"), false},
		{"metadata.json", "metadata", nil, true},
		{"metadata_metric.json", "metadata", asForm(t, "metric", "governance_grids", "limit", "3", "limit_per_metric", "1"), true},
		{"metadata_limit.json", "metadata", asForm(t, "limit", "1"), true},
		{"targets_metadata.json", "targets/metadata", nil, true},
		{"targets_metadata_metric.json", "targets/metadata", asForm(t, "metric", "governance_grids", "match_target", `{job!="node"}`), true},
		{"targets_metadata_none.json", "targets/metadata", asForm(t, "match_target", `{job="node"}`), true},
		{"targets.json", "targets", nil, true},
		{"scrape_pools.json", "scrape_pools", nil, true},
		{"alertmanagers.json", "alertmanagers", nil, true},
		{"rules.json", "rules", asForm(t, "type", "alert"), true},
		{"alerts.json", "alerts", nil, true},
		{"status_buildinfo.json", "status/buildinfo", nil, true},
		{"status_runtimeinfo.json", "status/runtimeinfo", nil, true},
		{"status_flags.json", "status/flags", nil, true},
		{"status_config.json", "status/config", nil, true},
		{"status_tsdb.json", "status/tsdb", asForm(t, "limit", "4"), true},
		{"features.json", "features", nil, true},
	}
	h := apiHandler(t, apiOptions(apiStore(t), apiLimits()))
	machine := regexp.MustCompile(`"(goVersion|goroutineCount|GOMAXPROCS|GOMEMLIMIT)":("[^"]*"|\d+)`)
	for _, test := range tests {
		t.Run(test.golden, func(t *testing.T) {
			w := get(t, h, promapi.Prefix+test.path, test.form)
			var indented bytes.Buffer
			if err := json.Indent(&indented, machine.ReplaceAll(w.Body.Bytes(), []byte(`"$1":"…"`)), "", " "); err != nil || w.Code != http.StatusOK {
				t.Fatalf("answered %d %s: %v", w.Code, w.Body, err)
			}
			apiGolden(t, test.golden, indented.Bytes())
			posted := post(t, h, promapi.Prefix+test.path, test.form)
			if test.get {
				refusedWith(t, posted, http.StatusMethodNotAllowed, "bad_data", "takes GET, not POST")
			} else if diff := cmp.Diff(w.Body.String(), posted.Body.String()); diff != "" {
				t.Errorf("POST answers otherwise (-get +post):\n%s", diff)
			}
		})
	}
}

// What Grafana tells the flavour and the version of its data source from.
func TestBuildInfoIsOfThePrometheusThatIsBuiltIn(t *testing.T) {
	w := get(t, apiHandler(t, apiOptions(apiStore(t), apiLimits())), "/api/v1/status/buildinfo", nil)
	var answer struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if _, ok := answer.Data["features"]; ok {
		t.Error("buildinfo has features, by which Grafana knows a Mimir")
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	// v0.316.0 is Prometheus 3.16.0.
	built := regexp.MustCompile(`github\.com/prometheus/prometheus v0\.(\d)(\d\d)\.(\d+)\n`).FindStringSubmatch(string(mod))
	if built == nil {
		t.Fatal("go.mod does not name the version of Prometheus")
	}
	if want := built[1] + "." + strings.TrimPrefix(built[2], "0") + "." + built[3]; answer.Data["version"] != want {
		t.Errorf("version %v, want %s", answer.Data["version"], want)
	}
}

func TestUnserved(t *testing.T) {
	h := apiHandler(t, apiOptions(apiStore(t), apiLimits()))
	for path, text := range map[string]string{
		"write": "samples are not taken", "otlp/v1/metrics": "samples are not taken", "read": "remote read is not served",
		"admin/tsdb/delete_series": "the ledger forgets nothing", "notifications": "docs/api.md", "notifications/live": "docs/api.md",
		"search/metric_names": "docs/api.md", "status/walreplay": "docs/api.md", "status/self_metrics": "docs/api.md",
		"status/tsdb/blocks": "docs/api.md", "scrape_pools/config": "docs/api.md", "openapi.yaml": "docs/api.md",
		"query_cost": "docs/api.md", "": "docs/api.md", "label/a/b/values": "docs/api.md",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
			refusedWith(t, ask(t.Context(), h, method, promapi.Prefix+path, nil), http.StatusNotFound, "not_found", text)
		}
	}
}

func TestMethods(t *testing.T) {
	h := apiHandler(t, apiOptions(apiStore(t), apiLimits()))
	refusedWith(t, ask(t.Context(), h, http.MethodDelete, "/api/v1/query", nil), http.StatusMethodNotAllowed, "bad_data", "takes GET, POST, not DELETE")
	w := ask(t.Context(), h, http.MethodOptions, "/api/v1/label/x/values", nil)
	if w.Code != http.StatusNoContent || w.Header().Get("Allow") != "GET" {
		t.Errorf("OPTIONS answered %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestBadParameters(t *testing.T) {
	h := apiHandler(t, apiOptions(apiStore(t), apiLimits()))
	for path, text := range map[string]string{
		"metadata?limit=x": "limit must be a number", "metadata?limit_per_metric=x": "limit_per_metric must be a number",
		"targets/metadata?limit=x": "limit must be a number", "targets/metadata?match_target={": "match_target",
		"status/tsdb?limit=0": "from 1 to 10000", "status/tsdb?limit=10001": "from 1 to 10000", "status/tsdb?limit=x": "from 1 to 10000",
		"query?query=1;time=2": "can't be read", "query?query=%": "can't be read", "rules?type=x": "not supported value",
	} {
		r := httptest.NewRequest(http.MethodGet, promapi.Prefix+strings.ReplaceAll(path, "{", "%7B"), nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		refusedWith(t, w, http.StatusBadRequest, "bad_data", text)
	}
}

func TestFormsOfMoreThanOneKind(t *testing.T) {
	h := apiHandler(t, apiOptions(apiStore(t), apiLimits()))
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := errors.Join(form.WriteField("query", "1+1"), form.WriteField("time", "4"), form.Close()); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/api/v1/query", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Origin", "https://elsewhere.example") // which Prometheus' API looks at
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if want := `{"status":"success","data":{"resultType":"scalar","result":[4,"2"]}}`; w.Body.String() != want {
		t.Errorf("answered %s", w.Body)
	}
}

func TestCompression(t *testing.T) {
	server := httptest.NewServer(apiHandler(t, apiOptions(apiStore(t), apiLimits())))
	defer server.Close()
	// The client asks for gzip itself, and undoes it.
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v1/query?query=governance_grids", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || !response.Uncompressed || !strings.HasPrefix(string(body), `{"status":"success"`) {
		t.Errorf("compressed %t, %s, %v", response.Uncompressed, body, err)
	}
}

func TestOptionsThatAreMissing(t *testing.T) {
	tests := map[string]func(*promapi.HandlerOptions){
		"Engine":        func(o *promapi.HandlerOptions) { o.Engine = nil },
		"Queryable":     func(o *promapi.HandlerOptions) { o.Queryable = nil },
		"Metadata":      func(o *promapi.HandlerOptions) { o.Metadata = nil },
		"ParseInstant":  func(o *promapi.HandlerOptions) { o.ParseInstant = nil },
		"Version":       func(o *promapi.HandlerOptions) { o.About.Version = "" },
		"Reloaded":      func(o *promapi.HandlerOptions) { o.About.Reloaded = nil },
		"Registerer":    func(o *promapi.HandlerOptions) { o.Registerer = nil },
		"Timeout":       func(o *promapi.HandlerOptions) { o.Limits.Timeout = 0 },
		"MaxSamples":    func(o *promapi.HandlerOptions) { o.Limits.MaxSamples = 0 },
		"Wait":          func(o *promapi.HandlerOptions) { o.Limits.Wait = -1 },
		"ResponseBytes": func(o *promapi.HandlerOptions) { o.Limits.ResponseBytes = 0 },
	}
	db := apiStore(t)
	for name, without := range tests {
		o := apiOptions(db, apiLimits())
		without(&o)
		if _, err := promapi.NewHandler(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: error %v", name, err)
		}
	}
}
