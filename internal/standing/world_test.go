package standing_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/calendar"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/region"
	"github.com/govkpi/govkpi/internal/standing"
)

var shanghai = time.FixedZone("CST", 8*3600)

// jiangxi is a province of two cities with three counties, of which one had
// another name, and one took up another.
var jiangxi = mustRegister([]fact.Region{
	{Code: "360000", Name: "江西省", Level: fact.Province},
	{Code: "360600", Name: "鹰潭市", Level: fact.City, Parent: "360000"},
	{Code: "360602", Name: "月湖区", Level: fact.County, Parent: "360600", Villages: 20},
	{Code: "360603", Name: "余江区", Level: fact.County, Parent: "360600", Villages: 110, Population: 350_000},
	{Code: "360800", Name: "吉安市", Level: fact.City, Parent: "360000"},
	{Code: "360821", Name: "吉安县", Level: fact.County, Parent: "360800", Villages: 300, Population: 500_000},
},
	fact.RegionChange{OldCode: "360622", OldName: "余江县", Code: "360603", Name: "余江区", Effective: mustPeriod("2025-05"), Kind: fact.Renamed},
	fact.RegionChange{OldCode: "360605", OldName: "龙虎山区", Code: "360602", Name: "月湖区", Effective: mustPeriod("2025-07"), Kind: fact.Merged},
)

func mustRegister(today []fact.Region, past ...fact.RegionChange) *region.Register {
	r, err := region.New(today, past, nil)
	if err != nil {
		panic(err)
	}
	return r
}

func mustPeriod(s string) fact.Period {
	p, err := fact.ParsePeriod(s)
	if err != nil {
		panic(err)
	}
	return p
}

// world is what happened, in order: a ledger that keeps to its contract, in
// memory.
type world struct {
	clock   time.Time // when the next thing is recorded
	commits []commit
	facts   []fact.Fact // all revisions, in order
	held    []fact.HeldFact
}

type commit struct {
	at   time.Time
	what fact.Committed
}

func (w *world) record(what fact.Committed) {
	w.commits = append(w.commits, commit{w.clock, what})
}

// say records a figure; it must differ from what was said before.
func (w *world) say(key fact.Key, value float64, origin fact.Origin) {
	f := fact.Fact{
		Indicator: key.Indicator, Region: key.Region, Dimensions: key.Dimensions, Period: key.Period,
		Value: value, Revision: 1, Origin: origin, Recorded: w.clock.UnixMilli(),
	}
	for i := range w.facts {
		if w.facts[i].Key() == key {
			f.Revision = w.facts[i].Revision + 1
		}
	}
	w.facts = append(w.facts, f)
	w.record(fact.Committed{Facts: []fact.Fact{f}})
}

// hold records a figure that is not believed.
func (w *world) hold(key fact.Key, value float64) (id int64) {
	h := fact.HeldFact{ID: int64(len(w.held) + 1), Key: key, Value: value, Recorded: w.clock.UnixMilli()}
	w.held = append(w.held, h)
	w.record(fact.Committed{Held: []fact.HeldFact{h}})
	return h.ID
}

// end records that a held figure no longer waits; what is released becomes a
// fact.
func (w *world) end(id int64, how fact.Closing) {
	h := &w.held[id-1]
	h.Closed, h.Closing = w.clock.UnixMilli(), how
	w.record(fact.Committed{Held: []fact.HeldFact{*h}})
	if how == fact.ByRelease {
		w.say(h.Key, h.Value, fact.Decided)
	}
}

// confirm records that the newest revision of a figure is right.
func (w *world) confirm(key fact.Key) {
	d := fact.Decision{Key: key, Action: fact.Confirm, Recorded: w.clock.UnixMilli()}
	for i := range w.facts {
		if w.facts[i].Key() == key {
			d.Revision = w.facts[i].Revision
		}
	}
	w.record(fact.Committed{Decisions: []fact.Decision{d}})
}

// ledgers are the projections of a world.
type ledgers struct {
	head     *ledger.Head
	timeline *ledger.Timeline
}

func newLedgers(tb testing.TB, indicators []fact.Indicator) ledgers {
	tb.Helper()
	l := ledgers{head: &ledger.Head{}, timeline: &ledger.Timeline{}}
	var ids []string
	for _, i := range indicators {
		ids = append(ids, i.ID)
	}
	if err := l.timeline.Follow(tb.Context(), ids); err != nil {
		tb.Fatal(err)
	}
	return l
}

func (l ledgers) apply(commits ...commit) {
	for _, c := range commits {
		l.head.Apply(c.what.Facts)
		l.timeline.Apply(c.what)
	}
}

// book is a world's facts as totals read them, up to a time.
type book struct {
	world *world
	until time.Time
}

