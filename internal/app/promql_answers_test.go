package app_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"

	"github.com/govkpi/govkpi/internal/promapi"
)

// holdCookbook runs every recipe of docs/promql.md: at the story's end, or at the
// time and by what was known that stand behind its opening fence.
func holdCookbook(t *testing.T, s *story, r *reference) {
	t.Helper()
	page, err := os.ReadFile("../../docs/promql.md")
	if err != nil {
		t.Fatal(err)
	}
	recipes := regexp.MustCompile("(?s)```promql ?([^\n]*)\n(.*?)\n```").FindAllStringSubmatch(string(page), -1)
	if len(recipes) < 20 {
		t.Fatalf("only %d recipes", len(recipes))
	}
	engine := newTestEngine()
	ours := promapi.NewQueryable(s.app.Series(), r.own, s.clock)
	var known [][]line
	for _, recipe := range recipes {
		q, mayBeEmpty := question{expression: recipe[2], start: storyEnds}, false
		var by time.Time // zero is now
		for word := range strings.FieldsSeq(recipe[1]) {
			key, value, _ := strings.Cut(word, "=")
			switch key {
			case "may-be-empty", "telemetry": // the story's telemetry is not the program's
				mayBeEmpty = true
			case "time":
				seconds, err := strconv.ParseInt(value, 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				q.start = time.Unix(seconds, 0)
			case "as_known_at":
				by = instant(t, value+"T15:59:59Z")
			default:
				t.Fatalf("unknown word %q", word)
			}
		}
		got := askKnownBy(t, engine, ours, q, by)
		if got.err != nil || len(got.lines) == 0 && !mayBeEmpty {
			t.Errorf("%s: %v, %d series", q, got.err, len(got.lines))
		}
		if strings.Contains(recipe[1], "time=") {
			known = append(known, got.lines)
		}
	}
	if len(known) != 2 || fmt.Sprint(known[0]) == fmt.Sprint(known[1]) {
		t.Errorf("what was known does not differ from what is: %v", known)
	}
}

// askKnownBy asks by what was known at an instant; zero is now.
func askKnownBy(t *testing.T, engine *promql.Engine, on *promapi.Queryable, q question, by time.Time) answer {
	t.Helper()
	if by.IsZero() {
		return ask(t, engine, on, q)
	}
	return askUnder(promapi.WithKnownBy(t.Context(), by), t, engine, on, q)
}

// holdKnownAt compares figures as known at some instants with what the ledger had
// by then.
func holdKnownAt(t *testing.T, s *story) {
	t.Helper()
	engine := newTestEngine()
	ours := promapi.NewQueryable(s.app.Series(), nil, s.clock)
	for _, by := range []time.Time{instant(t, "2025-11-30T11:00:00Z"), instant(t, "2025-12-12T05:30:00Z"), instant(t, "2026-01-09T00:00:00Z")} {
		history := s.figures(t, by)
		for _, at := range []time.Time{by.Add(-500 * time.Hour).Truncate(time.Hour), by.Truncate(time.Hour), by.Add(72 * time.Hour).Truncate(time.Hour)} {
			var want []line
			for _, sample := range history.at(at) {
				want = append(want, line{metric: labelsOf(sample.Metric).String(), points: []promql.FPoint{{T: at.UnixMilli(), F: float64(sample.Value)}}})
			}
			slices.SortFunc(want, func(a, b line) int { return strings.Compare(a.metric, b.metric) })
			q := question{expression: `{__name__=~"governance_(grids|grids_counted|visits|cases|cases_closed|close_ratio|patrols|meetings)"}`, start: at}
			if d := difference(askUnder(promapi.WithKnownBy(t.Context(), by), t, engine, ours, q), answer{lines: want}); d != "" {
				t.Errorf("at %s by what was known at %s: %s", at, by, d)
			}
		}
	}

	// What stands at a time that was known is the same; later, nobody has said
	// anything, and the configuration is that of then.
	by := instant(t, "2025-12-12T05:30:00Z")
	for _, expression := range []string{"governance_rank", "governance_overdue_seconds", "governance_rollup", "governance_target"} {
		q := question{expression: expression, start: by}
		if d := difference(askUnder(promapi.WithKnownBy(t.Context(), by), t, engine, ours, q), ask(t, engine, ours, q)); d != "" {
			t.Errorf("%s: %s", q, d)
		}
	}
	later := question{expression: `governance_overdue_seconds{indicator="patrols"} > 10 * 86400`, start: by.AddDate(0, 0, 20)}
	if got := askUnder(promapi.WithKnownBy(t.Context(), by), t, engine, ours, later); len(got.lines) != len(storyCounties) {
		t.Errorf("%d counties are overdue by what was known 20 days before, want all", len(got.lines))
	}
	targets := question{expression: `governance_target{indicator="grids"} <= 100`, start: storyEnds}
	if got := askUnder(promapi.WithKnownBy(t.Context(), by), t, engine, ours, targets); len(got.lines) != len(storyCounties) {
		t.Errorf("the targets are not those of then: %v", got.lines)
	}
}

// holdKnownThen compares figures as they were known at each instant with what was
// scraped then, and with what is asked for one instant by what was known at it.
func holdKnownThen(t *testing.T, s *story) {
	t.Helper()
	engine := newTestEngine()
	ours := promapi.NewQueryable(s.app.Series(), nil, s.clock)
	const figures = `{__name__=~"governance_(grids|grids_counted|visits|cases|cases_closed|close_ratio|patrols|meetings)"}`
	then := promapi.WithKnownThen(t.Context())
	by := 24 * time.Hour
	days := question{expression: figures, start: storyBegins.Truncate(by).Add(by + 7*time.Hour), step: by}
	days.end = days.start.Add(60 * by)
	ranged := map[int64][]line{}
	for _, l := range askUnder(then, t, engine, ours, days).lines {
		for _, p := range l.points {
			ranged[p.T] = append(ranged[p.T], line{l.metric, []promql.FPoint{p}})
		}
	}
	compared := 0
	for _, scrape := range s.scrapes {
		var want []line
		for _, sample := range scrape.samples {
			if isFigure(sample.Metric) {
				want = append(want, line{labelsOf(sample.Metric).String(), []promql.FPoint{{T: scrape.at.UnixMilli(), F: float64(sample.Value)}}})
			}
		}
		slices.SortFunc(want, func(a, b line) int { return strings.Compare(a.metric, b.metric) })
		at := question{expression: figures, start: scrape.at}
		if got, of := ranged[scrape.at.UnixMilli()]; of {
			compared++
			if d := difference(answer{lines: got}, answer{lines: want}); d != "" {
				t.Errorf("in a range, %s was scraped: %s", at, d)
			}
			if d := difference(askKnownBy(t, engine, ours, at, scrape.at), answer{lines: want}); d != "" {
				t.Errorf("by what was known then, %s was scraped: %s", at, d)
			}
		}
		if scrape.at.Hour()%6 == 0 {
			if d := difference(askUnder(then, t, engine, ours, at), answer{lines: want}); d != "" {
				t.Errorf("%s was scraped: %s", at, d)
			}
		}
	}
	if compared < 50 {
		t.Errorf("only %d scrapes were compared with a range", compared)
	}
}

// holdHTTP asks the App as a client would.
func holdHTTP(t *testing.T, s *story) {
	t.Helper()
	type reply struct {
		Status string
		Error  string
		Data   json.RawMessage
	}
	fetch := func(path string, form url.Values) (int, reply) {
		status, body := get(t, s.app, http.MethodGet, path+"?"+form.Encode())
		var r reply
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			t.Fatalf("%s: %v: %s", path, err, body)
		}
		return status, r
	}
	for name, test := range map[string]struct {
		path string
		form url.Values
		want string // part of the data, or of the error
	}{
		"instant":          {"/api/v1/query", url.Values{"query": {`sum by (city) (governance_patrols)`}}, `"city":"鹰潭市"`},
		"as known at":      {"/api/v1/query", url.Values{"query": {`count(governance_grids)`}, "as_known_at": {"2025-12-10"}}, `"6"`},
		"too early":        {"/api/v1/query", url.Values{"query": {`governance_grids`}, "as_known_at": {"2025-01-01"}}, "Nothing was known"},
		"range":            {"/api/v1/query_range", url.Values{"query": {`governance_rank{among="all",code="360602"}`}, "start": {"1765000000"}, "end": {"1769000000"}, "step": {"1d"}}, `"values"`},
		"series":           {"/api/v1/series", url.Values{"match[]": {`governance_overdue_seconds{code="360602"}`}}, `"county":"月湖区"`},
		"labels":           {"/api/v1/labels", nil, `"shift"`},
		"labels of one":    {"/api/v1/labels", url.Values{"match[]": {"governance_rollup"}}, `"policy"`},
		"names":            {"/api/v1/label/__name__/values", nil, `"governance_rollup"`},
		"values":           {"/api/v1/label/county/values", nil, `"月湖区"`},
		"values of some":   {"/api/v1/label/county/values", url.Values{"match[]": {`governance_grids{city="吉安市"}`}}, `["吉安县","吉州区","吉水县"]`},
		"own label":        {"/api/v1/label/code/values", url.Values{"match[]": {`governance_grids{county="月湖区"}`}}, `["360602"]`},
		"metadata":         {"/api/v1/metadata", nil, `"governance_grids":[{"type":"gauge"`},
		"program metadata": {"/api/v1/metadata", nil, `"govkpi_collector_runs_total":[{"type":"counter"`},
		"a bad query":      {"/api/v1/query", url.Values{"query": {`sum by (`}}, "parse error"},
	} {
		t.Run(name, func(t *testing.T) {
			_, r := fetch(test.path, test.form)
			if !strings.Contains(string(r.Data), test.want) && !strings.Contains(r.Error, test.want) {
				t.Errorf("got %s %s %.500s, want %s", r.Status, r.Error, r.Data, test.want)
			}
		})
	}
}

