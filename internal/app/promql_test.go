package app_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"

	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/calendar"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/promapi"
)

// reference is Prometheus' own TSDB with the story in it, a sample every full
// hour: of what stands, as it was scraped then; of the figures themselves, what
// the finished ledger says of that hour.
type reference struct {
	t  *testing.T
	db *tsdb.DB
	// own has the telemetry alone.
	own *tsdb.DB
	// last are the series of the round before, which get a stale marker when they
	// are not in the next.
	last map[string]labels.Labels
}

func newReference(t *testing.T) *reference {
	t.Helper()
	return &reference{t: t, db: openTSDB(t), own: openTSDB(t), last: map[string]labels.Labels{}}
}

func openTSDB(t testing.TB) *tsdb.DB {
	t.Helper()
	options := tsdb.DefaultOptions()
	options.RetentionDuration = 0
	options.MinBlockDuration, options.MaxBlockDuration = 400*24*time.Hour.Milliseconds(), 400*24*time.Hour.Milliseconds()
	db, err := tsdb.Open(t.TempDir(), slog.New(slog.DiscardHandler), nil, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// round appends what was there at a time.
func (r *reference) round(at time.Time, samples ...model.Vector) {
	r.t.Helper()
	appender := r.db.Appender(context.Background())
	now := map[string]labels.Labels{}
	add := func(l labels.Labels, v float64) {
		if _, err := appender.Append(0, l, at.UnixMilli(), v); err != nil {
			r.t.Fatalf("%s at %s: %v", l, at, err)
		}
	}
	for _, sample := range slices.Concat(samples...) {
		l := labelsOf(sample.Metric)
		now[l.String()] = l
		add(l, float64(sample.Value))
	}
	for key, l := range r.last {
		if _, still := now[key]; !still {
			add(l, math.Float64frombits(value.StaleNaN))
		}
	}
	r.last = now
	if err := appender.Commit(); err != nil {
		r.t.Fatal(err)
	}
}

func labelsOf(m model.Metric) labels.Labels {
	builder := labels.NewBuilder(labels.EmptyLabels())
	for name, v := range m {
		builder.Set(string(name), string(v))
	}
	return builder.Labels()
}

// figureHistory computes, from all that is in a ledger, what the families of the
// indicators themselves are at any time: once more, and as simply as can be.
type figureHistory struct {
	series map[string]map[fact.Period]fact.Fact // by indicator, region and dimensions
	metric map[string]model.Metric
	expiry map[fact.Period]map[string]time.Time // by indicator
}

// storyIndicators are how long the figures of the story are shown.
var storyIndicators = map[string]struct{ grace, expires int }{
	"grids": {5, 2}, "grids_counted": {5, 3}, "visits": {2, 2}, "cases": {3, 3}, "cases_closed": {3, 3}, "patrols": {1, 3}, "meetings": {5, 2},
}

func (s *story) figures(t *testing.T, knownBy time.Time) *figureHistory {
	t.Helper()
	zone := time.FixedZone("CST", 8*3600)
	weekdays, err := calendar.New(zone, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	store, err := app.OpenStore(t.Context(), filepath.Join(s.folder, "data", app.LedgerFile), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	h := &figureHistory{series: map[string]map[fact.Period]fact.Fact{}, metric: map[string]model.Metric{}, expiry: map[fact.Period]map[string]time.Time{}}
	err = store.Facts(t.Context(), ledger.FactQuery{KnownBy: knownBy}, func(f fact.Fact) error {
		if f.Region == "360622" {
			f.Region = "360603" // renamed
		}
		key := f.Indicator + "|" + f.Region + "|" + string(f.Dimensions)
		if h.series[key] == nil {
			h.series[key], h.metric[key] = map[fact.Period]fact.Fact{}, metricOf(f.Indicator, f.Region, f.Dimensions)
		}
		h.series[key][f.Period] = f
		rule := storyIndicators[f.Indicator]
		due, _ := weekdays.Due(f.Period.Next(), rule.grace)
		end := f.Period.Add(rule.expires).End(zone)
		if due.After(end) {
			end = due
		}
		if h.expiry[f.Period] == nil {
			h.expiry[f.Period] = map[string]time.Time{}
		}
		h.expiry[f.Period][f.Indicator] = end
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, closed := range h.series { // the ratio, of the periods that have both
		indicator, rest, _ := strings.Cut(key, "|")
		if indicator != "cases_closed" {
			continue
		}
		pairs := map[fact.Period]fact.Fact{}
		for period, f := range closed {
			if all, ok := h.series["cases|"+rest][period]; ok && all.Value != 0 {
				f.Indicator, f.Value = "close_ratio", f.Value/all.Value
				pairs[period] = f
				h.expiry[period]["close_ratio"] = h.expiry[period]["cases_closed"]
			}
		}
		code, _, _ := strings.Cut(rest, "|")
		h.series["close_ratio|"+rest], h.metric["close_ratio|"+rest] = pairs, metricOf("close_ratio", code, "")
	}
	return h
}

func metricOf(indicator, code string, dimensions fact.Dimensions) model.Metric {
	names := map[string][2]string{
		"360000": {}, "360600": {"鹰潭市"}, "360800": {"吉安市"},
		"360602": {"鹰潭市", "月湖区"}, "360603": {"鹰潭市", "余江区"}, "360681": {"鹰潭市", "贵溪市"},
		"360802": {"吉安市", "吉州区"}, "360821": {"吉安市", "吉安县"}, "360822": {"吉安市", "吉水县"},
	}[code]
	m := model.Metric{"__name__": model.LabelValue("governance_" + indicator), "code": model.LabelValue(code), "level": "province"}
	if names[0] != "" {
		m["city"], m["level"] = model.LabelValue(names[0]), "city"
	}
	if names[1] != "" {
		m["county"], m["level"] = model.LabelValue(names[1]), "county"
	}
	for _, p := range dimensions.Pairs() {
		m[model.LabelName(p.Name)] = model.LabelValue(p.Value)
	}
	return m
}

func (h *figureHistory) at(t time.Time) model.Vector {
	zone := time.FixedZone("CST", 8*3600)
	var all model.Vector
	for key, figures := range h.series {
		var newest fact.Fact
		for period, f := range figures {
			if !period.End(zone).After(t) && (newest.Period.IsZero() || period.Compare(newest.Period) > 0) {
				newest = f
			}
		}
		if !newest.Period.IsZero() && t.Before(h.expiry[newest.Period][newest.Indicator]) {
			all = append(all, &model.Sample{Metric: h.metric[key], Value: model.SampleValue(newest.Value)})
		}
	}
	return all
}

// telemetry appends what the program might say of itself, to the reference and to
// a TSDB of its own as the program has one.
func (r *reference) telemetry(at time.Time, n int) {
	r.t.Helper()
	const name = "govkpi_collector_run_duration_seconds"
	runs := n % 500 // it was restarted twice
	for _, db := range []*tsdb.DB{r.db, r.own} {
		appender := db.Appender(context.Background())
		add := func(v float64, h *histogram.Histogram, pairs ...string) {
			var err error
			if l := labels.FromStrings(pairs...); h == nil {
				_, err = appender.Append(0, l, at.UnixMilli(), v)
			} else {
				_, err = appender.AppendHistogram(0, l, at.UnixMilli(), h, nil)
			}
			if err != nil {
				r.t.Fatal(err)
			}
		}
		for _, collector := range []string{"all", "patrols"} {
			for le, share := range map[string]int{"0.1": 3, "0.5": 2, "1": 1, "+Inf": 1} {
				add(float64(runs/share), nil, "__name__", name+"_bucket", "collector", collector, "le", le)
			}
			add(float64(runs), nil, "__name__", name+"_count", "collector", collector)
			add(float64(runs)*0.4, nil, "__name__", name+"_sum", "collector", collector)
		}
		add(float64(n*3), nil, "__name__", "govkpi_ledger_facts")
		for _, collector := range []string{"all", "patrols"} {
			success, next := at.Unix(), at.Add(time.Hour).Unix()
			if collector == "patrols" && n > 1400 { // nobody has come through since
				success, next = storyBegins.Unix(), storyBegins.Unix()
			}
			add(float64(runs/40), nil, "__name__", "govkpi_collector_rejected_readings_total", "collector", collector, "reason", "wrong")
			add(float64(success), nil, "__name__", "govkpi_collector_last_success_timestamp_seconds", "collector", collector)
			add(float64(next), nil, "__name__", "govkpi_collector_next_run_timestamp_seconds", "collector", collector)
			add(0, nil, "__name__", "govkpi_collector_running", "collector", collector)
			add(float64(n/700), nil, "__name__", "govkpi_collector_skipped_runs_total", "collector", collector, "reason", "busy")
		}
		add(0, tsdbutil.GenerateTestHistogram(int64(n)), "__name__", "govkpi_native_seconds")
		if err := appender.Commit(); err != nil {
			r.t.Fatal(err)
		}
	}
}

// isFigure reports whether a family is that of an indicator itself.
func isFigure(m model.Metric) bool {
	_, ok := storyIndicators[strings.TrimPrefix(string(m["__name__"]), "governance_")]
	return ok || m["__name__"] == "governance_close_ratio"
}

// fill loads the whole story.
func (r *reference) fill(s *story) {
	r.t.Helper()
	history := s.figures(r.t, time.Time{})
	for at := time.Date(2025, 8, 20, 0, 0, 0, 0, time.UTC); !at.After(storyBegins); at = at.Add(time.Hour) {
		r.round(at, history.at(at))
	}
	for i, scrape := range s.scrapes {
		r.telemetry(scrape.at, i)
		standing := slices.DeleteFunc(slices.Clone(scrape.samples), func(s *model.Sample) bool { return isFigure(s.Metric) })
		r.round(scrape.at, history.at(scrape.at), standing)
	}
}

// question is one expression of the corpus, at an instant or over a range.
type question struct {
	expression string
	start, end time.Time
	step       time.Duration
}

func (q question) String() string {
	if q.step == 0 {
		return fmt.Sprintf("%s at %s", q.expression, q.start.Format(time.RFC3339))
	}
	return fmt.Sprintf("%s from %s to %s by %s", q.expression, q.start.Format(time.RFC3339), q.end.Format(time.RFC3339), q.step)
}

// ask returns the answer, in lines: its arrays go back to the engine.
func ask(t *testing.T, engine *promql.Engine, on storage.Queryable, q question) answer {
	t.Helper()
	return askUnder(t.Context(), t, engine, on, q)
}

func askUnder(ctx context.Context, t *testing.T, engine *promql.Engine, on storage.Queryable, q question) answer {
	t.Helper()
	var (
		query promql.Query
		err   error
	)
	if q.step == 0 {
		query, err = engine.NewInstantQuery(ctx, on, nil, q.expression, q.start)
	} else {
		query, err = engine.NewRangeQuery(ctx, on, nil, q.expression, q.start, q.end, q.step)
	}
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	defer query.Close()
	result := query.Exec(ctx)
	return answer{lines(result), result.Err}
}

type answer struct {
	lines []line
	err   error
}

// lines writes a result down, one sample or series a line, with every value.
func lines(r *promql.Result) []line {
	var all []line
	switch v := r.Value.(type) {
	case promql.Scalar:
		all = append(all, line{"scalar", []promql.FPoint{{T: v.T, F: v.V}}})
	case promql.String:
		all = append(all, line{"string " + v.V, nil})
	case promql.Vector:
		for _, s := range v {
			l := line{s.Metric.String(), []promql.FPoint{{T: s.T, F: s.F}}}
			if s.H != nil {
				l.metric += " " + s.H.String()
			}
			all = append(all, l)
		}
	case promql.Matrix:
		for _, s := range v {
			l := line{s.Metric.String(), slices.Clone(s.Floats)}
			for _, h := range s.Histograms {
				l.metric += fmt.Sprintf(" %d %s", h.T, h.H)
			}
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b line) int { return cmp.Compare(a.metric, b.metric) })
	return all
}

type line struct {
	metric string
	points []promql.FPoint
}

// difference returns where two results differ by more than a relative 1e-12;
// empty where they don't.
func difference(got, want answer) string {
	if (got.err == nil) != (want.err == nil) {
		return fmt.Sprintf("error %v, want %v", got.err, want.err)
	}
	ours, theirs := got.lines, want.lines
	if len(ours) != len(theirs) {
		return fmt.Sprintf("%d series, want %d:\n%.2000v\n%.2000v", len(ours), len(theirs), ours, theirs)
	}
	for i := range ours {
		if ours[i].metric != theirs[i].metric || len(ours[i].points) != len(theirs[i].points) {
			return fmt.Sprintf("%s with %d points, want %s with %d:\n%.1500v\n%.1500v", ours[i].metric, len(ours[i].points), theirs[i].metric, len(theirs[i].points), ours[i].points, theirs[i].points)
		}
		for j, p := range ours[i].points {
			if w := theirs[i].points[j]; p.T != w.T || !near(p.F, w.F) {
				return fmt.Sprintf("%s is %v at %s, want %v at %s", ours[i].metric, p.F, time.UnixMilli(p.T).UTC(), w.F, time.UnixMilli(w.T).UTC())
			}
		}
	}
	return ""
}

func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-12*math.Max(math.Abs(a), math.Abs(b))
}

func newTestEngine() *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		MaxSamples: 50_000_000, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, LookbackDelta: promapi.DefaultLookback,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Hour.Milliseconds() },
		Parser:                   parser.NewParser(parser.Options{EnableExperimentalFunctions: true}),
	})
}

// PromQL on the ledger gives what Prometheus gives that has scraped us every hour.
func TestPromQLOnTheLedger(t *testing.T) {
	s := tellStory(t)
	r := newReference(t)
	r.fill(s)
	t.Run("corpus", func(t *testing.T) { holdCorpus(t, s, r) })
	t.Run("cookbook", func(t *testing.T) { holdCookbook(t, s, r) })
	t.Run("as known at", func(t *testing.T) { holdKnownAt(t, s) })
	t.Run("as known then", func(t *testing.T) { holdKnownThen(t, s) })
	t.Run("rules", func(t *testing.T) { holdRules(t, s, r) })
	t.Run("HTTP", func(t *testing.T) { holdHTTP(t, s) })
	t.Run("after a restart, in any order", func(t *testing.T) { holdAnyOrder(t, s, r) })
}

func holdCorpus(t *testing.T, s *story, r *reference) {
	t.Helper()
	engine := newTestEngine()
	ours := promapi.NewQueryable(s.app.Series(), r.own, s.clock)
	expressions := corpus(t)
	empty := 0
	for _, expression := range expressions {
		found := false
		for _, q := range []question{
			{expression: expression, start: instant(t, "2025-12-20T16:00:00Z")},
			{expression: expression, start: instant(t, "2026-01-01T00:00:00Z")},
			{expression: expression, start: instant(t, "2026-01-20T07:00:00Z")},
			{expression, instant(t, "2025-11-01T00:00:00Z"), instant(t, "2026-01-21T00:00:00Z"), 24 * time.Hour},
			{expression, instant(t, "2025-12-28T00:00:00Z"), instant(t, "2026-01-04T00:00:00Z"), time.Hour},
		} {
			want := ask(t, engine, r.db, q)
			if q.step > 0 && want.err != nil { // a string or a range vector has no range
				continue
			}
			if d := difference(ask(t, engine, ours, q), want); d != "" {
				t.Errorf("%s: %s", q, d)
			}
			found = found || len(want.lines) > 0
		}
		if !found {
			empty++
			t.Logf("empty: %s", expression)
		}
	}
	if t.Logf("%d expressions, %d of them without any result", len(expressions), empty); len(expressions)-empty < 200 {
		t.Errorf("only %d expressions have a result", len(expressions)-empty)
	}
}

func corpus(t *testing.T) (expressions []string) {
	t.Helper()
	content, err := os.ReadFile("testdata/promql.txt")
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(content)) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			expressions = append(expressions, l)
		}
	}
	return expressions
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// The corpus has every function and aggregation of the language.
func TestCorpusIsComplete(t *testing.T) {
	content, err := os.ReadFile("testdata/promql.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name := range parser.Functions {
		if !regexp.MustCompile(`\b` + name + `\(`).Match(content) {
			t.Errorf("no expression calls %s", name)
		}
	}
	for name := range parser.ItemTypeStr {
		if name.IsAggregator() && !regexp.MustCompile(`\b`+name.String()+`\b`).Match(content) {
			t.Errorf("no expression aggregates with %s", name)
		}
	}
}
