package standing_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/standing"
)

var samePeriods = cmp.Comparer(func(a, b fact.Period) bool { return a == b })

var catalogue = []fact.Indicator{
	{ID: "grids", Kind: fact.Stock, Direction: fact.MoreIsBetter, Cadence: fact.Monthly, ExpiresAfter: 2, Levels: []fact.Level{fact.County},
		Targets: []fact.Target{{Level: fact.County, Value: 10}, {Region: "360603", Value: 4}}},
	{ID: "visits", Kind: fact.Flow, Direction: fact.MoreIsBetter, Cadence: fact.Monthly, ExpiresAfter: 2, Levels: []fact.Level{fact.County}, Within: []string{"360600"}},
	{ID: "rectified", Kind: fact.FlowYTD, Direction: fact.MoreIsBetter, Cadence: fact.Monthly, ExpiresAfter: 2, Levels: []fact.Level{fact.County}},
	{ID: "mechanisms", Kind: fact.Stock, Direction: fact.MoreIsBetter, Cadence: fact.Yearly, ExpiresAfter: 2, Levels: []fact.Level{fact.Province, fact.City, fact.County}},
	{ID: "cut", Kind: fact.Stock, Cadence: fact.Monthly, ExpiresAfter: 2, Levels: []fact.Level{fact.County}},
	{ID: "before", Kind: fact.Stock, Cadence: fact.Monthly, ExpiresAfter: 2, Levels: []fact.Level{fact.County}},
	{ID: "calls_met", Kind: fact.Flow, Cadence: fact.Monthly, ExpiresAfter: 2, Levels: []fact.Level{fact.County}},
	{ID: "calls", Kind: fact.Flow, Cadence: fact.Monthly, ExpiresAfter: 2, Levels: []fact.Level{fact.County}},
	{ID: "calls_share", Kind: fact.RatioKind, Cadence: fact.Monthly, ExpiresAfter: 3, Levels: []fact.Level{fact.County}, Numerator: "calls_met", Denominator: "calls"},
	{ID: "share", Kind: fact.RatioKind, Direction: fact.MoreIsBetter, Cadence: fact.Monthly, ExpiresAfter: 2, Levels: []fact.Level{fact.County}, Numerator: "cut", Denominator: "before"},
}

func board(t *testing.T, now time.Time, w *world) *standing.Board {
	t.Helper()
	return standing.New(w.options(t, clockAt(now), catalogue))
}

