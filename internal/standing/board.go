// Package standing says what follows from facts, targets and the catalogue: the
// current figure of every region with its previous one and its attainment,
// totals over regions and periods, and how totals compare with published
// figures.
//
// It reads the ledger's newest figures (the Head) and, for totals, the ledger
// itself; it hands figures, totals and reconciliations on to exposition and to
// the commands. Everything here can be computed again at any time.
package standing

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Head is what a Board reads of the ledger: the newest figures of every series,
// in memory.
type Head interface {
	Series(indicator string) iter.Seq[fact.Series]
	Lookup(indicator, region string, dimensions fact.Dimensions) (fact.Series, bool)
	Version() uint64
}

// Facts is the part of a ledger that totals are computed from.
type Facts interface {
	// Between calls each for the newest revision of every fact of an indicator
	// whose period begins neither before from nor after to, ordered by period,
	// region and dimensions.
	Between(ctx context.Context, indicator string, from, to fact.Period, each func(fact.Fact) error) error
}

// Regions is the part of the region register that a Board needs.
type Regions interface {
	ByCode(code string) (*fact.Region, bool)
	Above(code string, level fact.Level) (*fact.Region, bool)
	Under(code string, level fact.Level) iter.Seq[*fact.Region]
}

// Options are what a Board is made from; all are required.
type Options struct {
	Indicators []fact.Indicator
	Regions    Regions
	Head       Head
	Facts      Facts
	Zone       *time.Location
	Now        func() time.Time
}

// Board answers what stands. It belongs to one configuration: a reload makes a
// new one. It is safe for concurrent use.
type Board struct {
	Options
	byID    map[string]*fact.Indicator
	targets map[string]targetIndex

	apart lagging

	mu              sync.Mutex
	reconciled      uint64 // the head's version that reconciliations is of, plus one
	reconciliations []fact.Reconciliation
}

// New returns a Board. The options must be complete and the indicators valid, as
// config returns them.
func New(o Options) *Board {
	b := &Board{Options: o, byID: map[string]*fact.Indicator{}, targets: map[string]targetIndex{}}
	for i := range o.Indicators {
		indicator := &o.Indicators[i]
		b.byID[indicator.ID] = indicator
		b.targets[indicator.ID] = indexTargets(indicator.Targets)
	}
	return b
}

// Version changes whenever a figure does, except by expiring: see ValidUntil.
func (b *Board) Version() uint64 { return b.Head.Version() }

// Newest yields the newest unexpired figure of every region that has reported
// the indicator, sorted by region and dimensions.
func (b *Board) Newest(indicator *fact.Indicator) iter.Seq[fact.Figure] {
	figures := b.collected(indicator)
	if indicator.Kind == fact.RatioKind {
		figures = b.quotients(indicator)
	}
	return func(yield func(fact.Figure) bool) {
		expiry := b.newExpiry(indicator)
		now := b.Now()
		targets := b.targets[indicator.ID]
		for f := range figures {
			if !now.Before(expiry.of(f.Period)) {
				continue
			}
			if f.Dimensions == "" { // a target is for the whole, not for a part
				f.Target = targets.of(f.Region, b.Regions)
			}
			if f.Target.OK {
				f.Attainment = Attainment(indicator.Direction, f.Value, f.Target.Value)
			}
			if !yield(f) {
				return
			}
		}
	}
}

// belongs returns what tells whether a figure has a place in the catalogue and
// the register as they are now: what was collected before they changed may not.
func (b *Board) belongs(indicator *fact.Indicator) func(region string, dimensions fact.Dimensions) bool {
	known := map[fact.Dimensions]bool{}
	return func(code string, dimensions fact.Dimensions) bool {
		right, seen := known[dimensions]
		if !seen {
			right = indicator.HasDimensions(dimensions)
			known[dimensions] = right
		}
		region, ok := b.Regions.ByCode(code)
		return right && ok && indicator.HasLevel(region.Level)
	}
}

func (b *Board) collected(indicator *fact.Indicator) iter.Seq[fact.Figure] {
	return func(yield func(fact.Figure) bool) {
		for s := range b.Head.Series(indicator.ID) {
			if s.Newest.Period.Cadence() != indicator.Cadence {
				continue // reported before the catalogue changed the cadence
			}
			f := fact.Figure{Region: s.Region, Dimensions: s.Dimensions, Period: s.Newest.Period, Value: s.Newest.Value, Revision: s.Newest.Revision}
			if s.Previous.Period == s.Newest.Period.Previous() {
				f.Previous = fact.Some(s.Previous.Value)
			}
			if !yield(f) {
				return
			}
		}
	}
}

// ValidUntil returns when the next figure expires, so that what was made of
// Newest must be made anew even though Version did not change. The zero time
// means that none will.
func (b *Board) ValidUntil() time.Time {
	var next time.Time
	now := b.Now()
	for i := range b.Indicators {
		indicator := &b.Indicators[i]
		id := indicator.ID
		if indicator.Kind == fact.RatioKind {
			id = indicator.Numerator
		}
		expiry := b.newExpiry(indicator)
		for s := range b.Head.Series(id) {
			for _, p := range []fact.Period{s.Newest.Period, s.Previous.Period} {
				if at := expiry.of(p); at.After(now) && (next.IsZero() || at.Before(next)) {
					next = at
				}
			}
		}
	}
	return next
}

// expiry memoizes when figures of a period expire: a family has few periods and
// many regions.
type expiry struct {
	indicator *fact.Indicator
	zone      *time.Location
	period    fact.Period
	at        time.Time
}

func (b *Board) newExpiry(indicator *fact.Indicator) *expiry {
	return &expiry{indicator: indicator, zone: b.Zone}
}

// of returns the end of the last period for which a figure of p is still shown;
// the zero time for no period.
func (e *expiry) of(p fact.Period) time.Time {
	if p.IsZero() {
		return time.Time{}
	}
	if p != e.period {
		e.period, e.at = p, p.Add(e.indicator.ExpiresAfter).End(e.zone)
	}
	return e.at
}

// Indicator returns the indicator with the id, or an error that names those
// there are.
func (b *Board) Indicator(id string) (*fact.Indicator, error) {
	if indicator, ok := b.byID[id]; ok {
		return indicator, nil
	}
	ids := make([]string, 0, len(b.byID))
	for have := range b.byID {
		ids = append(ids, have)
	}
	slices.Sort(ids)
	return nil, fmt.Errorf("no indicator %q in the catalogue; there are %s", id, strings.Join(ids, ", "))
}
