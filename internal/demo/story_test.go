package demo_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/demo"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// Tests that only look share what is slow to make.
func TestTheDemoOfALateDay(t *testing.T) {
	site := newSite(t, "2026-11-22")
	refused := site.pull(t)
	facts := site.ledger.facts
	t.Run("story", func(t *testing.T) { testStory(t, site, refused) })
	t.Run("corpus", func(t *testing.T) { testCorpus(t, site) })
	t.Run("sources", func(t *testing.T) { testSources(t, site) })
	t.Run("lagging counties miss their targets", func(t *testing.T) { testLagging(t, site, facts) })
	t.Run("summary", func(t *testing.T) { testSummary(t, site, facts) })
	t.Run("tables", func(t *testing.T) { testTables(t, site) })
}

func TestTheDemoOfTheFirstDays(t *testing.T) {
	site := newSite(t, "2026-01-05")
	if err := site.systems.Correct(t.Context()); err != nil {
		t.Fatal(err)
	}
	site.pull(t)
	facts := site.ledger.facts
	t.Run("targets of elder meal sites", func(t *testing.T) { testElderMealTargets(t, site, facts) })
	t.Run("stocks of 2025 never fall", func(t *testing.T) { testStocks(t, site, facts) })
}

// Every table has rows, and one says that all of them are synthetic.
func testTables(t *testing.T, site *site) {
	db := site.open(t)
	for _, table := range tableNames(t, db) {
		if number(t, db, "SELECT count(*) FROM "+table) == 0 {
			t.Errorf("table %s is empty", table)
		}
	}
	for language, word := range map[string]string{"zh": "合成", "en": "synthetic"} {
		notice := texts(t, db, "SELECT text FROM notice WHERE language = '"+language+"'")
		if len(notice) != 1 || !strings.Contains(notice[0], word) {
			t.Errorf("notice in %s is %q, want one that says %s", language, notice, word)
		}
	}
}

// The counties that lag are behind the demo's targets in the autumn of 2026, and
// hardly anybody else is.
func testLagging(t *testing.T, site *site, facts map[demo.Absence]float64) {
	lagging := site.sample.Story().Lagging
	for _, test := range []struct {
		indicator, denominator, period string
		lags, keepsUp                  float64 // attainment at most, and at least
	}{
		{"elder_meal_sites", "", "2026-10", 0.93, 0.97},
		{"forms_cut", "forms_before", "2026-Q3", 0.99, 1},
		{"online_certificates", "", "2026-09", 0.99, 1},
		{"cadre_visits", "", "2026-09", 0.99, 1},
		{"property_cases_settled", "", "2026-09", 0.99, 1},
	} {
		t.Run(test.indicator, func(t *testing.T) {
			seen := 0
			for key, value := range facts {
				if key.Indicator != test.indicator || key.Period != period(t, test.period) {
					continue
				}
				target := site.target(test.indicator, key.Region)
				if test.denominator != "" {
					value /= facts[demo.Absence{Indicator: test.denominator, Region: key.Region, Period: key.Period}]
					target = site.target("form_reduction_ratio", key.Region)
				}
				attained := value / target
				switch lags := slices.Contains(lagging, key.Region); {
				case lags && attained > test.lags:
					t.Errorf("%s lags, but attains %.3f of its target", key.Region, attained)
				case !lags && attained < test.keepsUp:
					t.Errorf("%s does not lag, but attains %.3f of its target", key.Region, attained)
				case lags:
					seen++
				}
			}
			if seen == 0 {
				t.Error("no county lags")
			}
		})
	}
}

func (s *site) target(indicator, region string) float64 {
	at := slices.IndexFunc(s.config.Indicators, func(i fact.Indicator) bool { return i.ID == indicator })
	for _, target := range s.config.Indicators[at].Targets {
		if target.Region == region || target.Region == "" {
			return target.Value
		}
	}
	return math.NaN()
}

