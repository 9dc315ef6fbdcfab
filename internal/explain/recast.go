package explain

import (
	"maps"

	"github.com/govkpi/govkpi/internal/fact"
)

// recast adds up figures for one region of today as the board does: what it said
// under an older code is its own, and of two codes for one period the record of
// last counts; what became a part of it is added.
type recast struct {
	order []castKey // as they came: sums of fractions depend on it
	last  map[castKey]*fact.Fact
}

type castKey struct {
	part       formerPart
	dimensions fact.Dimensions
	period     fact.Period
}

// formerPart is what became a part of a region, see fact.RegionChange.Joined; zero
// is the region itself.
type formerPart struct {
	code   string
	merger fact.Period
}

func (r *recast) add(part formerPart, f *fact.Fact) {
	key := castKey{part, f.Dimensions, f.Period}
	if r.last == nil {
		r.last = map[castKey]*fact.Fact{}
	}
	switch before := r.last[key]; {
	case before == nil:
		r.order = append(r.order, key)
		r.last[key] = f
	case f.Recorded > before.Recorded:
		r.last[key] = f
	}
}

// values are the sums by period; none of nothing. A period from before a merger
// that not all have reported who are one today has none: a part is not the whole.
func (r *recast) values() map[fact.Period]float64 {
	if r == nil {
		return nil
	}
	var makeup fact.Makeup
	values := map[fact.Period]float64{}
	told := map[said]bool{}
	for _, key := range r.order {
		values[key.period] += r.last[key].Value
		makeup.Add(key.part.code, key.part.merger, key.period)
		told[said{key.part.code, key.period}] = true
	}
	maps.DeleteFunc(values, func(p fact.Period, _ float64) bool {
		return !makeup.Whole(p, func(part string) bool { return told[said{part, p}] })
	})
	return values
}

// said is that a part has a figure of a period.
type said struct {
	part   string
	period fact.Period
}

// today returns the region that figures under a code count for now. part is what
// has become a part of it, zero where it is the region itself.
func (e *Explainer) today(code string) (region *fact.Region, part formerPart, ok bool) {
	if region, ok := e.Regions.ByCode(code); ok {
		return region, formerPart{}, true
	}
	region, change, ok := e.Regions.Successor(code)
	part.code, part.merger = change.Joined(code)
	return region, part, ok
}
