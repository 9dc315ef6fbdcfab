package region

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// history knows the regions of before: what became of them, and what those of
// today were called.
type history struct {
	// retired holds, by old code, the region that it was last.
	retired map[string]*fact.Region
	// renamings lead to a code, the newest first.
	renamings map[string][]fact.RegionChange
}

// newHistory takes the changes that newPast has found in order, and what it made
// of their old codes.
func newHistory(r *Register, changes []fact.RegionChange, codes map[string]former) history {
	h := history{retired: make(map[string]*fact.Region, len(codes)), renamings: map[string][]fact.RegionChange{}}
	for _, c := range changes {
		if c.Kind == fact.Renamed {
			h.renamings[c.Code] = append(h.renamings[c.Code], c)
		}
	}
	for _, list := range h.renamings {
		slices.SortStableFunc(list, func(a, b fact.RegionChange) int { return b.Effective.Compare(a.Effective) })
	}
	for code, old := range codes {
		today := &r.regions[old.at]
		name := old.ended.OldName
		if name == "" {
			name = h.lastName(code, today.Name)
		}
		h.retired[code] = &fact.Region{Code: code, Name: name, Parent: today.Parent, Level: today.Level}
	}
	return h
}

// lastName is the name that an old code got last; otherwise where nobody says.
func (h *history) lastName(code, otherwise string) string {
	for _, c := range h.renamings[code] {
		if c.Name != "" {
			return c.Name
		}
	}
	return otherwise
}

// before reports whether the period had ended when the change came; no such
// thing is known of a change without a date or for no period.
func before(p fact.Period, c *fact.RegionChange) bool {
	return p.Precedes(c.Effective)
}

// Successor returns the region of today that stands for a retired code, and the
// change that ended the old region: where it became a part of another, now or
// after it was renamed, that merger, whose OldCode it had then; otherwise the
// renaming that ended its code. ok is false for any other code.
func (r *Register) Successor(code string) (region *fact.Region, change fact.RegionChange, ok bool) {
	old, ok := r.past.codes[code]
	if !ok {
		return nil, fact.RegionChange{}, false
	}
	ended := old.ended
	if old.merged != nil {
		ended = old.merged
	}
	return &r.regions[old.at], *ended, true
}

// Former returns the region that had a retired code, with the last name that it
// had under it. Its level is that of the region that stands for it today, and it
// lies where that one does. ok is false for any other code.
func (r *Register) Former(code string) (region fact.Region, ok bool) {
	retired, ok := r.history.retired[code]
	if !ok {
		return fact.Region{}, false
	}
	return *retired, true
}

// AsOf returns a region, of today or one that became a part of another, with the
// code and the name that it had in the period: those before a renaming, where the
// period had ended when that came. All else is as it is today, or was last. The
// code may be any that the region ever had. The result is zero for a code that
// the register doesn't know; for no period it is the region as it is or was last.
func (r *Register) AsOf(code string, p fact.Period) fact.Region {
	region, ok := r.lastKnown(code)
	if !ok {
		return fact.Region{}
	}
	h := &r.history
	left := h.renamings[region.Code]
	for len(left) > 0 {
		c := &left[0]
		left = left[1:]
		if !before(p, c) {
			break // it had the name by then
		}
		if c.OldName != "" {
			region.Name = c.OldName
		}
		if c.OldCode != "" && c.OldCode != region.Code {
			region.Code = c.OldCode
			left = h.renamings[c.OldCode]
		}
	}
	return region
}

// lastKnown returns the region that a code stands for as it is today or, where it
// became a part of another, as it was last.
func (r *Register) lastKnown(code string) (fact.Region, bool) {
	if at, ok := r.codes.find(r.regions, code); ok {
		return r.regions[at], true
	}
	old, ok := r.past.codes[code]
	switch {
	case !ok:
		return fact.Region{}, false
	case old.merged == nil:
		return r.regions[old.at], true
	case old.merged.OldCode == "":
		return *r.history.retired[code], true
	}
	return *r.history.retired[old.merged.OldCode], true
}

// ResolveAt is Resolve for a figure of a period. A region that became a part of
// another after the period keeps its own code, so that both have their figures
// for it: it is returned as Former does, though ByCode doesn't find it. A region
// that was renamed has today's code for any period. For no period, and where the
// date of the merger isn't known, it does what Resolve does.
func (r *Register) ResolveAt(written string, levels []fact.Level, within []string, p fact.Period) (*fact.Region, error) {
	if p.IsZero() || len(r.history.retired) == 0 {
		return r.Resolve(written, levels, within)
	}
	allowed := setOf(levels)
	if folded := fold(written); folded != "" {
		var buffer [2]span
		if in, refused := r.spansOf(buffer[:0], within, allowed.deepest()); refused == nil {
			var found hits
			r.lookUp(&found, folded, allowed, in)
			if region, ok := r.stillApart(&found, p); ok {
				return region, nil
			}
		}
	}
	return r.Resolve(written, levels, within)
}

// stillApart returns the retired region that was found, where there is exactly
// one and it was no part of another in the period.
func (r *Register) stillApart(found *hits, p fact.Period) (*fact.Region, bool) {
	if found.n != 1 || found.more || found.at[0].merged == nil || !before(p, found.at[0].merged) {
		return nil, false
	}
	region, ok := r.history.retired[found.at[0].merged.OldCode]
	return region, ok
}
