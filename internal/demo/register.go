package demo

import (
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// register is the divisions by code.
type register struct {
	regions []*fact.Region // sorted by code
	byCode  map[string]*fact.Region
}

func newRegister(regions []fact.Region) register {
	r := register{byCode: make(map[string]*fact.Region, len(regions))}
	for i := range regions {
		r.regions = append(r.regions, &regions[i])
		r.byCode[regions[i].Code] = &regions[i]
	}
	slices.SortFunc(r.regions, func(a, b *fact.Region) int { return strings.Compare(a.Code, b.Code) })
	return r
}

// lies reports whether the code is one of those, or lies below one.
func (r register) lies(code string, in []string) bool {
	for region := r.byCode[code]; region != nil; region = r.byCode[region.Parent] {
		if slices.Contains(in, region.Code) {
			return true
		}
	}
	return false
}

// reporting returns the regions that an indicator is collected from, by code.
func (r register) reporting(i *fact.Indicator) []*fact.Region {
	var found []*fact.Region
	for _, region := range r.regions {
		if i.HasLevel(region.Level) && (len(i.Within) == 0 || r.lies(region.Code, i.Within)) {
			found = append(found, region)
		}
	}
	return found
}

// townships returns those of a county, by code.
func (r register) townships(county string) []*fact.Region {
	var found []*fact.Region
	for _, region := range r.regions {
		if region.Level == fact.Township && region.Parent == county {
			found = append(found, region)
		}
	}
	return found
}
