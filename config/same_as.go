package config

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

type sameAsBlock struct {
	Self      *node   `yaml:",self"`
	Indicator string  `yaml:"indicator"`
	Tolerance float64 `yaml:"tolerance"`
}

// sameAs reads which indicator says the same from another source.
func (l *loader) sameAs(b *indicatorBlock, in *fact.Indicator) {
	if b.SameAs == nil {
		return
	}
	self := b.SameAs.Self
	if n := self.child("tolerance"); l.problems.has(self, "tolerance") && (b.SameAs.Tolerance < 0 || b.SameAs.Tolerance >= 1) {
		l.problems.refuse(n, "must be a share from 0 to less than 1, found %v; 0.01 is one in a hundred", b.SameAs.Tolerance)
	}
	if !l.problems.has(self, "indicator") {
		return
	}
	n := self.child("indicator")
	found, known := l.indicators[b.SameAs.Indicator]
	switch {
	case b.SameAs.Indicator == b.ID:
		l.problems.refuse(n, "must be another indicator than this one")
		return
	case !known:
		l.unknownReference(n, "indicator", meant(b.SameAs.Indicator, l.indicators))
		return
	}
	other := &l.config.Indicators[found.index]
	if what := difference(in, other); what != "" {
		l.problems.refuse(n, "%s has another %s: the two can't be compared", n.quote(), what)
		return
	}
	if l.leadsTo(other, in.ID) {
		l.problems.refuse(n, "%s is compared with this indicator already, itself or through others; leave one of them out", n.quote())
		return
	}
	in.Compare = &fact.Comparison{With: b.SameAs.Indicator, Tolerance: b.SameAs.Tolerance}
}

// difference names what keeps two indicators from saying the same. What was
// refused in one of them is not held against it.
func difference(a, b *fact.Indicator) string {
	levels := func(i *fact.Indicator) []fact.Level { return slices.Sorted(slices.Values(i.Levels)) }
	switch {
	case a.Kind != 0 && b.Kind != 0 && a.Kind != b.Kind:
		return "kind"
	case a.Unit.ID != "" && b.Unit.ID != "" && a.Unit.ID != b.Unit.ID:
		return "unit"
	case a.Cadence != 0 && b.Cadence != 0 && a.Cadence != b.Cadence:
		return "cadence"
	case len(a.Levels) > 0 && len(b.Levels) > 0 && !slices.Equal(levels(a), levels(b)):
		return "choice of levels"
	}
	return ""
}

// leadsTo reports whether what an indicator is compared with is, in the end, the
// one of an id.
func (l *loader) leadsTo(in *fact.Indicator, id string) bool {
	for in.Compare != nil { // no circle so far: each is checked before it is joined
		if in.Compare.With == id {
			return true
		}
		in = &l.config.Indicators[l.indicators[in.Compare.With].index]
	}
	return false
}
