package standing_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/standing"
)

// What counts from 1 January begins anew with the year: nothing is compared
// across it.
func TestNothingIsComparedAcrossTheYear(t *testing.T) {
	lines := []string{
		"grids 360602 2025-11 = 7", "grids 360602 2025-12 = 7", "grids 360602 2026-01 = 7", "grids 360602 2026-02 = 7",
		"grids 360603 2025-12 = 80", "grids 360603 2026-01 = 8", "grids 360821 2026-01 = 30",
	}
	for name, test := range map[string]struct {
		kind      fact.Kind
		now       string
		figure    string // of 360602: period, previous, unchanged
		likeOnes  string // the province, like for like: value before of compared
		leftOut   string // the province, left out: value before
		likeTotal string // the province's total for 2026-01, like for like
	}{
		"a stock in January":                 {fact.Stock, "2026-02-20", "2026-02 7 3", "15 87 2", "45 87", "15 2"},
		"what counts from January":           {fact.FlowYTD, "2026-02-20", "2026-02 7 1", "45 - 3", "45 -", "45 3"},
		"a stock in February":                {fact.Stock, "2026-03-20", "2026-02 7 3", "7 7 1", "7 45", "15 2"},
		"what counts from there, a month on": {fact.FlowYTD, "2026-03-20", "2026-02 7 1", "7 7 1", "7 45", "45 3"},
	} {
		t.Run(name, func(t *testing.T) {
			like, i := only(t, test.now, said(t, lines...), grids(func(i *fact.Indicator) { i.Kind, i.Missing = test.kind, fact.LikeForLike }))
			f := newestOf(t, like, i, "360602")
			if got := fmt.Sprint(f.Period, " ", number(f.Previous), " ", number(f.Unchanged)); got != test.figure {
				t.Errorf("the figure is %s, want %s", got, test.figure)
			}
			r := like.Rollups(i)[0]
			if got := fmt.Sprint(number(r.Value), " ", number(r.Previous), " ", r.Compared); got != test.likeOnes {
				t.Errorf("like for like it is %s, want %s", got, test.likeOnes)
			}
			totals, err := like.Totals(t.Context(), i, period(t, "2026-01"), fact.Province)
			if err != nil || len(totals) != 1 {
				t.Fatalf("%+v, %v", totals, err)
			}
			if got := fmt.Sprint(totals[0].Value, " ", totals[0].Compared); got != test.likeTotal {
				t.Errorf("the total is %s, want %s", got, test.likeTotal)
			}
			b, i := only(t, test.now, said(t, lines...), grids(func(i *fact.Indicator) { i.Kind = test.kind }))
			r = b.Rollups(i)[0]
			if got := number(r.Value) + " " + number(r.Previous); got != test.leftOut {
				t.Errorf("left out it is %s, want %s", got, test.leftOut)
			}
		})
	}
}

