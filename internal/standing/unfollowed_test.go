package standing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/standing"
)

// inTowns are indicators of townships of every kind and policy. With a grace of
// 45 or 70 working days the common period lies further back than the head
// reaches.
func inTowns(detailed bool) []fact.Indicator {
	town := func(id string, grace int, change func(*fact.Indicator)) fact.Indicator {
		return ofTowns(id, func(i *fact.Indicator) {
			i.Grace, i.ExpiresAfter, i.Detailed = grace, 5, detailed
			if change != nil {
				change(i)
			}
		})
	}
	ratio := func(numerator, denominator string, policy fact.MissingPolicy) func(*fact.Indicator) {
		return func(i *fact.Indicator) {
			i.Kind, i.Numerator, i.Denominator, i.Missing, i.CarryPeriods = fact.RatioKind, numerator, denominator, policy, 2
		}
	}
	return []fact.Indicator{
		town("stock", 5, nil),
		town("slow", 45, func(i *fact.Indicator) { i.Missing, i.CarryPeriods = fact.CarryForward, 1 }),
		town("slowest", 70, func(i *fact.Indicator) { i.Missing = fact.LikeForLike }),
		town("in_year", 5, func(i *fact.Indicator) { i.Kind, i.Missing, i.CarryPeriods = fact.FlowYTD, fact.CarryForward, 3 }),
		town("flow", 20, func(i *fact.Indicator) { i.Kind, i.Missing = fact.Flow, fact.LikeForLike }),
		town("by_sex", 45, func(i *fact.Indicator) {
			i.Dimensions = []fact.Dimension{{Name: "sex", Values: []string{"female", "male"}}}
		}),
		town("divided", 5, ratio("flow", "in_year", fact.CarryForward)),
		town("slowly_divided", 45, ratio("flow", "in_year", fact.LikeForLike)),
	}
}

// drawTowns lets figures of eight months come in any order. What came under a
// retired code is of an indicator that no ratio is made of.
func drawTowns(tb testing.TB, t *rapid.T, w *world) {
	tb.Helper()
	for range rapid.IntRange(0, 80).Draw(t, "figures") {
		w.clock = w.clock.Add(time.Minute)
		id := rapid.SampledFrom([]string{"stock", "slow", "slowest", "in_year", "flow", "by_sex"}).Draw(t, "indicator")
		codes := []string{"360603100", "360603101", "360821100", "360821009", "360603009"}
		if id == "in_year" || id == "flow" {
			codes = codes[:3]
		}
		key := fact.Key{Indicator: id, Region: rapid.SampledFrom(codes).Draw(t, "region"), Period: mustPeriod("2026-03").Add(-rapid.IntRange(0, 7).Draw(t, "ago"))}
		if id == "by_sex" {
			key.Dimensions = rapid.SampledFrom([]fact.Dimensions{"sex=female", "sex=male"}).Draw(t, "sex")
		}
		w.say(key, float64(rapid.IntRange(0, 20).Draw(t, "value")), fact.Pulled)
	}
}

// Whether roll-ups come from the head and the ledger or from all that was
// recorded, they are the same.
func TestUnfollowedRollups(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := &world{clock: at(t, "2026-01-01")}
		drawTowns(t, r, w)
		now := at(t, "2026-01-03").AddDate(0, 0, rapid.IntRange(0, 120).Draw(r, "days"))
		board := func(detailed bool) *standing.Board {
			o := w.options(t, clockAt(now), inTowns(detailed))
			o.Regions = lands
			return standing.New(o)
		}
		head, tracks := board(false), board(true)
		for i := range head.Indicators {
			want := rollupLines(tracks.Rollups(&tracks.Indicators[i]))
			if diff := cmp.Diff(want, rollupLines(head.Rollups(&head.Indicators[i]))); diff != "" {
				r.Fatalf("%s on %s (-of the tracks +of the head):\n%s", head.Indicators[i].ID, now.Format(time.DateOnly), diff)
			}
		}
	})
}

// A middle of a month: some have reported it, and what all are added up at, and
// what that is compared with, is still in memory.
func TestMidMonthNeedsNoLedger(t *testing.T) {
	var lines []string
	for m, month := range []string{"2025-09", "2025-10", "2025-11"} {
		for n, town := range []string{"360603100", "360603101", "360821100"} {
			lines = append(lines, fmt.Sprintf("towns %s %s = %d", town, month, (m+1)*(n+1)))
		}
	}
	w := said(t, slices.Concat(lines, []string{"towns 360603100 2025-12 = 9"})...)
	for policy := fact.LeaveOut; policy <= fact.LikeForLike; policy++ {
		o := w.options(t, clockAt(at(t, "2026-01-06")), []fact.Indicator{ofTowns("towns", func(i *fact.Indicator) { i.Missing, i.CarryPeriods = policy, 2 })})
		o.Regions, o.Facts = lands, nil
		got := standing.New(o).Rollups(&o.Indicators[0])
		if len(got) != 5 || got[0].Period != period(t, "2025-11") || got[0].Value != fact.Some(18) || got[0].Previous != fact.Some(12) {
			t.Errorf("%s: %+v", policy, got)
		}
	}
}

