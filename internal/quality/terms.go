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
	// Declared says that the delivery is a person's declared correction. It
	// answers for itself, so it is never held and nothing overrules it; and it
	// is of a figure, not of all that a source has.
	Declared bool
}

// target is the region that a delivery is pulled for; the zero value is none.
type target struct {
	regions *divisions
	code    string
	level   fact.Level
}

func targetOf(regions *divisions, terms Terms) target {
	t := target{regions: regions, code: terms.Within}
	if r, ok := byCode(t.regions, t.code); ok {
		t.level = r.Level
	}
	return t
}

// holds reports whether the region with the code lies in the target, or one of
// the past did or has become a part of it.
func (t *target) holds(code string) bool {
	if t.code == "" || t.code == code {
		return true
	}
	if above, ok := t.regions.Above(code, t.level); ok && above.Code == t.code {
		return true
	}
	successor := t.regions.successorOf(code)
	return successor != nil && t.holds(successor.Code)
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
