package explain

import (
	"time"

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

// formerPart is what became a part of a region; zero is the region itself.
type formerPart struct {
	code   string
	merged fact.Period // since when it is one
}

// isApart reports whether it had figures of its own for a period: whether that
// had ended when it became a part.
func (p formerPart) isApart(period fact.Period) bool {
	return !p.merged.IsZero() && !period.End(time.UTC).After(p.merged.Start(time.UTC))
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

// values are the sums by period. A period from before a merger that not all have
// reported who are one today has none: a part is not the whole.
func (r *recast) values() map[fact.Period]float64 {
	values := map[fact.Period]float64{}
	told := map[fact.Period]map[formerPart]bool{}
	for _, key := range r.order {
		values[key.period] += r.last[key].Value
		if told[key.period] == nil {
			told[key.period] = map[formerPart]bool{}
		}
		told[key.period][key.part] = true
	}
	needed := r.needed()
	for period, by := range told {
		apart, missing := false, false
		for part := range needed {
			if part.isApart(period) {
				apart, missing = true, missing || !by[part]
			}
		}
		if apart && (missing || needed[formerPart{}] && !by[formerPart{}]) {
			delete(values, period)
		}
	}
	return values
}

// needed are those that a period from before the mergers must have figures of:
// all that ever had one, but for a region that others founded, which has none of
// its own from before.
func (r *recast) needed() map[formerPart]bool {
	parts := map[formerPart]bool{}
	for _, key := range r.order {
		parts[key.part] = true
	}
	founded := len(parts) > 2
	for _, key := range r.order {
		for part := range parts {
			if key.part == (formerPart{}) && part.isApart(key.period) {
				founded = false
			}
		}
	}
	if founded {
		delete(parts, formerPart{})
	}
	return parts
}

// today returns the region that figures under a code count for now. part is what
// has become a part of it, zero where it is the region itself.
func (e *Explainer) today(code string) (region *fact.Region, part formerPart, ok bool) {
	if region, ok := e.Regions.ByCode(code); ok {
		return region, formerPart{}, true
	}
	region, change, ok := e.Regions.Successor(code)
	if ok && change.Kind == fact.Merged {
		part = formerPart{code, change.Effective}
		if change.OldCode != "" {
			part.code = change.OldCode
		}
	}
	return region, part, ok
}
