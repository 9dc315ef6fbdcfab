package config

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

type ratioBlock struct {
	Self           *node  `yaml:",self"`
	Numerator      string `yaml:"numerator"`
	Denominator    string `yaml:"denominator"`
	ProperFraction bool   `yaml:"proper_fraction"`
}

// ratio joins a ratio with its numerator and denominator.
func (l *loader) ratio(b *indicatorBlock, in *fact.Indicator) {
	switch {
	case b.Ratio == nil && in.Kind == fact.RatioKind:
		if b.Self.child("ratio") == nil {
			l.problems.at(b.Self.key, `%s"ratio" is missing: an indicator of kind ratio needs a numerator and a denominator`, b.Self.label())
		}
		return
	case b.Ratio == nil:
		return
	case in.Kind != 0 && in.Kind != fact.RatioKind:
		l.problems.refuseKey(b.Self.child("ratio"), "only an indicator of kind ratio has one, this is a %s", in.Kind)
		return
	}
	in.Numerator, in.Denominator, in.ProperFraction = b.Ratio.Numerator, b.Ratio.Denominator, b.Ratio.ProperFraction
	l.part(b.Ratio.Self, "numerator", in.Numerator, in)
	l.part(b.Ratio.Self, "denominator", in.Denominator, in)
	if l.problems.has(b.Ratio.Self, "denominator") && in.Numerator != "" && in.Numerator == in.Denominator {
		l.problems.refuse(b.Ratio.Self.child("denominator"), "must be another indicator than the numerator")
	}
}

// part refuses a numerator or denominator that would never share a period and
// region with the other one.
func (l *loader) part(in *node, key, id string, ratio *fact.Indicator) {
	if !l.problems.has(in, key) {
		return
	}
	n := in.child(key)
	found, known := l.indicators[id]
	if !known {
		l.unknownReference(n, "indicator", meant(id, l.indicators))
		return
	}
	part := &l.config.Indicators[found.index]
	if part.Kind == fact.RatioKind {
		l.problems.refuse(n, "%s is a ratio itself; name the indicators that are collected", n.quote())
		return
	}
	if part.Cadence != 0 && ratio.Cadence != 0 && part.Cadence != ratio.Cadence {
		l.problems.refuse(n, "%s has the cadence %s, the ratio %s: they must be the same", n.quote(), part.Cadence, ratio.Cadence)
		return
	}
	if missing := slices.IndexFunc(ratio.Levels, func(level fact.Level) bool { return !part.HasLevel(level) }); missing >= 0 && len(part.Levels) > 0 {
		l.problems.refuse(n, "%s is not reported at the level %s of the ratio", n.quote(), ratio.Levels[missing])
	}
}
