package quality

import "github.com/govkpi/govkpi/internal/fact"

// Terms say what a delivery has to hold. The zero value asks for nothing.
type Terms struct {
	// Within is the code of the region that a delivery is pulled for: it can
	// hold nothing of others. Empty is any region.
	Within string
	// Expected are the regions that the newest period of each indicator must
	// have a reading of, as far as they report the indicator and lie in Within;
	// none expects nothing.
	Expected []*fact.Region
	// Indicators are those that must be delivered at all; none expects nothing.
	Indicators []string
}

// target is the region that a delivery is pulled for; the zero value is none.
type target struct {
	regions Regions
	code    string
	level   fact.Level
}

func (g *Gate) targetOf(terms Terms) target {
	t := target{regions: g.options.Regions, code: terms.Within}
	if r, ok := byCode(t.regions, t.code); ok {
		t.level = r.Level
	}
	return t
}

// holds reports whether the region with the code lies in the target.
func (t *target) holds(code string) bool {
	if t.code == "" || t.code == code {
		return true
	}
	above, ok := t.regions.Above(code, t.level)
	return ok && above.Code == t.code
}

// takes reports whether an entry under the code would take a region into the
// target that is known to lie outside.
func (t *target) takes(code string) bool {
	_, known := byCode(t.regions, code)
	return known && !t.holds(code)
}

// byCode finds a region by today's code.
func byCode(regions Regions, code string) (*fact.Region, bool) {
	if code == "" {
		return nil, false
	}
	for level := fact.Grid; level >= fact.Province; level-- {
		if r, ok := regions.Above(code, level); ok && r.Code == code {
			return r, true
		}
	}
	return nil, false
}
