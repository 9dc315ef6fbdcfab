package standing

import (
	"cmp"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// home is the region of today that figures under a code count for.
type home struct {
	region *fact.Region
	// part is the code of the old region that they were of, where that became a
	// part of this one; empty where it is this one, by whatever code or name.
	part string
	// merger is when it did; zero where that is not known.
	merger fact.Period
}

// homeOf finds the region of today for a code, also for a retired one.
func (b *Board) homeOf(code string) (home, bool) {
	if region, ok := b.Regions.ByCode(code); ok {
		return home{region: region}, true
	}
	region, change, ok := b.Regions.Successor(code)
	if !ok {
		return home{}, false
	}
	part, merger := change.Joined(code)
	return home{region: region, part: part, merger: merger}, true
}

// recast makes one series of those that count for one region: what it said under
// an older code is its own history, what became a part of it is added, period by
// period, where all that make up the region have a figure.
func recast(pieces []piece) []piece {
	slices.SortStableFunc(pieces, func(a, b piece) int {
		return cmp.Or(a.compare(&b), strings.Compare(a.part, b.part))
	})
	for rest := pieces; len(rest) > 0; {
		n := countWhile(rest, func(p *piece) bool { return p.region.Code == rest[0].region.Code })
		dropPartial(rest[:n])
		rest = rest[n:]
	}
	var whole []piece
	for rest := pieces; len(rest) > 0; {
		n := countWhile(rest, func(p *piece) bool { return p.compare(&rest[0]) == 0 })
		if united := unite(rest[:n]); len(united.points) > 0 {
			whole = append(whole, united)
		}
		rest = rest[n:]
	}
	return whole
}

// countWhile counts how many there are before the first that is not so.
func countWhile(pieces []piece, so func(*piece) bool) int {
	if n := slices.IndexFunc(pieces, func(p piece) bool { return !so(&p) }); n >= 0 {
		return n
	}
	return len(pieces)
}

// unite joins pieces of one region and one set of dimensions, ordered by part.
func unite(pieces []piece) piece {
	whole := pieces[0]
	for len(pieces) > 0 {
		n := 1
		part := pieces[0].points
		for ; n < len(pieces) && pieces[n].part == pieces[0].part; n++ {
			part = merge(part, pieces[n].points, later)
		}
		if pieces[0].part == whole.part {
			whole.points = part
		} else {
			whole.points = merge(whole.points, part, together)
		}
		pieces = pieces[n:]
	}
	return whole
}

// merge joins two series ordered by period; both says what to make of a period
// that both have.
func merge(a, b []point, both func(a, b point) point) []point {
	merged := make([]point, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := a[0].period.Compare(b[0].period); {
		case c < 0:
			merged, a = append(merged, a[0]), a[1:]
		case c > 0:
			merged, b = append(merged, b[0]), b[1:]
		default:
			merged, a, b = append(merged, both(a[0], b[0])), a[1:], b[1:]
		}
	}
	return append(append(merged, a...), b...)
}

// later chooses what was recorded last: the same figure came under two codes.
func later(a, b point) point {
	if b.recorded > a.recorded {
		return b
	}
	return a
}

// together adds up two regions that are one today.
func together(a, b point) point {
	return point{
		period: a.period, amount: a.plus(b.amount), recorded: max(a.recorded, b.recorded),
		revision: max(a.revision, b.revision), state: a.state.Weaker(b.state),
	}
}
