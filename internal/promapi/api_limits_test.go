package promapi_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/govkpi/govkpi/internal/promapi"
)

// storeFunc is a Queryable whose series are what a function says.
type storeFunc func(ctx context.Context, hints *storage.SelectHints) storage.SeriesSet

func (f storeFunc) Querier(int64, int64) (storage.Querier, error) { return f, nil }
func (storeFunc) Close() error                                    { return nil }

func (f storeFunc) Select(ctx context.Context, _ bool, hints *storage.SelectHints, _ ...*labels.Matcher) storage.SeriesSet {
	return f(ctx, hints)
}

func (f storeFunc) LabelValues(ctx context.Context, _ string, _ *storage.LabelHints, _ ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return f.LabelNames(ctx, nil)
}

func (f storeFunc) LabelNames(ctx context.Context, _ *storage.LabelHints, _ ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return []string{"a"}, nil, f(ctx, nil).Err()
}

// seriesFunc is a set of n series, made as they are read.
type seriesFunc struct {
	n, at int
	label func(i int) string
}

func (s *seriesFunc) Next() bool                      { s.at++; return s.at <= s.n }
func (*seriesFunc) Err() error                        { return nil }
func (*seriesFunc) Warnings() annotations.Annotations { return nil }
func (s *seriesFunc) At() storage.Series {
	return storage.NewListSeries(labels.FromStrings("__name__", "many", "code", s.label(s.at)), nil)
}

// stillAnswers checks that a handler has not been taken down by what came before.
func stillAnswers(t testing.TB, h http.Handler) {
	t.Helper()
	if w := get(t, h, "/api/v1/query", asForm(t, "query", "1+1")); w.Code != http.StatusOK {
		t.Errorf("afterwards a plain query is answered %d %s", w.Code, w.Body)
	}
}

func TestQueriesThatAreTooLarge(t *testing.T) {
	long := func(n int, each func(int) string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = each(i)
		}
		return strings.Join(parts, ",")
	}
	names := long(10000, func(i int) string { return fmt.Sprint("l", i) })
	matchers := long(1001, func(i int) string { return fmt.Sprintf(`l%d=""`, i) })
	grows := `label_replace(governance_grids, "a", "$1$1$1$1", "a", "(.*)")`
	grows = strings.Replace(grows, "governance_grids", strings.Replace(grows, "governance_grids", strings.Replace(grows, "governance_grids", grows, 1), 1), 1)
	tests := map[string]struct {
		path   string
		form   url.Values
		status int
		limit  string
		text   string
	}{
		"a huge text":                {"query", asForm(t, "query", strings.Repeat("a+", 40000)+"a"), 400, "query_bytes", "promql.query_bytes allows 65536"},
		"huge selectors":             {"series", asForm(t, "match[]", "a", "match[]", `{a="`+strings.Repeat("a", 65536)+`"}`), 400, "query_bytes", "promql.query_bytes"},
		"a huge body":                {"query", asForm(t, "query", strings.Repeat("a", 2<<20)), 413, "request_bytes", "longer than 1048576 bytes"},
		"10,000 labels":              {"query", asForm(t, "query", "sum by ("+names+") (a)"), 400, "query_labels", "promql.query_labels allows 1000"},
		"many matchers":              {"query_range", asForm(t, "query", "a{"+matchers+"}"), 400, "query_labels", "1002 matchers and label names"},
		"many matchers of selectors": {"labels", asForm(t, "match[]", "a{"+matchers+"}"), 400, "query_labels", "matchers and label names"},
		"many selectors":             {"series", url.Values{"match[]": strings.Split(names, ",")[:2000]}, 400, "query_labels", "4000 matchers"},
		"many selectors of nothing":  {"series", url.Values{"match[]": strings.Split(strings.Repeat("{,", 1500), ",")}, 400, "query_labels", "matchers"},
		"nested deeply":              {"format_query", asForm(t, "query", strings.Repeat("(", 30000)+"1"+strings.Repeat(")", 30000)), 400, "query_nesting", "30000 operators and brackets; at most 2000"},
		"a long sum":                 {"parse_query", asForm(t, "query", strings.Repeat("a+", 30000)+"a"), 400, "query_nesting", "operators and brackets"},
		"many signs":                 {"query", asForm(t, "query", strings.Repeat("-", 60000)+"a"), 400, "query_nesting", "operators and brackets"},
		"labels that grow":           {"query", asForm(t, "query", grows), 400, "label_bytes", "label_replace"},
		"a long replacement":         {"query", asForm(t, "query", `label_replace(a, "b", "`+strings.Repeat("x", 5000)+`", "", "")`), 400, "label_bytes", "label_replace"},
		"labels that are joined":     {"query", asForm(t, "query", `label_join(a, "b", "`+strings.Repeat("x", 1000)+`", "c", "d", "e", "f", "g")`), 400, "label_bytes", "label_join"},
		"ten years by the second":    {"query_range", asForm(t, "query", "a", "start", "1452556800", "end", "1768176000", "step", "1"), 400, "", "11,000 points"},
		"a bad matcher":              {"series", asForm(t, "match[]", `{a=~"("}`), 400, "", "match[]"},
		"too many samples":           {"query", asForm(t, "query", "sum_over_time(governance_grids[2d:1s])"), 422, "max_samples", "too many samples"},
	}
	l := apiLimits()
	l.MaxSamples = 1000
	o := apiOptions(apiStore(t), l)
	registry := prometheus.NewPedanticRegistry()
	o.Registerer = registry
	h := apiHandler(t, o)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := refusedOf(t, registry, test.limit)
			kind := "bad_data"
			if test.status == 422 {
				kind = "execution"
			}
			refusedWith(t, post(t, h, promapi.Prefix+test.path, test.form), test.status, kind, test.text)
			if after := refusedOf(t, registry, test.limit); test.limit != "" && after != before+1 {
				t.Errorf("counted %v requests over %s, want %v", after, test.limit, before+1)
			}
			stillAnswers(t, h)
		})
	}
	// What is large, yet allowed.
	for _, query := range []string{strings.Repeat("1+", 900) + "1", "sum by (" + strings.TrimRight(names[:4000], ",") + ") (governance_grids)", `label_replace(governance_grids, "a", "$1-$2", "code", "(..)(.*)")`} {
		if w := post(t, h, "/api/v1/query", asForm(t, "query", query)); w.Code != http.StatusOK {
			t.Errorf("answered %d %.300s", w.Code, w.Body)
		}
	}
}

