package config

import (
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// Expect says what every delivery of a collector must hold; of a collector with
// targets, as far as it lies in the target. The zero value expects nothing.
type Expect struct {
	// Level and Regions are those that must be there: see ForEach. Both may be
	// zero.
	Level   fact.Level
	Regions []string
	// Indicators are the ids of those that must be there.
	Indicators []string
}

// IsZero reports whether nothing is expected.
func (e Expect) IsZero() bool { return e.Level == 0 && len(e.Regions) == 0 && len(e.Indicators) == 0 }

type expectBlock struct {
	Self       *node    `yaml:",self"`
	Regions    *node    `yaml:"regions"`
	Indicators []string `yaml:"indicators,optional"`
}

// expect reads what a collector's deliveries must hold, and refuses what they
// never can.
func (l *loader) expect(b *expectBlock, targets *node, forEach ForEach) Expect {
	var e Expect
	if b == nil || b.Self.kind != mapping {
		return e
	}
	if len(b.Self.children) == 0 {
		l.problems.at(b.Self.key, `%s"regions" or "indicators" is missing`, b.Self.label())
	}
	e.Level, e.Regions = l.regionsOf(b.Regions)
	indicators := l.expectedIndicators(b.Self.child("indicators"))
	for _, entry := range indicators {
		e.Indicators = append(e.Indicators, entry.value)
	}
	each := l.scopeOf(targets, forEach.Level)
	l.fitRegions(b.Regions, each)
	l.fitIndicators(indicators, b.Regions, l.scopeOf(b.Regions, e.Level), each)
	return e
}

// expectedIndicators returns the entries that name an indicator which can be
// collected.
func (l *loader) expectedIndicators(n *node) []*node {
	if n != nil && n.kind == list && len(n.children) == 0 {
		l.problems.refuse(n, "must not be empty; leave it out to expect none")
	}
	var ids []string
	var entries []*node
	for _, entry := range l.texts(n) {
		found, known := l.indicators[entry.value]
		switch {
		case slices.Contains(ids, entry.value):
			l.problems.refuse(entry, "%s stands twice", entry.quote())
		case !known:
			l.unknownReference(entry, "indicator", meant(entry.value, l.indicators))
		case l.config.Indicators[found.index].Kind == fact.RatioKind:
			l.problems.refuse(entry, "%s is a ratio, which is never collected; name its numerator and denominator", entry.quote())
		default:
			entries = append(entries, entry)
		}
		ids = append(ids, entry.value)
	}
	return entries
}

// scope is what can be told of a choice of regions: at which levels they are.
type scope struct {
	levels []fact.Level
	// whole says that there are no further levels. Those of names, and of codes
	// that are not in the register, are not known here.
	whole bool
}

// scopeOf returns the scope of what regionsOf has read.
func (l *loader) scopeOf(n *node, level fact.Level) scope {
	if level != 0 {
		return scope{levels: []fact.Level{level}, whole: true}
	}
	if n == nil || n.kind != list {
		return scope{}
	}
	s := scope{whole: len(n.children) > 0}
	for _, entry := range n.children {
		level, told := l.levelOf(entry)
		s.whole = s.whole && told
		if told && !slices.Contains(s.levels, level) {
			s.levels = append(s.levels, level)
		}
	}
	return s
}

// levelOf returns the level of a region that is given by its code.
func (l *loader) levelOf(n *node) (level fact.Level, told bool) {
	if l.problems.refused[n] {
		return 0, false
	}
	region := l.regionAt(n.value)
	if region == nil {
		return 0, false
	}
	return region.Level, true
}

// holds reports whether a region of the level can lie in one of the scope's.
func (s scope) holds(level fact.Level) bool {
	return !s.whole || slices.ContainsFunc(s.levels, func(above fact.Level) bool { return above <= level })
}

// fitRegions refuses expected regions that lie in no target.
func (l *loader) fitRegions(n *node, each scope) {
	switch {
	case n == nil || l.problems.refused[n]:
	case n.kind == text:
		if level := fact.Level(slices.Index(levelPlurals[:], n.value)); !each.holds(level) {
			l.problems.refuse(n, "no target of for_each has %s in it; expect regions that lie in the targets", n.value)
		}
	case n.kind == list:
		for _, entry := range n.children {
			if level, told := l.levelOf(entry); told && !each.holds(level) {
				l.problems.refuse(entry, "%s is a %s, and no target of for_each has one in it; expect regions that lie in the targets", entry.quote(), level)
			}
		}
	}
}

// fitIndicators refuses expected indicators that no region in a target reports,
// and expected regions that report none of the indicators: then nothing would be
// expected of them. Some indicators may be of other levels than the regions.
func (l *loader) fitIndicators(entries []*node, n *node, regions, each scope) {
	reported := len(entries) == 0
	for _, entry := range entries {
		levels := l.config.Indicators[l.indicators[entry.value].index].Levels
		if len(levels) > 0 && !slices.ContainsFunc(levels, each.holds) {
			l.problems.refuse(entry, "%s is reported by each %s, and no target of for_each has one in it", entry.quote(), anyOf(levels))
		}
		reported = reported || len(levels) == 0 || slices.ContainsFunc(levels, func(level fact.Level) bool {
			return slices.Contains(regions.levels, level)
		})
	}
	if regions.whole && !reported && !l.problems.refused[n] {
		l.problems.refuse(n, "each is a %s, and none of expect.indicators is reported by one", anyOf(regions.levels))
	}
}

func anyOf(levels []fact.Level) string {
	words := make([]string, len(levels))
	for i, level := range levels {
		words[i] = level.String()
	}
	return strings.Join(words, " or ")
}
