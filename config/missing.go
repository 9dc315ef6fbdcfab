package config

import (
	"github.com/govkpi/govkpi/internal/fact"
)

type missingBlock struct {
	Self    *node  `yaml:",self"`
	Policy  string `yaml:"policy"`
	Periods *int   `yaml:"periods"`
}

// missingRegions reads what roll-ups do about regions that have not reported.
func (l *loader) missingRegions(b *missingBlock) (policy fact.MissingPolicy, periods int) {
	if !l.problems.has(b.Self, "policy") {
		return fact.LeaveOut, 0
	}
	policy, ok := parsed(l, b.Self.child("policy"), fact.ParseMissingPolicy)
	n := b.Self.child("periods")
	switch {
	case !ok:
	case policy == fact.CarryForward && n == nil:
		l.problems.at(b.Self.key, `%s"periods" is missing: it says how old a figure may be that is carried forward`, b.Self.label())
	case policy != fact.CarryForward && n != nil:
		l.problems.refuseKey(n, "only the policy carry_forward has it; this is %s", policy)
	case b.Periods != nil:
		l.atLeast(b.Self, "periods", *b.Periods, 1)
		periods = *b.Periods
	}
	return policy, periods
}

// carries refuses to carry forward what a period alone is the amount of: the same
// again is not what the next period brought.
func (l *loader) carries(b *indicatorBlock, in *fact.Indicator) {
	if in.Missing != fact.CarryForward {
		return
	}
	n := b.Missing.Self.child("policy")
	if in.Kind == fact.Flow {
		l.problems.refuse(n, "a flow is not carried forward: the amount of one period says nothing of the next")
		return
	}
	for _, id := range []string{in.Numerator, in.Denominator} {
		part, known := l.indicators[id]
		if known && in.Kind == fact.RatioKind && l.config.Indicators[part.index].Kind == fact.Flow {
			l.problems.refuse(n, "a ratio of flows is not carried forward, and %s is a flow", id)
			return
		}
	}
}
