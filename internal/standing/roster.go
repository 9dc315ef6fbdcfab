package standing

import (
	"iter"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// roster says which regions must report an indicator, and which regions above
// them have a roll-up of it. It never changes: the register and the catalogue
// don't either, under one Board.
type roster struct {
	indicator *fact.Indicator
	policy    policy
	register  Regions
	site      *fact.Region
	// regions must report, ordered by code; of an indicator that is not followed
	// they are only counted.
	regions []*fact.Region
	count   int
	rows    []row
	place   map[string]int // in rows, by code
}

// row is a region that figures are rolled up to.
type row struct {
	region   *fact.Region
	expected int // how many must report in or under it; where none must, it is not shown
}

// newRoster draws up the roster of the site's regions, as they are today.
func newRoster(i *fact.Indicator, p policy, listed bool, register Regions, site string) *roster {
	r := &roster{indicator: i, policy: p, register: register, site: &fact.Region{Code: site}, place: map[string]int{}}
	if found, ok := register.ByCode(site); ok {
		r.site = found
	}
	for level := fact.Province; level <= r.lowestRow(); level++ {
		for region := range register.Under(site, level) {
			r.rows = append(r.rows, row{region: region})
		}
	}
	slices.SortFunc(r.rows, func(a, b row) int { return strings.Compare(a.region.Code, b.region.Code) })
	for at := range r.rows {
		r.place[r.rows[at].region.Code] = at
	}
	for _, level := range i.Levels {
		r.enter(register.Under(site, level), listed)
	}
	slices.SortFunc(r.regions, func(a, b *fact.Region) int { return strings.Compare(a.Code, b.Code) })
	return r
}

// enter takes those of the regions that must report.
func (r *roster) enter(regions iter.Seq[*fact.Region], listed bool) {
	var above finder
	for region := range regions {
		if !r.asks(region) {
			continue
		}
		r.count++
		for _, at := range above.rows(r, region) {
			r.rows[at].expected++
		}
		if listed {
			r.regions = append(r.regions, region)
		}
	}
}

// expects reports whether a region must report the indicator.
func (r *roster) expects(region *fact.Region) bool {
	return r.asks(region) && r.liesIn(region, r.site.Code)
}

// asks is expects for a region that is known to lie in the site.
func (r *roster) asks(region *fact.Region) bool {
	rules := &r.indicator.Roster
	switch {
	case !r.indicator.HasLevel(region.Level), region.Villages < rules.MinVillages,
		slices.Contains(rules.Except, region.Code),
		len(rules.Regions) > 0 && !slices.Contains(rules.Regions, region.Code),
		len(rules.Classes) > 0 && !slices.Contains(rules.Classes, region.Class()):
		return false
	}
	return len(r.indicator.Within) == 0 ||
		slices.ContainsFunc(r.indicator.Within, func(limit string) bool { return r.liesIn(region, limit) })
}

func (r *roster) liesIn(region *fact.Region, limit string) bool {
	top, ok := r.register.ByCode(limit)
	if !ok {
		return false
	}
	above, ok := r.register.Above(region.Code, top.Level)
	return ok && above.Code == limit
}

// lowestRow is the lowest level with roll-ups: the city, and the county where
// the indicator is reported below.
func (r *roster) lowestRow() fact.Level {
	if r.indicator.LowestLevel() > fact.County {
		return fact.County
	}
	return fact.City
}

// finder finds the rows that a region's figures are rolled up to. Regions of one
// parent commonly follow each other, and have the same. It is not safe for
// concurrent use.
type finder struct {
	parent string
	found  []int
}

// rows returns their positions; the next call writes over them.
func (f *finder) rows(r *roster, region *fact.Region) []int {
	siblings := region.Level > fact.County // which have no rows of their own
	if siblings && region.Parent != "" && region.Parent == f.parent {
		return f.found
	}
	f.parent, f.found = "", f.found[:0]
	if siblings {
		f.parent = region.Parent
	}
	for level := fact.Province; level <= r.lowestRow(); level++ {
		if above, ok := r.register.Above(region.Code, level); ok {
			if at, ok := r.place[above.Code]; ok {
				f.found = append(f.found, at)
			}
		}
	}
	return f.found
}
