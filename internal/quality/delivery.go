package quality

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// delivery is what the stages for single readings let through, with an order in
// which equal keys, and the periods of one series, stand side by side. An index
// costs a fiftieth of the map that would do the same.
type delivery struct {
	facts   []fact.Fact // in the order they came
	out     []bool      // by index of facts: refused or held
	order   []int32     // indices of facts by indicator, region, dimensions, period, then as they came
	totals  []*total    // the source's own, in the order they came
	lost    []rejected  // what the stages for single readings refused
	nothing bool        // neither a reading nor an entry came, good or bad
}

func newDelivery(facts []fact.Fact, totals []*total, lost []rejected) *delivery {
	d := &delivery{
		facts: facts, totals: totals, lost: lost, out: make([]bool, len(facts)), order: make([]int32, len(facts)),
	}
	for i := range d.order {
		d.order[i] = int32(i)
	}
	slices.SortFunc(d.order, func(a, b int32) int {
		if c := compareKeys(&facts[a], &facts[b]); c != 0 {
			return c
		}
		return int(a) - int(b)
	})
	return d
}

// compareKeys is step by step, not cmp.Or, which would compare the rest even
// where the first differ.
func compareKeys(a, b *fact.Fact) int {
	if c := strings.Compare(a.Indicator, b.Indicator); c != 0 {
		return c
	}
	if c := strings.Compare(a.Region, b.Region); c != 0 {
		return c
	}
	if c := strings.Compare(string(a.Dimensions), string(b.Dimensions)); c != 0 {
		return c
	}
	return a.Period.Compare(b.Period)
}

func sameSeries(a, b *fact.Fact) bool {
	return a.Region == b.Region && a.Indicator == b.Indicator && a.Dimensions == b.Dimensions
}

func sameKey(a, b *fact.Fact) bool { return a.Period == b.Period && sameSeries(a, b) }

// groups yields the stretches of an order whose neighbours are the same.
func (d *delivery) groups(order []int32, same func(a, b *fact.Fact) bool) iter.Seq[[]int32] {
	return func(yield func([]int32) bool) {
		for start := 0; start < len(order); {
			end := start + 1
			for end < len(order) && same(&d.facts[order[start]], &d.facts[order[end]]) {
				end++
			}
			if !yield(order[start:end]) {
				return
			}
			start = end
		}
	}
}

// live yields those of the indices that stand, also while the caller goes on
// refusing or holding.
func (d *delivery) live(indices []int32) iter.Seq2[int32, *fact.Fact] {
	return func(yield func(int32, *fact.Fact) bool) {
		for _, i := range indices {
			if !d.out[i] && !yield(i, &d.facts[i]) {
				return
			}
		}
	}
}

// of returns the stretch of the order that holds an indicator.
func (d *delivery) of(indicator string) []int32 {
	byIndicator := func(i int32, id string) int { return strings.Compare(d.facts[i].Indicator, id) }
	start, found := slices.BinarySearchFunc(d.order, indicator, byIndicator)
	if !found {
		return nil
	}
	length, _ := slices.BinarySearchFunc(d.order[start:], indicator, func(i int32, id string) int {
		return cmp.Or(byIndicator(i, id), -1) // past the last
	})
	return d.order[start : start+length]
}

// find returns the index of the fact of another indicator that has the same
// region, dimensions and period, and stands.
func (d *delivery) find(indicator string, like *fact.Fact) (int32, bool) {
	wanted := fact.Fact{Indicator: indicator, Region: like.Region, Dimensions: like.Dimensions, Period: like.Period}
	start, _ := slices.BinarySearchFunc(d.order, &wanted, func(i int32, f *fact.Fact) int {
		return compareKeys(&d.facts[i], f)
	})
	for _, i := range d.order[start:] {
		if !sameKey(&d.facts[i], &wanted) {
			break
		}
		if !d.out[i] {
			return i, true
		}
	}
	return 0, false
}

// accepted moves the facts that stand together and returns them.
func (d *delivery) accepted() []fact.Fact {
	kept := d.facts[:0]
	for i := range d.facts {
		if !d.out[i] {
			kept = append(kept, d.facts[i])
		}
	}
	return kept
}