func (b book) Between(_ context.Context, indicator string, from, to fact.Period, each func(fact.Fact) error) error {
	newest := map[fact.Key]fact.Fact{}
	for _, f := range b.world.facts {
		in := f.Indicator == indicator && f.Period.Compare(from) >= 0 && f.Period.Compare(to) <= 0
		if in && (b.until.IsZero() || f.Recorded <= b.until.UnixMilli()) {
			newest[f.Key()] = f
		}
	}
	var sorted []fact.Fact
	for _, f := range newest {
		sorted = append(sorted, f)
	}
	slices.SortFunc(sorted, func(a, b fact.Fact) int {
		return cmp.Or(a.Period.Compare(b.Period), strings.Compare(a.Region, b.Region), cmp.Compare(a.Dimensions, b.Dimensions))
	})
	for _, f := range sorted {
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

// options are those of a board of the world as it is.
func (w *world) options(tb testing.TB, now func() time.Time, indicators []fact.Indicator) standing.Options {
	tb.Helper()
	l := newLedgers(tb, indicators)
	l.apply(w.commits...)
	return standing.Options{
		Indicators: indicators, Regions: jiangxi, Site: "360000", Head: l.head, Tracks: l.timeline, Facts: book{world: w},
		Calendar: holidays(tb), Zone: shanghai, Now: now,
	}
}

func at(tb testing.TB, s string) time.Time {
	tb.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04:05"[:len(s)], s, shanghai)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func clockAt(t time.Time) func() time.Time { return func() time.Time { return t } }

func period(tb testing.TB, s string) fact.Period {
	tb.Helper()
	p, err := fact.ParsePeriod(s)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// keyOf reads "grids 360602 2025-12", with dimensions such as "sex=female"
// behind where there are any.
func keyOf(tb testing.TB, s string) fact.Key {
	tb.Helper()
	words := strings.Fields(s)
	if len(words) < 3 {
		tb.Fatalf("%q is no key", s)
	}
	k := fact.Key{Indicator: words[0], Region: words[1], Period: period(tb, words[2])}
	if len(words) > 3 {
		k.Dimensions = fact.Dimensions(words[3])
	}
	return k
}

// said is a world in which figures came one after the other, in lines such as
// "grids 360602 2025-12 = 7".
func said(tb testing.TB, lines ...string) *world {
	tb.Helper()
	w := &world{clock: at(tb, "2025-01-01")}
	for _, line := range lines {
		w.clock = w.clock.Add(time.Second)
		key, number, _ := strings.Cut(line, "=")
		if i := strings.LastIndex(line, "="); strings.Contains(key, "sex") || strings.Count(line, "=") > 1 {
			key, number = line[:i], line[i+1:]
		}
		var value float64
		if _, err := fmt.Sscan(number, &value); err != nil {
			tb.Fatalf("%q: %v", line, err)
		}
		w.say(keyOf(tb, key), value, fact.Pulled)
	}
	return w
}

// holidays is the calendar of the State Council's notices for 2024 to 2026.
func holidays(tb testing.TB) *calendar.Calendar {
	tb.Helper()
	var days []calendar.Day
	for _, line := range []string{
		"元旦 2024-01-01", "春节 2024-02-10 2024-02-17 +2024-02-04 +2024-02-18", "清明节 2024-04-04 2024-04-06 +2024-04-07",
		"劳动节 2024-05-01 2024-05-05 +2024-04-28 +2024-05-11", "端午节 2024-06-10", "中秋节 2024-09-15 2024-09-17 +2024-09-14",
		"国庆节 2024-10-01 2024-10-07 +2024-09-29 +2024-10-12",
		"元旦 2025-01-01", "春节 2025-01-28 2025-02-04 +2025-01-26 +2025-02-08", "清明节 2025-04-04 2025-04-06",
		"劳动节 2025-05-01 2025-05-05 +2025-04-27", "端午节 2025-05-31 2025-06-02", "国庆节、中秋节 2025-10-01 2025-10-08 +2025-09-28 +2025-10-11",
		"元旦 2026-01-01 2026-01-03 +2026-01-04", "春节 2026-02-15 2026-02-23 +2026-02-14 +2026-02-28", "清明节 2026-04-04 2026-04-06",
		"劳动节 2026-05-01 2026-05-05 +2026-05-09", "端午节 2026-06-19 2026-06-21", "中秋节 2026-09-25 2026-09-27",
		"国庆节 2026-10-01 2026-10-07 +2026-09-20 +2026-10-10",
	} {
		days = append(days, holiday(tb, strings.Fields(line))...)
	}
	c, err := calendar.New(shanghai, days, []int{2024, 2025, 2026})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// holiday reads the name, the first day, the last, and the days on which it is
// worked in turn.
func holiday(tb testing.TB, words []string) []calendar.Day {
	tb.Helper()
	day := func(s string) fact.Period { return period(tb, s) }
	dated := func(p fact.Period, working bool) calendar.Day {
		return calendar.Day{Date: calendar.DateOf(p.Start(time.UTC)), Working: working, Name: words[0]}
	}
	first, last := day(words[1]), day(words[1])
	var days []calendar.Day
	for _, w := range words[2:] {
		if worked, ok := strings.CutPrefix(w, "+"); ok {
			days = append(days, dated(day(worked), true))
		} else {
			last = day(w)
		}
	}
	for p := first; p.Compare(last) <= 0; p = p.Next() {
		days = append(days, dated(p, false))
	}
	return days
}
