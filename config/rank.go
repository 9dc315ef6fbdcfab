package config

import (
	"fmt"
	"iter"

	"github.com/govkpi/govkpi/internal/fact"
)

// rankBy reads what regions are ranked by. Whether there is a target to attain is
// for checkRankings to say.
func (l *loader) rankBy(in *node, of *fact.Indicator) fact.RankBy {
	by := enumerated(l, in, "rank_by", parseRankBy)
	l.ranked(in.child("rank_by"), by, of)
	var per fact.Per
	switch by {
	case fact.RankPerVillage:
		per = fact.PerVillage
	case fact.RankPerTenThousandPeople:
		per = fact.PerTenThousandPeople
	default:
		return by
	}
	n := in.child("rank_by")
	if l.problems.refused[n] {
		return by
	}
	if of.Kind == fact.RatioKind {
		l.problems.refuse(n, "a ratio is compared as it is, by value or attainment, not %s", n.quote())
		return by
	}
	for _, level := range of.Levels {
		l.sized(n, per, l.concerned(of, level))
	}
	return by
}

// ranked refuses to rank where nothing would show it: where single regions are
// not followed, and where no region has another one to be ranked with.
func (l *loader) ranked(n *node, by fact.RankBy, of *fact.Indicator) {
	switch {
	case n == nil || l.problems.refused[n] || by == fact.NotRanked || len(of.Levels) == 0:
		return
	case !of.Followed():
		l.problems.refuse(n, "each %s is ranked only with families_below_county: true; ask for it, or leave rank_by out", of.LowestLevel())
		return
	case !l.whole():
		return
	}
	for _, level := range of.Levels {
		regions := 0
		for range l.concerned(of, level) {
			if regions++; regions > 1 {
				return
			}
		}
	}
	l.problems.refuse(n, "there is nothing to rank: no two regions of one level must report the indicator; leave it out")
}

// checkRankings refuses to rank by attainment where there is no target. Targets
// may stand in any file.
func (l *loader) checkRankings() {
	if l.incomplete {
		return
	}
	for _, b := range l.indicators {
		in := &l.config.Indicators[b.index]
		n := b.Self.child("rank_by")
		if in.RankBy == fact.RankByAttainment && len(in.Targets) == 0 && !l.problems.refused[n] {
			l.problems.refuse(n, "the indicator has no target to attain; give it one, in its targets or in the section of that name")
		}
	}
}

// sized refuses what is relative to a size that the registers don't give for one
// of the regions.
func (l *loader) sized(n *node, per fact.Per, regions iter.Seq[*fact.Region]) {
	if !l.whole() || l.problems.refused[n] {
		return
	}
	var first *fact.Region
	further := 0
	for region := range regions {
		_, known := per.Size(region)
		switch {
		case known:
		case first == nil:
			first = region
		default:
			further++
		}
	}
	if first == nil {
		return
	}
	size, which := "villages", first.Code
	if per == fact.PerTenThousandPeople {
		size = "population"
	}
	if further > 0 {
		which = fmt.Sprintf("%s and %d more", which, further)
	}
	l.problems.refuse(n, "the registers of regions.divisions lack the %s of %s: fill that column in", size, which)
}