// Targets of the demo for single counties follow from the published total.
func testElderMealTargets(t *testing.T, site *site, facts map[demo.Absence]float64) {
	want, got := map[string]float64{}, map[string]float64{}
	for key, value := range facts {
		if key.Indicator == "elder_meal_sites" && key.Period == period(t, "2025-12") {
			want[key.Region] = math.Ceil(value * 112 / 100)
			got[key.Region] = site.target("elder_meal_sites", key.Region)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 100 {
		t.Errorf("targets of %d counties (-112%% of 2025 +demo/targets.yaml):\n%s", len(want), diff)
	}
}

// No disturbance is of a period that decides a published figure.
func TestPublishedPeriodsAreUndisturbed(t *testing.T) {
	for _, now := range []string{"2025-08-01", "2026-01-05", "2026-02-03", "2026-11-22", "2027-03-01"} {
		t.Run("seen on "+now, func(t *testing.T) {
			c := loadShipped(t)
			sample, err := demo.New(c.Regions, c.Indicators, at(t, c, now))
			if err != nil {
				t.Fatal(err)
			}
			story := sample.Story()
			for _, late := range story.Late {
				if late.Period.Compare(period(t, "2026-01")) < 0 {
					t.Errorf("%s of %s is late for %s", late.Indicator, late.Region, late.Period)
				}
			}
			for _, c := range story.Corrections {
				flow := c.Indicator == "village_work_items_cleared"
				if c.Period == period(t, "2025-12") || flow && c.Period.Compare(period(t, "2026-Q1")) < 0 {
					t.Errorf("%s of %s is corrected for %s", c.Indicator, c.Region, c.Period)
				}
			}
			for _, wrong := range story.Wrong {
				for _, stage := range wrong.Stages {
					if !slices.Contains(quality.Stages(), stage) && !slices.Contains(fact.IntakeStages(), stage) {
						t.Errorf("%s in %s: the gate has no stage %s", wrong.What, wrong.Where, stage)
					}
				}
			}
		})
	}
}

// Until the end of 2025 nothing that should grow shrinks, in any county.
func testStocks(t *testing.T, site *site, facts map[demo.Absence]float64) {
	for _, indicator := range site.config.Indicators {
		if indicator.Kind == fact.RatioKind || indicator.Kind == fact.Flow || indicator.Direction == fact.LessIsBetter {
			continue
		}
		for key, value := range facts {
			before, ok := facts[demo.Absence{Indicator: key.Indicator, Region: key.Region, Period: key.Period.Previous()}]
			if key.Indicator == indicator.ID && ok && value < before {
				t.Errorf("%s of %s falls from %g to %g in %s", key.Indicator, key.Region, before, value, key.Period)
			}
		}
	}
}

// testdata/summary.golden shows at a glance what the demo of a day holds.
func testSummary(t *testing.T, site *site, facts map[demo.Absence]float64) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-30s %-9s %-10s %8s %9s %s\n", "indicator", "kind", "cadence", "figures", "2025", "periods")
	for _, indicator := range site.config.Indicators {
		var periods []fact.Period
		sums := map[fact.Period]float64{}
		n := 0
		for key, value := range facts {
			if key.Indicator == indicator.ID {
				sums[key.Period] += value
				n++
			}
		}
		if n == 0 {
			continue // a ratio
		}
		periods = slices.SortedFunc(maps.Keys(sums), fact.Period.Compare)
		of2025 := 0.0
		for _, p := range periods {
			if !period(t, "2025").Contains(p) {
				continue
			}
			if indicator.Kind != fact.Flow {
				of2025 = 0
			}
			of2025 += sums[p]
		}
		fmt.Fprintf(&b, "%-30s %-9s %-10s %8d %9.0f %s..%s\n", indicator.ID, indicator.Kind, indicator.Cadence, n, of2025, periods[0], periods[len(periods)-1])
	}
	story := site.sample.Story()
	fmt.Fprintf(&b, "\nlagging: %s\n", strings.Join(story.Lagging, " "))
	for _, late := range story.Late {
		fmt.Fprintf(&b, "late: %s %s %s\n", late.Region, late.Indicator, late.Period)
	}
	for _, c := range story.Corrections {
		fmt.Fprintf(&b, "corrected: %s %s %s, %d then %d\n", c.Region, c.Indicator, c.Period, c.First, c.Value)
	}
	for _, r := range story.Renamed {
		fmt.Fprintf(&b, "renamed: %s, %s then %s\n", r.Code, r.Before, r.Name)
	}
	for _, w := range story.Wrong {
		fmt.Fprintf(&b, "wrong: %s, %s: %s\n", w.Where, w.What, strings.Join(w.Stages, " "))
	}
	golden(t, "summary.golden", b.String())
}
