package demo_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/httpjson"
	"github.com/govkpi/govkpi/collectors/sqlquery"
	"github.com/govkpi/govkpi/collectors/workbook"
	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/demo"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// pull runs every shipped collector once, as it stands in the configuration,
// through the gate into the test's ledger, and returns what was refused: the
// stages by collector, sorted.
func (s *site) pull(t *testing.T) (refused map[string][]string) {
	t.Helper()
	refused = map[string][]string{}
	before := len(s.ledger.deliveries)
	for i := range s.config.Collectors {
		c := &s.config.Collectors[i]
		runner := s.runner(t)
		runner.Open = s.opener(t, c)
		if run, err := runner.Run(t.Context(), s.job(t, c), collectors.Trigger{Attempt: 1}); err != nil {
			t.Fatalf("collector %s: %v (%+v)", c.Name, err, run)
		}
	}
	for _, d := range s.ledger.deliveries[before:] {
		for _, r := range d.Rejections {
			refused[d.collector] = append(refused[d.collector], r.Stage)
		}
		for i := range d.Held {
			refused[d.collector] = append(refused[d.collector], d.Held[i].Stage)
		}
	}
	for _, stages := range refused {
		slices.Sort(stages)
	}
	return refused
}

// job is what the program would make of a collector.
func (s *site) job(t *testing.T, c *config.Collector) collectors.Job {
	t.Helper()
	job := collectors.Job{
		Name: c.Name, Collector: s.made(t, c), Deadline: c.Deadline,
		FanOut: !c.ForEach.IsZero(), Parallel: c.Parallel, Retry: collectors.Retry(c.Retry),
	}
	for _, region := range s.regions(t, c.ForEach.Level, c.ForEach.Regions) {
		above, _ := s.register.ByCode(region.Parent)
		job.Targets = append(job.Targets, collectors.Target{
			Code: region.Code, Name: region.Name, Level: region.Level, ParentCode: above.Code, ParentName: above.Name,
		})
	}
	return job
}

// opener opens the gate on the collector's terms.
func (s *site) opener(t *testing.T, c *config.Collector) func(collectors.Target) collectors.Intake {
	t.Helper()
	expected := s.regions(t, c.Expect.Level, c.Expect.Regions)
	gate := quality.New(quality.Options{
		Indicators: s.config.Indicators, Regions: s.register, Configured: s.register.ByCode, History: s.ledger,
		Zone: s.config.Site.Zone, Now: func() time.Time { return s.now },
	})
	return func(target collectors.Target) collectors.Intake {
		terms := quality.Terms{Within: target.Code, Indicators: c.Expect.Indicators}
		for _, region := range expected {
			if above, ok := s.register.Above(region.Code, target.Level); target.IsZero() || ok && above.Code == target.Code {
				terms.Expected = append(terms.Expected, region)
			}
		}
		return gate.Open(terms)
	}
}

// regions are those that a configuration chooses: a level, or a list.
func (s *site) regions(t *testing.T, level fact.Level, listed []string) []*fact.Region {
	t.Helper()
	var chosen []*fact.Region
	for region := range s.register.All() {
		if region.Level == level || slices.Contains(listed, region.Code) {
			chosen = append(chosen, region)
		}
	}
	return chosen
}

// made makes a collector, or returns it as it was made before, with what it
// remembers of its source.
func (s *site) made(t *testing.T, c *config.Collector) collectors.Collector {
	t.Helper()
	if made, ok := s.collectors[c.Name]; ok {
		return made
	}
	at := slices.IndexFunc(s.config.Sources, func(source config.Source) bool { return source.Name == c.Source })
	source := s.config.Sources[at]
	kind, ok := collectors.Kinds{sqlquery.Kind(), httpjson.Kind(), workbook.Kind()}.Lookup(source.Kind)
	if !ok {
		t.Fatalf("there is no kind %s", source.Kind)
	}
	made, err := kind.New(collectors.Blocks{Source: source.Options, Collector: c.Options, FanOut: !c.ForEach.IsZero()})
	if err != nil {
		t.Fatalf("collector %s: %v", c.Name, err)
	}
	s.collectors[c.Name] = made
	return made
}

