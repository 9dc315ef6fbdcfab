package standing

import (
	"cmp"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// amount is a figure, or several added up. Of a ratio it is the numerator, over
// the denominator.
type amount struct{ value, over float64 }

func (a amount) plus(b amount) amount { return amount{a.value + b.value, a.over + b.over} }

// figure returns what the amount comes to; nothing over nothing is no figure.
func (a amount) figure(kind fact.Kind) fact.Optional {
	switch {
	case kind != fact.RatioKind:
		return fact.Some(a.value)
	case a.over == 0:
		return fact.Optional{}
	}
	return fact.Some(a.value / a.over)
}

// point is what a series says of one period, in the newest revision.
type point struct {
	period fact.Period
	amount
	recorded int64
	revision int32
	state    fact.State
}

// line is a series of one region, ordered by period.
type line struct {
	code       string // of the region, as it was recorded; only of a stray
	dimensions fact.Dimensions
	points     []point
}

// find returns where the point of a period is, or would be.
func (l *line) find(p fact.Period) (int, bool) {
	return slices.BinarySearchFunc(l.points, p, func(have point, p fact.Period) int { return have.period.Compare(p) })
}

func (l *line) at(p fact.Period) (amount, bool) {
	i, ok := l.find(p)
	if !ok {
		return amount{}, false
	}
	return l.points[i].amount, true
}

func (l *line) figure(p fact.Period, kind fact.Kind) fact.Optional {
	a, ok := l.at(p)
	if !ok {
		return fact.Optional{}
	}
	return a.figure(kind)
}

// member is one region of an indicator with all that it said.
type member struct {
	region   *fact.Region
	expected bool
	lines    []line // of the dimensions that the catalogue declares, in order
	// spoke are the periods that it has said anything of, in order: figures, of
	// whatever dimensions, and held ones that wait.
	spoke   []fact.Period
	waiting int // held figures
}

// at adds up what the region has for a period, over dimensions.
func (m *member) at(p fact.Period) (sum amount, ok bool) {
	for i := range m.lines {
		if a, has := m.lines[i].at(p); has {
			sum, ok = sum.plus(a), true
		}
	}
	return sum, ok
}

// memberOf finds a region among members, which are ordered by it.
func memberOf(members []member, code string) (*member, bool) {
	at, ok := slices.BinarySearchFunc(members, code, func(m member, code string) int { return strings.Compare(m.region.Code, code) })
	if !ok {
		return nil, false
	}
	return &members[at], true
}

func (m *member) hasSpoken(p fact.Period) bool {
	_, ok := slices.BinarySearchFunc(m.spoke, p, fact.Period.Compare)
	return ok
}

// plain returns the line without dimensions.
func (m *member) plain() (*line, bool) {
	if len(m.lines) == 0 || m.lines[0].dimensions != "" {
		return nil, false
	}
	return &m.lines[0], true
}

// knownBy is the last millisecond of what the board may know.
func (b *Board) knownBy() int64 { return b.known }

// trace keeps of the marks the newest revision of each period that was recorded
// by an instant. A confirmation after it has not been given yet.
func trace(marks []fact.Mark, i *fact.Indicator, knownBy int64) []point {
	points := make([]point, 0, len(marks))
	for m := range marks {
		mark := &marks[m]
		if mark.Recorded > knownBy || mark.Period.Cadence() != i.Cadence {
			continue // or reported before the catalogue changed the cadence
		}
		confirmed := mark.Confirmed != 0 && mark.Confirmed <= knownBy
		p := point{
			period: mark.Period, amount: amount{value: mark.Value}, recorded: mark.Recorded, revision: mark.Revision,
			state: fact.StateOf(i.SignOff && !confirmed, mark.Revision),
		}
		if n := len(points); n > 0 && points[n-1].period == p.period {
			points[n-1] = p
		} else {
			points = append(points, p)
		}
	}
	return points
}

// gather reads all that was recorded of an indicator. What the catalogue or the
// register has no place for any more are strays: they are shown to be counted,
// and stand for nothing.
func (b *Board) gather(i *fact.Indicator) (pieces []piece, strays []line) {
	declared := declaredDimensions(i)
	sorted := true
	for track := range b.Tracks.Tracks(i.ID) {
		l := line{dimensions: track.Dimensions, points: trace(track.Marks, i, b.knownBy())}
		if len(l.points) == 0 {
			continue
		}
		home, ok := b.homeOf(track.Region)
		belongs := ok && i.HasLevel(home.region.Level)
		if belongs {
			p := piece{home: home, line: l, counts: declared(l.dimensions)}
			sorted = sorted && (len(pieces) == 0 || pieces[len(pieces)-1].compare(&p) < 0) && p.part == ""
			pieces = append(pieces, p)
		}
		if !belongs || !declared(l.dimensions) {
			l.code = track.Region
			strays = append(strays, l)
		}
	}
	if !sorted { // figures under retired codes are among them
		pieces = recast(pieces)
	}
	return pieces, strays
}

// declaredDimensions returns what tells whether dimensions are those that the
// catalogue declares; few are asked about often.
func declaredDimensions(i *fact.Indicator) func(fact.Dimensions) bool {
	known := map[fact.Dimensions]bool{}
	return func(d fact.Dimensions) bool {
		right, seen := known[d]
		if !seen {
			right = i.HasDimensions(d)
			known[d] = right
		}
		return right
	}
}

// waiting is a held figure that waits, of a region of today.
type waiting struct {
	region *fact.Region
	period fact.Period
}

// gatherHeld returns the held figures that wait, ordered by region.
func (b *Board) gatherHeld(i *fact.Indicator) []waiting {
	var held []waiting
	for _, h := range b.Tracks.Held(i.ID) {
		closed := h.Closed != 0 && h.Closed <= b.knownBy()
		if h.Recorded > b.knownBy() || closed || h.Period.Cadence() != i.Cadence {
			continue
		}
		if home, ok := b.homeOf(h.Region); ok && i.HasLevel(home.region.Level) {
			held = append(held, waiting{home.region, h.Period})
		}
	}
	slices.SortStableFunc(held, func(a, b waiting) int { return strings.Compare(a.region.Code, b.region.Code) })
	return held
}

// enlist puts together what each region said: those that are expected, and those
// that spoke without being asked. All is ordered by region.
func enlist(r *roster, pieces []piece, held []waiting) []member {
	regions := attending(r, pieces, held)
	members := make([]member, 0, len(regions))
	for _, region := range regions {
		m := member{region: region, expected: r.expects(region)}
		for ; len(pieces) > 0 && pieces[0].region.Code == region.Code; pieces = pieces[1:] {
			if pieces[0].counts {
				m.lines = append(m.lines, pieces[0].line)
			}
			m.heard(pieces[0].points)
		}
		for ; len(held) > 0 && held[0].region.Code == region.Code; held = held[1:] {
			m.spoke = append(m.spoke, held[0].period)
			m.waiting++
		}
		slices.SortFunc(m.spoke, fact.Period.Compare)
		m.spoke = slices.Compact(m.spoke)
		members = append(members, m)
	}
	return members
}

// attending returns the regions of a roster and all others that spoke, ordered
// by code.
func attending(r *roster, pieces []piece, held []waiting) []*fact.Region {
	regions := slices.Clone(r.regions)
	unasked := func(region *fact.Region) {
		if !r.expects(region) {
			regions = append(regions, region)
		}
	}
	for i := range pieces {
		unasked(pieces[i].region)
	}
	for i := range held {
		unasked(held[i].region)
	}
	if len(regions) > len(r.regions) {
		slices.SortFunc(regions, func(a, b *fact.Region) int { return strings.Compare(a.Code, b.Code) })
		regions = slices.CompactFunc(regions, func(a, b *fact.Region) bool { return a.Code == b.Code })
	}
	return regions
}

func (m *member) heard(points []point) {
	m.spoke = slices.Grow(m.spoke, len(points))
	for i := range points {
		m.spoke = append(m.spoke, points[i].period)
	}
}

// piece is a series with the region that it counts for today.
type piece struct {
	home
	line
	counts bool // its dimensions are those that the catalogue declares
}

func (p *piece) compare(q *piece) int {
	return cmp.Or(strings.Compare(p.region.Code, q.region.Code), cmp.Compare(p.dimensions, q.dimensions))
}