func indicator(t *testing.T, b *standing.Board, id string) *fact.Indicator {
	t.Helper()
	i, err := b.Indicator(id)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestTotals(t *testing.T) {
	january := time.Date(2026, 1, 5, 12, 0, 0, 0, shanghai)
	for name, test := range map[string]struct {
		facts     []string
		indicator string
		period    string
		by        fact.Level
		want      []string // "code value of reported/expected"
	}{
		"a stock of a year is its last month": {
			[]string{"grids 360602 2025-11 = 5", "grids 360602 2025-12 = 7", "grids 360603 2025-12 = 3", "grids 360821 2025-12 = 1"},
			"grids", "2025", fact.City, []string{"360600 10 2025-12 2/2", "360800 1 2025-12 1/1"},
		},
		"a county that lags is left out and counted": {
			[]string{"grids 360602 2025-12 = 7", "grids 360603 2025-11 = 3"},
			"grids", "2025", fact.Province, []string{"360000 7 2025-12 1/3"},
		},
		"the newest revision counts": {
			[]string{"grids 360602 2025-12 = 7", "grids 360602 2025-12 = 8"},
			"grids", "2025-12", fact.County, []string{"360602 8 2025-12 1/1"},
		},
		"a flow of a quarter is the sum of its months": {
			[]string{"visits 360602 2025-10 = 1", "visits 360602 2025-11 = 2", "visits 360602 2025-12 = 4", "visits 360603 2025-12 = 8", "visits 360602 2025-09 = 16"},
			"visits", "2025-Q4", fact.City, []string{"360600 15 2025-12 1/2"},
		},
		"months that have not ended are not missing from a flow": {
			[]string{"visits 360602 2025-12 = 1"},
			"visits", "2025-12", 0, []string{"360602 1 2025-12 1/1"},
		},
		"what is counted since January is its last month": {
			[]string{"rectified 360602 2025-11 = 5", "rectified 360602 2025-12 = 6"},
			"rectified", "2025-H2", 0, []string{"360602 6 2025-12 1/1"},
		},
		"levels that each have their own add up": {
			[]string{"mechanisms 360000 2025 = 1", "mechanisms 360600 2025 = 1", "mechanisms 360602 2025 = 1", "mechanisms 360603 2025 = 1"},
			"mechanisms", "2025", fact.Province, []string{"360000 4 2025 4/6"},
		},
		"what the province has is in no city": {
			[]string{"mechanisms 360000 2025 = 1", "mechanisms 360600 2025 = 1", "mechanisms 360602 2025 = 1"},
			"mechanisms", "2025", fact.City, []string{"360600 2 2025 2/3"},
		},
		"a ratio is summed numerators over summed denominators": {
			[]string{"cut 360602 2025-12 = 1", "before 360602 2025-12 = 2", "cut 360603 2025-12 = 3", "before 360603 2025-12 = 8", "cut 360821 2025-12 = 9"},
			"share", "2025", fact.Province, []string{"360000 0.4 2025-12 2/3"},
		},
		"a ratio stands on a month that both have": {
			[]string{"cut 360602 2025-11 = 1", "before 360602 2025-11 = 2", "cut 360602 2025-12 = 2"},
			"share", "2025", fact.County, []string{"360602 0.5 2025-11 1/1"},
		},
		"and so it does where the denominator is ahead": {
			[]string{"cut 360602 2025-11 = 1", "before 360602 2025-11 = 2", "before 360602 2025-12 = 9"},
			"share", "2025", fact.County, []string{"360602 0.5 2025-11 1/1"},
		},
		"a ratio of flows divides the months that both have": {
			[]string{"calls_met 360602 2025-10 = 10", "calls_met 360602 2025-11 = 10", "calls_met 360602 2025-12 = 10", "calls 360602 2025-10 = 20", "calls_met 360603 2025-12 = 5", "calls 360603 2025-12 = 10"},
			"calls_share", "2025-Q4", fact.City, []string{"360600 0.5 2025-12 0/2"},
		},
		"parts that never met have no ratio": {
			[]string{"cut 360602 2025-09 = 1", "cut 360602 2025-11 = 1", "before 360602 2025-10 = 4"},
			"share", "2025", fact.County, nil,
		},
		"nothing over nothing is no figure": {
			[]string{"cut 360602 2025-12 = 0", "before 360602 2025-12 = 0"},
			"share", "2025", fact.County, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := board(t, january, said(t, test.facts...))
			totals, err := b.Totals(t.Context(), indicator(t, b, test.indicator), period(t, test.period), test.by)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range totals {
				got = append(got, fmt.Sprintf("%s %v %s %d/%d", r.Region.Code, r.Value, r.Of, r.Reported, r.Expected))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("totals (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTotalsOfAShorterPeriod(t *testing.T) {
	b := board(t, time.Date(2026, 1, 5, 0, 0, 0, 0, shanghai), &world{})
	_, err := b.Totals(t.Context(), indicator(t, b, "grids"), period(t, "2025-12-31"), 0)
	want := "grids has a figure a month, so none for 2025-12-31: ask for a period of that length or longer"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestTotalsByALevelBelow(t *testing.T) {
	b := board(t, time.Date(2026, 1, 5, 0, 0, 0, 0, shanghai), said(t, "grids 360602 2025-12 = 1"))
	_, err := b.Totals(t.Context(), indicator(t, b, "grids"), period(t, "2025"), fact.Township)
	if want := "grids is reported by county: add up by that level or one above"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// What was collected before the catalogue or the register changed stays in the
// ledger, and out of the totals.
func TestTotalsLeaveOutWhatHasNoPlaceAnyMore(t *testing.T) {
	all := said(t, "grids 369999 2025-12 = 100", "grids 360600 2025-12 = 10", "grids 360602 2025-12 = 10", "grids 360602 2025-12 sex=female = 1")
	b := board(t, time.Date(2026, 1, 5, 0, 0, 0, 0, shanghai), all)
	for level, want := range map[fact.Level]string{0: "360602 10", fact.Province: "360000 10"} {
		totals, err := b.Totals(t.Context(), indicator(t, b, "grids"), period(t, "2025"), level)
		if err != nil {
			t.Fatal(err)
		}
		if len(totals) != 1 || fmt.Sprintf("%s %v", totals[0].Region.Code, totals[0].Value) != want {
			t.Errorf("by %s: got %+v, want %s", level, totals, want)
		}
	}
}

func TestNewest(t *testing.T) {
	all := said(t,
		"grids 360602 2025-11 = 5", "grids 360602 2025-12 = 7",
		"grids 360603 2025-09 = 2", "grids 360603 2025-12 = 3", "grids 360603 2025-12 = 4",
		"grids 360821 2025-09 = 1", // expires at the end of November
		"cut 360602 2025-11 = 1", "before 360602 2025-11 = 4", "cut 360602 2025-12 = 3", "before 360602 2025-12 = 4",
		// The calls stopped coming two months before the others did.
		"calls_met 360602 2025-09 = 1", "calls_met 360602 2025-10 = 2", "calls_met 360602 2025-11 = 2", "calls_met 360602 2025-12 = 2",
		"calls 360602 2025-09 = 4", "calls 360602 2025-10 = 5", "calls 360602 2025-10 = 4",
	)
	b := board(t, time.Date(2026, 1, 5, 0, 0, 0, 0, shanghai), all)
	december := period(t, "2025-12")
	for id, want := range map[string][]fact.Figure{
		"grids": {
			{
				Region: "360602", Period: december, Value: 7, Revision: 1, State: fact.Confirmed,
				Previous: fact.Some(5), Unchanged: fact.Some(0), Target: fact.Some(10), Attainment: fact.Some(0.7),
			},
			{Region: "360603", Period: december, Value: 4, Revision: 2, State: fact.Corrected, Target: fact.Some(4), Attainment: fact.Some(1)},
		},
		"share": {{Region: "360602", Period: december, Value: 0.75, Revision: 1, State: fact.Confirmed, Previous: fact.Some(0.25), Unchanged: fact.Some(0)}},
		"calls_share": {{
			Region: "360602", Period: period(t, "2025-10"), Value: 0.5, Revision: 2, State: fact.Corrected,
			Previous: fact.Some(0.25), Unchanged: fact.Some(0),
		}},
		"visits": nil,
	} {
		got := slices.Collect(b.Newest(indicator(t, b, id)))
		if diff := cmp.Diff(want, got, samePeriods); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	if got, want := b.ValidUntil(), time.Date(2026, 2, 1, 0, 0, 0, 0, shanghai); !got.Equal(want) {
		t.Errorf("valid until %s, want %s, when the figures of November expire", got, want)
	}
}

func TestAttainment(t *testing.T) {
	for name, test := range map[string]struct {
		direction     fact.Direction
		value, target float64
		want          fact.Optional
	}{
		"half":                          {fact.MoreIsBetter, 5, 10, fact.Some(0.5)},
		"more than all":                 {fact.MoreIsBetter, 15, 10, fact.Some(1.5)},
		"no target to speak of":         {fact.MoreIsBetter, 5, 0, fact.Optional{}},
		"under the ceiling":             {fact.LessIsBetter, 5, 10, fact.Some(1)},
		"twice the ceiling":             {fact.LessIsBetter, 20, 10, fact.Some(0.5)},
		"nothing is allowed, and is":    {fact.LessIsBetter, 0, 0, fact.Some(1)},
		"nothing is allowed, and there": {fact.LessIsBetter, 3, 0, fact.Some(0)},
	} {
		if got := standing.Attainment(test.direction, test.value, test.target); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestGap(t *testing.T) {
	for name, test := range map[string]struct {
		published fact.Published
		total     float64
		want      float64
	}{
		"exact and equal":            {fact.Published{Value: 1422, Precision: fact.Exact}, 1422, 0},
		"exact and short":            {fact.Published{Value: 1422, Precision: fact.Exact}, 1420, -2},
		"at least, and more":         {fact.Published{Value: 500, Precision: fact.AtLeast}, 523, 0},
		"at least, and less":         {fact.Published{Value: 500, Precision: fact.AtLeast}, 490, -10},
		"rounded, within half":       {fact.Published{Value: 41000, Precision: fact.Nearest, Step: 1000}, 41500, 0},
		"rounded, beyond half":       {fact.Published{Value: 41000, Precision: fact.Nearest, Step: 1000}, 41501, 501},
		"a quotient's rounding is 0": {fact.Published{Value: 0.3, Precision: fact.Exact}, 0.1 + 0.2, 0},
	} {
		if got := standing.Gap(test.published, test.total); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestReconciliations(t *testing.T) {
	published := fact.Published{Region: "360600", Period: period(t, "2025"), Value: 12, Precision: fact.Exact}
	unseen := fact.Published{Region: "360800", Period: period(t, "2025"), Value: 3, Precision: fact.Exact}
	all := said(t, "grids 360602 2025-12 = 7", "grids 360603 2025-12 = 4")
	grids := catalogue[0]
	grids.Published = []fact.Published{published, unseen}
	options := all.options(t, clockAt(at(t, "2026-01-05")), []fact.Indicator{grids})
	l := newLedgers(t, options.Indicators)
	l.apply(all.commits...)
	options.Tracks = l.timeline
	b := standing.New(options)
	compare := func(want []fact.Reconciliation) {
		t.Helper()
		got, err := b.Reconciliations(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, samePeriods); diff != "" {
			t.Errorf("reconciliations (-want +got):\n%s", diff)
		}
	}
	missing := fact.Reconciliation{Indicator: "grids", Published: unseen}
	before := []fact.Reconciliation{{Indicator: "grids", Published: published, Total: fact.Some(11), Gap: fact.Some(-1)}, missing}
	compare(before)
	all.say(keyOf(t, "grids 360602 2025-12"), 8, fact.Pulled)
	compare(before) // nobody has told the board
	l.apply(all.commits[2])
	compare([]fact.Reconciliation{{Indicator: "grids", Published: published, Total: fact.Some(12), Gap: fact.Some(0)}, missing})
}
