package standing

import (
	"math"
	"slices"
	"strings"

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
	now := origin{parts: [2]*snapshot{b.snapshot(d), b.snapshot(other)}, at: b.Now()}
	if have := d.differences.load(); have != nil && have.holds(&now) {
		return have.discrepancies
	}
	d.comparing.Lock()
	defer d.comparing.Unlock()
	now = origin{parts: [2]*snapshot{b.snapshot(d), b.snapshot(other)}, at: b.Now()}
	if have := d.differences.load(); have != nil && have.holds(&now) {
		return have.discrepancies
	}
	clock := b.clockOf(d.indicator, now.at)
	now.until = clock.bound()
	made := &comparison{origin: now, discrepancies: compare(clock, other.indicator, now.parts[0].members, now.parts[1].members)}
	d.differences.store(made)
	return made.discrepancies
}

func compare(c *clock, other *fact.Indicator, ours, theirs []member) []fact.Discrepancy {
	var found []fact.Discrepancy
	for i := range ours {
		m := &ours[i]
		at, ok := slices.BinarySearchFunc(theirs, m.region.Code, func(m member, code string) int { return strings.Compare(m.region.Code, code) })
		if !ok {
			continue
		}
		for p := c.last; !c.expired(p); p = p.Previous() {
			value, says := total(m, p, c.indicator.Kind), total(&theirs[at], p, other.Kind)
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