func TestNewestOfTheHeadIsNotComparedAcrossTheYear(t *testing.T) {
	w := said(t, "towns 360603100 2025-12 = 70", "towns 360603100 2026-01 = 7", "towns 360603101 2026-01 = 8", "towns 360603101 2026-02 = 9",
		"all 360603100 2025-12 = 100", "all 360603100 2026-01 = 100", "all 360603101 2026-01 = 100", "all 360603101 2026-02 = 100")
	counted := ofTowns("towns", func(i *fact.Indicator) { i.Kind = fact.FlowYTD })
	share := ofTowns("share", func(i *fact.Indicator) { i.Kind, i.Numerator, i.Denominator = fact.RatioKind, "towns", "all" })
	o := w.options(t, clockAt(at(t, "2026-03-02")), []fact.Indicator{counted, ofTowns("all", nil), share})
	o.Regions = lands
	b := standing.New(o)
	for id, want := range map[string][]string{
		"towns": {"360603100 2026-01 -", "360603101 2026-02 8"},
		"all":   {"360603100 2026-01 100", "360603101 2026-02 100"},
		"share": {"360603100 2026-01 -", "360603101 2026-02 0.08"},
	} {
		var got []string
		for f := range b.Newest(indicator(t, b, id)) {
			got = append(got, fmt.Sprint(f.Region, " ", f.Period, " ", number(f.Previous)))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
	}
}

// Whole years are compared, also of what counts from 1 January.
func TestYearsAreCompared(t *testing.T) {
	b, i := only(t, "2026-02-20", said(t, "grids 360602 2024 = 7", "grids 360602 2025 = 7"),
		grids(func(i *fact.Indicator) { i.Kind, i.Cadence = fact.FlowYTD, fact.Yearly }))
	if f := newestOf(t, b, i, "360602"); f.Previous != fact.Some(7) || f.Unchanged != fact.Some(1) {
		t.Errorf("2025 is compared as %+v", f)
	}
}

// Last year's attainment does not stand beside this year's.
func TestAttainmentOfAYearThatIsOver(t *testing.T) {
	year := []fact.Target{{Level: fact.County, Value: 10, Year: 2025}, {Level: fact.County, Value: 40, Year: 2026}}
	always := []fact.Target{{Level: fact.County, Value: 10}}
	for name, test := range map[string]struct {
		kind    fact.Kind
		targets []fact.Target
		now     string
		want    string // of 360602, whose newest is 2025-12
	}{
		"December, while January is not due":    {fact.Stock, year, "2026-02-06 23:59:59", "10 1.1"},
		"once it is":                            {fact.Stock, year, "2026-02-07", "10 -"},
		"a flow's":                              {fact.Flow, year, "2026-02-07", "10 -"},
		"a target for every year":               {fact.Stock, always, "2026-02-07", "10 1.1"},
		"but not of what counts from 1 January": {fact.FlowYTD, always, "2026-02-07", "10 -"},
		"which is still good before":            {fact.FlowYTD, always, "2026-02-06 23:59:59", "10 1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := said(t, "grids 360602 2025-12 = 11", "grids 360603 2026-01 = 8", "towns 360603100 2025-12 = 11")
			change := func(i *fact.Indicator) { i.Kind, i.Targets = test.kind, test.targets }
			b, i := only(t, test.now, w, grids(change))
			if f := newestOf(t, b, i, "360602"); number(f.Target)+" "+number(f.Attainment) != test.want {
				t.Errorf("%s and %s, want %s", number(f.Target), number(f.Attainment), test.want)
			}
			if test.kind == fact.Flow {
				return // whose year the head does not know
			}
			towns := ofTowns("towns", change)
			towns.Targets = slices.Clone(test.targets)
			for n := range towns.Targets {
				towns.Targets[n].Level = fact.Township
			}
			b, i = townBoard(t, test.now, w, towns)
			if f := newestOf(t, b, i, "360603100"); number(f.Target)+" "+number(f.Attainment) != test.want {
				t.Errorf("of the head %s and %s, want %s", number(f.Target), number(f.Attainment), test.want)
			}
		})
	}
}

// A figure stays until the report that follows it is due, however long that is,
// and then nothing of it is left in any roll-up.
func TestExpiry(t *testing.T) {
	for name, test := range map[string]struct {
		expires, grace int
		lives, dies    string // a figure of 2025-12
	}{
		"as many periods have ended as it may live":    {2, 5, "2026-02-28 23:59:59", "2026-03-01"},
		"not before the next report is due":            {1, 5, "2026-02-06 23:59:59", "2026-02-07"},
		"however many working days that may take":      {1, 45, "2026-04-10 23:59:59", "2026-04-11"},
		"a report that is due at once changes nothing": {1, 0, "2026-01-31 23:59:59", "2026-02-01"},
	} {
		t.Run(name, func(t *testing.T) {
			w := said(t, "grids 360602 2025-12 = 7", "towns 360603100 2025-12 = 7", "part 360603100 2025-12 = 7", "whole 360603100 2025-12 = 1",
				"whole 360603100 2026-01 = 1", "whole 360603100 2026-02 = 1", "whole 360603100 2026-03 = 1")
			change := func(i *fact.Indicator) {
				i.ExpiresAfter, i.Grace, i.ExpectedFrom, i.Missing, i.CarryPeriods = test.expires, test.grace, mustPeriod("2025-11"), fact.CarryForward, 4
			}
			for now, lives := range map[string]bool{test.lives: true, test.dies: false} {
				o := w.options(t, clockAt(at(t, now)), []fact.Indicator{
					grids(change), ofTowns("towns", change), ofTowns("part", change), ofTowns("whole", change),
					ofTowns("share", func(i *fact.Indicator) {
						change(i)
						i.Kind, i.Numerator, i.Denominator = fact.RatioKind, "part", "whole"
					}),
				})
				o.Regions = lands
				b := standing.New(o)
				for _, id := range []string{"grids", "towns", "share"} {
					i := indicator(t, b, id)
					if n := len(slices.Collect(b.Newest(i))); n == 1 != lives {
						t.Errorf("%s at %s: %d figures", id, now, n)
					}
					r := b.Rollups(i)
					if len(r) == 0 || r[0].Value.OK != lives || !lives && (r[0].Previous.OK || r[0].Reported+r[0].Carried > 0) {
						t.Errorf("%s at %s: rolled up %+v", id, now, r)
					}
				}
			}
		})
	}
}