// A catalogue that changed the cadence leaves longer periods between.
func TestHeadOfAnotherCadence(t *testing.T) {
	w := said(t,
		"towns 360603100 2025-11 = 1", "towns 360603101 2025-11 = 2", "towns 360821100 2025-11 = 3",
		"towns 360603100 2025-12 = 4", "towns 360603101 2025-12 = 5", "towns 360821100 2025-12 = 6",
		// Two of them had reported years before, and one had quarters and halves, too.
		"towns 360603100 2025 = 100", "towns 360821100 2025 = 100", "towns 360821100 2025-Q4 = 30", "towns 360821100 2025-H2 = 60")
	b, i := townBoard(t, "2026-01-20", w, ofTowns("towns", nil))
	if got := rollupLines(b.Rollups(i))[0]; got != "360000 2025-12 15 of 3/3 before 6 carried 0" {
		t.Errorf("rolled up %s", got)
	}
	var newest []string
	for f := range b.Newest(i) {
		newest = append(newest, fmt.Sprintf("%s %s %v before %s", f.Region, f.Period, f.Value, number(f.Previous)))
	}
	if diff := cmp.Diff([]string{"360603100 2025-12 4 before 1", "360603101 2025-12 5 before 2"}, newest); diff != "" {
		t.Errorf("the newest (-want +got):\n%s", diff)
	}
}

// What a ratio has of the year before can't be carried where a part of it counts
// from January.
func TestRatioCarriedWithinItsYear(t *testing.T) {
	lines := []string{
		"part 360602 2025-12 = 1", "whole 360602 2025-12 = 4", "part 360602 2026-01 = 1", "whole 360602 2026-01 = 2",
		"part 360603 2025-12 = 3", "whole 360603 2025-12 = 4",
	}
	for name, test := range map[string]struct {
		part, whole fact.Kind
		want        string // of January, in the province
	}{
		"stocks":                  {fact.Stock, fact.Stock, "0.6667 of 1, carried 1"},
		"a part from January":     {fact.FlowYTD, fact.Stock, "0.5 of 1, carried 0"},
		"the whole from January":  {fact.Stock, fact.FlowYTD, "0.5 of 1, carried 0"},
		"both of them from there": {fact.FlowYTD, fact.FlowYTD, "0.5 of 1, carried 0"},
	} {
		t.Run(name, func(t *testing.T) {
			b, i := only(t, "2026-02-20", said(t, lines...), grids(func(i *fact.Indicator) {
				i.ID, i.Kind, i.Numerator, i.Denominator, i.Missing, i.CarryPeriods = "share", fact.RatioKind, "part", "whole", fact.CarryForward, 2
			}), grids(func(i *fact.Indicator) { i.ID, i.Kind = "part", test.part }), grids(func(i *fact.Indicator) { i.ID, i.Kind = "whole", test.whole }))
			totals, err := b.Totals(t.Context(), i, period(t, "2026-01"), fact.Province)
			if err != nil || len(totals) != 1 {
				t.Fatalf("totals: %+v, %v", totals, err)
			}
			rollup := b.Rollups(i)[0]
			for what, got := range map[string]string{
				"roll-up": fmt.Sprintf("%s of %d, carried %d", number(rollup.Value), rollup.Reported, rollup.Carried),
				"total":   fmt.Sprintf("%s of %d, carried %d", number(fact.Some(totals[0].Value)), totals[0].Reported, totals[0].Carried),
			} {
				if got != test.want {
					t.Errorf("the %s is %s, want %s", what, got, test.want)
				}
			}
		})
	}
}

// A target can be asked for at any period, not only the newest.
func TestTargetOfAPeriod(t *testing.T) {
	w := said(t,
		"grids 360603 2024-12 = 7", "grids 360603 2025-01 = 10", "grids 360603 2025-02 = 20", "grids 360603 2025-04 = 40",
		"grids 360622 2025-03 = 30", // its code of before
		"towns 360603100 2025-04 = 5",
	)
	of := func(kind fact.Kind, target fact.Target) func(*fact.Indicator) {
		return func(i *fact.Indicator) { i.Kind, i.Targets = kind, []fact.Target{target} }
	}
	year := fact.Target{Level: fact.County, Year: 2025, Value: 200}
	path := fact.Target{Level: fact.County, From: waypoint("2024-12", 50), To: waypoint("2025-12", 62)}
	town := fact.Target{Level: fact.Township, Year: 2025, Value: 20}
	for name, test := range map[string]struct {
		indicator        fact.Indicator
		region, period   string
		value            float64
		want, attainment string
	}{
		"a flow's year, so far":         {grids(of(fact.Flow, year)), "360603", "2025-02", 20, "200", "0.15"},
		"and with what came before":     {grids(of(fact.Flow, year)), "360603", "2025-04", 40, "200", "0.5"},
		"another year":                  {grids(of(fact.Flow, year)), "360603", "2024-12", 7, "-", "-"},
		"along a path":                  {grids(of(fact.Stock, path)), "360603", "2025-03", 30, "53", "0.566"},
		"nothing reported":              {grids(of(fact.Stock, path)), "360603", "2025-05", 0, "55", "-"},
		"of a region nobody asks":       {grids(of(fact.Stock, path)), "360600", "2025-03", 1, "-", "-"},
		"not followed":                  {ofTowns("towns", of(fact.Stock, town)), "360603100", "2025-04", 5, "20", "0.25"},
		"not followed, a flow's year":   {ofTowns("towns", of(fact.Flow, town)), "360603100", "2025-04", 5, "20", "-"},
		"not followed, an unknown town": {ofTowns("towns", of(fact.Flow, town)), "369999999", "2025-04", 5, "-", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			b, i := townBoard(t, "2025-06-20", w, test.indicator)
			target, attainment := b.Target(i, test.region, period(t, test.period), test.value)
			if number(target) != test.want || number(attainment) != test.attainment {
				t.Errorf("target %s, of which %s is reached; want %s and %s", number(target), number(attainment), test.want, test.attainment)
			}
		})
	}
}