func refusedOf(t testing.TB, registry *prometheus.Registry, limit string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "govkpi_promql_refused_requests_total" && m.GetLabel()[0].GetValue() == limit {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// An answer that would be too long is refused as a whole, compressed or not.
func TestAnswersThatAreTooLong(t *testing.T) {
	db := apiStore(t)
	l := apiLimits()
	l.ResponseBytes = 500
	h := apiHandler(t, apiOptions(db, l))
	for path, form := range map[string]url.Values{
		"query":               asForm(t, "query", `{__name__=~".+"}`),
		"query_range":         asForm(t, "query", "governance_grids", "start", "1768003200", "end", "1768176000", "step", "600"),
		"series":              asForm(t, "match[]", `{__name__=~".+"}`, "match[]", "odd"),
		"status/tsdb":         nil,
		"parse_query":         asForm(t, "query", "a+b+c+d+e+f"),
		"label/county/values": nil, // short enough
	} {
		r := httptest.NewRequest(http.MethodGet, promapi.Prefix+path+"?"+form.Encode(), nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if path == "label/county/values" {
			if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "gzip" {
				t.Errorf("%s: answered %d %s", path, w.Code, w.Body)
			}
			continue
		}
		refusedWith(t, w, http.StatusUnprocessableEntity, "execution", "promql.response_bytes allows")
		if got := w.Header().Get("Content-Encoding"); got != "" {
			t.Errorf("%s: the refusal is said to be %s", path, got)
		}
		stillAnswers(t, h)
	}
}

// A list of series is given up while it is read, long before all are in memory.
func TestSeriesAreGivenUpEarly(t *testing.T) {
	l := apiLimits()
	l.ResponseBytes = 10_000
	set := &seriesFunc{n: 1 << 40, label: func(i int) string { return fmt.Sprint(i) }}
	store := storeFunc(func(context.Context, *storage.SelectHints) storage.SeriesSet { return set })
	h := apiHandler(t, apiOptions(store, l))
	refusedWith(t, get(t, h, "/api/v1/series", asForm(t, "match[]", "many")), http.StatusUnprocessableEntity, "execution", "response_bytes")
	if set.at > 1000 {
		t.Errorf("%d series were read", set.at)
	}
}

// blocking is a store that answers only when it is told to, or when the request
// has ended.
func blocking(began chan<- struct{}, release <-chan struct{}) storeFunc {
	return func(ctx context.Context, _ *storage.SelectHints) storage.SeriesSet {
		began <- struct{}{}
		select {
		case <-release:
			return storage.EmptySeriesSet()
		case <-ctx.Done():
			return storage.ErrSeriesSet(ctx.Err())
		}
	}
}

// A flood waits briefly and is then refused, while whatever reads no series is
// answered, and everything is when the flood is over.
func TestConcurrency(t *testing.T) {
	l := apiLimits()
	l.Concurrency, l.Wait = 2, 20*time.Millisecond
	began, release := make(chan struct{}, 100), make(chan struct{})
	o := apiOptions(blocking(began, release), l)
	registry := prometheus.NewPedanticRegistry()
	o.Registerer = registry
	h := apiHandler(t, o)
	var running sync.WaitGroup
	for range l.Concurrency {
		running.Go(func() {
			if w := get(t, h, "/api/v1/query", asForm(t, "query", "up")); w.Code != http.StatusOK {
				t.Errorf("a query that had a place is answered %d %s", w.Code, w.Body)
			}
		})
	}
	for range l.Concurrency {
		<-began
	}
	var flood sync.WaitGroup
	for i := range 50 {
		flood.Go(func() {
			path := []string{"query", "query_range", "series", "labels", "label/a/values", "status/tsdb"}[i%6]
			w := get(t, h, promapi.Prefix+path, asForm(t, "query", "up", "match[]", "up"))
			refusedWith(t, w, http.StatusServiceUnavailable, "unavailable", "2 queries are running already")
			if w.Header().Get("Retry-After") == "" {
				t.Error("nobody says when to try again")
			}
		})
	}
	flood.Wait()
	if w := get(t, h, "/api/v1/metadata", nil); w.Code != http.StatusOK {
		t.Errorf("metadata is answered %d meanwhile", w.Code)
	}
	if got := refusedOf(t, registry, "concurrency"); got != 50 {
		t.Errorf("counted %v refused requests", got)
	}
	close(release)
	running.Wait()
	stillAnswers(t, h)
	want := "# HELP govkpi_promql_running_requests Requests to the PromQL API that read series now (正在执行的查询数)\n" +
		"# TYPE govkpi_promql_running_requests gauge\ngovkpi_promql_running_requests 0\n"
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "govkpi_promql_running_requests"); err != nil {
		t.Error(err)
	}
}

// Whoever goes away takes nobody's place.
func TestCancelledRequests(t *testing.T) {
	l := apiLimits()
	l.Concurrency, l.Wait = 1, time.Minute
	began, release := make(chan struct{}, 100), make(chan struct{})
	h := apiHandler(t, apiOptions(blocking(began, release), l))
	for _, path := range []string{"query", "query_range", "series", "labels", "label/a/values", "status/tsdb"} {
		ctx, cancel := context.WithCancel(t.Context())
		form := asForm(t, "query", "up", "match[]", "up", "start", "1", "end", "2", "step", "1")
		answers := make(chan *httptest.ResponseRecorder, 2)
		for range 2 { // one that runs, one that waits
			go func() { answers <- ask(ctx, h, http.MethodGet, promapi.Prefix+path, form) }()
		}
		<-began
		cancel()
		for range 2 {
			if w := <-answers; w.Code != 499 || !strings.Contains(w.Body.String(), `"status":"error"`) {
				t.Errorf("%s: answered %d %s", path, w.Code, w.Body)
			}
		}
	}
	stillAnswers(t, h)
}

func TestTimeout(t *testing.T) {
	l := apiLimits()
	l.Timeout = 20 * time.Millisecond
	began := make(chan struct{}, 100)
	o := apiOptions(blocking(began, nil), l)
	registry := prometheus.NewPedanticRegistry()
	o.Registerer = registry
	h := apiHandler(t, o)
	for _, path := range []string{"query", "query_range", "series", "labels", "label/a/values", "status/tsdb"} {
		form := asForm(t, "query", "up", "match[]", "up", "start", "1", "end", "2", "step", "1", "timeout", "1h") // which it can't have
		w := get(t, h, promapi.Prefix+path, form)
		if w.Code != http.StatusServiceUnavailable || !regexp.MustCompile(`timed out|longer than promql.timeout`).MatchString(w.Body.String()) {
			t.Errorf("%s: answered %d %s", path, w.Code, w.Body)
		}
	}
	if got := refusedOf(t, registry, "timeout"); got != 6 {
		t.Errorf("counted %v requests that took too long", got)
	}
	l.Timeout = time.Minute
	w := get(t, apiHandler(t, apiOptions(blocking(began, nil), l)), "/api/v1/query", asForm(t, "query", "up", "timeout", "20ms"))
	refusedWith(t, w, http.StatusServiceUnavailable, "timeout", "timed out")
}

// What breaks in one query is logged, and nothing else.
func TestPanics(t *testing.T) {
	var none []int
	for name, breaks := range map[string]storeFunc{
		"at once": func(context.Context, *storage.SelectHints) storage.SeriesSet { panic("at once") },
		"while it reads": func(context.Context, *storage.SelectHints) storage.SeriesSet {
			return brokenSet(func() bool { return none[0] > 0 })
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := apiOptions(breaks, apiLimits())
			var log bytes.Buffer
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			o.Engine = promapi.NewEngine(promapi.EngineOptions{Limits: o.Limits, Log: o.Log})
			h := apiHandler(t, o)
			for path, form := range map[string]url.Values{"query": asForm(t, "query", "up"), "series": asForm(t, "match[]", "up"), "status/tsdb": nil} {
				log.Reset()
				w := get(t, h, promapi.Prefix+path, form)
				if w.Code != http.StatusInternalServerError || !strings.HasPrefix(w.Body.String(), `{"status":"error","errorType":"`) {
					t.Errorf("%s: answered %d %s", path, w.Code, w.Body)
				}
				if !strings.Contains(log.String(), "stack") {
					t.Errorf("%s: the log has only\n%s", path, &log)
				}
				stillAnswers(t, h)
			}
		})
	}
}

type brokenSet func() bool

func (b brokenSet) Next() bool                      { return b() }
func (brokenSet) At() storage.Series                { return nil }
func (brokenSet) Err() error                        { return nil }
func (brokenSet) Warnings() annotations.Annotations { return nil }

// A client that does not read its answer keeps nobody from theirs.
func TestPlaceIsFreeBeforeTheAnswerIsRead(t *testing.T) {
	l := apiLimits()
	l.Concurrency, l.Wait = 1, 0
	h := apiHandler(t, apiOptions(apiStore(t), l))
	w := &stuckWriter{header: http.Header{}, began: make(chan struct{}), release: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/query?query=odd", nil))
	}()
	<-w.began
	stillAnswers(t, h)
	close(w.release)
	<-done
}

type stuckWriter struct {
	header         http.Header
	began, release chan struct{}
}

func (w *stuckWriter) Header() http.Header { return w.header }
func (*stuckWriter) WriteHeader(int)       {}
func (w *stuckWriter) Write(p []byte) (int, error) {
	close(w.began)
	<-w.release
	return len(p), nil
}

func TestMetricsOfTheAPI(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	o := apiOptions(apiStore(t), apiLimits())
	o.Registerer = registry
	for range 2 { // as after a reload
		stillAnswers(t, apiHandler(t, o))
	}
	stillAnswers(t, apiHandler(t, o))
	get(t, apiHandler(t, o), "/api/v1/read", nil)
	want := `# HELP govkpi_promql_requests_total Requests to the PromQL API by endpoint and status (查询接口请求数)
# TYPE govkpi_promql_requests_total counter
govkpi_promql_requests_total{code="200",endpoint="query"} 3
govkpi_promql_requests_total{code="404",endpoint="other"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "govkpi_promql_requests_total"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if !strings.Contains(string(page), "\n| `"+f.GetName()+"` |") {
			t.Errorf("docs/metrics.md has no row for %s", f.GetName())
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == "govkpi_promql_refused_requests_total" && !strings.Contains(string(page), "`"+l.GetValue()+"`") {
					t.Errorf("docs/metrics.md does not say what the limit %s is", l.GetValue())
				}
			}
		}
	}
}
