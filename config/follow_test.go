package config_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
)

// indicator returns one of a configuration.
func indicator(t testing.TB, c *config.Config, id string) fact.Indicator {
	t.Helper()
	for _, i := range c.Indicators {
		if i.ID == id {
			return i
		}
	}
	t.Fatalf("there is no indicator %s", id)
	return fact.Indicator{}
}

// replaced returns the valid tree with a text in one file replaced.
func replaced(t testing.TB, name, old, text string) fstest.MapFS {
	t.Helper()
	content := string(tree(t)[name].Data)
	if !strings.Contains(content, old) {
		t.Fatalf("%s has no %q", name, old)
	}
	return with(tree(t), name, strings.Replace(content, old, text, 1))
}

func TestLoadWhatIsFollowed(t *testing.T) {
	c := load(t, tree(t))
	type followed struct {
		ExpectedFrom                 fact.Period
		Roster                       fact.Roster
		Missing                      fact.MissingPolicy
		CarryPeriods                 int
		RankBy                       fact.RankBy
		SignOff, NeverFalls, Details bool
		Compare                      *fact.Comparison
	}
	want := map[string]followed{
		"grids": {},
		"meal_sites": {
			ExpectedFrom: period(t, "2025-04"),
			Roster:       fact.Roster{Except: []string{"360112"}, Classes: []fact.Class{fact.District, fact.CountyCity}, MinVillages: 100},
			Missing:      fact.CarryForward, CarryPeriods: 2, RankBy: fact.RankPerTenThousandPeople, SignOff: true, NeverFalls: true,
			Compare: &fact.Comparison{With: "meal_sites_surveyed", Tolerance: 0.05},
		},
		"meal_sites_surveyed": {Roster: fact.Roster{Regions: []string{"360102", "360112"}}, Missing: fact.LikeForLike, RankBy: fact.RankByAttainment},
		"plaques":             {RankBy: fact.NotRanked, Details: true},
	}
	for id, want := range want {
		i := indicator(t, c, id)
		got := followed{i.ExpectedFrom, i.Roster, i.Missing, i.CarryPeriods, i.RankBy, i.SignOff, i.NeverFalls, i.Detailed, i.Compare}
		if diff := cmp.Diff(want, got, comparePeriods()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

func TestLoadTargets(t *testing.T) {
	want := []fact.Target{
		{
			Level: fact.County, Per: fact.PerVillage, Source: "Plan",
			From: &fact.Waypoint{Period: period(t, "2024-12"), Value: 0.5}, To: &fact.Waypoint{Period: period(t, "2027"), Value: 1},
		},
		{Level: fact.County, Value: 60, Year: 2025, Source: "Plan"},
		{Region: "360102", Value: 2, Year: 2026, Per: fact.PerTenThousandPeople, Source: "Plan"},
		{Region: "360102", Value: 3, Year: 2027, Source: "Plan", Synthetic: true},
	}
	overlay := `targets: [{indicator: meal_sites, region: "360102", value: 3, year: 2027, source: Plan, synthetic: true}]`
	c := load(t, with(tree(t), "catalogue/overlay.yaml", overlay))
	if diff := cmp.Diff(want, indicator(t, c, "meal_sites").Targets, comparePeriods()); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
}

// An indicator begins with the first of its periods that the site's first lets
// it begin with.
func TestExpectedFrom(t *testing.T) {
	tests := map[string]map[string]string{ // by the site's, indicators and what they are expected from
		"2025-01":      {"grids": "2025-01", "forms_cut": "2025-Q1", "form_reduction_ratio": "2025-Q1", "plaques": "2025-H1", "meal_sites": "2025-04"},
		`"2025"`:       {"grids": "2025-01", "forms_cut": "2025-Q1", "plaques": "2025-H1"},
		"2025-02":      {"grids": "2025-02", "forms_cut": "2025-Q2", "plaques": "2025-H2"},
		"2025-W30":     {"grids": "2025-08", "forms_cut": "2025-Q4", "plaques": "2026-H1", "meal_sites": "2025-04"},
		`"2999-01-01"`: {"plaques": "2999-H1"},
	}
	for site, want := range tests {
		t.Run(site, func(t *testing.T) {
			c := load(t, replaced(t, "govkpi.yaml", "  region:", "  expected_from: "+site+"\n  region:"))
			if got := c.Site.ExpectedFrom.String(); got != strings.Trim(site, `"`) {
				t.Errorf("the site begins with %s", got)
			}
			for id, from := range want {
				if got := indicator(t, c, id).ExpectedFrom; got != period(t, from) {
					t.Errorf("%s begins with %s, want %s", id, got, from)
				}
			}
		})
	}
}

func TestLoadCalendar(t *testing.T) {
	c := load(t, tree(t))
	if diff := cmp.Diff([]int{2025, 2026}, c.Calendar.Years()); diff != "" {
		t.Errorf("years (-want +got):\n%s", diff)
	}
	working := map[string]bool{
		"2025-01-26": true,  // a Sunday that is worked on
		"2025-01-28": false, // a Tuesday off
		"2025-02-01": false, // a Saturday, holiday or not
		"2025-02-02": false, // a plain Sunday
		"2025-02-03": true,  // a plain Monday
		"2026-01-01": false,
		"2026-01-04": true,
	}
	for date, want := range working {
		day, err := time.ParseInLocation(time.DateOnly, date, c.Site.Zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Calendar.Working(day); got != want {
			t.Errorf("%s is worked on: %t, want %t", date, got, want)
		}
	}
}

func TestNoCalendar(t *testing.T) {
	c := load(t, replaced(t, "catalogue/meals.yaml", "calendar: {days: [calendar/2025.csv, calendar/2026.csv]}\n", ""))
	due, weekendsOnly := c.Calendar.Due(period(t, "2025-12"), 2)
	if want := time.Date(2026, 1, 3, 0, 0, 0, 0, c.Site.Zone); !due.Equal(want) || !weekendsOnly || len(c.Calendar.Years()) != 0 {
		t.Errorf("due %v, by weekends only %t, want %v", due, weekendsOnly, want)
	}
}

// What is relative to a size takes in only those that must report: the others
// need have none.
func TestSizesOfThoseExpected(t *testing.T) {
	tests := map[string]string{ // where the keys differ from those of the valid tree, and how
		"the roster leaves them out":   "    rank_by: per_village\n    expected: {villages_at_least: 1}\n",
		"within leaves them out":       "    rank_by: per_village\n    within: [\"360102\", \"360111\"]\n",
		"a target of another level":    "    targets: [{level: city, value: 1, per: 10000-people, source: Plan}]\n    within: [\"360112\"]\n",
		"a target of one that has one": "    targets: [{region: \"360102\", value: 1, per: village, source: Plan}]\n",
	}
	for name, keys := range tests {
		t.Run(name, func(t *testing.T) {
			const next = "  - id: form_reduction_ratio\n"
			load(t, replaced(t, "catalogue/indicators.yaml", next, keys+next))
		})
	}
}

// Where some regions could not be read, nothing is said of what is missing in
// those that could.
func TestNothingIsSaidOfRegionsNotRead(t *testing.T) {
	files := tree(t, "testdata/invalid/rank-by-villages")
	files = with(files, "regions/townships.csv", "code,name,county\n360102002,滕王阁街道,360199\n")
	want := "regions/townships.csv:2:17: county: there is no region with the code 360199"
	if got := refusal(t, files); got != want {
		t.Errorf("refused with\n%s\nwant\n%s", got, want)
	}
}

func TestReservedCollectors(t *testing.T) {
	for _, name := range config.ReservedCollectors() {
		got := refusal(t, replaced(t, "collectors/grids.yaml", "name: forms", "name: "+name))
		if want := `collectors/grids.yaml:14:11: name: "` + name + `" is taken`; !strings.HasPrefix(got, want) {
			t.Errorf("refused with %s\nwant %s", got, want)
		}
	}
}
