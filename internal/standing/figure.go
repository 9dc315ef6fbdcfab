package standing

import (
	"cmp"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// figures returns the newest unexpired figure of every line, sorted by region
// and dimensions.
func (v *view) figures() []fact.Figure {
	var figures []fact.Figure
	for i := range v.members {
		m := &v.members[i]
		for j := range m.lines {
			if f, ok := v.figure(m.region, &m.lines[j]); ok {
				figures = append(figures, f)
			}
		}
	}
	if len(v.strays) == 0 {
		return figures
	}
	for i := range v.strays {
		if f, ok := v.figure(&fact.Region{Code: v.strays[i].code}, &v.strays[i]); ok {
			figures = append(figures, f)
		}
	}
	slices.SortFunc(figures, func(a, b fact.Figure) int {
		return cmp.Or(strings.Compare(a.Region, b.Region), cmp.Compare(a.Dimensions, b.Dimensions))
	})
	return figures
}

// figure returns a line's newest figure, if it has not expired.
func (v *view) figure(region *fact.Region, l *line) (fact.Figure, bool) {
	kind := v.indicator.Kind
	i := len(l.points) - 1
	for i >= 0 && !l.points[i].figure(kind).OK {
		i--
	}
	if i < 0 || v.expired(l.points[i].period) {
		return fact.Figure{}, false
	}
	p := &l.points[i]
	f := fact.Figure{
		Region: region.Code, Dimensions: l.dimensions, Period: p.period, Value: p.figure(kind).Value, Revision: p.revision, State: p.state,
		Unchanged: l.unchanged(i, kind, v.roster.policy),
	}
	if before, compares := v.roster.policy.before(p.period); compares {
		f.Previous = l.figure(before, kind)
	}
	if before, ok := p.period.YearBefore(); ok {
		f.YearAgo = l.figure(before, kind)
	}
	if l.dimensions == "" { // a target is for the whole, not for a part
		var ofYear bool
		f.Target, f.Attainment, ofYear = v.targets.reached(v.indicator, region, l, p.period)
		if (ofYear || v.roster.policy.withinYear) && v.yearIsOver(p.period) {
			f.Attainment = fact.Optional{}
		}
	}
	return f, true
}
