package standing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/standing"
)

// ofTowns is a monthly stock of townships, which is not followed.
func ofTowns(id string, change func(*fact.Indicator)) fact.Indicator {
	i := fact.Indicator{
		ID: id, Kind: fact.Stock, Direction: fact.MoreIsBetter, Levels: []fact.Level{fact.Township}, Cadence: fact.Monthly,
		Grace: 5, ExpiresAfter: 3, ExpectedFrom: mustPeriod("2025-06"),
	}
	if change != nil {
		change(&i)
	}
	return i
}

// townBoard is a board of indicators of townships; at is when it looks.
func townBoard(t *testing.T, now string, w *world, indicators ...fact.Indicator) (*standing.Board, *fact.Indicator) {
	t.Helper()
	o := w.options(t, clockAt(at(t, now)), indicators)
	o.Regions = lands
	return standing.New(o), &o.Indicators[0]
}

func rollupLines(rollups []fact.Rollup) []string {
	var lines []string
	for _, r := range rollups {
		lines = append(lines, fmt.Sprintf("%s %s %s of %d/%d before %s carried %d", r.Region, r.Period, number(r.Value), r.Reported, r.Expected, number(r.Previous), r.Carried))
	}
	return lines
}

func TestRollupsOfTheHead(t *testing.T) {
	all := []string{
		"towns 360603100 2025-10 = 1", "towns 360603101 2025-10 = 10", "towns 360821100 2025-10 = 100",
		"towns 360603100 2025-11 = 2", "towns 360603101 2025-11 = 20", "towns 360821100 2025-11 = 200",
	}
	for name, test := range map[string]struct {
		now    string
		said   []string
		change func(*fact.Indicator)
		want   []string
	}{
		"once everybody has spoken": {"2025-12-02", all, nil, []string{
			"360000 2025-11 222 of 3/3 before 111 carried 0", "360600 2025-11 22 of 2/2 before 11 carried 0", "360603 2025-11 22 of 2/2 before 11 carried 0",
			"360800 2025-11 200 of 1/1 before 100 carried 0", "360821 2025-11 200 of 1/1 before 100 carried 0",
		}},
		"not before": {"2025-12-02", all[:5], nil, []string{
			"360000 2025-10 111 of 3/3 before - carried 0", "360600 2025-10 11 of 2/2 before - carried 0", "360603 2025-10 11 of 2/2 before - carried 0",
			"360800 2025-10 100 of 1/1 before - carried 0", "360821 2025-10 100 of 1/1 before - carried 0",
		}},
		"but when it is due": {"2025-12-06", all[:5], nil, []string{
			"360000 2025-11 22 of 2/3 before 111 carried 0", "360600 2025-11 22 of 2/2 before 11 carried 0", "360603 2025-11 22 of 2/2 before 11 carried 0",
			"360800 2025-11 - of 0/1 before 100 carried 0", "360821 2025-11 - of 0/1 before 100 carried 0",
		}},
		"and carried": {"2025-12-06", all[:5], func(i *fact.Indicator) { i.Missing, i.CarryPeriods = fact.CarryForward, 1 }, []string{
			"360000 2025-11 122 of 2/3 before 111 carried 1", "360600 2025-11 22 of 2/2 before 11 carried 0", "360603 2025-11 22 of 2/2 before 11 carried 0",
			"360800 2025-11 100 of 0/1 before 100 carried 1", "360821 2025-11 100 of 0/1 before 100 carried 1",
		}},
		"of those that are expected": {"2025-12-02", all[:5], func(i *fact.Indicator) { i.Within = []string{"360603"} }, []string{
			"360000 2025-11 22 of 2/2 before 111 carried 0", "360600 2025-11 22 of 2/2 before 11 carried 0", "360603 2025-11 22 of 2/2 before 11 carried 0",
		}},
		"of which nobody has said anything": {"2025-12-06", nil, nil, []string{
			"360000 2025-11 - of 0/3 before - carried 0", "360600 2025-11 - of 0/2 before - carried 0", "360603 2025-11 - of 0/2 before - carried 0",
			"360800 2025-11 - of 0/1 before - carried 0", "360821 2025-11 - of 0/1 before - carried 0",
		}},
		"under a code of before": {"2025-12-06", slices.Concat(all[:2], []string{"towns 360821009 2025-10 = 90", "towns 360821009 2025-11 = 95"}), nil, []string{
			"360000 2025-11 95 of 1/3 before 101 carried 0", "360600 2025-11 - of 0/2 before 11 carried 0", "360603 2025-11 - of 0/2 before 11 carried 0",
			"360800 2025-11 95 of 1/1 before 90 carried 0", "360821 2025-11 95 of 1/1 before 90 carried 0",
		}},
		"some a month ahead": {"2026-01-02", slices.Concat(all, []string{"towns 360603100 2025-12 = 3", "towns 360603101 2025-12 = 30"}), nil, []string{
			"360000 2025-11 222 of 3/3 before 111 carried 0", "360600 2025-11 22 of 2/2 before 11 carried 0", "360603 2025-11 22 of 2/2 before 11 carried 0",
			"360800 2025-11 200 of 1/1 before 100 carried 0", "360821 2025-11 200 of 1/1 before 100 carried 0",
		}},
		"some two months ahead, further back than the head reaches": {"2026-01-05", slices.Concat(all, []string{
			"towns 360603100 2025-12 = 3", "towns 360603101 2025-12 = 30", "towns 360603100 2025-09 = 4",
		}), func(i *fact.Indicator) { i.Grace = 40 }, []string{
			"360000 2025-11 222 of 3/3 before 111 carried 0", "360600 2025-11 22 of 2/2 before 11 carried 0", "360603 2025-11 22 of 2/2 before 11 carried 0",
			"360800 2025-11 200 of 1/1 before 100 carried 0", "360821 2025-11 200 of 1/1 before 100 carried 0",
		}},
		"a year late": {"2026-04-01", all, nil, []string{
			"360000 2026-02 - of 0/3 before - carried 0", "360600 2026-02 - of 0/2 before - carried 0", "360603 2026-02 - of 0/2 before - carried 0",
			"360800 2026-02 - of 0/1 before - carried 0", "360821 2026-02 - of 0/1 before - carried 0",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b, i := townBoard(t, test.now, said(t, test.said...), ofTowns("towns", test.change))
			if diff := cmp.Diff(test.want, rollupLines(b.Rollups(i))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if b.Reports(i) != nil || b.Rankings(i) != nil {
				t.Error("an indicator that is not followed has reports or rankings")
			}
		})
	}
}

func TestRatioOfTheHead(t *testing.T) {
	w := said(t,
		"met 360603100 2025-11 = 1", "calls 360603100 2025-11 = 4", "met 360603101 2025-11 = 3", "calls 360603101 2025-11 = 4",
		"met 360603100 2025-12 = 2", "calls 360603100 2025-12 = 4", "met 360603101 2025-12 = 5", "calls 360603101 2025-12 = 0",
		"met 360821100 2025-12 = 9",
		// These calls came three months before those that were met.
		"calls 360821100 2025-09 = 5", "met 360821100 2025-09 = 4", "calls 360821100 2025-09 = 8",
		"met 360821100 2025-10 = 9", "met 360821100 2025-11 = 9",
	)
	b, i := townBoard(t, "2026-01-20", w,
		ofTowns("share", func(i *fact.Indicator) {
			i.Kind, i.Numerator, i.Denominator, i.ExpiresAfter = fact.RatioKind, "met", "calls", 4
		}),
		ofTowns("met", func(i *fact.Indicator) { i.SignOff = true }), ofTowns("calls", nil))
	want := []fact.Figure{
		{Region: "360603100", Period: period(t, "2025-12"), Value: 0.5, Revision: 1, State: fact.Provisional, Previous: fact.Some(0.25)},
		{Region: "360603101", Period: period(t, "2025-11"), Value: 0.75, Revision: 1, State: fact.Provisional},
		{Region: "360821100", Period: period(t, "2025-09"), Value: 0.5, Revision: 2, State: fact.Provisional},
	}
	if diff := cmp.Diff(want, slices.Collect(b.Newest(i)), samePeriods); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"360000 2025-12 1.75 of 2/3 before 0.5 carried 0", "360600 2025-12 1.75 of 2/2 before 0.5 carried 0", "360603 2025-12 1.75 of 2/2 before 0.5 carried 0",
		"360800 2025-12 - of 0/1 before - carried 0", "360821 2025-12 - of 0/1 before - carried 0",
	}, rollupLines(b.Rollups(i))); diff != "" {
		t.Errorf("roll-ups (-want +got):\n%s", diff)
	}
}

