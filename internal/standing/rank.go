package standing

import (
	"cmp"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// runner is a region in a ranking.
type runner struct {
	region  *fact.Region
	measure float64
}

// rankings ranks the expected regions among their peers at a period: all of
// their level, those of the same city, those of the same class. Whoever has no
// peer has no rank.
func (v *view) rankings(p fact.Period) []fact.Ranking {
	if v.indicator.RankBy == fact.NotRanked {
		return nil
	}
	runners := v.runners(p)
	var rankings []fact.Ranking
	for scope := fact.AmongAll; scope <= fact.AmongClass; scope++ {
		peers := map[string][]runner{}
		for _, r := range runners {
			if group, ok := v.group(scope, r.region); ok {
				peers[group] = append(peers[group], r)
			}
		}
		for _, group := range peers {
			if len(group) > 1 {
				rankings = append(rankings, rank(group, scope, p)...)
			}
		}
	}
	slices.SortFunc(rankings, func(a, b fact.Ranking) int {
		return cmp.Or(strings.Compare(a.Region, b.Region), cmp.Compare(a.Scope, b.Scope))
	})
	return rankings
}

// runners returns whoever can be ranked, the best first.
func (v *view) runners(p fact.Period) []runner {
	var runners []runner
	for i := range v.members {
		m := &v.members[i]
		l, ok := m.plain()
		if !ok || !m.expected {
			continue
		}
		if measure := v.measure(m.region, l, p); measure.OK {
			runners = append(runners, runner{m.region, measure.Value})
		}
	}
	slices.SortStableFunc(runners, func(a, b runner) int {
		if v.indicator.Direction == fact.LessIsBetter && v.indicator.RankBy != fact.RankByAttainment {
			return cmp.Compare(a.measure, b.measure)
		}
		return cmp.Compare(b.measure, a.measure)
	})
	return runners
}

// measure returns what a region is compared by.
func (v *view) measure(region *fact.Region, l *line, p fact.Period) fact.Optional {
	per := fact.PerRegion
	switch v.indicator.RankBy {
	case fact.RankByAttainment:
		_, attainment, _ := v.targets.reached(v.indicator, region, l, p)
		return attainment
	case fact.RankPerVillage:
		per = fact.PerVillage
	case fact.RankPerTenThousandPeople:
		per = fact.PerTenThousandPeople
	}
	figure := l.figure(p, v.indicator.Kind)
	size, ok := per.Size(region)
	if !ok {
		return fact.Optional{}
	}
	figure.Value /= size
	return figure
}

// group names the peers of a region; none where a region of its sort has none.
func (v *view) group(scope fact.Scope, region *fact.Region) (string, bool) {
	switch scope {
	case fact.AmongCity:
		city, ok := v.regions.Above(region.Code, fact.City)
		if !ok || region.Level <= fact.City {
			return "", false
		}
		return region.Level.String() + city.Code, true
	case fact.AmongClass:
		return string(region.Class()), region.Class() != ""
	}
	return region.Level.String(), true
}

// rank gives everybody of a group, the best first, a place: those that are equal
// share the better one, and the next is as far down as there are better ones.
// Fewer than four have no quarters.
func rank(group []runner, scope fact.Scope, p fact.Period) []fact.Ranking {
	ranked := make([]fact.Ranking, 0, len(group))
	place := 1
	for i, r := range group {
		if i > 0 && r.measure != group[i-1].measure {
			place = i + 1
		}
		quartile := 0
		if len(group) >= 4 {
			quartile = 1 + (place-1)*4/len(group)
		}
		ranked = append(ranked, fact.Ranking{
			Region: r.region.Code, Scope: scope, Rank: place, Peers: len(group), Quartile: quartile, Period: p, Measure: r.measure,
		})
	}
	return ranked
}
