package rules_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/calendar"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/rules"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// nationalDay are the exceptions of 2025 around 1 October: eight days off, two
// weekend days worked on.
func nationalDay(t testing.TB, zone *time.Location) *calendar.Calendar {
	t.Helper()
	var days []calendar.Day
	for d := 1; d <= 8; d++ {
		days = append(days, calendar.Day{Date: calendar.Date{Year: 2025, Month: time.October, Day: d}, Working: false, Name: "国庆节"})
	}
	for _, d := range []calendar.Date{{Year: 2025, Month: time.September, Day: 28}, {Year: 2025, Month: time.October, Day: 11}} {
		days = append(days, calendar.Day{Date: d, Working: true, Name: "国庆节调休"})
	}
	c, err := calendar.New(zone, days, []int{2025})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// site is a small site with every kind of target and ranking: one city of eight
// counties.
func site(t testing.TB) *rules.Site {
	t.Helper()
	zone := shanghai(t)
	regions := []fact.Region{
		{Code: "360000", Name: "江西省", Level: fact.Province},
		{Code: "360600", Name: "鹰潭市", Level: fact.City, Parent: "360000"},
	}
	for n := 1; n <= 8; n++ {
		regions = append(regions, fact.Region{Code: fmt.Sprintf("36060%d", n), Name: fmt.Sprintf("县%d", n), Level: fact.County, Parent: "360600", Villages: 100})
	}
	one := func(id, zh string, kind fact.Kind, direction fact.Direction, by fact.RankBy, target float64) fact.Indicator {
		i := fact.Indicator{
			ID: id, Title: fact.Text{ZH: zh, EN: id}, Theme: "co-governance", Unit: fact.Unit{ID: "items", Title: fact.Text{ZH: "个", EN: "items"}, Counts: true},
			Kind: kind, Direction: direction, Levels: []fact.Level{fact.County}, Cadence: fact.Monthly, Grace: 10, ExpiresAfter: 12, RankBy: by,
		}
		if target > 0 {
			i.Targets = []fact.Target{{Level: fact.County, Value: target}}
		}
		return i
	}
	meals := one("meals", "助餐点", fact.Stock, fact.MoreIsBetter, fact.RankPerVillage, 0)
	meals.SignOff = true
	meals.Published = []fact.Published{{Region: "360000", Period: fact.Period{}, Value: 800, Precision: fact.Exact}}
	surveyed := one("meals_surveyed", "助餐点（抽查）", fact.Stock, fact.MoreIsBetter, fact.NotRanked, 0)
	surveyed.Compare = &fact.Comparison{With: "meals", Tolerance: 0.05}
	forms := one("forms", "报表", fact.Stock, fact.LessIsBetter, fact.RankByValue, 0.5)
	forms.Unit = fact.Unit{ID: "ratio", Title: fact.Text{ZH: "比例", EN: "ratio"}}
	return &rules.Site{
		Name: fact.Text{ZH: "江西省", EN: "Jiangxi Province"}, Zone: zone, Calendar: nationalDay(t, zone), Regions: regions,
		Indicators: []fact.Indicator{
			one("grids", "网格", fact.Stock, fact.MoreIsBetter, fact.RankByValue, 100),
			one("visits", "走访", fact.FlowYTD, fact.MoreIsBetter, fact.RankByValue, 1200),
			forms, meals, surveyed,
		},
		Policy: policy(),
	}
}

func policy() *fact.AlertPolicy {
	raised := func(lasting time.Duration, severity fact.Severity) fact.RaisedAlert {
		return fact.RaisedAlert{For: lasting, Severity: severity}
	}
	day := 24 * time.Hour
	return &fact.AlertPolicy{
		URL: "https://kpi.example.org", Pages: "https://docs.example.org/alerts", Interval: 5 * time.Minute,
		General: fact.IndicatorAlerts{
			BehindTarget: &fact.BehindTargetAlert{RaisedAlert: raised(day, fact.Warning), Tolerance: 0.1},
			BehindPeers:  &fact.BehindPeersAlert{RaisedAlert: raised(day, fact.Info), Distance: 2, Share: 0.1},
			Stalled:      &fact.StalledAlert{RaisedAlert: raised(day, fact.Info), Periods: 3},
			Overdue:      &fact.OverdueAlert{Info: 0, Warning: 3, Critical: 10},
			Coverage:     &fact.CoverageAlert{RaisedAlert: raised(day, fact.Warning), Below: 0.9, Province: true, City: true},
			Totals:       new(raised(day, fact.Warning)),
			Held:         new(raised(day, fact.Info)),
		},
		Rejected:   &fact.RejectedAlert{RaisedAlert: raised(0, fact.Warning), Window: day},
		SourceDown: &fact.SourceDownAlert{RaisedAlert: raised(time.Hour, fact.Critical), After: 2 * day},
		Missed:     &fact.MissedAlert{RaisedAlert: raised(15*time.Minute, fact.Warning), After: time.Hour},
	}
}

// files are the rule files of a site.
func files(t testing.TB, s *rules.Site) []rules.File {
	t.Helper()
	groups, err := rules.Generate(s)
	if err != nil {
		t.Fatal(err)
	}
	written, err := rules.Write(groups)
	if err != nil {
		t.Fatal(err)
	}
	return written
}
