package standing

import "github.com/govkpi/govkpi/internal/fact"

// common returns the period that the site is compared and added up at: the
// newest that is closed, that anybody has a figure of, and that has not expired.
// A period is closed once every expected region has spoken of it, or once its
// report has fallen due.
func (v *view) common() (fact.Period, bool) {
	for p := v.last; !v.expired(p); p = p.Previous() {
		if (v.passed(p) || v.allSpoke(p)) && v.anybody(p) {
			return p, true
		}
	}
	return fact.Period{}, false
}

// silent returns the newest period that has fallen due, for an indicator of
// which nothing is common. Nobody has a figure of it, and what was before it has
// expired: roll-ups say so, and have no value, not even a carried one.
func (c *clock) silent() (fact.Period, bool) {
	p := c.newestDue()
	return p, c.expects(p)
}

func (v *view) allSpoke(p fact.Period) bool {
	for i := range v.members {
		if m := &v.members[i]; m.expected && !m.hasSpoken(p) {
			return false
		}
	}
	return true
}

func (v *view) anybody(p fact.Period) bool {
	for i := range v.members {
		if _, ok := v.members[i].at(p); ok {
			return true
		}
	}
	return false
}
