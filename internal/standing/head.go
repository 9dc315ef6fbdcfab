package standing

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// newestOfHead yields the figures of an indicator that is not followed, from the
// head: they may be millions, and are not kept.
func (b *Board) newestOfHead(d *desk) iter.Seq[fact.Figure] {
	figures := b.collectedOfHead(d)
	if d.indicator.Kind == fact.RatioKind {
		figures = b.quotientsOfHead(d)
	}
	return func(yield func(fact.Figure) bool) {
		clock := b.clockOf(d.indicator, b.Now())
		last, expired := fact.Period{}, true
		for f := range figures {
			if f.Period != last { // few periods, and many figures
				last, expired = f.Period, clock.expired(f.Period)
			}
			if expired {
				continue
			}
			if f.Dimensions == "" { // a target is for the whole, not for a part
				b.aim(d, clock, &f)
			}
			if !yield(f) {
				return
			}
		}
	}
}

// aim sets the target of a figure that the head has, and by a clock, if there is
// one, whether its year is over. How much of a year's target a flow has reached is
// not known from the newest periods.
func (b *Board) aim(d *desk, c *clock, f *fact.Figure) {
	if len(d.indicator.Targets) == 0 {
		return
	}
	region, ok := b.Regions.ByCode(f.Region)
	if !ok {
		return
	}
	target, value, ok := d.targets.of(region, f.Period)
	if !ok {
		return
	}
	f.Target = fact.Some(value)
	if c != nil && (target.Year != 0 || d.policy.withinYear) && c.yearIsOver(f.Period) {
		return
	}
	if target.Year == 0 || d.indicator.Kind != fact.Flow {
		f.Attainment = Attainment(d.indicator.Direction, f.Value, value)
	}
}

func (b *Board) collectedOfHead(d *desk) iter.Seq[fact.Figure] {
	return func(yield func(fact.Figure) bool) {
		for s := range b.Head.Series(d.indicator.ID) {
			newest, before, ok := newestPoints(&s, d.indicator.Cadence)
			if !ok {
				continue // reported before the catalogue changed the cadence
			}
			f := fact.Figure{
				Region: s.Region, Dimensions: s.Dimensions, Period: newest.Period, Value: newest.Value, Revision: newest.Revision,
				// The head knows no confirmations: what needs one counts as without.
				State: fact.StateOf(d.indicator.SignOff, newest.Revision),
			}
			if p, compares := d.policy.before(newest.Period); compares && before.Period == p {
				f.Previous = fact.Some(before.Value)
			}
			if !yield(f) {
				return
			}
		}
	}
}

// newestPoints returns the newest point of a cadence, and the one before it.
func newestPoints(s *fact.Series, c fact.Cadence) (newest, before fact.Point, ok bool) {
	switch c {
	case s.Newest.Period.Cadence():
		return s.Newest, s.Previous, true
	case s.Previous.Period.Cadence():
		return s.Previous, s.Before, true
	}
	return s.Before, fact.Point{}, s.Before.Period.Cadence() == c
}

// How long the ledger may take, and how soon it is asked again where it fails.
const (
	ledgerDeadline = 5 * time.Second
	ledgerRetry    = 30 * time.Second
)

// takeFromHead works out the roll-ups of an indicator that is not followed. The
// head has the three newest periods of every series. What lies further back is
// read from the ledger; where it can't be, there are no roll-ups.
func (b *Board) takeFromHead(d *desk, v *view, s *snapshot) {
	sum, err := b.commonOfHead(d, v)
	switch {
	case err != nil:
		s.until = earlier(s.until, s.at.Add(ledgerRetry))
	case sum != nil:
		s.rollups = sum.rollups()
	}
}

// commonOfHead finds the common period, see view.common, and adds up what the
// site has of it; or else the silent one, with nothing in it; nil where there is
// neither.
func (b *Board) commonOfHead(d *desk, v *view) (*summing, error) {
	// One walk through the head is enough where the common period is one of the
	// likely: the newest, and the newest that has fallen due.
	sums := []*summing{newSumming(v.roster, v.last)}
	if due := v.newestDue(); due != v.last {
		sums = append(sums, newSumming(v.roster, due))
	}
	heads := b.census(d, v, sums)
	for p := v.last; !v.expired(p); p = p.Previous() {
		switch heads.closed(p, v.passed(p), v.roster.count) {
		case yes:
			return b.sumOfHead(d, v, p, sums)
		case perhaps:
			sum, err := b.sumOfLedger(d, v, p)
			if err != nil || sum.anybody && (v.passed(p) || sum.spoke == v.roster.count) {
				return sum, err
			}
		}
	}
	if p, ok := v.silent(); ok {
		return newSumming(v.roster, p), nil
	}
	return nil, nil
}

// sumOfHead returns the sum of a period: one of those there are, or another walk
// through the head, or where that no longer has it all, the ledger's.
func (b *Board) sumOfHead(d *desk, v *view, period fact.Period, sums []*summing) (*summing, error) {
	i := slices.IndexFunc(sums, func(s *summing) bool { return s.period == period })
	if i < 0 {
		i, sums = 0, []*summing{newSumming(v.roster, period)}
		b.census(d, v, sums)
	}
	if sums[i].incomplete {
		return b.sumOfLedger(d, v, period)
	}
	return sums[i], nil
}

// newestDue returns the newest period that has fallen due, expected or not.
func (c *clock) newestDue() fact.Period {
	p := c.last
	for !c.passed(p) {
		p = p.Previous()
	}
	return p
}

// census adds up what the head has, and counts who spoke of which period.
func (b *Board) census(d *desk, v *view, sums []*summing) *headcounts {
	heads := &headcounts{}
	for r := range b.spokesmen(d, v.roster) {
		heads.add(r)
		for _, sum := range sums {
			if r.retired { // what it said must be put together with the region's own, also where it said nothing
				sum.incomplete = sum.incomplete || r.spoke(sum.reach(), sum.period) || sum.reach().Precedes(r.merger)
				continue
			}
			r.forgot = false
			sum.addTo(r.rows, r.expected, r)
			sum.incomplete = sum.incomplete || r.forgot
		}
	}
	return heads
}

// sumOfLedger adds up what the ledger has. It has a deadline of its own, as who
// asks for roll-ups has no context.
func (b *Board) sumOfLedger(d *desk, v *view, period fact.Period) (*summing, error) {
	ctx, cancel := context.WithTimeout(context.Background(), ledgerDeadline)
	defer cancel()
	sum := newSumming(v.roster, period)
	figures, err := b.between(ctx, d.indicator, sum.reach(), period, false)
	if err != nil {
		return nil, err
	}
	byRegion := histories(figures)
	for _, code := range slices.Sorted(maps.Keys(byRegion)) { // so that sums are the same to the last bit
		if region, ok := b.Regions.ByCode(code); ok {
			sum.add(region, v.roster.expects(region), byRegion[code])
		}
	}
	return sum, nil
}
