package standing

import (
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// makeup is what a region of today is made of: of itself, and of what became a
// part of it, those that have ever had a figure of an indicator.
type makeup struct {
	merged map[string]fact.Period // by part, see home, when it became one
	itself bool
	// oldest is the first period that the region has a figure of its own for; zero
	// where that is not known.
	oldest fact.Period
}

// isApart reports whether a period had ended when the merger came, so that both
// regions had their own figures for it; never where its date is not known.
func isApart(p, merger fact.Period) bool {
	return !merger.IsZero() && !p.End(time.UTC).After(merger.Start(time.UTC))
}

func (m *makeup) add(h home, oldest fact.Period) {
	switch {
	case h.part != "":
		if m.merged == nil {
			m.merged = map[string]fact.Period{}
		}
		m.merged[h.part] = h.merger
	case !m.itself:
		m.itself, m.oldest = true, oldest
	case oldest.IsZero() || isBefore(oldest, m.oldest):
		m.oldest = oldest
	}
}

// whole reports whether the figures of a period are those of all that make up
// the region today, given which of them are there: a sum of some of them is not
// the region's.
func (m *makeup) whole(p fact.Period, has func(part string) bool) bool {
	apart := false
	for part, merger := range m.merged {
		if !isApart(p, merger) {
			continue
		}
		if !has(part) {
			return false
		}
		apart = true
	}
	return !apart || !m.itself || m.isFounded() || has("")
}

// isFounded reports whether the region seems to be made of several others and of
// nothing else: it has no figure of its own from before.
func (m *makeup) isFounded() bool {
	if len(m.merged) < 2 || m.oldest.IsZero() {
		return false
	}
	for _, merger := range m.merged {
		if isApart(m.oldest, merger) {
			return false
		}
	}
	return true
}

// said is that a part has a figure of a period.
type said struct {
	region, part string
	period       fact.Period
}

// dropPartial takes away, from the pieces of one region, the periods before a
// merger that only some of those have that are one today.
func dropPartial(pieces []piece) {
	var m makeup
	told := map[said]bool{}
	for i := range pieces {
		if p := &pieces[i]; p.counts {
			m.add(p.home, p.points[0].period)
			for n := range p.points {
				told[said{part: p.part, period: p.points[n].period}] = true
			}
		}
	}
	if len(m.merged) == 0 {
		return
	}
	for i := range pieces {
		p := &pieces[i]
		if !p.counts {
			continue
		}
		kept := p.points[:0:0]
		for n := range p.points {
			if m.whole(p.points[n].period, func(part string) bool { return told[said{part: part, period: p.points[n].period}] }) {
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
		if m == nil || m.whole(c.period, func(part string) bool { return told[said{c.region, part, c.period}] }) {
			whole = append(whole, c)
		}
	}
	return whole
}

// makeups returns what regions are made of that something was merged into, by
// code. They are kept until a figure changes.
func (b *Board) makeups(i *fact.Indicator) map[string]*makeup {
	d := b.desks[i.ID]
	d.merging.Lock()
	defer d.merging.Unlock()
	if version := b.versionOf(d, i); d.makeups == nil || d.makeupsAt != version {
		d.makeups, d.makeupsAt = map[string]*makeup{}, version
		b.eachHome(d, func(h home, _ fact.Period) {
			if h.part != "" {
				d.makeups[h.region.Code] = &makeup{}
			}
		})
		if len(d.makeups) > 0 {
			b.eachHome(d, func(h home, oldest fact.Period) {
				if m := d.makeups[h.region.Code]; m != nil {
					m.add(h, oldest)
				}
			})
		}
	}
	return d.makeups
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
