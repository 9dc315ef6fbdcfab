package config

import (
	"iter"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

type rosterBlock struct {
	Self        *node    `yaml:",self"`
	Regions     []string `yaml:"regions,optional"`
	Except      []string `yaml:"except,optional"`
	Classes     []string `yaml:"classes,optional"`
	MinVillages *int32   `yaml:"villages_at_least"`
}

// roster reads which regions must report an indicator.
func (l *loader) roster(b *rosterBlock, in *fact.Indicator) fact.Roster {
	var r fact.Roster
	switch {
	case b.Self.kind != mapping:
		return r
	case len(b.Self.children) == 0:
		l.problems.refuse(b.Self, "must not be empty; leave it out to expect all of them")
		return r
	}
	l.rosterCodes(b.Self.child("regions"), in)
	l.rosterCodes(b.Self.child("except"), in)
	if except := b.Self.child("except"); except != nil && b.Self.child("regions") != nil {
		l.problems.refuseKey(except, "there is a list of regions; leave these out there")
	}
	r.Regions, r.Except, r.Classes = b.Regions, b.Except, l.classes(b.Self.child("classes"), in)
	if b.MinVillages != nil {
		l.atLeast(b.Self, "villages_at_least", int(*b.MinVillages), 1)
		r.MinVillages = *b.MinVillages
	}
	if l.problems.sound(b.Self) {
		l.someLeft(b.Self, in, &r)
	}
	return r
}

// rosterCodes refuses regions that don't report the indicator anyway.
func (l *loader) rosterCodes(n *node, in *fact.Indicator) {
	l.codes(n, "to expect all of them")
	within := set(in.Within)
	for _, entry := range l.texts(n) {
		level, told := l.levelOf(entry)
		switch {
		case !told || len(in.Levels) == 0 || !l.whole():
		case !in.HasLevel(level):
			l.problems.refuse(entry, "%s is a %s, and the indicator is reported by each %s", entry.quote(), level, anyOf(in.Levels))
		case len(within) > 0 && !l.lies(l.regionAt(entry.value), within):
			l.problems.refuse(entry, "%s lies outside the regions of within", entry.quote())
		}
	}
}

func (l *loader) classes(n *node, in *fact.Indicator) []fact.Class {
	if n == nil || n.kind != list {
		return nil
	}
	switch {
	case len(n.children) == 0:
		l.problems.refuse(n, "must not be empty; leave it out to expect all of them")
	case len(in.Levels) > 0 && !slices.Equal(in.Levels, []fact.Level{fact.County}):
		l.problems.refuseKey(n, "only counties have a class, and the indicator is reported by each %s", anyOf(in.Levels))
	}
	return words(l, n, fact.ParseClass)
}

// someLeft refuses a roster that nobody is on.
func (l *loader) someLeft(n *node, in *fact.Indicator, r *fact.Roster) {
	if !l.whole() || len(in.Levels) == 0 {
		return
	}
	rostered := *in
	rostered.Roster = *r
	for _, level := range in.Levels {
		for range l.concerned(&rostered, level) {
			return
		}
	}
	l.problems.refuse(n, "no region is left that would have to report the indicator")
}

// whole reports whether all regions could be read, with what lies in what.
func (l *loader) whole() bool { return !l.register.broken && !l.register.torn && !l.incomplete }

// concerned lists the regions of a level that an indicator speaks of: those on
// its roster where the level reports it, else those that lie in Within or have
// some of it in them.
func (l *loader) concerned(in *fact.Indicator, level fact.Level) iter.Seq[*fact.Region] {
	within, above := set(in.Within), map[string]bool{}
	for _, code := range in.Within {
		for r := l.regionAt(code); r != nil; r = l.regionAt(r.Parent) {
			above[r.Code] = true
		}
	}
	reports := onRoster(&in.Roster)
	return func(yield func(*fact.Region) bool) {
		for i := range l.config.Regions {
			r := &l.config.Regions[i]
			switch {
			case r.Level != level:
			case in.HasLevel(level) && !reports(r):
			case len(within) > 0 && !above[r.Code] && !l.lies(r, within):
			case !yield(r):
				return
			}
		}
	}
}

// onRoster returns whether a region is on a roster.
func onRoster(r *fact.Roster) func(*fact.Region) bool {
	regions, except := set(r.Regions), set(r.Except)
	return func(region *fact.Region) bool {
		return (len(regions) == 0 || regions[region.Code]) && !except[region.Code] &&
			(len(r.Classes) == 0 || slices.Contains(r.Classes, region.Class())) && region.Villages >= r.MinVillages
	}
}

// lies reports whether a region is one of those with the codes, or lies in one.
func (l *loader) lies(region *fact.Region, codes map[string]bool) bool {
	for ; region != nil; region = l.regionAt(region.Parent) {
		if codes[region.Code] {
			return true
		}
	}
	return false
}

// regionAt returns the region with a code; nil where there is none.
func (l *loader) regionAt(code string) *fact.Region {
	n, ok := parseCode(code)
	if !ok {
		return nil
	}
	row := l.register.index.find(n)
	if row < 0 {
		return nil
	}
	return &l.config.Regions[row]
}

func set(codes []string) map[string]bool {
	s := make(map[string]bool, len(codes))
	for _, code := range codes {
		s[code] = true
	}
	return s
}
