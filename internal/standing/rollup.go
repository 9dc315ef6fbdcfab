package standing

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// speaker is what a roll-up asks about one region.
type speaker interface {
	// at returns what the region has for a period, if anything.
	at(p fact.Period) (amount, bool)
}

// policy is what is done about regions that are missing.
type policy struct {
	fact.MissingPolicy
	carry int // how many periods old a carried figure may be
	// withinYear says that figures, or a part of them, count from 1 January, so
	// that none is carried across it, or compared.
	withinYear bool
}

// before returns the period before, and whether its figure can be compared.
func (p policy) before(period fact.Period) (before fact.Period, compares bool) {
	return period.Compared(p.withinYear)
}

// policyOf returns the policy of an indicator whose figures are made of those of
// the sources: itself, or the parts of a ratio.
func policyOf(i *fact.Indicator, sources []*fact.Indicator) policy {
	p := policy{
		MissingPolicy: i.Missing,
		withinYear:    slices.ContainsFunc(sources, func(source *fact.Indicator) bool { return source.Kind == fact.FlowYTD }),
	}
	if i.Missing == fact.CarryForward {
		p.carry = i.CarryPeriods
	}
	return p
}

// moment is a period and the one that it is compared with, if it can be: worked
// out once for all regions.
type moment struct {
	now, before fact.Period
	compares    bool
}

func (p policy) momentOf(period fact.Period) moment {
	before, compares := p.before(period)
	return moment{period, before, compares}
}

// share is a region's part in a roll-up for a period, and in the one before.
type share struct {
	now, before             amount
	has, had                bool // whether it has a part in either
	spoke, carried, matched bool // how it comes to have one now
}

// of returns the part of one region.
func (p policy) of(s speaker, at moment) share {
	var part share
	part.now, part.spoke = s.at(at.now)
	part.has = part.spoke
	if p.MissingPolicy == fact.LikeForLike {
		if part.spoke && at.compares {
			part.before, part.had = s.at(at.before)
			part.has = part.had
		}
		part.matched = part.has
		return part
	}
	if !part.has {
		part.now, part.has = p.carriedTo(s, at.now)
		part.carried = part.has
	}
	if !at.compares {
		return part
	}
	if part.before, part.had = s.at(at.before); !part.had {
		part.before, part.had = p.carriedTo(s, at.before)
	}
	return part
}

// carriedTo returns the newest older figure that may stand in for one.
func (p policy) carriedTo(s speaker, period fact.Period) (amount, bool) {
	q := period
	for range p.carry {
		q = q.Previous()
		if p.withinYear && !period.SameYear(q) {
			break
		}
		if a, ok := s.at(q); ok {
			return a, true
		}
	}
	return amount{}, false
}

// tally adds up shares.
type tally struct {
	now, before                 amount
	has, had                    bool
	reported, carried, compared int
	last                        fact.Period // of the region that was added last
}

// add takes a region's part. Whoever spoke without being asked is in the sum,
// and in no count.
func (t *tally) add(s share, expected bool) {
	if s.has {
		t.now, t.has = t.now.plus(s.now), true
	}
	if s.had {
		t.before, t.had = t.before.plus(s.before), true
	}
	if !expected {
		return
	}
	t.reported += one(s.spoke)
	t.carried += one(s.carried)
	t.compared += one(s.matched)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// summing adds up an indicator's regions in the rows of its roster.
type summing struct {
	roster  *roster
	policy  policy
	period  fact.Period
	moment  moment // of the period
	tallies []tally
	above   finder
	spoke   int  // how many expected regions have a figure of the period
	anybody bool // whether any region has
	// incomplete says that somebody has forgotten what he was asked.
	incomplete bool
}

func newSumming(r *roster, period fact.Period) *summing {
	return &summing{roster: r, policy: r.policy, period: period, moment: r.policy.momentOf(period), tallies: make([]tally, len(r.rows))}
}

// reach returns the oldest period that is asked about.
func (s *summing) reach() fact.Period { return s.period.Add(-s.policy.carry - 1) }

func (s *summing) add(region *fact.Region, expected bool, speaks speaker) {
	s.addTo(s.above.rows(s.roster, region), expected, speaks)
}

func (s *summing) addTo(rows []int, expected bool, speaks speaker) {
	if len(rows) == 0 {
		return
	}
	part := s.policy.of(speaks, s.moment)
	s.spoke += one(part.spoke && expected)
	s.anybody = s.anybody || part.spoke
	for _, at := range rows {
		s.tallies[at].add(part, expected)
	}
}

// rollups returns the sums of all rows with an expected region.
func (s *summing) rollups() []fact.Rollup {
	var rollups []fact.Rollup
	kind := s.roster.indicator.Kind
	for at, row := range s.roster.rows {
		if row.expected == 0 {
			continue
		}
		t := &s.tallies[at]
		r := fact.Rollup{
			Region: row.region.Code, Period: s.period, Policy: s.policy.MissingPolicy,
			Reported: t.reported, Carried: t.carried, Compared: t.compared, Expected: row.expected,
		}
		if t.has {
			r.Value = t.now.figure(kind)
		}
		if t.had {
			r.Previous = t.before.figure(kind)
		}
		rollups = append(rollups, r)
	}
	return rollups
}

func (v *view) rollups(p fact.Period) []fact.Rollup {
	sum := newSumming(v.roster, p)
	for i := range v.members {
		m := &v.members[i]
		sum.add(m.region, m.expected, m)
	}
	return sum.rollups()
}
