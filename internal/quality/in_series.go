package quality

import (
	"context"

	"github.com/govkpi/govkpi/internal/fact"
)

// inSeries is what stages have in common that hold a figure against the one it
// follows: of the delivery or, where the delivery has none so near, of the
// history.
type inSeries struct {
	indicators []fact.Indicator
	past       past
}

// doubt says why a figure is not believed after the one that it follows, which
// may be missing; nil where it is.
type doubt func(ctx context.Context, indicator *fact.Indicator, f *fact.Fact, before fact.Optional) (*fact.Text, error)

// hold goes through the series of the indicators that it is about. What is held
// is no measure for those after it.
func (s inSeries) hold(
	ctx context.Context, d *delivery, about func(*fact.Indicator) bool, doubted doubt, hold func(int32, *fact.Text),
) error {
	for k := range s.indicators {
		indicator := &s.indicators[k]
		if !about(indicator) {
			continue
		}
		for series := range d.groups(d.of(indicator.ID), sameSeries) {
			var last *fact.Fact // the newest so far that stands
			for i, f := range d.live(series) {
				reason, err := s.judge(ctx, indicator, f, last, doubted)
				if err != nil {
					return err
				}
				if reason != nil {
					hold(i, reason)
					continue
				}
				last = f
			}
		}
	}
	return nil
}

// judge returns why a figure is not believed. What the ledger has just so has
// been believed before, or released.
func (s inSeries) judge(ctx context.Context, indicator *fact.Indicator, f, last *fact.Fact, doubted doubt) (*fact.Text, error) {
	before, err := s.before(ctx, indicator, f, last)
	if err != nil {
		return nil, err
	}
	reason, err := doubted(ctx, indicator, f, before)
	if reason == nil || err != nil {
		return nil, err
	}
	present, known, err := s.past.at(ctx, f.Indicator, f, f.Period)
	if err != nil || known && present == f.Value {
		return nil, err
	}
	return reason, nil
}

// How many periods a figure is looked for one by one. Further back says little
// about what is plausible.
const furthestBack = 12

// before returns the figure that f follows: the newest of an earlier period,
// from the delivery (last, or nil) or else from the history. What counts from 1
// January follows nothing of the year before.
func (s inSeries) before(ctx context.Context, indicator *fact.Indicator, f, last *fact.Fact) (fact.Optional, error) {
	if last != nil && !follows(indicator, f.Period, last.Period) {
		last = nil
	}
	if last == nil {
		v, ok, err := s.past.before(ctx, f)
		if !ok || err != nil || indicator.Kind != fact.FlowYTD {
			return fact.Optional{Value: v, OK: ok}, err
		}
		// That may be last year's; only At knows the period.
	}
	p := f.Period.Previous()
	for n := 0; n < furthestBack && follows(indicator, f.Period, p) && (last == nil || p != last.Period); n++ {
		v, ok, err := s.past.at(ctx, f.Indicator, f, p)
		if ok || err != nil {
			return fact.Optional{Value: v, OK: ok}, err
		}
		p = p.Previous()
	}
	if last == nil {
		return fact.Optional{}, nil
	}
	return fact.Some(last.Value), nil
}

// follows reports whether a figure of p can be held against one of the earlier
// period q. What counts from 1 January starts again there; a week across New
// Year belongs to neither side.
func follows(indicator *fact.Indicator, p, q fact.Period) bool {
	return indicator.Kind != fact.FlowYTD || p.SameYear(q)
}
