package standing

import (
	"context"
	"iter"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// quotientsOfHead divides the numerator by the denominator of their newest
// common period. A region with none that has not expired, or with a denominator
// of zero, has no figure.
func (b *Board) quotientsOfHead(d *desk) iter.Seq[fact.Figure] {
	return func(yield func(fact.Figure) bool) {
		indicator := d.indicator
		signOff := slices.ContainsFunc(d.sources, func(part *fact.Indicator) bool { return part.SignOff })
		for numerator := range b.Head.Series(indicator.Numerator) {
			denominator, ok := b.Head.Lookup(indicator.Denominator, numerator.Region, numerator.Dimensions)
			if !ok {
				continue
			}
			f, ok, whole := quotient(&numerator, &denominator, d.policy)
			if !whole {
				if older, found := b.laggingFigure(d, numerator.Region, numerator.Dimensions); found {
					f, ok = older, true
				}
			}
			f.State = fact.StateOf(signOff, f.Revision)
			if ok && f.Period.Cadence() == indicator.Cadence && !yield(f) {
				return
			}
		}
	}
}

// quotient divides two series at their newest common period; whole is false
// where the ledger may know more of it than the head.
func quotient(numerator, denominator *fact.Series, policy policy) (f fact.Figure, ok, whole bool) {
	for _, n := range [...]fact.Point{numerator.Newest, numerator.Previous, numerator.Before} {
		d, ok := pointAt(denominator, n.Period)
		if !ok || d.Value == 0 {
			continue
		}
		f := fact.Figure{
			Region: numerator.Region, Dimensions: numerator.Dimensions, Period: n.Period,
			Value: n.Value / d.Value, Revision: max(n.Revision, d.Revision),
		}
		p, compares := policy.before(n.Period)
		if !compares {
			return f, true, true
		}
		before, okN := pointAt(numerator, p)
		beneath, okD := pointAt(denominator, p)
		if okN && okD && beneath.Value != 0 {
			f.Previous = fact.Some(before.Value / beneath.Value)
		}
		return f, true, (okN || !beyond(numerator, p)) && (okD || !beyond(denominator, p))
	}
	return fact.Figure{}, false, numerator.Before.Period.IsZero() && denominator.Before.Period.IsZero()
}

type lagKey struct {
	region     string
	dimensions fact.Dimensions
}

// laggingFigure is that of a ratio one of whose parts is periods behind the other,
// so that the head no longer holds a pair for it.
func (b *Board) laggingFigure(d *desk, region string, dimensions fact.Dimensions) (fact.Figure, bool) {
	newest, _ := d.lagging.get(func() uint64 { return b.version(d) }, func() (map[lagKey]fact.Figure, error) { return b.newestPairs(d), nil })
	f, ok := newest[lagKey{region, dimensions}]
	return f, ok
}

// newestPairs reads from the ledger the newest unexpired quotient of every
// region; none where it can't be read, until the next change. It has a deadline
// of its own: an iterator has no context.
func (b *Board) newestPairs(d *desk) map[lagKey]fact.Figure {
	ctx, cancel := context.WithTimeout(context.Background(), ledgerDeadline)
	defer cancel()
	indicator := d.indicator
	clock := b.clockOf(indicator, b.Now())
	oldest := clock.last
	for !clock.expired(oldest) {
		oldest = oldest.Previous()
	}
	pairs, err := b.between(ctx, indicator, oldest, clock.last, false)
	if err != nil {
		return nil
	}
	newest := map[lagKey]fact.Figure{}
	for _, p := range pairs { // ordered by period
		figure := p.figure(indicator.Kind)
		if !figure.OK {
			continue
		}
		key := lagKey{p.region, p.dimensions}
		f := fact.Figure{Region: p.region, Dimensions: p.dimensions, Period: p.period, Value: figure.Value, Revision: p.revision}
		if before, ok := newest[key]; ok {
			if q, compares := d.policy.before(p.period); compares && before.Period == q {
				f.Previous = fact.Some(before.Value)
			}
		}
		newest[key] = f
	}
	return newest
}
