package standing_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/standing"
)

// lands is jiangxi with townships in two of its counties.
var lands = mustRegister([]fact.Region{
	{Code: "360000", Name: "江西省", Level: fact.Province},
	{Code: "360600", Name: "鹰潭市", Level: fact.City, Parent: "360000"},
	{Code: "360602", Name: "月湖区", Level: fact.County, Parent: "360600", Villages: 20},
	{Code: "360603", Name: "余江区", Level: fact.County, Parent: "360600", Villages: 110},
	{Code: "360603100", Name: "邓埠镇", Level: fact.Township, Parent: "360603"},
	{Code: "360603101", Name: "锦江镇", Level: fact.Township, Parent: "360603"},
	{Code: "360800", Name: "吉安市", Level: fact.City, Parent: "360000"},
	{Code: "360821", Name: "吉安县", Level: fact.County, Parent: "360800", Villages: 300},
	{Code: "360821100", Name: "敦厚镇", Level: fact.Township, Parent: "360821"},
},
	fact.RegionChange{OldCode: "360622", OldName: "余江县", Code: "360603", Name: "余江区", Effective: mustPeriod("2025-05"), Kind: fact.Renamed},
	fact.RegionChange{OldCode: "360605", OldName: "龙虎山区", Code: "360602", Name: "月湖区", Effective: mustPeriod("2025-07"), Kind: fact.Merged},
	fact.RegionChange{OldCode: "360603009", OldName: "画桥镇", Code: "360603101", Name: "锦江镇", Effective: mustPeriod("2025-12"), Kind: fact.Merged},
	fact.RegionChange{OldCode: "360821009", OldName: "敦厚乡", Code: "360821100", Name: "敦厚镇", Effective: mustPeriod("2025-09"), Kind: fact.Renamed},
)

// anything are indicators of every kind and policy.
var anything = []fact.Indicator{
	county(fact.Indicator{
		ID: "left_out", Kind: fact.Stock, Cadence: fact.Monthly, Grace: 2, ExpiresAfter: 3, SignOff: true,
		Targets: []fact.Target{{Level: fact.County, Value: 10}}, ExpectedFrom: mustPeriod("2025-06"),
	}),
	county(fact.Indicator{
		ID: "carried", Kind: fact.FlowYTD, Direction: fact.LessIsBetter, Cadence: fact.Monthly, Grace: 2, ExpiresAfter: 3,
		Missing: fact.CarryForward, CarryPeriods: 2, Roster: fact.Roster{Except: []string{"360602"}},
		Compare: &fact.Comparison{With: "left_out", Tolerance: 0.1},
	}),
	county(fact.Indicator{
		ID: "compared", Kind: fact.Flow, Cadence: fact.Monthly, Grace: 2, ExpiresAfter: 3, Missing: fact.LikeForLike,
		RankBy: fact.RankByAttainment, Targets: []fact.Target{{Level: fact.County, Value: 30, Year: 2025}},
	}),
	county(fact.Indicator{
		ID: "divided", Kind: fact.RatioKind, Cadence: fact.Monthly, Grace: 2, ExpiresAfter: 3, Numerator: "left_out", Denominator: "carried",
		ExpectedFrom: mustPeriod("2025-06"),
	}),
	{
		ID: "in_towns", Kind: fact.Stock, Direction: fact.MoreIsBetter, Levels: []fact.Level{fact.Township}, Cadence: fact.Monthly,
		Grace: 2, ExpiresAfter: 3, ExpectedFrom: mustPeriod("2025-06"),
	},
}

// drawWorld lets anything happen to a few figures of half a year.
func drawWorld(tb testing.TB, t *rapid.T) *world {
	tb.Helper()
	w := &world{clock: at(tb, "2025-07-01")}
	regionsOf := map[string][]string{"in_towns": {"360603100", "360603101", "360821100", "360821009"}}
	for _, id := range []string{"left_out", "carried", "compared"} {
		regionsOf[id] = []string{"360602", "360603", "360622", "360605", "360821"}
	}
	for range rapid.IntRange(0, 40).Draw(t, "events") {
		w.clock = w.clock.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "hours")) * time.Hour)
		id := rapid.SampledFrom([]string{"left_out", "carried", "compared", "in_towns"}).Draw(t, "indicator")
		key := fact.Key{Indicator: id, Region: rapid.SampledFrom(regionsOf[id]).Draw(t, "region")}
		key.Period = fact.LastEnded(w.clock, fact.Monthly).Add(-rapid.IntRange(0, 3).Draw(t, "ago"))
		value := float64(rapid.IntRange(0, 20).Draw(t, "value"))
		known := slices.ContainsFunc(w.facts, func(f fact.Fact) bool { return f.Key() == key })
		waiting := slices.IndexFunc(w.held, func(h fact.HeldFact) bool { return h.Indicator == id && h.Waits() })
		switch what := rapid.IntRange(0, 9).Draw(t, "what"); {
		case what == 0:
			w.hold(key, value)
		case what == 1 && waiting >= 0:
			w.end(w.held[waiting].ID, fact.ByRelease)
		case what == 2 && waiting >= 0:
			w.end(w.held[waiting].ID, fact.ByReject)
		case what < 5 && known:
			w.confirm(key)
		default:
			w.say(key, value, fact.Pulled)
		}
	}
	return w
}

