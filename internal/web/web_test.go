package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	report    string // of a dry run
	notice    fact.Text
	held      int64
	further   []web.Collector
	reloads   int
	collected []string
}

func (p *program) Site() web.Site {
	return web.Site{Name: fact.Text{ZH: "江西省", EN: "Jiangxi"}, Notice: p.notice, Zone: shanghai, Version: "v1", Held: p.held}
}

func (p *program) Collectors() []web.Collector {
	start := time.Date(2026, 1, 5, 22, 30, 0, 0, time.UTC)
	return append([]web.Collector{
		{
			Name: "grids", Source: fact.Text{ZH: "网格系统", EN: "Grid system"}, Next: start.Add(24 * time.Hour),
			Last: fact.Run{ID: 7, Outcome: fact.Succeeded, Start: start, End: start.Add(1500 * time.Millisecond), Rows: 1300, Accepted: 1297, Changed: 100, Rejected: 1, Held: 2},
		},
		{
			Name: "elders", Source: fact.Text{ZH: "民政", EN: "Civil affairs"}, Running: true,
			Last: fact.Run{ID: 8, Outcome: fact.Failed, Start: start, End: start, Error: `source says <no> & "never"`},
		},
		{Name: "new", Source: fact.Text{ZH: "新", EN: "New"}},
	}, p.further...)
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

func (p *program) DryRun(_ context.Context, name string, since fact.Period, w io.Writer, most int) error {
	if name != "grids" {
		return fmt.Errorf("%w %q", web.ErrUnknownCollector, name)
	}
	report := p.report
	if !since.IsZero() {
		report = fmt.Sprintf("at most %d since %s", most, since)
	}
	_, err := io.WriteString(w, report)
	return errors.Join(err, p.refused)
}

func handler(p *program) http.Handler {
	return web.NewHandler(web.Options{
		State: p, Operations: p, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Date(2026, 1, 6, 0, 0, 0, 0, shanghai) },
		Metrics:      http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "metrics") }),
		PromQL:       http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "promql "+r.Method) }),
		Alertmanager: http.NotFoundHandler(),
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
		"collect fails": {program{run: fact.Run{ID: 9, Outcome: fact.Failed, Error: "gone"}, refused: errors.New("gone")}, "POST", "/-/collect/grids", 502, "Run 9 of grids failed: gone\n"},
		"collect from some": {
			program{run: fact.Run{ID: 9, Outcome: fact.Partial, Rows: 5, Accepted: 4, Changed: 3, Rejected: 1, Error: "1 of 3 failed: 余江区 (360603): gone"}, refused: errors.New("gone")},
			"POST", "/-/collect/grids", 502, "Run 9 of grids: 5 rows, 4 accepted, 3 new or changed, 1 rejected. It succeeded in part: 1 of 3 failed: 余江区 (360603): gone\n",
		},
		"collect for real": {
			program{run: fact.Run{ID: 9, Outcome: fact.Succeeded}, report: "nothing"},
			"POST", "/-/collect/grids?dry_run=0", 200, "Run 9 of grids: 0 rows, 0 accepted, 0 new or changed, 0 rejected.\n",
		},
		"dry run":                  {program{report: "row 1: <b>余江区</b>\nrow 2\n"}, "POST", "/-/collect/grids?dry_run=1", 200, "row 1: <b>余江区</b>\nrow 2\n"},
		"dry run of history":       {program{}, "POST", "/-/collect/grids?dry_run=true&since=2024-01", 200, "at most 10 since 2024-01\n"},
		"dry run fails":            {program{refused: errors.New("gone")}, "POST", "/-/collect/grids?dry_run=1", 502, "gone\n"},
		"dry run fails half-way":   {program{report: "row 1\n", refused: errors.New("gone")}, "POST", "/-/collect/grids?dry_run=1", 502, "row 1\ngone\n"},
		"dry run of nothing":       {program{}, "POST", "/-/collect/none?dry_run=1", 404, "There is no collector \"none\"; the landing page lists those there are.\n"},
		"dry run since never":      {program{}, "POST", "/-/collect/grids?dry_run=1&since=then", 400, "since: \"then\" is no period: expected a form such as 2025, 2025-H2, 2025-Q4, 2025-12, 2025-W52 or 2025-12-31\n"},
		"dry run misspelt":         {program{}, "POST", "/-/collect/grids?dry_run=yes", 400, "dry_run: expected 1 or 0, found \"yes\"\n"},
		"dry run is not to browse": {program{}, "GET", "/-/collect/grids?dry_run=1", 405, "Method Not Allowed\n"},
		"collect history":          {program{}, "POST", "/-/collect/grids?since=2024-01", 502, "Run 10 of grids failed: asked since 2024-01\n"},
		"collect since never":      {program{}, "POST", "/-/collect/grids?since=then", 400, "since: \"then\" is no period: expected a form such as 2025, 2025-H2, 2025-Q4, 2025-12, 2025-W52 or 2025-12-31\n"},
		"collect nothing":          {program{}, "POST", "/-/collect/none", 404, "There is no collector \"none\"; the landing page lists those there are.\n"},
		"collect can't start":      {program{refused: errors.New("waiting")}, "POST", "/-/collect/grids", 409, "waiting\n"},
		"metrics":                  {program{}, "GET", "/metrics", 200, "metrics"},
		"elsewhere":                {program{}, "GET", "/wall", 404, "404 page not found\n"},
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

