package standing

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// quotients divides the numerator by the denominator of their newest common
// period. A region with none that has not expired, or with a denominator of
// zero, has no figure.
func (b *Board) quotients(indicator *fact.Indicator) iter.Seq[fact.Figure] {
	return func(yield func(fact.Figure) bool) {
		for numerator := range b.Head.Series(indicator.Numerator) {
			denominator, ok := b.Head.Lookup(indicator.Denominator, numerator.Region, numerator.Dimensions)
			if !ok {
				continue
			}
			f, ok := quotient(numerator, denominator)
			if !ok {
				f, ok = b.apart.figure(b, indicator, numerator.Region, numerator.Dimensions)
			}
			if ok && f.Period.Cadence() == indicator.Cadence && !yield(f) {
				return
			}
		}
	}
}

func quotient(numerator, denominator fact.Series) (fact.Figure, bool) {
	for _, n := range []fact.Point{numerator.Newest, numerator.Previous} {
		d, ok := at(denominator, n.Period)
		if !ok || d.Value == 0 {
			continue
		}
		f := fact.Figure{
			Region: numerator.Region, Dimensions: numerator.Dimensions, Period: n.Period,
			Value: n.Value / d.Value, Revision: max(n.Revision, d.Revision),
		}
		before, okN := at(numerator, n.Period.Previous())
		beneath, okD := at(denominator, n.Period.Previous())
		if okN && okD && beneath.Value != 0 {
			f.Previous = fact.Some(before.Value / beneath.Value)
		}
		return f, true
	}
	return fact.Figure{}, false
}

func at(s fact.Series, p fact.Period) (fact.Point, bool) {
	switch {
	case p.IsZero():
		return fact.Point{}, false
	case s.Newest.Period == p:
		return s.Newest, true
	case s.Previous.Period == p:
		return s.Previous, true
	}
	return fact.Point{}, false
}

// lagging remembers, for ratios one of whose parts is periods behind the other,
// the newest figures that the head no longer holds a pair for.
type lagging struct {
	mu      sync.Mutex
	version uint64 // of the head, that newest is of
	newest  map[string]map[lagKey]fact.Figure
}

type lagKey struct {
	region     string
	dimensions fact.Dimensions
}

// How long the ledger may take; the figure is missing until the next change
// otherwise.
const lagDeadline = 5 * time.Second

func (l *lagging) figure(b *Board, indicator *fact.Indicator, region string, dimensions fact.Dimensions) (fact.Figure, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if version := b.Head.Version(); l.newest == nil || version != l.version {
		l.version, l.newest = version, map[string]map[lagKey]fact.Figure{}
	}
	figures, read := l.newest[indicator.ID]
	if !read {
		figures = b.newestPairs(indicator)
		l.newest[indicator.ID] = figures
	}
	f, ok := figures[lagKey{region, dimensions}]
	return f, ok
}

// newestPairs reads from the ledger the newest unexpired quotient of every
// region. It has a deadline of its own: an iterator has no context.
func (b *Board) newestPairs(indicator *fact.Indicator) map[lagKey]fact.Figure {
	ctx, cancel := context.WithTimeout(context.Background(), lagDeadline)
	defer cancel()
	last := fact.LastEnded(b.Now().In(b.Zone), indicator.Cadence)
	var periods []fact.Period
	for n := -indicator.ExpiresAfter - 1; n <= 0; n++ {
		periods = append(periods, last.Add(n))
	}
	pairs, err := b.collectedBetween(ctx, indicator, periods)
	if err != nil {
		return nil
	}
	newest := map[lagKey]fact.Figure{}
	for _, p := range pairs { // ordered by period
		if p.denominator == 0 {
			continue
		}
		key := lagKey{p.region, p.dimensions}
		f := fact.Figure{Region: p.region, Dimensions: p.dimensions, Period: p.period, Value: p.value / p.denominator, Revision: p.revision}
		if before, ok := newest[key]; ok && before.Period == p.period.Previous() {
			f.Previous = fact.Some(before.Value)
		}
		newest[key] = f
	}
	return newest
}
