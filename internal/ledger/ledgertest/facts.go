package ledgertest

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

func factTests() tests {
	return tests{
		"a new fact is revision 1 and keeps its provenance": func(t *testing.T, h *harness) {
			run := h.begin(t, "elder-care")
			f := grids("360603", "2025-12", 1234)
			f.Dimensions = fact.MakeDimensions(fact.Pair{Name: "sex", Value: "female"}, fact.Pair{Name: "age", Value: "60,岁=以上"})
			f.Place = fact.Place{Part: "12月", Field: "amount", Row: 17}
			bare := grids("36", "2025", -0.5)
			got := h.commit(t, fact.Delivery{Run: run, Facts: []fact.Fact{f, bare}, Rows: 9, QueryDigest: "q", InputDigest: "i"})
			want := []fact.Fact{bare, f}
			for i := range want {
				want[i].Revision, want[i].Run, want[i].Recorded = 1, run, h.clock.Now().UnixMilli()
			}
			same(t, "Commit returned", sorted(got), want)
			same(t, "the ledger holds", h.history(t), want)
		},
		"the same value again adds nothing": func(t *testing.T, h *harness) {
			first := h.deliver(t, grids("360603", "2025-12", 0))
			h.clock.advance(time.Hour)
			again := grids("360603", "2025-12", math.Copysign(0, -1))
			again.Place.Row = 5
			same(t, "Commit returned", h.deliver(t, again), []fact.Fact{})
			same(t, "the ledger holds", h.history(t), first)
		},
		"a changed value becomes the next revision, a value that returns as well": func(t *testing.T, h *harness) {
			var want []brief
			for i, value := range []float64{1, 2, 2, 1, 1} {
				changed := h.deliver(t, grids("360603", "2025-12", value))
				if i == 2 || i == 4 {
					same(t, "Commit of the same value returned", changed, []fact.Fact{})
					continue
				}
				want = append(want, brief{"grids", "360603", "", "2025-12", value, int32(len(want) + 1)})
				same(t, "Commit returned", briefs(changed), want[len(want)-1:])
			}
			same(t, "the ledger holds", briefs(h.history(t)), want)
		},
		"a delivery adds, corrects and leaves facts side by side": func(t *testing.T, h *harness) {
			h.deliver(t, grids("360602", "2025-12", 1), grids("360603", "2025-12", 2), grids("360681", "2025-12", 3))
			changed := h.deliver(t, grids("360681", "2025-12", 30), grids("360603", "2025-12", 2), grids("360601", "2025-12", 4), grids("360682", "2026-01", 5))
			same(t, "Commit returned", briefs(sorted(changed)), []brief{
				{"grids", "360601", "", "2025-12", 4, 1}, {"grids", "360681", "", "2025-12", 30, 2}, {"grids", "360682", "", "2026-01", 5, 1}})
		},
		"figures that differ in one part of their key are different figures": func(t *testing.T, h *harness) {
			base := grids("360603", "2025-12", 1)
			indicator, region, dimensions, month, year := base, base, base, base, base
			indicator.Indicator = "grid_workers"
			region.Region = "3606030"
			dimensions.Dimensions = "sex=female"
			month.Period = base.Period.Previous()
			year.Period, _ = fact.ParsePeriod("2025")
			all := []fact.Fact{base, indicator, region, dimensions, month, year}
			if n := len(h.deliver(t, all...)); n != len(all) {
				t.Errorf("%d of %d facts were new", n, len(all))
			}
		},
		"a figure is found among many":                        sparse,
		"numbers come back as they were":                      exactNumbers,
		"-0 is kept as 0":                                     minusZero,
		"recorded time never goes backwards":                  recordedTime,
		"random deliveries leave what a plain model predicts": model,
	}
}

// sparse corrects single figures that lie behind many others: regions below the
// same one, and dimensions of the same region.
func sparse(t *testing.T, h *harness) {
	facts := counties(500)
	for i := range 200 {
		f := grids("100400", "2025", float64(i))
		f.Dimensions = fact.Dimensions("age=" + strconv.Itoa(1000+i))
		facts = append(facts, f)
	}
	h.deliver(t, slices.Clone(facts)...)
	var delivered []fact.Fact
	var want []brief
	for _, i := range []int{0, 1, 70, 390, 400, 600, 699, 499} { // in the ledger's order
		f := facts[i]
		delivered = append(delivered, f)
		if i%2 == 0 {
			f.Value++
			delivered[len(delivered)-1] = f
			want = append(want, brief{f.Indicator, f.Region, f.Dimensions, "2025", f.Value, 2})
		}
	}
	// The longer codes lie behind all.
	delivered = append(delivered, grids("100400001", "2025", 1))
	want = append(want, brief{"grids", "100400001", "", "2025", 1, 1})
	same(t, "Commit returned", briefs(sorted(h.deliver(t, delivered...))), want)
	if n := len(h.history(t)); n != len(facts)+len(want) {
		t.Errorf("%d facts; want %d", n, len(facts)+len(want))
	}
}