// Where the head has the newest pair and not the one before it, that comes from
// the ledger; where the ledger fails, the pair is still shown.
func TestRatioBeforeTheHead(t *testing.T) {
	w := said(t,
		"met 360603100 2025-09 = 1", "calls 360603100 2025-09 = 4", "met 360603100 2025-10 = 1", "calls 360603100 2025-10 = 2",
		"met 360603100 2025-11 = 9", "met 360603100 2025-12 = 9")
	for name, test := range map[string]struct {
		works    bool
		previous fact.Optional
	}{"it works": {true, fact.Some(0.25)}, "it fails": {false, fact.Optional{}}} {
		o := w.options(t, clockAt(at(t, "2026-01-20")), []fact.Indicator{ofTowns("share", func(i *fact.Indicator) {
			i.Kind, i.Numerator, i.Denominator = fact.RatioKind, "met", "calls"
		}), ofTowns("met", nil), ofTowns("calls", nil)})
		mended := &atomic.Bool{}
		mended.Store(test.works)
		o.Regions, o.Facts = lands, failing{o.Facts, mended}
		want := []fact.Figure{{Region: "360603100", Period: period(t, "2025-10"), Value: 0.5, Revision: 1, State: fact.Confirmed, Previous: test.previous}}
		if diff := cmp.Diff(want, slices.Collect(standing.New(o).Newest(&o.Indicators[0])), samePeriods); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A year's target can't be held against the three periods that the head has.
func TestTargetsOfTheHead(t *testing.T) {
	w := said(t, "towns 360603100 2025-12 = 5", "towns 360603101 2025-12 = 5", "towns 369999999 2025-12 = 5")
	for kind, want := range map[fact.Kind]fact.Optional{fact.Stock: fact.Some(0.5), fact.Flow: {}} {
		b, i := townBoard(t, "2026-01-20", w, ofTowns("towns", func(i *fact.Indicator) {
			i.Kind, i.Targets = kind, []fact.Target{{Region: "360603100", Year: 2025, Value: 10}}
		}))
		var got []fact.Optional
		for f := range b.Newest(i) {
			got = append(got, f.Target, f.Attainment)
		}
		if diff := cmp.Diff([]fact.Optional{fact.Some(10), want, {}, {}, {}, {}}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

// failing fails until it is mended.
type failing struct {
	standing.Facts
	mended *atomic.Bool
}

func (f failing) Between(ctx context.Context, indicator string, from, to fact.Period, each func(fact.Fact) error) error {
	if !f.mended.Load() {
		return errors.New("the disk is on fire")
	}
	return f.Facts.Between(ctx, indicator, from, to, each)
}

// A wrong sum is worse than none; and the ledger is asked again.
func TestLedgerFails(t *testing.T) {
	w := said(t, "towns 360603100 2025-09 = 1", "towns 360603100 2025-10 = 1", "towns 360603100 2025-11 = 1", "towns 360603100 2025-12 = 1")
	now := at(t, "2026-01-02") // when October is due
	o := w.options(t, func() time.Time { return now }, []fact.Indicator{ofTowns("towns", func(i *fact.Indicator) { i.Grace = 40 })})
	mended := &atomic.Bool{}
	o.Regions, o.Facts = lands, failing{o.Facts, mended}
	b := standing.New(o)
	if got := b.Rollups(&o.Indicators[0]); got != nil {
		t.Errorf("rolled up %+v", got)
	}
	until := b.ValidUntil()
	if !until.After(now) || until.After(now.Add(time.Minute)) {
		t.Errorf("good until %s, want to be asked again soon after %s", until, now)
	}
	mended.Store(true)
	now = until
	if got := b.Rollups(&o.Indicators[0]); len(got) == 0 || got[0].Value != fact.Some(1) {
		t.Errorf("rolled up %+v", got)
	}
	_, err := standing.New(standing.Options{Indicators: o.Indicators, Regions: lands, Site: "360000", Facts: failing{nil, &atomic.Bool{}}, Zone: shanghai, Now: o.Now, Head: o.Head}).
		Totals(t.Context(), &o.Indicators[0], period(t, "2025-12"), 0)
	if err == nil || err.Error() != "add up towns for 2025-12: read towns from the ledger: the disk is on fire" {
		t.Errorf("totals: %v", err)
	}
}

// What was worked out is kept until something of the indicator changes, or time
// passes a bound.
func TestBoardKeepsWhatStands(t *testing.T) {
	w := said(t, "grids 360602 2025-12 = 1", "other 360602 2025-12 = 1")
	now := at(t, "2026-01-05")
	clock := func() time.Time { return now }
	indicators := []fact.Indicator{
		grids(func(i *fact.Indicator) { i.ExpectedFrom = period(t, "2025-12") }), grids(func(i *fact.Indicator) { i.ID = "other" }),
		county(fact.Indicator{ID: "share", Kind: fact.RatioKind, Cadence: fact.Monthly, Grace: 5, ExpiresAfter: 3, Numerator: "grids", Denominator: "other"}),
	}
	o := w.options(t, clock, indicators)
	l := newLedgers(t, indicators)
	l.apply(w.commits...)
	o.Head, o.Tracks = l.head, l.timeline
	b := standing.New(o)
	reports := func() *fact.Report { return &b.Reports(&indicators[0])[0] }
	first, version := reports(), b.Version()
	if bound, want := b.ValidUntil(), at(t, "2026-01-09"); !bound.Equal(want) {
		t.Errorf("good until %s, want %s, when the report of December is due", bound, want)
	}
	now = at(t, "2026-01-08 23:59:59")
	w.say(keyOf(t, "other 360602 2025-12"), 2, fact.Pulled)
	l.apply(w.commits[2])
	if reports() != first || b.Version() == version {
		t.Error("another indicator's correction is no reason to begin anew, but changes the version")
	}
	if f := newestOf(t, b, &indicators[2], "360602"); f.Value != 0.5 {
		t.Errorf("the share is %v after its denominator was corrected", f.Value)
	}
	now = at(t, "2026-01-09")
	if reports() == first {
		t.Error("the report of December has fallen due, and nothing was made anew")
	}
	first, now = reports(), at(t, "2026-01-08")
	if reports() == first {
		t.Error("the clock was put back, and nothing was made anew")
	}
	version = b.Version()
	w.hold(keyOf(t, "grids 360603 2025-12"), 99)
	l.apply(w.commits[3])
	if b.Version() == version || b.Reports(&indicators[0])[1].Held != 1 {
		t.Errorf("a held figure does not show: %+v", b.Reports(&indicators[0])[1])
	}
}

// Many ask at once, while figures come: nobody sees half of anything, and what
// is asked for twice is made once.
func TestBoardConcurrently(t *testing.T) {
	w := said(t, "left_out 360602 2025-12 = 0", "left_out 360603 2025-12 = 0", "left_out 360821 2025-12 = 0")
	o := w.options(t, clockAt(at(t, "2026-01-20")), anything)
	l := newLedgers(t, anything)
	l.apply(w.commits...)
	o.Regions, o.Head, o.Tracks = lands, l.head, l.timeline
	b := standing.New(o)
	var group sync.WaitGroup
	group.Go(func() {
		for n := range 100 {
			var news fact.Committed
			for _, region := range []string{"360602", "360603", "360821"} {
				news.Facts = append(news.Facts, fact.Fact{
					Indicator: "left_out", Region: region, Period: period(t, "2025-12"), Value: float64(n), Revision: int32(n + 2),
				})
			}
			l.apply(commit{what: news})
		}
	})
	for range 4 {
		group.Go(func() {
			for range 100 {
				b.Version()
				b.ValidUntil()
				for i := range anything {
					b.Reports(&anything[i])
					b.Discrepancies(&anything[i])
				}
				values := map[float64]bool{}
				for f := range b.Newest(&anything[0]) {
					values[f.Value] = true
				}
				if len(values) != 1 {
					t.Errorf("half of a delivery shows: %v", values)
				}
				if sum := b.Rollups(&anything[0])[0].Value.Value; int(sum)%3 != 0 {
					t.Errorf("half of a delivery is rolled up: %v", sum)
				}
			}
		})
	}
	group.Wait()
}
