package fact_test

import (
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Ledgers hold these names.
func TestOrigins(t *testing.T) {
	names := []string{"pull", "history", "import", "decision"}
	for i, name := range names {
		got, err := fact.ParseOrigin(name)
		if err != nil || int(got) != i || got.String() != name {
			t.Errorf("%q gives %d (%s), error %v; want %d", name, got, got, err, i)
		}
	}
	for _, name := range []string{"", "Pull", fact.Origin(len(names)).String()} {
		if got, err := fact.ParseOrigin(name); err == nil {
			t.Errorf("%q gives %s", name, got)
		}
	}
}

func TestStateNames(t *testing.T) {
	for state, want := range map[fact.State]string{
		fact.Provisional: "provisional", fact.Confirmed: "confirmed", fact.Corrected: "corrected", fact.Held: "held", 0: "state(0)", 5: "state(5)",
	} {
		if got := state.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestStateOf(t *testing.T) {
	for _, test := range []struct {
		unconfirmed bool
		revision    int32
		want        fact.State
	}{
		{false, 1, fact.Confirmed},
		{false, 2, fact.Corrected},
		{true, 1, fact.Provisional},
		{true, 2, fact.Provisional},
	} {
		if got := fact.StateOf(test.unconfirmed, test.revision); got != test.want {
			t.Errorf("revision %d, unconfirmed %v: %s, want %s", test.revision, test.unconfirmed, got, test.want)
		}
	}
}

func TestWeakerState(t *testing.T) {
	order := []fact.State{fact.Provisional, fact.Corrected, fact.Confirmed} // the weakest first
	for i, a := range order {
		for j, b := range order {
			if got, want := a.Weaker(b), order[min(i, j)]; got != want {
				t.Errorf("the weaker of %s and %s is %s, want %s", a, b, got, want)
			}
		}
	}
}

func TestMissingPolicies(t *testing.T) {
	for want, name := range []string{"leave_out", "carry_forward", "like_for_like"} {
		got, err := fact.ParseMissingPolicy(name)
		if err != nil || int(got) != want || got.String() != name {
			t.Errorf("%q gives %d (%s), error %v; want %d", name, got, got, err, want)
		}
	}
	if got, err := fact.ParseMissingPolicy(fact.MissingPolicy(3).String()); err == nil {
		t.Errorf("a policy that is none gives %s", got)
	}
}

func TestScopeNames(t *testing.T) {
	for scope, want := range map[fact.Scope]string{fact.AmongAll: "all", fact.AmongCity: "city", fact.AmongClass: "class", 0: "scope(0)"} {
		if got := scope.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestClass(t *testing.T) {
	for name, tc := range map[string]struct {
		region fact.Region
		want   fact.Class
	}{
		"余江区":                 {fact.Region{Code: "360603", Level: fact.County}, fact.District},
		"the last district":   {fact.Region{Code: "360120", Level: fact.County}, fact.District},
		"南昌县":                 {fact.Region{Code: "360121", Level: fact.County}, fact.PlainCounty},
		"the last county":     {fact.Region{Code: "360180", Level: fact.County}, fact.PlainCounty},
		"贵溪市":                 {fact.Region{Code: "360681", Level: fact.County}, fact.CountyCity},
		"a city has none":     {fact.Region{Code: "360600", Level: fact.City}, ""},
		"a township has none": {fact.Region{Code: "360603100", Level: fact.Township}, ""},
	} {
		if got := tc.region.Class(); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
	if _, err := fact.ParseClass("town"); err == nil {
		t.Error("town is taken for a class")
	}
	if got, err := fact.ParseClass("county-level-city"); err != nil || got != fact.CountyCity {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestPerSize(t *testing.T) {
	region := fact.Region{Villages: 120, Population: 385_000}
	for per, want := range map[fact.Per]float64{fact.PerRegion: 1, fact.PerVillage: 120, fact.PerTenThousandPeople: 38.5} {
		if got, ok := per.Size(&region); !ok || got != want {
			t.Errorf("basis %d: got %v, %v; want %v", per, got, ok, want)
		}
	}
	for _, per := range []fact.Per{fact.PerVillage, fact.PerTenThousandPeople} {
		if got, ok := per.Size(&fact.Region{}); ok {
			t.Errorf("basis %d: an unknown size is %v", per, got)
		}
	}
}

func TestOverdue(t *testing.T) {
	due := time.Date(2026, 1, 9, 0, 0, 0, 0, shanghai())
	owes := fact.Report{Owed: parsed(t, "2025-12"), OwedDue: due}
	for name, tc := range map[string]struct {
		report fact.Report
		now    time.Time
		want   time.Duration
	}{
		"owes nothing":      {fact.Report{Due: due}, due.Add(time.Hour), 0},
		"owes, not yet due": {owes, due.Add(-time.Second), 0},
		"at the deadline":   {owes, due, 0},
		"an hour after":     {owes, due.Add(time.Hour), time.Hour},
	} {
		if got := tc.report.Overdue(tc.now); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

func TestFollowed(t *testing.T) {
	for name, tc := range map[string]struct {
		indicator fact.Indicator
		want      bool
	}{
		"of counties":            {fact.Indicator{Levels: []fact.Level{fact.County}}, true},
		"of villages":            {fact.Indicator{Levels: []fact.Level{fact.Village}}, false},
		"of counties and below":  {fact.Indicator{Levels: []fact.Level{fact.County, fact.Township}}, false},
		"of villages, in detail": {fact.Indicator{Levels: []fact.Level{fact.Village}, Detailed: true}, true},
	} {
		if got := tc.indicator.Followed(); got != tc.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
