package standing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// AsOf returns a board of an instant, as it was for whoever knew what had been
// recorded by another. It shares with b, which must be a board of the past, all
// that neither of them changes, so that it costs little; totals, too, are then
// made of the tracks.
func (b *Board) AsOf(at, knownBy time.Time) *Board {
	of := &Board{Options: b.Options, desks: make(map[string]*desk, len(b.desks)), known: knownBy.UnixMilli()}
	of.AsKnownAt = at
	of.Now = func() time.Time { return at }
	of.Facts = trackFacts{of.Tracks, of.known}
	for id, d := range b.desks {
		of.desks[id] = &desk{
			indicator: d.indicator, sources: d.sources, targets: d.targets, policy: d.policy, followed: d.followed, roster: d.roster,
		}
	}
	for _, d := range b.versioned {
		of.versioned = append(of.versioned, of.desks[d.indicator.ID])
	}
	return of
}

// trackFacts reads tracks as if they were a ledger.
type trackFacts struct {
	tracks  Tracks
	knownBy int64
}

// Between implements Facts.
func (f trackFacts) Between(_ context.Context, indicator string, from, to fact.Period, each func(fact.Fact) error) error {
	var found []fact.Fact
	for track := range f.tracks.Tracks(indicator) {
		for m := range track.Marks {
			mark := &track.Marks[m]
			if mark.Recorded > f.knownBy || mark.Period.Start(time.UTC).Before(from.Start(time.UTC)) || mark.Period.Start(time.UTC).After(to.Start(time.UTC)) {
				continue
			}
			next := fact.Fact{
				Indicator: indicator, Region: track.Region, Dimensions: track.Dimensions, Period: mark.Period,
				Value: mark.Value, Revision: mark.Revision, Origin: mark.Origin, Recorded: mark.Recorded,
			}
			if n := len(found) - 1; n >= 0 && found[n].Key() == next.Key() {
				found[n] = next
			} else {
				found = append(found, next)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b fact.Fact) int { return a.Period.Compare(b.Period) })
	for i := range found {
		if err := each(found[i]); err != nil {
			return err
		}
	}
	return nil
}

// Instants returns those after one and up to another at which anything that
// stands of an indicator may change, in order: something was recorded of it or of
// what it is compared with, a period ended, a report fell due.
func (b *Board) Instants(indicator *fact.Indicator, after, to time.Time) []fact.Instant {
	begin, end := after.UnixMilli(), to.UnixMilli()
	records := b.records(b.desks[indicator.ID])
	records = records[firstAfter(records, begin):firstAfter(records, end)]
	instants := make([]fact.Instant, len(records), len(records)+8)
	copy(instants, records)
	clock := b.clockOf(indicator, after)
	for p := clock.newestDue(); !p.Start(b.Zone).After(to); p = p.Next() {
		for _, t := range [...]int64{p.End(b.Zone).UnixMilli(), clock.due(p).at.UnixMilli()} {
			if t > begin && t <= end {
				instants = append(instants, fact.Instant{At: t})
			}
		}
	}
	// What was recorded at an instant comes before the clock that strikes then.
	slices.SortFunc(instants, func(a, b fact.Instant) int { return cmp.Or(cmp.Compare(a.At, b.At), b.Records-a.Records) })
	return slices.CompactFunc(instants, func(a, b fact.Instant) bool { return a.At == b.At })
}

// firstAfter returns the position of the first instant after a time.
func firstAfter(instants []fact.Instant, ms int64) int {
	return sort.Search(len(instants), func(i int) bool { return instants[i].At > ms })
}

// records returns when anything was recorded of an indicator, or of what it is
// compared with, in order. It is kept until more is.
func (b *Board) records(d *desk) []fact.Instant {
	desks := []*desk{d}
	if compared := d.indicator.Compare; compared != nil && b.desks[compared.With] != nil {
		desks = append(desks, b.desks[compared.With])
	}
	all, _ := d.spoken.get(func() uint64 { return b.version(desks...) }, func() ([]fact.Instant, error) {
		counts := map[int64]int{}
		for _, one := range desks {
			b.recorded(one, func(at int64) { counts[at]++ })
		}
		all := make([]fact.Instant, 0, len(counts))
		for at, n := range counts {
			all = append(all, fact.Instant{At: at, Records: n})
		}
		slices.SortFunc(all, func(a, b fact.Instant) int { return cmp.Compare(a.At, b.At) })
		return all, nil
	})
	return all
}

// recorded calls each for the time of everything that was recorded of what an
// indicator is made of.
func (b *Board) recorded(d *desk, each func(at int64)) {
	for _, source := range d.sources {
		for track := range b.Tracks.Tracks(source.ID) {
			for m := range track.Marks {
				each(track.Marks[m].Recorded)
				each(track.Marks[m].Confirmed) // 0 where nobody has: before all that is asked for
			}
		}
		for _, h := range b.Tracks.Held(source.ID) {
			each(h.Recorded)
			each(h.Closed)
		}
	}
}

// Courses yields how the figure of every series of an indicator ran, sorted by
// region and dimensions. Only spells that reach into the time from one instant to
// another are certain to be there. Of an indicator that is not followed they are
// read from the head or, where that does not reach back far enough or the board is
// of the past, from the ledger.
func (b *Board) Courses(ctx context.Context, indicator *fact.Indicator, from, to time.Time) (iter.Seq[fact.Course], error) {
	d := b.desks[indicator.ID]
	clock := b.clockOf(indicator, from)
	switch {
	case !slices.ContainsFunc(d.sources, func(source *fact.Indicator) bool { return !source.Followed() }):
		return b.coursesOfMembers(d, clock, from.UnixMilli(), to.UnixMilli()), nil //nolint:contextcheck // of an indicator that is followed, which asks no ledger
	case b.AsKnownAt.IsZero() && indicator.Kind != fact.RatioKind && b.headReaches(d, from):
		return b.coursesOfHead(d, clock), nil
	}
	return b.coursesOfLedger(ctx, d, clock, to)
}

// spells are made of points that come in the order of their periods.
type spells struct {
	clock *clock
	known map[fact.Period][2]int64 // begin and expiry; few periods, and many series
	// The period that was asked about last, which is mostly the next one's too.
	last       fact.Period
	lastBounds [2]int64
}

func newSpells(c *clock) *spells {
	return &spells{clock: c, known: map[fact.Period][2]int64{}}
}

// bounds returns when the spell of a period begins, and when it expires.
func (s *spells) bounds(p fact.Period) [2]int64 {
	if p == s.last {
		return s.lastBounds
	}
	bounds, ok := s.known[p]
	if !ok {
		bounds = [2]int64{p.End(s.clock.zone).UnixMilli(), s.clock.expiry(p).UnixMilli()}
		s.known[p] = bounds
	}
	s.last, s.lastBounds = p, bounds
	return bounds
}

// add appends the spell of a period, which ends the one before.
func (s *spells) add(to []fact.Spell, p fact.Period, value float64) []fact.Spell {
	bounds := s.bounds(p)
	if n := len(to) - 1; n >= 0 {
		to[n].End = min(to[n].End, bounds[0])
	}
	return append(to, fact.Spell{Value: value, Begin: bounds[0], End: bounds[1]})
}

// expiry is when a figure of p is no longer shown; see expired.
func (c *clock) expiry(p fact.Period) time.Time {
	end, due := p.Add(c.indicator.ExpiresAfter).End(c.zone), c.due(p.Next()).at
	if due.After(end) {
		return due
	}
	return end
}

func (b *Board) coursesOfMembers(d *desk, c *clock, from, to int64) iter.Seq[fact.Course] {
	members := b.membersOf(d)
	kind := d.indicator.Kind
	return func(yield func(fact.Course) bool) {
		spells := newSpells(c)
		for i := range members {
			for j := range members[i].lines {
				l := &members[i].lines[j]
				course := fact.Course{Region: members[i].region.Code, Dimensions: l.dimensions}
				for _, p := range spells.reaching(l.points, kind, from, to) {
					if figure := p.figure(kind); figure.OK {
						course.Spells = spells.add(course.Spells, p.period, figure.Value)
					}
				}
				if len(course.Spells) > 0 && !yield(course) {
					return
				}
			}
		}
	}
}

// reaching returns the points whose spells may reach into a time: mostly it is now
// that is asked about, and a series has years.
func (s *spells) reaching(points []point, kind fact.Kind, from, to int64) []point {
	end := len(points)
	for end > 0 && s.bounds(points[end-1].period)[0] > to {
		end--
	}
	for first := end - 1; first > 0; first-- {
		if s.bounds(points[first].period)[0] <= from && points[first].figure(kind).OK {
			return points[first:end]
		}
	}
	return points[:end]
}

// headReaches reports whether the head has every figure that is shown at an
// instant or later.
func (b *Board) headReaches(d *desk, from time.Time) bool {
	edge, _ := d.edge.get(func() uint64 { return b.Head.VersionOf(d.indicator.ID) }, func() (fact.Period, error) {
		var edge fact.Period // the newest before which a series may have more than the head has
		for s := range b.Head.Series(d.indicator.ID) {
			if p := s.Before.Period; !p.IsZero() && (edge.IsZero() || isBefore(edge, p)) {
				edge = p
			}
		}
		return edge, nil
	})
	return edge.IsZero() || !from.Before(edge.End(b.Zone))
}

// coursesOfHead hands on one array of spells: who keeps them must copy them.
func (b *Board) coursesOfHead(d *desk, c *clock) iter.Seq[fact.Course] {
	return func(yield func(fact.Course) bool) {
		spells, room := newSpells(c), make([]fact.Spell, 0, 3)
		for s := range b.Head.Series(d.indicator.ID) {
			course := fact.Course{Region: s.Region, Dimensions: s.Dimensions, Spells: room[:0]}
			for _, p := range [...]*fact.Point{&s.Before, &s.Previous, &s.Newest} {
				if !p.Period.IsZero() && p.Period.Cadence() == d.indicator.Cadence {
					course.Spells = spells.add(course.Spells, p.Period, p.Value)
				}
			}
			if len(course.Spells) > 0 && !yield(course) {
				return
			}
		}
	}
}

// mostRead is how many figures are read of a ledger for one question: some 300 MB.
const mostRead = 3_000_000

// ErrTooManyFigures is wrapped where a question would read more than that.
var ErrTooManyFigures = errors.New("too many figures")

// membersOf returns the regions of an indicator that is followed, with all that they
// said. A board of the past is seldom asked anything else, and works out no more.
func (b *Board) membersOf(d *desk) []member {
	switch {
	case b.AsKnownAt.IsZero():
		return b.snapshot(d).members
	case d.indicator.Kind == fact.RatioKind:
		return quotients(d.roster(), b.membersOf(b.desks[d.indicator.Numerator]), b.membersOf(b.desks[d.indicator.Denominator]))
	}
	pieces, _ := b.gather(d.indicator)
	return enlist(d.roster(), pieces, nil)
}

// boundedFacts reads a ledger until that becomes too much.
type boundedFacts struct {
	Facts
	left int
}

// Between implements Facts.
func (f *boundedFacts) Between(ctx context.Context, indicator string, from, to fact.Period, each func(fact.Fact) error) error {
	//nolint:wrapcheck // the caller says what was read
	return f.Facts.Between(ctx, indicator, from, to, func(read fact.Fact) error {
		if f.left--; f.left < 0 {
			return fmt.Errorf("%w: more than %d of %s lie in the time asked about: ask about a shorter one", ErrTooManyFigures, mostRead, indicator)
		}
		return each(read)
	})
}

// coursesOfLedger reads the periods whose figures are shown between the clock's
// instant and another.
func (b *Board) coursesOfLedger(ctx context.Context, d *desk, c *clock, to time.Time) (iter.Seq[fact.Course], error) {
	oldest, newest := c.last, fact.LastEnded(to.In(b.Zone), d.indicator.Cadence)
	for !c.expired(oldest) {
		oldest = oldest.Previous()
	}
	bounded := *b
	bounded.Facts = &boundedFacts{b.Facts, mostRead}
	figures, err := bounded.between(ctx, d.indicator, oldest, newest, false)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(figures, func(a, b collected) int {
		return cmp.Or(strings.Compare(a.region, b.region), cmp.Compare(a.dimensions, b.dimensions))
	})
	return func(yield func(fact.Course) bool) {
		spells := newSpells(c)
		var course fact.Course
		for i := range figures {
			f := &figures[i]
			if i > 0 && (f.region != course.Region || f.dimensions != course.Dimensions) {
				if len(course.Spells) > 0 && !yield(course) {
					return
				}
				course.Spells = nil
			}
			course.Region, course.Dimensions = f.region, f.dimensions
			if figure := f.figure(d.indicator.Kind); figure.OK {
				course.Spells = spells.add(course.Spells, f.period, figure.Value)
			}
		}
		if len(course.Spells) > 0 {
			yield(course)
		}
	}, nil
}
