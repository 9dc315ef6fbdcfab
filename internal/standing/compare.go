package standing

import (
	"math"

	"github.com/govkpi/govkpi/internal/fact"
)

// comparison is how an indicator differs from another that says the same.
type comparison struct {
	origin
	discrepancies []fact.Discrepancy
}

// Discrepancies sets the figures of an indicator against those of the one that
// Indicator.Compare names: for every region the newest unexpired period that both
// have, over all dimensions, sorted by region. None where either is not followed.
func (b *Board) Discrepancies(indicator *fact.Indicator) []fact.Discrepancy {
	d := b.desks[indicator.ID]
	if d.indicator.Compare == nil {
		return nil
	}
	other := b.desks[d.indicator.Compare.With]
	if other == nil || !d.followed || !other.followed {
		return nil
	}
	now := func() origin { return origin{parts: [2]*snapshot{b.snapshot(d), b.snapshot(other)}, at: b.Now()} }
	return d.differences.get(now, func(o origin) *comparison {
		clock := b.clockOf(d.indicator, o.at)
		o.until = clock.bound()
		return &comparison{origin: o, discrepancies: compare(clock, other.indicator, o.parts[0].members, o.parts[1].members)}
	}).discrepancies
}

func compare(c *clock, other *fact.Indicator, ours, theirs []member) []fact.Discrepancy {
	var found []fact.Discrepancy
	for i := range ours {
		m := &ours[i]
		same, ok := memberOf(theirs, m.region.Code)
		if !ok {
			continue
		}
		for p := c.last; !c.expired(p); p = p.Previous() {
			value, says := total(m, p, c.indicator.Kind), total(same, p, other.Kind)
			if !value.OK || !says.OK {
				continue
			}
			found = append(found, fact.Discrepancy{
				Indicator: c.indicator.ID, Other: other.ID, Region: m.region.Code, Period: p, Value: value.Value, OtherSays: says.Value,
				Gap: gapBeyond(value.Value, says.Value, c.indicator.Compare.Tolerance),
			})
			break
		}
	}
	return found
}

func total(m *member, p fact.Period, kind fact.Kind) fact.Optional {
	sum, ok := m.at(p)
	if !ok {
		return fact.Optional{}
	}
	return sum.figure(kind)
}

// gapBeyond is how far a value lies outside what the tolerance, a share of the
// other, allows. Differences within a relative 1e-12 are rounding of floating
// point, not a gap.
func gapBeyond(value, other, tolerance float64) float64 {
	difference := value - other
	allowed := tolerance*math.Abs(other) + rounding*math.Max(math.Abs(value), math.Abs(other))
	if math.Abs(difference) <= allowed {
		return 0
	}
	return difference - math.Copysign(tolerance*math.Abs(other), difference)
}

// rounding is what floating point may lose, as a share.
const rounding = 1e-12
