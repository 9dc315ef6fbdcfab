package demo_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/sqlquery"
	"github.com/govkpi/govkpi/internal/demo"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// pulled is what the shipped collectors and the gate make of the sample systems.
type pulled struct {
	facts   map[demo.Absence]float64 // by indicator, region and period
	refused map[string][]string      // stages by collector, sorted
}

// noHistory is an empty ledger.
type noHistory struct{}

func (noHistory) Before(context.Context, string, string, fact.Dimensions, fact.Period) (float64, bool, error) {
	return 0, false, nil
}

func (noHistory) At(context.Context, string, string, fact.Dimensions, fact.Period) (float64, bool, error) {
	return 0, false, nil
}

// pull runs every shipped collector once, as it stands in the configuration.
func (s site) pull(t *testing.T) pulled {
	t.Helper()
	gate := quality.New(quality.Options{
		Indicators: s.config.Indicators, Regions: s.register, History: noHistory{},
		Zone: s.config.Site.Zone, Now: func() time.Time { return s.now },
	})
	result := pulled{facts: map[demo.Absence]float64{}, refused: map[string][]string{}}
	for i := range s.config.Collectors {
		collector := &s.config.Collectors[i]
		intake := gate.Open()
		_, err := s.make(t, i).Collect(t.Context(), collectors.Request{Now: s.now.In(s.config.Site.Zone)}, intake.Add)
		if err != nil {
			t.Fatalf("collector %s: %v", collector.Name, err)
		}
		facts, rejections, err := intake.Close(t.Context())
		if err != nil {
			t.Fatalf("collector %s: %v", collector.Name, err)
		}
		for _, f := range facts {
			key := demo.Absence{Indicator: f.Indicator, Region: f.Region, Period: f.Period}
			if _, twice := result.facts[key]; twice {
				t.Errorf("%v comes from two collectors", key)
			}
			result.facts[key] = f.Value
		}
		for _, r := range rejections {
			result.refused[collector.Name] = append(result.refused[collector.Name], r.Stage)
		}
		slices.Sort(result.refused[collector.Name])
	}
	return result
}

func (s site) make(t *testing.T, i int) collectors.Collector {
	t.Helper()
	collector := s.config.Collectors[i]
	for _, source := range s.config.Sources {
		if source.Name != collector.Source {
			continue
		}
		made, err := sqlquery.Kind().New(source.Options, collector.Options)
		if err != nil {
			t.Fatalf("collector %s: %v", collector.Name, err)
		}
		return made
	}
	t.Fatalf("collector %s has no source", collector.Name)
	return nil
}

// due is every figure that somebody has to report by now.
func (s site) due() map[demo.Absence]bool {
	due := map[demo.Absence]bool{}
	for _, indicator := range s.config.Indicators {
		if indicator.Kind == fact.RatioKind {
			continue
		}
		first := time.Date(2025, 1, 1, 0, 0, 0, 0, s.config.Site.Zone)
		if indicator.ID == "assessment_items" {
			first = time.Date(2023, 1, 1, 0, 0, 0, 0, s.config.Site.Zone)
		}
		for region := range s.register.All() {
			if !s.reports(&indicator, region) {
				continue
			}
			for p := fact.PeriodAt(first, indicator.Cadence); !p.End(s.config.Site.Zone).After(s.now); p = p.Next() {
				due[demo.Absence{Indicator: indicator.ID, Region: region.Code, Period: p}] = true
			}
		}
	}
	return due
}

func (s site) reports(indicator *fact.Indicator, region *fact.Region) bool {
	if !indicator.HasLevel(region.Level) {
		return false
	}
	return len(indicator.Within) == 0 || slices.ContainsFunc(indicator.Within, func(code string) bool {
		limit, _ := s.register.ByCode(code)
		above, ok := s.register.Above(region.Code, limit.Level)
		return ok && above.Code == code
	})
}

// Which collector reads a table that holds wrong rows.
var readers = map[string]string{
	"warm_stations":          "warm-stations",
	"driver_stations":        "warm-stations",
	"网格统计":                   "grids",
	"elder_care":             "elder-care",
	"rectification_progress": "party-rectification",
	"village_secretaries":    "village-secretaries",
	"governance_register":    "coordination",
	"certificate_express":    "online-certificates",
	"volunteer_service":      "volunteers",
	"community_pairing":      "community-pairing",
	"shared_forms":           "form-sharing",
}

