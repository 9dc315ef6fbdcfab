package quality

import "github.com/govkpi/govkpi/internal/fact"

// divisions are the register of today and what else a delivery's readings are
// of: regions of the past, which the register no longer has. Each delivery has
// its own.
type divisions struct {
	Regions
	successors func(code string) (*fact.Region, bool)
	past       map[string]*fact.Region // by code
}

// remember enters a region that the register found for a period of the past. One
// that is there today too goes on as it is today.
func (d *divisions) remember(region *fact.Region) {
	if d.past == nil {
		d.past = map[string]*fact.Region{}
	}
	d.past[region.Code] = region
}

// Above knows the codes of the past too, of the regions that were remembered.
func (d *divisions) Above(code string, level fact.Level) (*fact.Region, bool) {
	if above, ok := d.Regions.Above(code, level); ok {
		return above, true
	}
	region := d.past[code]
	switch {
	case region == nil:
		return nil, false
	case region.Level == level:
		return region, true
	}
	return d.Regions.Above(region.Parent, level)
}

// successorOf returns the region that a region of the past is a part of today;
// nil where there is none, or the code is not of the past.
func (d *divisions) successorOf(code string) *fact.Region {
	if d.past[code] == nil || d.successors == nil {
		return nil
	}
	successor, _ := d.successors(code)
	return successor
}
