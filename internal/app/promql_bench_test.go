package app_test

import (
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/promapi"
)

const (
	benchedIndicators = 30
	benchedCounties   = 100
	benchedMonths     = 24
)

// BenchmarkPromQL asks for a year of daily values of 100 series, of two years of 30
// indicators in 100 counties, on the ledger and on Prometheus' own TSDB with the
// same figures every hour. It prints our share of the TSDB's time, memory and disk.
func BenchmarkPromQL(b *testing.B) {
	p := benchPlace(b)
	baseline := heap()
	a := p.startAt(b, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	p.fill(b, a)
	if err := a.Stop(b.Context()); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	a = p.startAt(b, benchedUntil())
	ours := promapi.NewQueryable(a.Series(), nil, func() time.Time { return p.now })
	engine := newTestEngine()
	year := yearOf("governance_indicator_7")
	if got := benchAsk(b, engine, ours, year); got != benchedCounties {
		b.Fatalf("%d series, want %d", got, benchedCounties)
	}
	restart := time.Since(start)
	ourHeap := heap() - baseline
	folder := b.TempDir()
	db := benchReference(b, folder)
	theirHeap := heap() - baseline - ourHeap
	for b.Loop() {
		for name, expression := range map[string]string{
			"figures": "governance_indicator_7", "sum": "sum by (city) (governance_indicator_7)", "delta30d": "delta(governance_indicator_7[30d])",
		} {
			q := yearOf(expression)
			b.ReportMetric(median(b, engine, ours, q)/median(b, engine, db, q), name+"/tsdb")
		}
		began := time.Now()
		benchAsk(b, engine, ours, yearOf(`governance_rank{indicator="indicator_7",among="all"}`))
		b.ReportMetric(time.Since(began).Seconds()*1000, "standing-first-ms")
		b.ReportMetric(median(b, engine, ours, yearOf(`governance_rank{indicator="indicator_7",among="all"}`))*1000, "standing-again-ms")
	}
	const series = benchedIndicators * benchedCounties
	answered := benchCount(b, engine, ours)
	b.ReportMetric(answered, "series-answered")
	b.ReportMetric(float64(ourHeap)/answered/(float64(theirHeap)/series), "heap-of-a-series/tsdb")
	b.ReportMetric(float64(size(b, filepath.Join(p.folder, "data", app.LedgerFile)))/answered/(float64(size(b, folder))/series), "disk-of-a-series/tsdb")
	b.ReportMetric(restart.Seconds()*1000, "restart-to-answer-ms")
	b.ReportMetric(float64(ourHeap)/series, "heap-B/series")
	b.ReportMetric(float64(ourHeap)/float64(theirHeap), "heap/tsdb")
	ourDisk, theirDisk := size(b, filepath.Join(p.folder, "data", app.LedgerFile)), size(b, folder)
	b.ReportMetric(float64(ourDisk)/series, "disk-B/series")
	b.ReportMetric(float64(ourDisk)/float64(theirDisk), "disk/tsdb")
	b.ReportMetric(0, "ns/op")
}

func benchedUntil() time.Time { return time.Date(2026, 1, 6, 0, 0, 0, 0, time.UTC) }

func yearOf(expression string) question {
	return question{expression, benchedUntil().AddDate(-1, 0, 0), benchedUntil().Add(-6 * time.Hour), 24 * time.Hour}
}

// benchSite is a place of its own: a testing.B is no testing.T.
type benchSite struct {
	folder string
	now    time.Time
	figure func(indicator, county, month int) int
}

func benchPlace(b *testing.B) *benchSite {
	b.Helper()
	p := &benchSite{folder: b.TempDir(), figure: benched}
	var regions, catalogue strings.Builder
	regions.WriteString("code,name,level,parent\n360000,江西省,province,\n")
	for city := range 10 {
		fmt.Fprintf(&regions, "36%02d00,市%d,city,360000\n", city+1, city)
		for county := range benchedCounties / 10 {
			fmt.Fprintf(&regions, "36%02d%02d,县%d之%d,county,36%02d00\n", city+1, county+21, city, county, city+1)
		}
	}
	catalogue.WriteString(strings.Replace(beforeIndicators(), "regions: {divisions: [regions.csv], history: [history.csv]}", "regions: {divisions: [regions.csv]}", 1))
	catalogue.WriteString("indicators:\n")
	for i := range benchedIndicators {
		fmt.Fprintf(&catalogue, "  - {id: indicator_%d, title: {zh: 指标, en: Indicator}, definition: {zh: 指标, en: An indicator}, theme: test, unit: things, kind: stock, direction: more, levels: [county], cadence: month, grace_working_days: 5, expires_after_periods: 3, targets: [{level: county, value: 100, source: test}]}\n", i)
	}
	write(b, p.folder, "regions.csv", regions.String())
	write(b, p.folder, "govkpi.yaml", catalogue.String())
	return p
}

func (p *benchSite) startAt(b *testing.B, now time.Time) *app.App {
	b.Helper()
	p.now = now
	a, err := app.New(b.Context(), app.Options{
		Load: func() (*config.Config, error) {
			return config.LoadFile(filepath.Join(p.folder, "govkpi.yaml"), config.Options{})
		},
		Now: func() time.Time { return p.now }, Log: slog.New(slog.DiscardHandler), Version: "bench", Revision: "bench",
	})
	if err != nil {
		b.Fatal(err)
	}
	return a
}

func beforeIndicators() string {
	before, _, _ := strings.Cut(storyTree, "indicators:")
	return before
}

// benched is the figure of a county for a month.
func benched(indicator, county, month int) int {
	return 50 + (indicator*7+county*3+month*(1+county%3))%90
}

// fill records each month five days after its end.
func (p *benchSite) fill(b *testing.B, a *app.App) {
	b.Helper()
	month, err := fact.ParsePeriod("2024-01")
	if err != nil {
		b.Fatal(err)
	}
	for n := range benchedMonths {
		p.now = month.End(time.UTC).AddDate(0, 0, 5)
		var file strings.Builder
		file.WriteString("indicator,region,period,value\n")
		for i := range benchedIndicators {
			for c := range benchedCounties {
				fmt.Fprintf(&file, "indicator_%d,36%02d%02d,%s,%d\n", i, c/10+1, c%10+21, month, p.figure(i, c, n))
			}
		}
		if _, err := a.ImportFigures(b.Context(), strings.NewReader(file.String()), "bench", "bench"); err != nil {
			b.Fatal(err)
		}
		month = month.Next()
	}
}

// benchReference is the TSDB as a Prometheus leaves it: blocks of the past, and the
// last three hours in the head.
func benchReference(b *testing.B, folder string) *tsdb.DB {
	b.Helper()
	options := tsdb.DefaultOptions()
	options.RetentionDuration = 0
	options.MinBlockDuration, options.MaxBlockDuration = 31*24*time.Hour.Milliseconds(), 31*24*time.Hour.Milliseconds()
	db := openBenchTSDB(b, folder, options)
	var all []labels.Labels
	for i := range benchedIndicators {
		for c := range benchedCounties {
			all = append(all, labels.FromStrings("__name__", fmt.Sprintf("governance_indicator_%d", i), "level", "county",
				"code", fmt.Sprintf("36%02d%02d", c/10+1, c%10+21), "city", fmt.Sprintf("市%d", c/10), "county", fmt.Sprintf("县%d之%d", c/10, c%10)))
		}
	}
	refs := make([]storage.SeriesRef, len(all))
	month, err := fact.ParsePeriod("2024-01")
	if err != nil {
		b.Fatal(err)
	}
	zone := time.FixedZone("CST", 8*3600)
	month, n := month.Next(), 0
	last := benchedUntil().Add(-3 * time.Hour)
	round := func(at time.Time) {
		if !at.Before(month.End(zone)) {
			month, n = month.Next(), n+1
		}
		appender := db.Appender(b.Context())
		for s := range all {
			if refs[s], err = appender.Append(refs[s], all[s], at.UnixMilli(), float64(benched(s/benchedCounties, s%benchedCounties, n))); err != nil {
				b.Fatal(err)
			}
		}
		if err := appender.Commit(); err != nil {
			b.Fatal(err)
		}
	}
	at := time.Date(2024, 1, 31, 16, 0, 0, 0, time.UTC)
	for ; at.Before(last); at = at.Add(time.Hour) {
		round(at)
	}
	if err := db.CompactHead(tsdb.NewRangeHead(db.Head(), db.Head().MinTime(), db.Head().MaxTime())); err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	options = tsdb.DefaultOptions() // as a Prometheus has them, but that nothing is deleted
	options.RetentionDuration = 0
	db = openBenchTSDB(b, folder, options)
	clear(refs)
	for ; at.Before(benchedUntil()); at = at.Add(time.Hour) {
		round(at)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	return db
}

func openBenchTSDB(b *testing.B, folder string, options *tsdb.Options) *tsdb.DB {
	b.Helper()
	db, err := tsdb.Open(folder, slog.New(slog.DiscardHandler), nil, options, nil)
	if err != nil {
		b.Fatal(err)
	}
	return db
}

// benchAsk returns how many series a query gives.
func benchAsk(b *testing.B, engine *promql.Engine, on storage.Queryable, q question) int {
	b.Helper()
	query, err := engine.NewRangeQuery(b.Context(), on, nil, q.expression, q.start, q.end, q.step)
	if err != nil {
		b.Fatal(err)
	}
	defer query.Close()
	result := query.Exec(b.Context())
	matrix, err := result.Matrix()
	if err != nil {
		b.Fatal(err)
	}
	return len(matrix)
}

// benchCount returns how many series there are now.
func benchCount(b *testing.B, engine *promql.Engine, on storage.Queryable) float64 {
	b.Helper()
	query, err := engine.NewInstantQuery(b.Context(), on, nil, `count({__name__=~"governance_.+"})`, benchedUntil())
	if err != nil {
		b.Fatal(err)
	}
	defer query.Close()
	vector, err := query.Exec(b.Context()).Vector()
	if err != nil || len(vector) != 1 {
		b.Fatalf("%v, %v", vector, err)
	}
	return vector[0].F
}

// median is the median of some runs, in seconds.
func median(b *testing.B, engine *promql.Engine, on storage.Queryable, q question) float64 {
	b.Helper()
	var took []float64
	for range 15 {
		start := time.Now()
		benchAsk(b, engine, on, q)
		took = append(took, time.Since(start).Seconds())
	}
	slices.Sort(took)
	return took[len(took)/2]
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func size(b *testing.B, path string) (bytes int64) {
	b.Helper()
	err := filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		bytes += info.Size()
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return bytes
}
