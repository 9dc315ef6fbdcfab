package standing

import "github.com/govkpi/govkpi/internal/fact"

// adder puts the figures of one region's periods together.
type adder struct {
	policy policy
	flows  bool // they are summed; else one of them stands for all
	within []fact.Period
	before []fact.Period // of a flow, those that it is compared with
	needed int           // how many of within have ended, one at least
	of     fact.Period   // the newest that anybody has of them
	moment moment        // of that one
}

func (b *Board) adderOf(r request, within []fact.Period) *adder {
	a := &adder{policy: r.policy, within: within, flows: b.flows(r.indicator)}
	now := b.Now()
	for _, p := range within {
		a.needed += one(!p.End(b.Zone).After(now))
	}
	a.needed = max(1, a.needed)
	if a.flows && r.policy.MissingPolicy == fact.LikeForLike {
		a.before = r.period.Previous().Split(r.indicator.Cadence)
	}
	return a
}

// flows reports whether an indicator's figures of several periods add up.
func (b *Board) flows(indicator *fact.Indicator) bool {
	return b.sources(indicator)[0].Kind == fact.Flow
}

// reach returns the first period that has to be read.
func (a *adder) reach() fact.Period {
	switch {
	case len(a.before) > 0:
		return a.before[0]
	case a.flows:
		return a.within[0]
	case a.policy.MissingPolicy == fact.LikeForLike:
		return a.within[0].Previous()
	}
	return a.within[0].Add(-a.policy.carry)
}

// newest finds the newest period that anybody has.
func (a *adder) newest(figures []collected) {
	for _, c := range figures {
		if c.period.Compare(a.of) > 0 && c.period.Compare(a.within[0]) >= 0 {
			a.of = c.period
		}
	}
	if !a.of.IsZero() {
		a.moment = a.policy.momentOf(a.of)
	}
}

// share returns what one region adds to a total.
func (a *adder) share(h history) share {
	switch {
	case a.of.IsZero():
		return share{}
	case !a.flows:
		return a.policy.of(h, a.moment)
	}
	n, sum := h.count(a.within)
	part := share{now: sum, has: n > 0, spoke: n >= a.needed}
	if a.policy.MissingPolicy == fact.LikeForLike {
		had, _ := h.count(a.before)
		part.matched = part.spoke && had == len(a.before)
		part.has = part.matched
	}
	return part
}