// The whole of what the sample systems promise, at several times: every figure
// that is due arrives, but for those that the story says are late, and exactly
// the rows that it says are wrong are refused.
func TestCollectorsAndGateFindTheStoryAndNothingElse(t *testing.T) {
	for _, now := range []string{"2025-01-05", "2025-02-01", "2025-07-10", "2026-01-01", "2026-02-03", "2026-11-22", "2028-12-31"} {
		t.Run("seen on "+now, func(t *testing.T) {
			site := newSite(t, now)
			story := site.sample.Story()
			want := site.due()
			for _, late := range story.Late {
				if !want[late] {
					t.Errorf("%v is late, but not due", late)
				}
				delete(want, late)
			}
			got := site.pull(t)
			var missing, unexpected []string
			for key := range want {
				if _, ok := got.facts[key]; !ok {
					missing = append(missing, fmt.Sprint(key))
				}
			}
			for key := range got.facts {
				if !want[key] {
					unexpected = append(unexpected, fmt.Sprint(key))
				}
			}
			if len(missing)+len(unexpected) > 0 {
				t.Errorf("%d figures are missing and %d unexpected; among them %s", len(missing), len(unexpected), strings.Join(slices.Concat(missing, unexpected)[:1], ""))
			}
			refused := map[string][]string{}
			for _, wrong := range story.Wrong {
				reader := readers[wrong.Table]
				refused[reader] = append(refused[reader], wrong.Stages...)
				slices.Sort(refused[reader])
			}
			if diff := cmp.Diff(refused, got.refused); diff != "" {
				t.Errorf("refused by collector (-story +gate):\n%s", diff)
			}
		})
	}
}

func TestCorrectionsAreAllThatASecondPullFinds(t *testing.T) {
	for now, least := range map[string]int{"2025-03-01": 0, "2026-01-05": 3, "2026-06-20": 7} {
		t.Run("seen on "+now, func(t *testing.T) {
			site := newSite(t, now)
			first := site.pull(t)
			for range 2 { // the second time changes nothing
				if err := site.sample.Correct(t.Context(), site.file); err != nil {
					t.Fatal(err)
				}
			}
			second := site.pull(t)
			want, got := map[string]string{}, map[string]string{}
			for _, c := range site.sample.Story().Corrections {
				want[fmt.Sprint(c.Indicator, " ", c.Region, " ", c.Period)] = fmt.Sprint(c.First, " then ", c.Value)
				if c.First == c.Value {
					t.Errorf("%v changes nothing", c)
				}
			}
			for key, value := range second.facts {
				if before := first.facts[key]; before != value {
					got[fmt.Sprint(key.Indicator, " ", key.Region, " ", key.Period)] = fmt.Sprint(before, " then ", value)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("corrected figures (-story +pulls):\n%s", diff)
			}
			if len(got) != least {
				t.Errorf("%d figures were corrected, want %d", len(got), least)
			}
			if !maps.Equal(lengths(first.refused), lengths(second.refused)) {
				t.Error("the second pull refused other rows than the first")
			}
		})
	}
}

func lengths(by map[string][]string) map[string]int {
	n := map[string]int{}
	for key, values := range by {
		n[key] = len(values)
	}
	return n
}

// A demo of a later day tells the same history.
func TestHistoryStaysTheSame(t *testing.T) {
	before, after := newSite(t, "2026-01-05"), newSite(t, "2026-04-10")
	earlier, later := before.pull(t), after.pull(t)
	corrected := map[demo.Absence]bool{} // what has been corrected since, or is yet to be
	for _, c := range after.sample.Story().Corrections {
		corrected[demo.Absence{Indicator: c.Indicator, Region: c.Region, Period: c.Period}] = true
	}
	for key, value := range earlier.facts {
		if v, ok := later.facts[key]; !ok || v != value && !corrected[key] {
			t.Errorf("%v was %v in January and is %v in April", key, value, v)
		}
	}
}
