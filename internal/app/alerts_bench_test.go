package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	promrules "github.com/prometheus/prometheus/rules"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
)

const benchedAlerts = `
alerts:
  url: http://127.0.0.1:9600
  pages: https://docs.example.org/alerts
  interval: 5m
  behind_target: {tolerance: 0.1, for: 1d, severity: warning}
  behind_peers: {distance: 2, share: 0.1, for: 1d, severity: info}
  stalled: {periods: 3, for: 1d, severity: info}
  overdue: {info: 0, warning: 3, critical: 10}
  coverage: {below: 0.9, levels: [province, city], for: 1d, severity: warning}
  totals_disagree: {for: 1d, severity: warning}
  held: {for: 1d, severity: info}
  rejected: {window: 1d, for: 0s, severity: warning}
  source_down: {after: 2d, for: 1h, severity: critical}
  missed_schedule: {after: 1h, for: 15m, severity: warning}
`

// BenchmarkAlerts evaluates all rules once on our own PromQL, over 30 indicators in
// 100 counties with two years of figures, of which so many are behind; and tests
// them against a year, of which nothing has been asked before.
func BenchmarkAlerts(b *testing.B) {
	for _, behind := range []int{0, 12, 300} {
		b.Run(fmt.Sprintf("behind=%d", behind), func(b *testing.B) {
			p, cfg, a := alertsPlace(b, behind)
			groups := loadedGroups(b, cfg, a, func() time.Time { return p.now })
			b.Run("one group after another", func(b *testing.B) {
				for b.Loop() {
					p.now = p.now.Add(time.Second)
					for _, g := range groups {
						g.Eval(b.Context(), p.now)
					}
				}
				reportAlerts(b, groups)
			})
			b.Run("all groups at once", func(b *testing.B) { // as they are while the program runs
				for b.Loop() {
					p.now = p.now.Add(time.Second)
					var evaluations sync.WaitGroup
					for _, g := range groups {
						evaluations.Go(func() { g.Eval(b.Context(), p.now) })
					}
					evaluations.Wait()
				}
				reportAlerts(b, groups)
			})
			b.Run("backtest", func(b *testing.B) {
				reader, err := app.OpenReaderOf(b.Context(), filepath.Join(p.folder, "data"), app.ForReading(config.Options{Env: func(string) (string, bool) { return "", false }}), func() time.Time { return p.now })
				if err != nil {
					b.Fatal(err)
				}
				defer reader.Close()
				zone := cfg.Site.Zone
				named := 0
				for b.Loop() {
					review, err := reader.Review(b.Context(), app.ReviewQuestion{From: time.Date(2025, 1, 1, 0, 0, 0, 0, zone), To: time.Date(2026, 1, 1, 0, 0, 0, 0, zone)})
					if err != nil {
						b.Fatal(err)
					}
					named = 0
					for _, m := range review.Months {
						named += len(m.Named)
					}
				}
				b.ReportMetric(float64(named), "named")
			})
		})
	}
}

func reportAlerts(b *testing.B, groups map[string]*promrules.Group) {
	b.Helper()
	alerts := 0
	for name, g := range groups {
		for _, r := range g.Rules() {
			if r.LastError() != nil {
				b.Fatal(name, r.LastError())
			}
		}
		for _, r := range g.AlertingRules() {
			alerts += len(r.ActiveAlerts())
		}
	}
	b.ReportMetric(float64(alerts), "alerts")
}

// alertsPlace has figures that grow evenly and suffice, but for so many series,
// which are far behind.
func alertsPlace(b *testing.B, behind int) (*benchSite, *config.Config, *app.App) {
	b.Helper()
	p := benchPlace(b)
	p.figure = func(indicator, county, month int) int {
		if (county*benchedIndicators+indicator)*behind/(benchedIndicators*benchedCounties) != (county*benchedIndicators+indicator+1)*behind/(benchedIndicators*benchedCounties) {
			return 20 + month
		}
		return 95 + county%10 + month
	}
	content := readFile(b, filepath.Join(p.folder, "govkpi.yaml"))
	write(b, p.folder, "govkpi.yaml", content+benchedAlerts)
	a := p.startAt(b, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	p.fill(b, a)
	if err := a.Stop(b.Context()); err != nil {
		b.Fatal(err)
	}
	a = p.startAt(b, benchedUntil())
	b.Cleanup(func() {
		if err := a.Stop(b.Context()); err != nil {
			b.Error(err)
		}
	})
	cfg, err := config.LoadFile(filepath.Join(p.folder, "govkpi.yaml"), config.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return p, cfg, a
}

func readFile(b *testing.B, name string) string {
	b.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	return string(content)
}
