package ledger_test

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// memory is a store of facts only, in the order of the ledger.
type memory []fact.Fact

func (m memory) Facts(_ context.Context, _ ledger.FactQuery, each func(fact.Fact) error) error {
	for _, f := range m {
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

func openHead(t testing.TB, facts ...fact.Fact) *ledger.Head {
	t.Helper()
	h, err := ledger.OpenHead(t.Context(), memory(facts))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func period(s string) fact.Period {
	p, err := fact.ParsePeriod(s)
	if err != nil {
		panic(err)
	}
	return p
}

func grids(region, when string, value float64, revision int32) fact.Fact {
	return fact.Fact{Indicator: "grids", Region: region, Period: period(when), Value: value, Revision: revision}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(fact.Period{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestHeadKeepsTheThreeNewestPeriods(t *testing.T) {
	point := func(when string, value float64, revision int32) fact.Point {
		return fact.Point{Period: period(when), Value: value, Revision: revision}
	}
	for name, c := range map[string]struct {
		facts                    []fact.Fact
		newest, previous, before fact.Point
	}{
		"one figure":              {[]fact.Fact{grids("36", "2025-12", 1, 1)}, point("2025-12", 1, 1), fact.Point{}, fact.Point{}},
		"a later period":          {[]fact.Fact{grids("36", "2025-11", 1, 1), grids("36", "2025-12", 2, 1)}, point("2025-12", 2, 1), point("2025-11", 1, 1), fact.Point{}},
		"an earlier period":       {[]fact.Fact{grids("36", "2025-12", 2, 1), grids("36", "2025-11", 1, 1)}, point("2025-12", 2, 1), point("2025-11", 1, 1), fact.Point{}},
		"a gap between":           {[]fact.Fact{grids("36", "2025-12", 2, 1), grids("36", "2024-01", 1, 1)}, point("2025-12", 2, 1), point("2024-01", 1, 1), fact.Point{}},
		"one that fills the gap":  {[]fact.Fact{grids("36", "2025-12", 2, 1), grids("36", "2024-01", 1, 1), grids("36", "2025-11", 3, 1)}, point("2025-12", 2, 1), point("2025-11", 3, 1), point("2024-01", 1, 1)},
		"three periods":           {[]fact.Fact{grids("36", "2025-10", 1, 1), grids("36", "2025-12", 3, 1), grids("36", "2025-11", 2, 1)}, point("2025-12", 3, 1), point("2025-11", 2, 1), point("2025-10", 1, 1)},
		"a period before both":    {[]fact.Fact{grids("36", "2025-11", 1, 1), grids("36", "2025-12", 2, 1), grids("36", "2025-10", 3, 1)}, point("2025-12", 2, 1), point("2025-11", 1, 1), point("2025-10", 3, 1)},
		"four periods":            {[]fact.Fact{grids("36", "2025-09", 4, 1), grids("36", "2025-10", 1, 1), grids("36", "2025-12", 3, 1), grids("36", "2025-11", 2, 1)}, point("2025-12", 3, 1), point("2025-11", 2, 1), point("2025-10", 1, 1)},
		"a period before all":     {[]fact.Fact{grids("36", "2025-10", 1, 1), grids("36", "2025-11", 2, 1), grids("36", "2025-12", 3, 1), grids("36", "2025-09", 4, 1)}, point("2025-12", 3, 1), point("2025-11", 2, 1), point("2025-10", 1, 1)},
		"the newest corrected":    {[]fact.Fact{grids("36", "2025-11", 1, 1), grids("36", "2025-12", 2, 1), grids("36", "2025-12", 3, 2)}, point("2025-12", 3, 2), point("2025-11", 1, 1), fact.Point{}},
		"the one before, too":     {[]fact.Fact{grids("36", "2025-11", 1, 1), grids("36", "2025-12", 2, 1), grids("36", "2025-11", 4, 2)}, point("2025-12", 2, 1), point("2025-11", 4, 2), fact.Point{}},
		"and the third":           {[]fact.Fact{grids("36", "2025-10", 1, 1), grids("36", "2025-11", 1, 1), grids("36", "2025-12", 2, 1), grids("36", "2025-10", 4, 2)}, point("2025-12", 2, 1), point("2025-11", 1, 1), point("2025-10", 4, 2)},
		"an old one corrected":    {[]fact.Fact{grids("36", "2025-10", 1, 1), grids("36", "2025-11", 1, 1), grids("36", "2025-12", 2, 1), grids("36", "2025-09", 4, 2)}, point("2025-12", 2, 1), point("2025-11", 1, 1), point("2025-10", 1, 1)},
		"corrections overtaking":  {[]fact.Fact{grids("36", "2025-12", 3, 3), grids("36", "2025-12", 2, 2)}, point("2025-12", 3, 3), fact.Point{}, fact.Point{}},
		"overtaking the previous": {[]fact.Fact{grids("36", "2025-12", 1, 1), grids("36", "2025-11", 3, 3), grids("36", "2025-11", 2, 2)}, point("2025-12", 1, 1), point("2025-11", 3, 3), fact.Point{}},
		"overtaking the third":    {[]fact.Fact{grids("36", "2025-12", 1, 1), grids("36", "2025-11", 2, 1), grids("36", "2025-10", 3, 3), grids("36", "2025-10", 2, 2)}, point("2025-12", 1, 1), point("2025-11", 2, 1), point("2025-10", 3, 3)},
		"twice":                   {[]fact.Fact{grids("36", "2025-12", 1, 1), grids("36", "2025-11", 2, 1), grids("36", "2025-10", 3, 1), grids("36", "2025-11", 2, 1), grids("36", "2025-12", 1, 1), grids("36", "2025-10", 3, 1)}, point("2025-12", 1, 1), point("2025-11", 2, 1), point("2025-10", 3, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			want := fact.Series{Region: "36", Newest: c.newest, Previous: c.previous, Before: c.before}
			apart, together := openHead(t), openHead(t)
			for _, f := range c.facts {
				apart.Apply([]fact.Fact{f})
			}
			together.Apply(c.facts)
			for how, h := range map[string]*ledger.Head{"one by one": apart, "at once": together} {
				got, ok := h.Lookup("grids", "36", "")
				if !ok {
					t.Fatalf("%s: no series", how)
				}
				equal(t, how, got, want)
			}
		})
	}
}

// A quarter begins before the months that it takes the place of.
func TestHeadFollowsALongerCadence(t *testing.T) {
	var head ledger.Head
	for _, p := range []string{"2025-11", "2025-12", "2025-Q4", "2025"} {
		period, err := fact.ParsePeriod(p)
		if err != nil {
			t.Fatal(err)
		}
		head.Apply([]fact.Fact{{Indicator: "grids", Region: "360602", Period: period, Value: 1, Revision: 1}})
		if s, _ := head.Lookup("grids", "360602", ""); s.Newest.Period != period {
			t.Errorf("the newest is %s, want %s", s.Newest.Period, period)
		}
	}
}

func TestHeadLookup(t *testing.T) {
	female := grids("3606", "2025", 2, 1)
	female.Dimensions = "sex=female"
	other := grids("3606", "2025", 3, 1)
	other.Indicator = "forms"
	h := openHead(t, grids("3606", "2025", 1, 1), female, other)
	for name, c := range map[string]struct {
		indicator, region string
		dimensions        fact.Dimensions
		want              float64 // 0 is none
	}{
		"no dimensions":       {"grids", "3606", "", 1},
		"dimensions":          {"grids", "3606", "sex=female", 2},
		"another indicator":   {"forms", "3606", "", 3},
		"unknown indicator":   {"policies", "3606", "", 0},
		"unknown dimensions":  {"forms", "3606", "sex=female", 0},
		"a region before":     {"grids", "3605", "", 0},
		"a region after":      {"grids", "3607", "", 0},
		"dimensions between":  {"grids", "3606", "sex=aaa", 0},
		"dimensions after it": {"grids", "3606", "sex=male", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, ok := h.Lookup(c.indicator, c.region, c.dimensions)
			if ok != (c.want != 0) || s.Newest.Value != c.want {
				t.Errorf("%+v, %t; want %v", s, ok, c.want)
			}
		})
	}
}

// Random facts in random portions lead to what a plain map says, whatever
// blocks they fill, split and share.
func TestHeadAgainstModel(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	type key struct {
		region     string
		dimensions fact.Dimensions
	}
	model := map[string]map[key]fact.Series{"a": {}, "b": {}}
	h := openHead(t)
	for round, size := range []int{3000, 1, 1, 700, 0, 5, 4000, 1, 64, 1, 300} {
		facts := make([]fact.Fact, 0, size)
		for range size {
			f := grids(strconv.Itoa(100+random.IntN(3000)), []string{"2022", "2023", "2024", "2025"}[random.IntN(4)], random.Float64(), int32(round+1))
			f.Indicator = []string{"a", "b"}[random.IntN(2)]
			f.Dimensions = []fact.Dimensions{"", "x=1"}[random.IntN(2)]
			facts = append(facts, f)
		}
		// A ledger has each revision of a figure once.
		seen := map[fact.Fact]bool{}
		facts = slices.DeleteFunc(facts, func(f fact.Fact) bool {
			f.Value = 0
			twice := seen[f]
			seen[f] = true
			return twice
		})
		before := h.Version()
		h.Apply(facts)
		if (h.Version() != before) != (len(facts) > 0) {
			t.Errorf("%d facts took the head from version %d to %d", len(facts), before, h.Version())
		}
		for _, f := range facts {
			k := key{f.Region, f.Dimensions}
			model[f.Indicator][k] = modelApply(model[f.Indicator][k], f)
		}
		for indicator, series := range model {
			want := slices.SortedFunc(maps.Values(series), func(a, b fact.Series) int {
				return strings.Compare(a.Region+"\x00"+string(a.Dimensions), b.Region+"\x00"+string(b.Dimensions))
			})
			equal(t, "round "+strconv.Itoa(round)+", "+indicator, slices.Collect(h.Series(indicator)), want)
			for _, s := range want {
				if got, ok := h.Lookup(indicator, s.Region, s.Dimensions); !ok || got != s {
					t.Fatalf("Lookup of %s %s: %+v, %t; want %+v", indicator, s.Region, got, ok, s)
				}
			}
		}
	}
}

func modelApply(s fact.Series, f fact.Fact) fact.Series {
	points := map[fact.Period]fact.Point{s.Newest.Period: s.Newest, s.Previous.Period: s.Previous, s.Before.Period: s.Before}
	points[f.Period] = fact.Point{Period: f.Period, Value: f.Value, Revision: f.Revision}
	delete(points, fact.Period{})
	newest := slices.SortedFunc(maps.Values(points), func(a, b fact.Point) int { return b.Period.Compare(a.Period) })
	s = fact.Series{Region: f.Region, Dimensions: f.Dimensions, Newest: newest[0]}
	for i, point := range newest[1:min(3, len(newest))] {
		*[...]*fact.Point{&s.Previous, &s.Before}[i] = point
	}
	return s
}

func TestHeadVersionOf(t *testing.T) {
	h := openHead(t, grids("3606", "2025-11", 1, 1))
	forms := grids("3606", "2025-11", 1, 1)
	forms.Indicator = "forms"
	before := h.VersionOf("grids")
	if before == 0 || h.VersionOf("forms") != 0 {
		t.Errorf("versions %d and %d; want one of grids and none of forms", before, h.VersionOf("forms"))
	}
	h.Apply([]fact.Fact{forms})
	if h.VersionOf("grids") != before || h.VersionOf("forms") == 0 {
		t.Errorf("after a figure of forms: versions %d and %d", h.VersionOf("grids"), h.VersionOf("forms"))
	}
	h.Apply([]fact.Fact{grids("3606", "2025-12", 2, 1)})
	if h.VersionOf("grids") == before {
		t.Error("after a figure of grids, its version is the same")
	}
}

func TestOpenHead(t *testing.T) {
	var facts memory
	for _, when := range []string{"2024", "2025"} {
		for i := range 40_000 { // more than OpenHead takes at a time
			facts = append(facts, grids(strconv.Itoa(100_000+i), when, float64(i), 1))
		}
	}
	h := openHead(t, facts...)
	n := 0
	for s := range h.Series("grids") {
		if s.Newest.Period != period("2025") || s.Previous.Period != period("2024") || s.Newest.Value != float64(n) {
			t.Fatalf("series %d is %+v", n, s)
		}
		n++
	}
	if n != 40_000 {
		t.Errorf("%d series; want 40000", n)
	}
}

type broken struct{ err error }

func (b broken) Facts(context.Context, ledger.FactQuery, func(fact.Fact) error) error { return b.err }

func TestOpenHeadFails(t *testing.T) {
	cause := errors.New("disk on fire")
	h, err := ledger.OpenHead(t.Context(), broken{cause})
	if h != nil || !errors.Is(err, cause) || !strings.Contains(err.Error(), "newest figures") {
		t.Errorf("OpenHead: %v, %v", h, err)
	}
}

// A reader that has begun sees what was there then, and Apply keeps nothing of
// the slice it was given.
func TestHeadSeriesIsASnapshot(t *testing.T) {
	facts := make([]fact.Fact, 1000)
	for i := range facts {
		facts[i] = grids(strconv.Itoa(1000+i), "2025", 1, 1)
	}
	h := openHead(t, facts...)
	series := h.Series("grids")
	for i := range facts {
		facts[i].Value, facts[i].Revision = 2, 2
	}
	h.Apply(facts)
	clear(facts)
	for s := range series {
		if s.Newest.Value != 1 {
			t.Fatalf("region %s has %v; want what was there", s.Region, s.Newest.Value)
		}
	}
	for s := range h.Series("grids") {
		if s.Newest.Value != 2 {
			t.Fatalf("region %s has %v; want what was applied", s.Region, s.Newest.Value)
		}
		break // stopping early is allowed
	}
}

func TestHeadConcurrently(t *testing.T) {
	h := openHead(t)
	var group sync.WaitGroup
	for writer := range 3 {
		group.Go(func() {
			for i := range 50 {
				facts := make([]fact.Fact, 400)
				for j := range facts {
					facts[j] = grids(strconv.Itoa(1000+j), "2025", float64(i), int32(i+1))
					facts[j].Indicator = strconv.Itoa(writer)
				}
				h.Apply(facts)
			}
		})
		group.Go(func() {
			for range 200 {
				values := map[float64]bool{}
				for s := range h.Series(strconv.Itoa(writer)) {
					values[s.Newest.Value] = true
				}
				if len(values) > 1 {
					t.Errorf("a reader saw half an Apply: %v", values)
				}
				h.Lookup(strconv.Itoa(writer), "1200", "")
				h.Version()
			}
		})
	}
	group.Wait()
	if h.Version() != 150 {
		t.Errorf("version %d after 150 changes to a head that began with none", h.Version())
	}
}

func benchmarkFacts(n int, when string) []fact.Fact {
	facts := make([]fact.Fact, n)
	for i := range facts {
		facts[i] = grids(strconv.Itoa(360102001001000+i*7), when, float64(i), 1)
	}
	return facts
}

func BenchmarkHeadApply(b *testing.B) {
	const grids = 176_000
	for name, n := range map[string]int{"all": grids, "one": 1} {
		b.Run(name, func(b *testing.B) {
			h := openHead(b, benchmarkFacts(grids, "2024")...)
			facts := benchmarkFacts(n, "2025")
			b.ReportAllocs()
			for b.Loop() {
				h.Apply(facts)
			}
		})
	}
}

// BenchmarkHeadMemory holds 176,000 series of three months. x-of-points says how
// many times as much memory that takes as their points alone.
func BenchmarkHeadMemory(b *testing.B) {
	const grids = 176_000
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var used uint64
	for b.Loop() {
		var months [][]fact.Fact // they hold the strings, and count before and after
		for _, when := range []string{"2025-10", "2025-11", "2025-12"} {
			months = append(months, benchmarkFacts(grids, when))
		}
		before := heap()
		h := openHead(b, slices.Concat(months...)...)
		used = heap() - before
		runtime.KeepAlive(months)
		runtime.KeepAlive(h)
	}
	b.ReportMetric(float64(used)/grids, "bytes/series")
	b.ReportMetric(float64(used)/(3*grids*float64(unsafe.Sizeof(fact.Point{}))), "x-of-points")
}

func BenchmarkHeadLookup(b *testing.B) {
	facts := benchmarkFacts(176_000, "2025")
	h := openHead(b, facts...)
	i := 0
	for b.Loop() {
		i = (i + 7919) % len(facts)
		if _, ok := h.Lookup("grids", facts[i].Region, ""); !ok {
			b.Fatal(facts[i].Region)
		}
	}
}