// everything is all that a board says at a time, as text.
func everything(tb testing.TB, b *standing.Board, now time.Time) string {
	tb.Helper()
	var out bytes.Buffer
	for i := range anything {
		indicator := &anything[i]
		fmt.Fprintf(&out, "%s %+v\n", indicator.ID, b.Discrepancies(indicator))
		out.Write(page(b, indicator, now))
		for _, level := range []fact.Level{0, fact.City} {
			totals, err := b.Totals(tb.Context(), indicator, mustPeriod("2025"), level)
			if err != nil {
				tb.Fatal(err)
			}
			fmt.Fprintf(&out, "%+v\n", totals)
		}
	}
	return out.String()
}

func boardOf(tb testing.TB, w *world, l ledgers, now time.Time) *standing.Board {
	tb.Helper()
	o := w.options(tb, clockAt(now), anything)
	o.Regions, o.Head, o.Tracks, o.Since = lands, l.head, l.timeline, at(tb, "2025-06-20")
	return standing.New(o)
}

// Whatever the order in which commits reach the projections, the board says the
// same.
func TestOrderOfArrival(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := drawWorld(t, r)
		inOrder, shuffled := newLedgers(t, anything), newLedgers(t, anything)
		inOrder.apply(w.commits...)
		mixed := slices.Clone(w.commits)
		rand.New(rand.NewPCG(1, uint64(rapid.Int().Draw(r, "seed")))).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		board := boardOf(t, w, shuffled, w.clock)
		for _, c := range mixed {
			shuffled.apply(c)
			if rapid.Bool().Draw(r, "look") {
				everything(t, board, w.clock) // so that it has something to remember wrongly
			}
		}
		if diff := cmp.Diff(everything(t, boardOf(t, w, inOrder, w.clock), w.clock), everything(t, board, w.clock)); diff != "" {
			r.Fatalf("the order of arrival shows (-in order +shuffled):\n%s", diff)
		}
	})
}

// What was known at a time is what would be known if nothing had happened since.
func TestNothingLaterIsKnown(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := drawWorld(t, r)
		then := at(t, "2025-07-01").Add(time.Duration(rapid.IntRange(0, 200*24).Draw(r, "hours")) * time.Hour)
		whole, cut := newLedgers(t, anything), newLedgers(t, anything)
		whole.apply(w.commits...)
		for _, c := range w.commits {
			if !c.at.After(then) {
				cut.apply(c)
			}
		}
		past := func(l ledgers) string {
			o := w.options(t, nil, anything)
			o.Regions, o.Head, o.Tracks, o.Since = lands, nil, l.timeline, at(t, "2025-06-20")
			o.AsKnownAt, o.Facts = then, book{w, then}
			return everything(t, standing.New(o), then)
		}
		if diff := cmp.Diff(past(cut), past(whole)); diff != "" {
			r.Fatalf("something is known at %s that was recorded later (-without +with):\n%s", then, diff)
		}
		// And it is what a board of that time said, but for what only the head had.
		live := boardOf(t, &world{facts: upTo(w.facts, then)}, cut, then)
		for i := range anything[:4] {
			o := w.options(t, nil, anything)
			o.Regions, o.Tracks, o.Since, o.AsKnownAt = lands, whole.timeline, at(t, "2025-06-20"), then
			if diff := cmp.Diff(string(page(live, &anything[i], then)), string(page(standing.New(o), &anything[i], then))); diff != "" {
				r.Fatalf("%s at %s (-as it was +as it is remembered):\n%s", anything[i].ID, then, diff)
			}
		}
	})
}

