package exposition_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
)

// lateSite is gridSite with an indicator that asks for the standing of every
// grid, all of whose reports are late.
func lateSite(grids int) (exposition.Site, *figures) {
	site, standing := gridSite(grids)
	site.Indicators[0].Detailed = true
	codes := make([]string, 0, grids)
	for _, f := range standing.byIndicator["grids"] {
		codes = append(codes, f.Region)
	}
	standing.reports = map[string][]fact.Report{"grids": reportsOf(codes, 1)}
	return site, standing
}

// reportsOf are reports of which every so many is late since 9 January.
func reportsOf(codes []string, every int) []fact.Report {
	all := make([]fact.Report, len(codes))
	for i, code := range codes {
		all[i] = fact.Report{Region: code, Period: period("2025-12"), Due: due(), Reported: true}
		if i%every == 0 {
			all[i].Reported, all[i].Owed, all[i].OwedDue = false, all[i].Period, due()
		}
	}
	return all
}

// countySite is gridSite of 176,000 grids, and beside it 30 indicators that 99
// counties report: figures with all that follows them, reports of which every so
// many is late, ranks among three sorts of peers, and roll-ups.
func countySite(every int) exposition.Site {
	site, standing := gridSite(176_000)
	standing.reports, standing.rankings, standing.rollups = map[string][]fact.Report{}, map[string][]fact.Ranking{}, map[string][]fact.Rollup{}
	var counties, above []string
	for r := range site.Regions.All() {
		switch {
		case r.Level == fact.County:
			counties = append(counties, r.Code)
		case r.Level < fact.County:
			above = append(above, r.Code)
		}
	}
	some := fact.Some(3)
	for n := range 30 {
		i := site.Indicators[0]
		i.ID, i.Levels, i.SignOff = fmt.Sprintf("figure_%d", n), []fact.Level{fact.County}, true
		site.Indicators = append(site.Indicators, i)
		standing.reports[i.ID] = reportsOf(counties, every)
		for rank, code := range counties {
			standing.byIndicator[i.ID] = append(standing.byIndicator[i.ID], fact.Figure{
				Region: code, Period: period("2025-12"), Value: 3, Revision: 1,
				Previous: some, YearAgo: some, Unchanged: some, Target: some, Attainment: some,
			})
			for scope := fact.AmongAll; scope <= fact.AmongClass; scope++ {
				standing.rankings[i.ID] = append(standing.rankings[i.ID], fact.Ranking{Region: code, Scope: scope, Rank: rank + 1, Peers: len(counties)})
			}
		}
		for _, code := range above {
			standing.rollups[i.ID] = append(standing.rollups[i.ID], fact.Rollup{Region: code, Period: period("2025-12"), Value: some, Previous: some, Reported: 8, Expected: 9})
		}
	}
	return site
}

// BenchmarkScrapeOfStanding is BenchmarkScrape with the standing of a province,
// scraped every fifteen seconds: what moves with the clock is written anew each
// time, or once a minute where there is much of it.
func BenchmarkScrapeOfStanding(b *testing.B) {
	detailed, _ := lateSite(176_000)
	for _, c := range []struct {
		name string
		site exposition.Site
	}{
		{"a tenth of 2,970 late", countySite(10)},
		{"all of 2,970 late", countySite(1)},
		{"176,000 late", detailed},
	} {
		at := newClock(january())
		registry := prometheus.NewRegistry()
		newTelemetry(b, registry)
		handler := newExposition(b, registry, at.now, nil)
		if err := handler.SetSite(c.site); err != nil {
			b.Fatal(err)
		}
		for name, headers := range map[string]http.Header{
			"text":      {"Accept": {"text/plain"}},
			"text-gzip": {"Accept": {"text/plain"}, "Accept-Encoding": {"gzip"}},
			"protobuf":  {"Accept": {acceptProtobuf}},
		} {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				compareWithStatic(b, handler, headers, func() { at.set(at.now().Add(15 * time.Second)) })
			})
		}
	}
}
