package standing

import "github.com/govkpi/govkpi/internal/fact"

// said is that a part has a figure of a period.
type said struct {
	region, part string
	period       fact.Period
}

// dropPartial takes away, from the pieces of one region, the periods before a
// merger that only some of those have that are one today.
func dropPartial(pieces []piece) {
	var m fact.Makeup
	told := map[said]bool{}
	for i := range pieces {
		if p := &pieces[i]; p.counts {
			m.Add(p.part, p.merger, p.points[0].period)
			for n := range p.points {
				told[said{part: p.part, period: p.points[n].period}] = true
			}
		}
	}
	if !m.HasParts() {
		return
	}
	for i := range pieces {
		p := &pieces[i]
		if !p.counts {
			continue
		}
		kept := p.points[:0:0]
		for n := range p.points {
			if m.Whole(p.points[n].period, func(part string) bool { return told[said{part: part, period: p.points[n].period}] }) {
				kept = append(kept, p.points[n])
			}
		}
		p.points = kept
	}
}

// dropPartialOf does the same to what was read from the ledger.
func (b *Board) dropPartialOf(i *fact.Indicator, all []collected) []collected {
	makeups := b.makeups(i)
	if len(makeups) == 0 {
		return all
	}
	told := map[said]bool{}
	for n := range all {
		if c := &all[n]; makeups[c.region] != nil {
			told[said{c.region, c.part, c.period}] = true
		}
	}
	whole := all[:0]
	for n := range all {
		c := all[n]
		m := makeups[c.region]
		if m == nil || m.Whole(c.period, func(part string) bool { return told[said{c.region, part, c.period}] }) {
			whole = append(whole, c)
		}
	}
	return whole
}

// makeups returns what regions are made of that something was merged into, by
// code. They are kept until a figure changes.
func (b *Board) makeups(i *fact.Indicator) map[string]*fact.Makeup {
	d := b.desks[i.ID]
	makeups, _ := d.makeups.get(func() uint64 { return b.version(d) }, func() (map[string]*fact.Makeup, error) { return b.findMakeups(d), nil })
	return makeups
}

func (b *Board) findMakeups(d *desk) map[string]*fact.Makeup {
	found := map[string]*fact.Makeup{}
	b.eachHome(d, func(h home, _ fact.Period) {
		if h.part != "" {
			found[h.region.Code] = &fact.Makeup{}
		}
	})
	if len(found) == 0 {
		return found
	}
	b.eachHome(d, func(h home, oldest fact.Period) {
		if m := found[h.region.Code]; m != nil {
			m.Add(h.part, h.merger, oldest)
		}
	})
	return found
}

// eachHome calls each for every series that counts, with the region that it
// counts for and its oldest period, which is zero where that is not known.
func (b *Board) eachHome(d *desk, each func(h home, oldest fact.Period)) {
	i := d.indicator
	declared := declaredDimensions(i)
	take := func(code string, dimensions fact.Dimensions, oldest fact.Period) {
		if h, ok := b.homeOf(code); ok && i.HasLevel(h.region.Level) && declared(dimensions) {
			each(h, oldest)
		}
	}
	if !d.followed {
		for s := range b.Head.Series(i.ID) {
			if newest, before, ok := newestPoints(&s, i.Cadence); ok {
				take(s.Region, s.Dimensions, oldestOfHead(&s, newest, before))
			}
		}
		return
	}
	for track := range b.Tracks.Tracks(i.ID) {
		if points := trace(track.Marks, i, b.knownBy()); len(points) > 0 {
			take(track.Region, track.Dimensions, points[0].period)
		}
	}
}

// oldestOfHead returns the oldest period of a series, where the head has all of
// it.
func oldestOfHead(s *fact.Series, newest, before fact.Point) fact.Period {
	switch {
	case !s.Before.Period.IsZero():
		return fact.Period{}
	case before.Period.IsZero():
		return newest.Period
	}
	return before.Period
}