func upTo(facts []fact.Fact, then time.Time) []fact.Fact {
	return slices.DeleteFunc(slices.Clone(facts), func(f fact.Fact) bool { return f.Recorded > then.UnixMilli() })
}

func TestRanksAreOfACompetition(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := drawWorld(t, r)
		l := newLedgers(t, anything)
		l.apply(w.commits...)
		b := boardOf(t, w, l, w.clock)
		for i := range anything {
			all := b.Rankings(&anything[i])
			peers := map[string]int{}
			for _, one := range all {
				peers[fmt.Sprint(one.Scope)]++
			}
			if n := peers["all"]; n == 1 || n > 0 && n != all[0].Peers {
				r.Fatalf("%s: %d are ranked among all, %d peers are counted", anything[i].ID, n, all[0].Peers)
			}
			for _, one := range all {
				better := 0
				for _, other := range all {
					if other.Scope == fact.AmongAll && one.Scope == fact.AmongAll && isBetter(&anything[i], other.Measure, one.Measure) {
						better++
					}
				}
				if one.Scope == fact.AmongAll && one.Rank != better+1 {
					r.Fatalf("%s: %+v has %d before it in\n%+v", anything[i].ID, one, better, all)
				}
				quartile := 1 + (one.Rank-1)*4/one.Peers
				if one.Peers < 4 {
					quartile = 0
				}
				if one.Rank < 1 || one.Rank > one.Peers || one.Peers < 2 || one.Quartile != quartile {
					r.Fatalf("%s: %+v is no rank", anything[i].ID, one)
				}
			}
		}
	})
}

func isBetter(i *fact.Indicator, a, b float64) bool {
	if i.Direction == fact.LessIsBetter && i.RankBy != fact.RankByAttainment {
		return a < b
	}
	return a > b
}

// Coverage is a share, and where those that are missing are left out a roll-up
// is the sum of what was said.
func TestRollupsAddUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := drawWorld(t, r)
		l := newLedgers(t, anything)
		l.apply(w.commits...)
		b := boardOf(t, w, l, w.clock)
		for i := range anything {
			for _, rollup := range b.Rollups(&anything[i]) {
				if rollup.Expected < 1 || rollup.Reported+rollup.Carried > rollup.Expected || rollup.Compared > rollup.Reported {
					r.Fatalf("%s covers what it can't: %+v", anything[i].ID, rollup)
				}
				if anything[i].ID != "left_out" && anything[i].ID != "in_towns" {
					continue
				}
				for p, got := range map[fact.Period]fact.Optional{rollup.Period: rollup.Value, rollup.Period.Previous(): rollup.Previous} {
					if want := plainSum(w, anything[i].ID, rollup.Region, p); got != want {
						r.Fatalf("%s of %s for %s is %v, the sum %v", anything[i].ID, rollup.Region, p, got, want)
					}
				}
			}
		}
	})
}

// isPartial reports whether one of two regions that are one since July 2025 has no
// figure of a period before, though it has had some.
func isPartial(w *world, newest map[string]fact.Fact, indicator, code string, p fact.Period) bool {
	if code != "360602" && code != "360605" || p.Compare(mustPeriod("2025-07")) >= 0 {
		return false
	}
	for _, other := range []string{"360602", "360605"} {
		speaks := slices.ContainsFunc(w.facts, func(f fact.Fact) bool { return f.Indicator == indicator && f.Region == other })
		if _, ok := newest[other]; speaks && !ok {
			return true
		}
	}
	return false
}

// plainSum adds up the newest revisions of all regions by what they are today,
// in the simplest way there is.
func plainSum(w *world, indicator, region string, p fact.Period) fact.Optional {
	newest := map[string]fact.Fact{}
	for _, f := range w.facts { // in the order of recording
		code := f.Region
		if today, ok := map[string]string{"360622": "360603", "360821009": "360821100"}[code]; ok {
			code = today
		}
		if f.Indicator == indicator && f.Period == p {
			newest[code] = f
		}
	}
	within := map[string][]string{
		"360000": {"360602", "360605", "360603", "360821", "360603100", "360603101", "360821100"},
		"360600": {"360602", "360605", "360603", "360603100", "360603101"}, "360603": {"360603100", "360603101"},
		"360800": {"360821", "360821100"}, "360821": {"360821100"},
	}
	var sum fact.Optional
	for _, code := range within[region] {
		if isPartial(w, newest, indicator, code, p) {
			continue
		}
		if f, ok := newest[code]; ok {
			sum = fact.Some(sum.Value + f.Value)
		}
	}
	return sum
}
