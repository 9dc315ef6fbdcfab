package region

import (
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// Written returns ways in which a source may have written a region of today, to
// look for what was refused of it: the code, also filled up with zeros; its name,
// without its suffix, with its office written otherwise and with the regions
// above before it; aliases, old names and old codes. Those of regions that became
// a part of it are among them. For a retired code they are those of that region.
//
// Not all of them mean this region and no other: a name may need a region above.
// Nor are they all: of white space, full-width characters and paths with
// something left out there is no end. Aliases and old names come without white
// space and in lower case. It is nil for a code that the register doesn't know,
// begins with the code given and has nothing twice. It looks at the whole history
// and is meant for one region, not for all.
func (r *Register) Written(code string) []string {
	at, today := r.codes.find(r.regions, code)
	if !today {
		return r.writtenFormer(code)
	}
	region := &r.regions[at]
	all := codesOf(code, region.Level)
	names := namesOf(region.Name, region.Level)
	for old, f := range r.past.codes {
		if f.at == at {
			all = append(all, codesOf(old, region.Level)...)
		}
	}
	for _, f := range r.past.all {
		if f.at == at {
			names = append(names, namesOf(f.name, region.Level)...)
		}
	}
	names = append(names, r.pathsOf(at, region.Name)...)
	slices.Sort(all[1:]) // as codes come from a map
	return distinct(append(all, names...))
}

// writtenFormer is Written for a retired code.
func (r *Register) writtenFormer(code string) []string {
	region, ok := r.history.retired[code]
	if !ok {
		return nil
	}
	all := append(codesOf(code, region.Level), namesOf(region.Name, region.Level)...)
	return distinct(append(all, r.pathsOf(r.past.codes[code].at, region.Name)...))
}

// codesOf returns a code and, above the village, what it is filled up with zeros.
func codesOf(code string, level fact.Level) []string {
	all := []string{code}
	if level >= fact.Village {
		return all
	}
	for _, length := range []int{9, 12} {
		if len(code) < length && (length-len(code))%3 == 0 {
			all = append(all, code+strings.Repeat("0", length-len(code)))
		}
	}
	return all
}

// namesOf returns a name, and it with its office written otherwise or left out.
func namesOf(name string, level fact.Level) []string {
	if name == "" {
		return nil
	}
	all := []string{name}
	folded := fold(name)
	if k := keyOf(folded); k.class != "" {
		for _, w := range writings {
			if w.class == k.class {
				all = append(all, k.base+w.written)
			}
		}
	}
	if stem := stemOf(folded, level); stem != "" {
		all = append(all, stem)
	}
	return all
}

// pathsOf returns a name after those of the regions above: one of them, two, and
// so on.
func (r *Register) pathsOf(at uint32, name string) []string {
	if name == "" {
		return nil
	}
	var all []string
	for above := r.parent[at]; above != none; above = r.parent[above] {
		name = r.regions[above].Name + name
		all = append(all, name)
	}
	return all
}

// distinct leaves out what has been there before.
func distinct(all []string) []string {
	seen := make(map[string]bool, len(all))
	return slices.DeleteFunc(all, func(s string) bool {
		before := seen[s]
		seen[s] = true
		return before
	})
}
