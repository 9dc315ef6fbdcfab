package region

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// Register holds all regions of a site. It never changes after New and is safe
// for concurrent use. Beside the characters of codes and names it needs about
// 90 bytes a region.
//
// The regions it returns are its own: callers must not change them.
type Register struct {
	// regions are in preorder: a region stands before all below it, and those
	// of one parent are ordered by code. So all below a region stand together.
	regions []fact.Region
	parent  []uint32 // position of the region above; none at the top
	last    []uint32 // position of the last region in or below
	byCode  []uint32 // positions ordered by code; nil where preorder is that
	codes   codeTable
	names   nameIndex
	past    past
	history history
}

// New builds a register of regions, in any order. Changes and aliases say what
// else they are called. It reports everything that it has to refuse: codes that
// are no codes or stand twice, regions without a name above the level grid,
// parents that are missing or not of a higher level, and changes or aliases that
// lead to no region. The arguments are not kept.
func New(regions []fact.Region, changes []fact.RegionChange, aliases []fact.RegionAlias) (*Register, error) {
	if uint64(len(regions)) > maxRegions {
		return nil, fmt.Errorf("%d regions are more than a register can hold (%d)", len(regions), maxRegions)
	}
	regions = compact(regions)
	slices.SortFunc(regions, func(a, b fact.Region) int { return strings.Compare(a.Code, b.Code) })
	if err := validate(regions); err != nil {
		return nil, err
	}
	r := &Register{regions: regions, codes: newCodeTable(regions)}
	if err := r.link(); err != nil {
		return nil, err
	}
	r.arrange()
	r.names = newNameIndex(r.regions)
	var err error
	r.past, err = newPast(r, changes, aliases)
	if err != nil {
		return nil, err
	}
	r.history = newHistory(r, changes, r.past.codes)
	return r, nil
}

// compact copies the regions and puts their strings into one, so that neither
// the caller's strings (often whole lines of a file) nor the allocator's padding
// are kept.
func compact(regions []fact.Region) []fact.Region {
	size := 0
	for i := range regions {
		size += len(regions[i].Code) + len(regions[i].Name)
	}
	var all strings.Builder
	all.Grow(size)
	for i := range regions {
		all.WriteString(regions[i].Code)
		all.WriteString(regions[i].Name)
	}
	rest := all.String()
	take := func(n int) (s string) {
		s, rest = rest[:n], rest[n:]
		return s
	}
	copied := slices.Clone(regions)
	for i := range copied {
		copied[i].Code = take(len(copied[i].Code))
		copied[i].Name = take(len(copied[i].Name))
	}
	return copied
}

// validate checks every region on its own; they are sorted by code.
func validate(regions []fact.Region) error {
	var faults []error
	for i := range regions {
		r := &regions[i]
		switch {
		case !allDigits(r.Code) || r.Code[0] == '0' || len(r.Code) < 2 || len(r.Code) > 18:
			faults = append(faults, fmt.Errorf("region %q (%s): a code has 2 to 18 digits and does not begin with 0", r.Code, r.Name))
		case r.Level < fact.Province || r.Level > fact.Grid:
			faults = append(faults, fmt.Errorf("region %s (%s) has no level", r.Code, r.Name))
		case i > 0 && regions[i-1].Code == r.Code:
			faults = append(faults, fmt.Errorf("code %s stands twice: %s and %s", r.Code, regions[i-1].Name, r.Name))
		case r.Level != fact.Grid && fold(r.Name) == "":
			faults = append(faults, fmt.Errorf("region %s has no name; only a grid may have none", r.Code))
		}
	}
	return errors.Join(faults...)
}

// link finds every region's parent. A parent's level is higher, so there are no
// circles.
func (r *Register) link() error {
	var faults []error
	r.parent = make([]uint32, len(r.regions))
	for i := range r.regions {
		child := &r.regions[i]
		r.parent[i] = none
		if child.Parent == "" {
			continue
		}
		at, ok := r.codes.find(r.regions, child.Parent)
		if !ok {
			faults = append(faults, fmt.Errorf("region %s (%s) lies in %s, which is not in the register", child.Code, child.Name, child.Parent))
			continue
		}
		above := &r.regions[at]
		if above.Level >= child.Level {
			faults = append(faults, fmt.Errorf("region %s (%s), a %s, can't lie in %s (%s), a %s",
				child.Code, child.Name, child.Level, above.Code, above.Name, above.Level))
		}
		child.Parent = above.Code // one string for both
		r.parent[i] = at
	}
	return errors.Join(faults...)
}

