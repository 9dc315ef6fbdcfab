package config

import (
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// ForEach says over which regions a collector is fanned out: it pulls once for
// each of these targets. The zero value is a collector without targets.
type ForEach struct {
	// Level stands for every region of a level; it is 0 where Regions are
	// listed.
	Level fact.Level
	// Regions are codes and names, as written. Whether there are such regions is
	// not known here: they may be in a register that is collected.
	Regions []string
}

// IsZero reports whether the collector has no targets.
func (f ForEach) IsZero() bool { return f.Level == 0 && len(f.Regions) == 0 }

// parallel reads how many targets are pulled at once, which only a fan-out has.
func (l *loader) parallel(b *collectorBlock) int {
	n := b.Self.child("parallel")
	switch {
	case b.ForEach == nil && n != nil:
		l.problems.refuseKey(n, "only a collector with for_each has it: how many of its targets are pulled at once; leave it out")
	case b.ForEach != nil && n == nil:
		l.problems.at(b.Self.key, `%s"parallel" is missing: for_each needs how many targets are pulled at once`, b.Self.label())
	case b.Parallel != nil:
		l.atLeast(b.Self, "parallel", *b.Parallel, 1)
		return *b.Parallel
	}
	return 0
}

// The words for all regions of a level.
var levelPlurals = [...]string{
	fact.Province: "provinces", fact.City: "cities", fact.County: "counties",
	fact.Township: "townships", fact.Village: "villages", fact.Grid: "grids",
}

const regionsExpected = "provinces, cities, counties, townships, villages, grids, or a list of regions"

// regionsOf reads which regions a value means: those of a level, or a list. A
// value that says neither is refused, and so are both.
func (l *loader) regionsOf(n *node) (fact.Level, []string) {
	switch {
	case n == nil || l.problems.refused[n]:
	case n.kind == list:
		return 0, l.regionList(n)
	case n.kind == text:
		return l.levelOfPlural(n), nil
	case n.kind == nothing:
		l.problems.refuseKey(n, "has no value: expected %s", regionsExpected)
	case n.kind == number:
		l.problems.refuse(n, "expected %s, found a number: put one region into a list, [%s]", regionsExpected, n.written)
	default:
		l.problems.refuse(n, "expected %s, found %s", regionsExpected, n.kind)
	}
	return 0, nil
}

func (l *loader) levelOfPlural(n *node) fact.Level {
	if i := slices.Index(levelPlurals[:], n.value); i > 0 {
		return fact.Level(i)
	}
	advice := "; write a single region as a list, too"
	if level := levelInChinese(n.value); level > 0 {
		advice = didYouMean(levelPlurals[level])
	} else if level, err := fact.ParseLevel(n.value); err == nil {
		advice = didYouMean(levelPlurals[level])
	} else if best := nearest(n.value, slices.Values(levelPlurals[fact.Province:])); best != "" {
		advice = didYouMean(best)
	}
	l.problems.refuse(n, "expected %s, found the text %s%s", regionsExpected, n.quote(), advice)
	return 0
}

// levelInChinese knows what people call the regions of a level; 0 is none.
func levelInChinese(s string) fact.Level {
	switch s {
	case "省":
		return fact.Province
	case "市", "地市", "设区市":
		return fact.City
	case "县", "区", "县区", "区县", "县市区":
		return fact.County
	case "乡", "镇", "街道", "乡镇", "乡镇街道":
		return fact.Township
	case "村", "社区", "村社区":
		return fact.Village
	case "网格":
		return fact.Grid
	}
	return 0
}

// regionList reads codes and names. People write codes without quotes, and no
// code loses anything by that: none begins with 0.
func (l *loader) regionList(n *node) []string {
	if len(n.children) == 0 {
		l.problems.refuse(n, "must not be empty")
	}
	var regions []string
	for _, entry := range n.children {
		switch {
		case !l.regionEntry(entry):
		case slices.Contains(regions, entry.value):
			l.problems.refuse(entry, "%s stands twice", entry.quote())
		default:
			regions = append(regions, entry.value)
		}
	}
	return regions
}

// regionEntry refuses what can be neither a code nor a name.
func (l *loader) regionEntry(n *node) bool {
	if l.problems.refused[n] || n.kind != number && !(decoder{&l.problems}).expect(n, text, "the code or name of a region") {
		return false
	}
	_, isCode := parseCode(n.value)
	switch {
	case strings.TrimSpace(n.value) == "":
		l.problems.refuse(n, "must not be empty")
	case strings.TrimSpace(n.value) != n.value || strings.ContainsAny(n.value, "\r\n"):
		l.problems.refuse(n, "%s has spaces around it or line breaks in it", n.quote())
	case !isCode && (n.kind == number || strings.Trim(n.value, "0123456789") == ""):
		l.problems.refuse(n, "%s is no region code: %s", n.quote(), codeForm)
	case slices.Contains(levelPlurals[:], n.value):
		l.problems.refuse(n, "%s stands for a whole level: write it instead of the list", n.quote())
	default:
		return true
	}
	return false
}
