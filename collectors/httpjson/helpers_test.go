package httpjson_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/collectors/httpjson"
	"github.com/govkpi/govkpi/internal/fact"
)

// now is the time of every run.
func now(t testing.TB) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 1, 10, 6, 0, 0, 0, zone)
}

// request is a request as it arrived, in one line: method, path, sorted query,
// body.
func requestLine(r *http.Request, body []byte) string {
	line := r.Method + " " + r.URL.EscapedPath()
	if q := r.URL.Query().Encode(); q != "" {
		line += "?" + q
	}
	if len(body) > 0 {
		line += " " + string(body)
	}
	return line
}

// server is a real one that remembers what it was asked.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*http.Request
}

func serve(t testing.TB, handler http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(s.remember(handler))
	t.Cleanup(s.Close)
	return s
}

func (s *server) remember(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Clone(context.WithoutCancel(r.Context())))
		s.mu.Unlock()
		handler(w, r)
	}
}

// requests returns what was asked so far.
func (s *server) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.asked...)
}

// lines returns what was asked so far, without bodies.
func (s *server) lines() []string {
	var lines []string
	for _, r := range s.requests() {
		lines = append(lines, requestLine(r, nil))
	}
	return lines
}

// answer answers every request with a text.
func answer(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	}
}

// pages answers ?page=1, 2 … with these texts, and [] behind them.
func pages(texts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var n int
		_, err := fmt.Sscan(r.URL.Query().Get("page"), &n)
		body := `{"data":[]}`
		if err == nil && n >= 1 && n <= len(texts) {
			body = texts[n-1]
		}
		answer(body)(w, r)
	}
}

// What most tests say of source and collector.
const (
	noWaiting = "timeout: 10s\n"
	retrying  = "timeout: 10s\nretries: {attempts: 3, backoff: 1s, longest_wait: 1m}\n"
	limits    = "limits: {page_bytes: 1MiB, pages: 20, rows: 1000, depth: 20}\n"
	long      = "rows: .data[]\nindicator: grids\ncolumns: {region: .code, period: .month, value: .n}\n"
	byPage    = "paging: {by: page, parameter: page, first: 1}\n"
)

// waits collects how long the collector wanted to wait.
type waits struct {
	mu   sync.Mutex
	all  []time.Duration
	then func(n int) // called with how many there are
}

func (w *waits) wait(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	w.all = append(w.all, d)
	n := len(w.all)
	w.mu.Unlock()
	if w.then != nil {
		w.then(n)
	}
	return ctx.Err()
}

// build makes a collector of two blocks.
func build(t testing.TB, source, collector string, options ...func(*setup)) (collectors.Collector, error) {
	t.Helper()
	s := setup{waits: &waits{}}
	for _, option := range options {
		option(&s)
	}
	return httpjson.KindWaiting(s.waits.wait).New(collectors.Blocks{
		Source:    collectorstest.NewBlock(t, source, s.secrets),
		Collector: collectorstest.NewBlock(t, collector, nil),
		FanOut:    s.fanOut,
	})
}

type setup struct {
	waits   *waits
	secrets map[string]string
	fanOut  bool
}

func withWaits(w *waits) func(*setup)              { return func(s *setup) { s.waits = w } }
func withSecrets(m map[string]string) func(*setup) { return func(s *setup) { s.secrets = m } }
func fannedOut(s *setup)                           { s.fanOut = true }
func at(s interface{ url() string }) string        { return "url: " + s.url() + "\n" }
func (s *server) url() string                      { return s.URL }

func mustBuild(t testing.TB, source, collector string, options ...func(*setup)) collectors.Collector {
	t.Helper()
	c, err := build(t, source, collector, options...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// collect runs a collector once, into a sink of its own.
func collect(t testing.TB, c collectors.Collector) ([]string, collectors.Summary, error) {
	t.Helper()
	var sink collectorstest.Sink
	summary, err := c.Collect(t.Context(), collectors.Request{Now: now(t)}, &sink)
	return sink.Lines(), summary, err
}

// row is a row as most tests have them.
func row(code string, n int) string {
	return fmt.Sprintf(`{"code":%q,"month":"2025-12","n":%d}`, code, n)
}

func data(rows ...string) string { return `{"data":[` + strings.Join(rows, ",") + `]}` }

func period(t testing.TB, s string) fact.Period {
	t.Helper()
	p, err := fact.ParsePeriod(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// newUnstarted makes a server that can still be changed.
func newUnstarted(t testing.TB, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	t.Cleanup(s.Close)
	return s
}
