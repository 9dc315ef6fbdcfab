package fact

// Makeup is what a region of today is made of: of itself, and of what became a
// part of it, those that have ever had a figure of an indicator. The zero value is
// of nothing. It is not safe for concurrent use.
type Makeup struct {
	merged map[string]Period // by part, when it became one
	itself bool
	// oldest is the first period that the region has a figure of its own for; zero
	// where that is not known.
	oldest Period
}

// Add takes a series of a region that counts for this one: of a part, see
// RegionChange.Joined, or where part is empty of the region itself. oldest is its
// first period, or zero where that is not known.
func (m *Makeup) Add(part string, merger, oldest Period) {
	switch {
	case part != "":
		if m.merged == nil {
			m.merged = map[string]Period{}
		}
		m.merged[part] = merger
	case !m.itself:
		m.itself, m.oldest = true, oldest
	case oldest.IsZero() || !m.oldest.IsZero() && oldest.Next().day < m.oldest.Next().day:
		m.oldest = oldest
	}
}

// HasParts reports whether anything became a part of the region.
func (m *Makeup) HasParts() bool { return len(m.merged) > 0 }

// Whole reports whether the figures of a period are those of all that make up
// the region today, given which of them are there: a sum of some of them is not
// the region's. The part "" is the region itself.
func (m *Makeup) Whole(p Period, has func(part string) bool) bool {
	apart := false
	for part, merger := range m.merged {
		if !p.Precedes(merger) {
			continue
		}
		if !has(part) {
			return false
		}
		apart = true
	}
	return !apart || !m.itself || m.isFounded() || has("")
}

// isFounded reports whether the region seems to be made of several others and of
// nothing else: it has no figure of its own from before.
func (m *Makeup) isFounded() bool {
	if len(m.merged) < 2 || m.oldest.IsZero() {
		return false
	}
	for _, merger := range m.merged {
		if m.oldest.Precedes(merger) {
			return false
		}
	}
	return true
}