// holdAnyOrder asks an App that has just started about times in no order: what
// was worked out for one question must not show in the answer to another.
func holdAnyOrder(t *testing.T, s *story, r *reference) {
	t.Helper()
	s.stop(s.app)
	s.app = s.open()
	engine := newTestEngine()
	ours := promapi.NewQueryable(s.app.Series(), r.own, s.clock)
	random := rand.New(rand.NewPCG(3, 4))
	hours := int(storyEnds.Sub(storyBegins).Hours())
	families := []string{"governance_target", "governance_overdue_seconds", "governance_rank", "governance_rollup", "governance_reported", "governance_indicator_info", "governance_reconciliation_gap", "governance_discrepancy", "governance_grids"}
	for range 120 {
		start := storyBegins.Truncate(time.Hour).Add(time.Duration(random.IntN(hours)) * time.Hour)
		q := question{expression: families[random.IntN(len(families))], start: start}
		if random.IntN(3) == 0 {
			q.end, q.step = start.Add(time.Duration(random.IntN(400))*time.Hour), 5*time.Hour
			if q.end.After(storyEnds) {
				q.end = storyEnds
			}
		}
		if d := difference(ask(t, engine, ours, q), ask(t, engine, r.db, q)); d != "" {
			t.Errorf("%s: %s", q, d)
		}
	}
}