// arrange puts the regions, sorted by code, into preorder. Codes of divisions
// begin with those above them and need no moving; those of grids may not.
func (r *Register) arrange() {
	order := preorder(r.parent)
	if !slices.IsSorted(order) {
		place := make([]uint32, len(order)) // where each one goes
		for to, from := range order {
			place[from] = uint32(to)
		}
		regions, parent := make([]fact.Region, len(order)), make([]uint32, len(order))
		for to, from := range order {
			regions[to], parent[to] = r.regions[from], r.parent[from]
			if parent[to] != none {
				parent[to] = place[parent[to]]
			}
		}
		r.regions, r.parent, r.byCode = regions, parent, place
		r.codes = newCodeTable(regions)
	}
	r.last = make([]uint32, len(r.regions))
	for at := len(r.regions) - 1; at >= 0; at-- {
		r.last[at] = max(r.last[at], uint32(at))
		if above := r.parent[at]; above != none {
			r.last[above] = max(r.last[above], r.last[at])
		}
	}
}

// preorder returns the positions so that each stands before its children, and
// children in their present order.
func preorder(parent []uint32) []uint32 {
	firstChild, nextSibling := filled(len(parent)), filled(len(parent))
	top := none
	for i := len(parent) - 1; i >= 0; i-- {
		head := &top
		if parent[i] != none {
			head = &firstChild[parent[i]]
		}
		nextSibling[i], *head = *head, uint32(i)
	}
	order := make([]uint32, 0, len(parent))
	var open []uint32
	for at := top; ; {
		for ; at != none; at = firstChild[at] {
			order = append(order, at)
			open = append(open, at)
		}
		if len(open) == 0 {
			return order
		}
		at, open = nextSibling[open[len(open)-1]], open[:len(open)-1]
	}
}

func filled(n int) []uint32 {
	s := make([]uint32, n)
	for i := range s {
		s[i] = none
	}
	return s
}

// ByCode returns the region with today's code, written exactly so.
func (r *Register) ByCode(code string) (*fact.Region, bool) {
	at, ok := r.codes.find(r.regions, code)
	if !ok {
		return nil, false
	}
	return &r.regions[at], true
}

// InOrder returns ByCode for whoever asks about many regions in the order of their
// codes, as which it mostly looks at the next one only. It is for one goroutine.
func (r *Register) InOrder() func(code string) (*fact.Region, bool) {
	next := 0
	return func(code string) (*fact.Region, bool) {
		if next < len(r.regions) && r.regions[next].Code == code {
			next++
			return &r.regions[next-1], true
		}
		at, ok := r.codes.find(r.regions, code)
		if !ok {
			return nil, false
		}
		next = int(at) + 1
		return &r.regions[at], true
	}
}

// Retired returns the region that today stands for an old code of the history;
// false where the code is none.
func (r *Register) Retired(code string) (*fact.Region, bool) {
	old, ok := r.past.codes[code]
	if !ok {
		return nil, false
	}
	return &r.regions[old.at], true
}

// Above returns the region of the level that the region with the code lies in,
// or that region itself; false where the code is unknown or there is none.
func (r *Register) Above(code string, level fact.Level) (*fact.Region, bool) {
	at, ok := r.codes.find(r.regions, code)
	if !ok {
		return nil, false
	}
	for at != none && r.regions[at].Level > level {
		at = r.parent[at]
	}
	if at == none || r.regions[at].Level != level {
		return nil, false
	}
	return &r.regions[at], true
}

// Under yields all regions of the level in or under the region with the code, by
// code; none where the code is unknown.
func (r *Register) Under(code string, level fact.Level) iter.Seq[*fact.Region] {
	return func(yield func(*fact.Region) bool) {
		at, ok := r.codes.find(r.regions, code)
		if !ok {
			return
		}
		var found []uint32 // only where they must be sorted
		for at := range r.walk(span{at, r.last[at]}, level) {
			if r.regions[at].Level != level {
				continue
			}
			if r.byCode != nil {
				found = append(found, at)
			} else if !yield(&r.regions[at]) {
				return
			}
		}
		slices.SortFunc(found, func(a, b uint32) int { return strings.Compare(r.regions[a].Code, r.regions[b].Code) })
		for _, at := range found {
			if !yield(&r.regions[at]) {
				return
			}
		}
	}
}

// All yields all regions by code.
func (r *Register) All() iter.Seq[*fact.Region] {
	return func(yield func(*fact.Region) bool) {
		for i := range r.regions {
			at := uint32(i)
			if r.byCode != nil {
				at = r.byCode[i]
			}
			if !yield(&r.regions[at]) {
				return
			}
		}
	}
}

// span is the positions from first to last.
type span struct{ first, last uint32 }

// walk yields the positions in a span down to a level, passing over what lies
// deeper without looking at it.
func (r *Register) walk(in span, deepest fact.Level) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for at := in.first; at <= in.last && int(at) < len(r.regions); {
			level := r.regions[at].Level
			if level <= deepest && !yield(at) {
				return
			}
			if level >= deepest {
				at = r.last[at]
			}
			at++
		}
	}
}
