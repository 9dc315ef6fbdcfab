package web_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/web"
)

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// program is a State and Operations that answer as they are told.
type program struct {
	waiting   []string
	refused   error
	run       fact.Run
	notice    fact.Text
	reloads   int
	collected []string
}

func (p *program) Site() web.Site {
	return web.Site{Name: fact.Text{ZH: "江西省", EN: "Jiangxi"}, Notice: p.notice, Zone: shanghai, Version: "v1"}
}

func (p *program) Collectors() []web.Collector {
	start := time.Date(2026, 1, 5, 22, 30, 0, 0, time.UTC)
	return []web.Collector{
		{
			Name: "grids", Source: fact.Text{ZH: "网格系统", EN: "Grid system"}, Next: start.Add(24 * time.Hour),
			Last: fact.Run{ID: 7, Outcome: fact.Succeeded, Start: start, End: start.Add(1500 * time.Millisecond), Rows: 1300, Accepted: 1299, Changed: 100, Rejected: 1},
		},
		{
			Name: "elders", Source: fact.Text{ZH: "民政", EN: "Civil affairs"}, Running: true,
			Last: fact.Run{ID: 8, Outcome: fact.Failed, Start: start, End: start, Error: `source says <no> & "never"`},
		},
		{Name: "new", Source: fact.Text{ZH: "新", EN: "New"}},
	}
}

func (p *program) Ready() (bool, []string) { return len(p.waiting) == 0, p.waiting }

func (p *program) Reload(context.Context) error {
	p.reloads++
	return p.refused
}

func (p *program) Collect(_ context.Context, name string, since fact.Period) (fact.Run, error) {
	if name != "grids" {
		return fact.Run{}, fmt.Errorf("%w %q", web.ErrUnknownCollector, name)
	}
	p.collected = append(p.collected, name)
	if !since.IsZero() {
		return fact.Run{ID: 10, Outcome: fact.Failed, Error: "asked since " + since.String()}, errors.New("asked")
	}
	return p.run, p.refused
}

func handler(p *program) http.Handler {
	return web.NewHandler(web.Options{
		State: p, Operations: p, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Date(2026, 1, 6, 0, 0, 0, 0, shanghai) },
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "metrics") }),
	})
}

func TestEndpoints(t *testing.T) {
	for name, test := range map[string]struct {
		program program
		method  string
		path    string
		status  int
		body    string
	}{
		"healthy":                    {program{}, "GET", "/-/healthy", 200, "govkpi is up.\n"},
		"ready":                      {program{}, "GET", "/-/ready", 200, "govkpi is ready.\n"},
		"not ready":                  {program{waiting: []string{"a", "b"}}, "GET", "/-/ready", 503, "Not ready: waiting for the first run of a, b.\n"},
		"reload":                     {program{}, "POST", "/-/reload", 200, "Reloaded.\n"},
		"reload refused":             {program{refused: errors.New("x.yaml:3:1: no")}, "POST", "/-/reload", 422, "Not reloaded; the configuration in force stays.\nx.yaml:3:1: no\n"},
		"reload is not for browsing": {program{}, "GET", "/-/reload", 405, "Method Not Allowed\n"},
		"collect": {
			program{run: fact.Run{ID: 9, Outcome: fact.Succeeded, Rows: 5, Accepted: 4, Changed: 3, Rejected: 1}},
			"POST", "/-/collect/grids", 200, "Run 9 of grids: 5 rows, 4 accepted, 3 new or changed, 1 rejected.\n",
		},
		"collect fails":       {program{run: fact.Run{ID: 9, Outcome: fact.Failed, Error: "gone"}, refused: errors.New("gone")}, "POST", "/-/collect/grids", 502, "Run 9 of grids failed: gone\n"},
		"collect history":     {program{}, "POST", "/-/collect/grids?since=2024-01", 502, "Run 10 of grids failed: asked since 2024-01\n"},
		"collect since never": {program{}, "POST", "/-/collect/grids?since=then", 400, "since: \"then\" is no period: expected a form such as 2025, 2025-H2, 2025-Q4, 2025-12, 2025-W52 or 2025-12-31\n"},
		"collect nothing":     {program{}, "POST", "/-/collect/none", 404, "There is no collector \"none\"; the landing page lists those there are.\n"},
		"collect can't start": {program{refused: errors.New("waiting")}, "POST", "/-/collect/grids", 409, "waiting\n"},
		"metrics":             {program{}, "GET", "/metrics", 200, "metrics"},
		"elsewhere":           {program{}, "GET", "/wall", 404, "404 page not found\n"},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			handler(&test.program).ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
			if w.Code != test.status || w.Body.String() != test.body {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, test.status, test.body)
			}
		})
	}
}

func TestAnotherSiteCannotPost(t *testing.T) {
	p := &program{}
	for _, path := range []string{"/-/reload", "/-/collect/grids"} {
		r := httptest.NewRequest(http.MethodPost, path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		handler(p).ServeHTTP(w, r)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: got %d, want 403", path, w.Code)
		}
	}
	if p.reloads+len(p.collected) > 0 {
		t.Error("another site's page reached an operation")
	}
}

func TestLandingPage(t *testing.T) {
	page := func(p *program) string {
		w := httptest.NewRecorder()
		handler(p).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Fatalf("got %d with headers %v", w.Code, w.Header())
		}
		return w.Body.String()
	}
	got := page(&program{notice: fact.Text{ZH: "合成数据", EN: "Synthetic figures"}, waiting: []string{"new"}})
	for _, want := range []string{
		"江西省", "合成数据", "Synthetic figures", "网格系统", "Grid system",
		"2026-01-06 06:30:00", // the last run's start, in the site's zone
		"1.5s", ">1299<", ">100<", "成功", "失败", "尚未运行", "正在运行",
		"2026-01-07 06:30:00",
		"source says &lt;no&gt; &amp; &#34;never&#34;", // escaped
		"waiting for the first run of: new",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if quiet := page(&program{}); strings.Contains(quiet, `class="notice"`) {
		t.Error("a site without a notice shows one")
	}
}