// minusZero is a figure of nothing, which some sources write with a sign.
func minusZero(t *testing.T, h *harness) {
	returned := h.deliver(t, grids("360603", "2025-12", math.Copysign(0, -1)))
	for _, f := range append(returned, h.history(t)...) {
		if math.Signbit(f.Value) {
			t.Error("-0 is kept with its sign")
		}
	}
	same(t, "0 after it", h.deliver(t, grids("360603", "2025-12", 0)), []fact.Fact{})
}

func exactNumbers(t *testing.T, h *harness) {
	values := []float64{0, 1, -1, 0.1, 1.0 / 3, 1 << 53, 1<<53 + 2, -(1 << 62), 1e17, math.MaxInt64, math.MaxFloat64, -math.MaxFloat64,
		math.SmallestNonzeroFloat64, math.Pi, 123456789.123456789}
	var facts []fact.Fact
	for i, v := range values {
		facts = append(facts, grids(strconv.Itoa(360000+i), "2025", v))
	}
	h.deliver(t, facts...)
	for i, f := range h.history(t) {
		if math.Float64bits(f.Value) != math.Float64bits(values[i]) {
			t.Errorf("%v came back as %v", values[i], f.Value)
		}
	}
	// A step of the last digit is a change.
	for i := range values {
		facts[i] = grids(strconv.Itoa(360000+i), "2025", math.Nextafter(values[i], 0.5))
	}
	if n := len(h.deliver(t, facts...)); n != len(values) {
		t.Errorf("%d of %d smallest changes were kept", n, len(values))
	}
}

func recordedTime(t *testing.T, h *harness) {
	var want []int64
	last := int64(math.MinInt64)
	for i, step := range []time.Duration{0, time.Hour, -3 * time.Hour, 0, time.Minute, 5 * time.Hour} {
		h.clock.advance(step)
		if i == 3 {
			h.reopen() // the clock may jump while the program is down
		}
		last = max(last, h.clock.Now().UnixMilli())
		want = append(want, last)
		h.deliver(t, grids("360603", "2025-12", float64(i)))
	}
	var got []int64
	for _, f := range h.history(t) {
		got = append(got, f.Recorded)
	}
	same(t, "recorded", got, want)
}

// model delivers at random and compares with a map of all revisions. Deliveries
// are of very different sizes, so that a backend's batches are full, empty and
// anything between.
func model(t *testing.T, h *harness) {
	type key struct {
		indicator, region string
		dimensions        fact.Dimensions
		period            fact.Period
	}
	random := rand.New(rand.NewPCG(1, 2))
	periods := []string{"2025-11", "2025-12", "2025-Q4", "2025"}
	regions := []string{"36", "3606", "360603", "360603001"}
	revisions := map[key][]fact.Fact{}
	var all []fact.Fact
	for _, size := range []int{1, 0, 700, 3, 250, 251, 1200, 500, 40, 1200} {
		h.clock.advance(time.Second)
		run := h.begin(t, "model")
		var delivered []fact.Fact
		for range size {
			f := grids(regions[random.IntN(4)]+strconv.Itoa(1+random.IntN(300)), periods[random.IntN(4)], float64(random.IntN(3)))
			f.Indicator = []string{"grids", "forms"}[random.IntN(2)]
			f.Dimensions = []fact.Dimensions{"", "sex=male", "sex=female"}[random.IntN(3)]
			f.Place = fact.Place{Part: []string{"", "a", "b"}[random.IntN(3)], Row: random.Int32N(1000)}
			delivered = append(delivered, f)
		}
		keyOf := func(f fact.Fact) key { return key{f.Indicator, f.Region, f.Dimensions, f.Period} }
		seen := map[key]bool{}
		delivered = slices.DeleteFunc(delivered, func(f fact.Fact) bool {
			twice := seen[keyOf(f)]
			seen[keyOf(f)] = true
			return twice
		})
		var want []fact.Fact
		for _, f := range delivered {
			old := revisions[keyOf(f)]
			if n := len(old); n > 0 && old[n-1].Value == f.Value {
				continue
			}
			f.Revision, f.Run, f.Recorded = int32(len(old)+1), run, h.clock.Now().UnixMilli()
			revisions[keyOf(f)] = append(old, f)
			want = append(want, f)
		}
		all = append(all, want...)
		same(t, "Commit returned", sorted(h.commit(t, fact.Delivery{Run: run, Facts: delivered})), sorted(want))
		h.end(t, run, fact.Succeeded)
	}
	same(t, "the ledger holds", h.history(t), sorted(all))
}
