package rules_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/rules"
)

// large is a site of 30 indicators, all with targets and ranks, and 100 counties.
func large(t testing.TB) *rules.Site {
	t.Helper()
	s := site(t)
	s.Indicators, s.Regions = nil, nil
	for n := range 30 {
		i := fact.Indicator{
			ID: fmt.Sprintf("indicator_%02d", n), Kind: fact.Stock, Direction: fact.MoreIsBetter, Levels: []fact.Level{fact.County},
			Cadence: fact.Monthly, Unit: fact.Unit{ID: "items", Counts: true}, Targets: []fact.Target{{Level: fact.County, Value: 100}},
		}
		switch n % 3 {
		case 1:
			i.Kind = fact.FlowYTD
		case 2:
			i.RankBy = fact.RankPerVillage
		}
		s.Indicators = append(s.Indicators, i)
	}
	for n := range 100 {
		s.Regions = append(s.Regions, fact.Region{Code: fmt.Sprintf("36%04d", n), Level: fact.County, Villages: 100})
	}
	return s
}

// fill gives every county a figure and all that follows it; a tenth is behind, and
// so many are late.
func fill(t testing.TB, db *tsdb.DB, s *rules.Site, at time.Time, late int) {
	t.Helper()
	app := db.Appender(t.Context())
	add := func(v float64, pairs ...string) {
		if _, err := app.Append(0, labels.FromStrings(pairs...), at.UnixMilli(), v); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range s.Regions {
		add(100, model.MetricNameLabel, "governance_region_villages", "level", "county", "code", r.Code)
	}
	for _, i := range s.Indicators {
		add(1, model.MetricNameLabel, "governance_indicator_info", "indicator", i.ID, "theme", "x", "title_zh", "指标", "title_en", "Indicator", "unit", "items", "unit_zh", "个", "unit_en", "items")
		add(float64(at.Unix()), model.MetricNameLabel, "governance_rollup_period_end_timestamp_seconds", "indicator", i.ID, "level", "province", "code", "360000")
		for n, r := range s.Regions {
			share := 0.9 + float64(n%50)/500
			if n%10 == 0 {
				share = 0.1
			}
			region := []string{"level", "county", "code", r.Code, "city", fmt.Sprintf("市%d", n%11), "county", fmt.Sprintf("县%d", n)}
			add(100*share, append([]string{model.MetricNameLabel, "governance_" + i.ID}, region...)...)
			of := func(family string, v float64, more ...string) {
				add(v, append(append([]string{model.MetricNameLabel, family, "indicator", i.ID}, region...), more...)...)
			}
			of("governance_target", 100)
			of("governance_attainment_ratio", share)
			of("governance_unchanged_periods", float64(n%10/9*3)) // a tenth stands still
			of("governance_period_end_timestamp_seconds", float64(at.Unix()))
			of("governance_rank", float64(n+1), "among", "all")
			of("governance_peers", 100, "among", "all")
			overdue := 0.0
			if n < late {
				overdue = float64(n+1) * 86400
			}
			of("governance_overdue_seconds", overdue)
		}
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
}

// All rules over 30 indicators and 100 counties, with a tenth of them behind.
func BenchmarkAllRules(b *testing.B) {
	for _, late := range []int{5, 100} {
		b.Run(fmt.Sprintf("late=%d", late), func(b *testing.B) {
			s := large(b)
			db := open(b, b.TempDir())
			defer db.Close()
			at := time.Now()
			fill(b, db, s, at, late)
			manager := promrules.NewManager(&promrules.ManagerOptions{
				QueryFunc: promrules.EngineQueryFunc(engine(), db), NotifyFunc: func(context.Context, string, ...*promrules.Alert) {},
				Context: b.Context(), AppendableV2: db, Queryable: db, ResendDelay: time.Minute,
			})
			folder := b.TempDir()
			write(b, folder, files(b, s))
			names, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
			if err != nil {
				b.Fatal(err)
			}
			loaded, errs := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, names...)
			if len(errs) > 0 {
				b.Fatal(errs)
			}
			for b.Loop() {
				at = at.Add(time.Second)
				for name, g := range loaded {
					g.Eval(b.Context(), at)
					for _, r := range g.Rules() {
						if r.LastError() != nil {
							b.Fatal(name, r.LastError())
						}
					}
				}
			}
			alerts := 0
			for _, g := range loaded {
				for _, r := range g.AlertingRules() {
					alerts += len(r.ActiveAlerts())
				}
				took := time.Duration(0)
				for _, r := range g.Rules() {
					took += r.GetEvaluationDuration()
				}
				b.ReportMetric(took.Seconds()*1000, g.Name()+"-ms")
			}
			b.ReportMetric(float64(alerts), "alerts")
		})
	}
}