// page returns the landing page.
func page(t *testing.T, p *program) string {
	t.Helper()
	w := httptest.NewRecorder()
	handler(p).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Fatalf("got %d with headers %v", w.Code, w.Header())
	}
	return w.Body.String()
}

func TestLandingPage(t *testing.T) {
	got := page(t, &program{notice: fact.Text{ZH: "合成数据", EN: "Synthetic figures"}, waiting: []string{"new"}})
	for _, want := range []string{
		"江西省", "合成数据", "Synthetic figures", "网格系统", "Grid system",
		"2026-01-06 06:30:00", // the last run's start, in the site's zone
		"1.5s", ">1297<", ">100<", "成功", "失败", "尚未运行", "正在运行",
		"2026-01-07 06:30:00",
		"source says &lt;no&gt; &amp; &#34;never&#34;", // escaped
		"waiting for the first run of: new",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if quiet := page(t, &program{}); strings.Contains(quiet, `class="notice"`) || strings.Contains(quiet, `class="held"`) {
		t.Error("a site without a notice, or where nothing is held, says that it has some")
	}
	if got := page(t, &program{held: 3}); !strings.Contains(got, `<p class="held">3 个数据待核实`) {
		t.Error("the page does not say that figures are held")
	}
}

// Where rejections are, the page says how to see them, and only there.
func TestLandingPageShowsRejections(t *testing.T) {
	got := page(t, &program{})
	for _, want := range []string{
		`<td class="number partial" title="govkpi rejections --collector grids">1</td>`,
		`<td class="number partial" title="govkpi held">2</td>`,
		`有 1 个数据被拒绝，原因见 <code>govkpi rejections --collector grids</code>。 <span lang="en">1 rejected; that command says why.</span>`,
		`<td class="number">0</td>`, // of elders, whose run failed
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(got, "个数据被拒绝"); n != 1 {
		t.Errorf("%d collectors are said to have rejections, want 1", n)
	}
}

// counties is a collector with targets, of whose last run so many failed.
func counties(outcome fact.Outcome, failed int) web.Collector {
	c := web.Collector{
		Name: "county-forms", Source: fact.Text{ZH: "各县区", EN: "Counties"}, Targets: 120,
		Last: fact.Run{ID: 9, Outcome: outcome, Error: "the error of the run"},
	}
	for i := range failed {
		c.Failed = append(c.Failed, web.FailedTarget{Code: fmt.Sprintf("3606%02d", i), Name: fmt.Sprintf("第%d区", i), Reason: fmt.Sprintf("answered <%d>", 500+i)})
	}
	return c
}

func TestLandingPageShowsFailedTargets(t *testing.T) {
	nameless := counties(fact.Partial, 1)
	nameless.Failed[0].Name = ""
	for name, test := range map[string]struct {
		collector web.Collector
		want      []string
		not       []string
	}{
		"all succeeded": {
			counties(fact.Succeeded, 0),
			[]string{`<small>120 个地区 <span lang="en">regions</span></small>`, ">the error of the run<"},
			[]string{"<details>", "采集失败"},
		},
		"one failed": {
			counties(fact.Partial, 1),
			[]string{
				`<td class="partial">部分成功<br><small lang="en">partial</small></td>`,
				`<summary class="partial">120 个地区中有 1 个采集失败：第0区。 <span lang="en">1 of 120 regions failed: 第0区.</span></summary>`,
				"<li>第0区 <small>360600</small> answered &lt;500&gt;</li>",
			},
			[]string{"the error of the run", "<details open", "<li>另有"},
		},
		"one without a name": {
			nameless,
			[]string{"1 of 120 regions failed: 360600."},
			nil,
		},
		"many failed": {
			counties(fact.Partial, 103),
			[]string{
				"有 103 个采集失败：第0区、第1区、第2区、第3区、第4区、第5区、第6区、第7区、第8区、第9区等 103 个。",
				"第8区, 第9区 and 93 others.</span>",
				"<li>第99区 ", "<li>另有 3 个，见 <code>govkpi targets 9</code>。", "3 more; that command lists them.",
			},
			[]string{"<li>第100区 "},
		},
		"ten failed":    {counties(fact.Partial, 10), []string{"、第9区。 ", ", 第9区.</span>"}, []string{"第9区等", "第9区 and"}},
		"eleven failed": {counties(fact.Partial, 11), []string{"、第9区等 11 个。 ", ", 第9区 and 1 other.</span>"}, nil},
		"all failed": {
			counties(fact.Failed, 120),
			[]string{`<summary class="failure">120 个地区中有 120 个采集失败`, "<li>第99区 "},
			[]string{"the error of the run"},
		},
		"failed, and not for the targets alone": {
			counties(fact.Failed, 119),
			[]string{`<summary class="failure">120 个地区中有 119 个采集失败`, ">the error of the run<"},
			nil,
		},
		"stopped after some had failed": {
			counties(fact.Interrupted, 2),
			[]string{`<summary class="interrupted">120 个地区中有 2 个采集失败：第0区、第1区。`, ">the error of the run<"},
			nil,
		},
		"in part, for another reason": {
			counties(fact.Partial, 0),
			[]string{">the error of the run<"},
			[]string{"<details>"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := page(t, &program{further: []web.Collector{test.collector}})
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
			for _, not := range test.not {
				if strings.Contains(got, not) {
					t.Errorf("the page has %q", not)
				}
			}
			if strings.Count(got, "个地区 <span") != 1 {
				t.Error("a collector without targets shows how many it has, or the one with them does not")
			}
		})
	}
}