// due is every figure that somebody has to report by now.
func (s *site) due() map[demo.Absence]bool {
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

func (s *site) reports(indicator *fact.Indicator, region *fact.Region) bool {
	if !indicator.HasLevel(region.Level) {
		return false
	}
	return len(indicator.Within) == 0 || slices.ContainsFunc(indicator.Within, func(code string) bool {
		limit, _ := s.register.ByCode(code)
		above, ok := s.register.Above(region.Code, limit.Level)
		return ok && above.Code == code
	})
}

// readerOf is the collector that reads what is wrong.
func readerOf(t *testing.T, where string) string {
	t.Helper()
	for beginning, reader := range map[string]string{
		"rectification_progress": "party-rectification",
		"village_secretaries":    "village-secretaries",
		"governance_register":    "coordination",
		"community_pairing":      "community-pairing",
		"shared_forms":           "form-sharing",
		"/v1/grids":              "grids",
		"/v1/volunteer-teams":    "volunteers",
		"/v1/stations":           "stations",
		"/v1/villages":           "villages",
		"civil-affairs/":         "elder-care",
		"local-reports/九江市/":     "online-certificates",
		"local-reports/上饶市/":     "cadre-visits",
	} {
		if strings.HasPrefix(where, beginning) {
			return reader
		}
	}
	t.Fatalf("no collector reads %s", where)
	return ""
}

// refusedByStory is what the story says is refused, by collector: what is wrong,
// and the counties that are missing where the collector expects all of them.
func (s *site) refusedByStory(t *testing.T) map[string][]string {
	t.Helper()
	refused := map[string][]string{}
	for _, wrong := range s.sample.Story().Wrong {
		if len(wrong.Stages) > 0 {
			reader := readerOf(t, wrong.Where)
			refused[reader] = append(refused[reader], wrong.Stages...)
		}
	}
	// A late county is missing from the newest month; but not where something
	// wrong stands in its place, which is refused for itself.
	for _, late := range s.sample.Story().Late {
		if late.Period == fact.LastEnded(s.now, fact.Monthly) && (late.Indicator == "grids" || late.Indicator == "full_time_grid_staff") {
			refused["grids"] = append(refused["grids"], "regions-expected")
		}
	}
	if s.now.Before(period(t, "2025-01").End(s.config.Site.Zone)) {
		refused["grids"] = []string{"regions-expected", "regions-expected"}     // nothing has come of either indicator
		refused["volunteers"] = slices.Repeat([]string{"regions-expected"}, 11) // nor anything of any city
	}
	for _, stages := range refused {
		slices.Sort(stages)
	}
	return refused
}

// The story at several times; of a late day, TestTheDemoOfALateDay tells it.
func TestCollectorsAndGateFindTheStoryAndNothingElse(t *testing.T) {
	for _, now := range []string{"2025-01-05", "2025-02-01", "2025-07-10", "2026-02-03"} {
		t.Run("seen on "+now, func(t *testing.T) {
			site := newSite(t, now)
			testStory(t, site, site.pull(t))
		})
	}
}

// testStory checks the whole of what the sample systems promise: every figure
// that is due arrives, once, but for those that the story says are late, and
// exactly what it says is wrong is refused.
func testStory(t *testing.T, site *site, refused map[string][]string) {
	want := site.due()
	for _, late := range site.sample.Story().Late {
		if !want[late] {
			t.Errorf("%v is late, but not due", late)
		}
		delete(want, late)
	}
	var missing, unexpected []string
	for key := range want {
		if _, ok := site.ledger.facts[key]; !ok {
			missing = append(missing, fmt.Sprint(key))
		}
	}
	for key := range site.ledger.facts {
		if !want[key] {
			unexpected = append(unexpected, fmt.Sprint(key))
		}
	}
	if len(missing)+len(unexpected) > 0 {
		t.Errorf("%d figures are missing and %d unexpected; among them %s", len(missing), len(unexpected), strings.Join(slices.Concat(missing, unexpected)[:1], ""))
	}
	if diff := cmp.Diff(site.refusedByStory(t), refused); diff != "" {
		t.Errorf("refused by collector (-story +gate):\n%s", diff)
	}
	for key, times := range site.ledger.changes {
		t.Errorf("%v was revised %d times in the first pull: something brings it twice", key, times)
	}
}

func TestCorrectionsAreAllThatASecondPullFinds(t *testing.T) {
	for now, least := range map[string]int{"2025-03-01": 0, "2026-01-05": 3, "2026-06-20": 7} {
		t.Run("seen on "+now, func(t *testing.T) {
			site := newSite(t, now)
			site.pull(t)
			first, names := maps.Clone(site.ledger.facts), maps.Clone(site.ledger.regions)
			for range 2 { // the second time changes nothing
				if err := site.systems.Correct(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			site.pull(t)
			want, got := map[string]string{}, map[string]string{}
			for _, c := range site.sample.Story().Corrections {
				want[fmt.Sprint(c.Indicator, " ", c.Region, " ", c.Period)] = fmt.Sprint(c.First, " then ", c.Value)
				if c.First == c.Value {
					t.Errorf("%v changes nothing", c)
				}
			}
			for key, value := range site.ledger.facts {
				if before := first[key]; before != value {
					got[fmt.Sprint(key.Indicator, " ", key.Region, " ", key.Period)] = fmt.Sprint(before, " then ", value)
				}
			}
			if len(got) != least {
				t.Errorf("%d figures were corrected, want %d", len(got), least)
			}
			for _, r := range site.sample.Story().Renamed {
				want[r.Code] = r.Before + " then " + r.Name
			}
			for code, region := range site.ledger.regions {
				if before := names[code]; before != region {
					got[code] = before.Name + " then " + region.Name
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("corrected figures and names (-story +pulls):\n%s", diff)
			}
		})
	}
}

// A demo of a later day tells the same history.
func TestHistoryStaysTheSame(t *testing.T) {
	before, after := newSite(t, "2026-01-05"), newSite(t, "2026-04-10")
	before.pull(t)
	after.pull(t)
	corrected := map[demo.Absence]bool{} // what has been corrected since, or is yet to be
	for _, c := range after.sample.Story().Corrections {
		corrected[demo.Absence{Indicator: c.Indicator, Region: c.Region, Period: c.Period}] = true
	}
	for key, value := range before.ledger.facts {
		if v, ok := after.ledger.facts[key]; !ok || v != value && !corrected[key] {
			t.Errorf("%v was %v in January and is %v in April", key, value, v)
		}
	}
}
