package region

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// past is what regions are called beside today's codes and names: aliases, and
// the codes and names of before.
type past struct {
	codes map[string]former
	names map[key][]former
	all   []former // every name once, sorted by name and position
}

// former is a further name or code of a region.
type former struct {
	name string // folded; empty where it is a code
	at   uint32 // today's region
	rank rank
	// merged is set where the old region became a part of today's.
	merged *fact.RegionChange
	// ended is the change that ended the old code; nil where it is a name.
	ended *fact.RegionChange
}

func newPast(r *Register, changes []fact.RegionChange, aliases []fact.RegionAlias) (past, error) {
	p := past{codes: map[string]former{}, names: map[key][]former{}}
	faults := []error{p.addChanges(r, changes)}
	for _, a := range aliases {
		at, ok := r.codes.find(r.regions, a.Code)
		switch name := fold(a.Name); {
		case !ok:
			faults = append(faults, fmt.Errorf("alias %q is of region %s, which is not in the register", a.Name, a.Code))
		case name == "":
			faults = append(faults, fmt.Errorf("an alias of region %s is empty", a.Code))
		default:
			p.add(former{name: name, at: at, rank: byAlias})
		}
	}
	slices.SortFunc(p.all, func(a, b former) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return int(a.at) - int(b.at)
	})
	return p, errors.Join(faults...)
}

// add enters a name.
func (p *past) add(f former) {
	k := keyOf(f.name)
	p.names[k] = append(p.names[k], f)
	p.all = append(p.all, f)
}

// addChanges enters old codes and old names; where a part was split off, the
// old region went on and there is nothing to enter.
func (p *past) addChanges(r *Register, changes []fact.RegionChange) error {
	var faults []error
	successor := map[string]*fact.RegionChange{} // by old code
	for i := range changes {
		c := &changes[i]
		if err := check(r, c, successor); err != nil {
			faults = append(faults, err)
		} else if c.Kind != fact.SplitOff && c.OldCode != "" && c.OldCode != c.Code {
			successor[c.OldCode] = c
		}
	}
	for i := range changes {
		c := &changes[i]
		if c.Kind == fact.SplitOff {
			continue
		}
		f, err := follow(r, c, successor)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if successor[c.OldCode] == c {
			code, ended := f, *c
			code.ended = &ended
			p.codes[c.OldCode] = code
		}
		if f.name = fold(c.OldName); f.name == "" {
			continue
		}
		f.rank = byOldName
		p.add(f)
		if stem := stemOf(f.name, r.regions[f.at].Level); stem != "" {
			f.rank = byOldStem
			p.names[key{base: stem}] = append(p.names[key{base: stem}], f)
		}
	}
	return errors.Join(faults...)
}

// check validates one change on its own and against those before it.
func check(r *Register, c *fact.RegionChange, successor map[string]*fact.RegionChange) error {
	switch c.Kind {
	case fact.Renamed, fact.Merged:
	case fact.SplitOff:
		return nil
	default:
		return fmt.Errorf("change of %s %s: kind %q is none of %q, %q and %q",
			c.OldCode, c.OldName, c.Kind, fact.Renamed, fact.Merged, fact.SplitOff)
	}
	if c.OldCode == "" || c.OldCode == c.Code {
		return nil
	}
	if _, ok := r.codes.find(r.regions, c.OldCode); ok {
		return fmt.Errorf("change of %s %s: it was %s, yet its code is still in the register", c.OldCode, c.OldName, c.Kind)
	}
	if other := successor[c.OldCode]; other != nil {
		return fmt.Errorf("change of %s %s: it can't have become both %s and %s", c.OldCode, c.OldName, other.Code, c.Code)
	}
	return nil
}

// follow finds the region that a change leads to today, through later changes.
// Once a part of another region, always a part.
func follow(r *Register, c *fact.RegionChange, successor map[string]*fact.RegionChange) (former, error) {
	var f former
	for step, next := 0, c; next != nil && step <= len(successor); step++ {
		if next.Kind == fact.Merged && f.merged == nil {
			merged := *next
			f.merged = &merged
		}
		if at, ok := r.codes.find(r.regions, next.Code); ok {
			f.at = at
			return f, nil
		}
		next = successor[next.Code]
	}
	return former{}, fmt.Errorf("change of %s %s: it became %s %s, which is neither in the register nor changed further",
		c.OldCode, c.OldName, c.Code, c.Name)
}
