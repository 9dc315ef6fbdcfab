package standing

import (
	"context"
	"math"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// Reconciliations sets every published figure of the catalogue against our own
// total for its region and period, in the catalogue's order. The total is of
// what has been collected, whatever the indicator's policy for missing regions.
func (b *Board) Reconciliations(ctx context.Context) ([]fact.Reconciliation, error) {
	var all []fact.Reconciliation
	for i := range b.Indicators {
		of, err := b.ReconciliationsOf(ctx, &b.Indicators[i])
		if err != nil {
			return nil, err
		}
		all = append(all, of...)
	}
	return all, nil
}

// ReconciliationsOf returns those of one indicator. They are kept until one of
// its figures changes.
func (b *Board) ReconciliationsOf(ctx context.Context, indicator *fact.Indicator) ([]fact.Reconciliation, error) {
	if len(indicator.Published) == 0 {
		return nil, nil
	}
	d := b.desks[indicator.ID]
	version := func() uint64 { return b.version(d) }
	return d.reconciliations.get(version, func() ([]fact.Reconciliation, error) {
		var all []fact.Reconciliation
		for _, published := range indicator.Published {
			r, err := b.reconcile(ctx, indicator, published)
			if err != nil {
				return nil, err
			}
			all = append(all, r)
		}
		return all, nil
	})
}

func (b *Board) reconcile(ctx context.Context, indicator *fact.Indicator, published fact.Published) (fact.Reconciliation, error) {
	r := fact.Reconciliation{Indicator: indicator.ID, Published: published}
	region, ok := b.Regions.ByCode(published.Region)
	if !ok {
		return r, nil
	}
	totals, err := b.totals(ctx, request{indicator: indicator, period: published.Period, level: region.Level})
	if err != nil {
		return r, err
	}
	i := slices.IndexFunc(totals, func(t Total) bool { return t.Region.Code == region.Code })
	if i < 0 {
		return r, nil
	}
	r.Total = fact.Some(totals[i].Value)
	r.Gap = fact.Some(Gap(published, r.Total.Value))
	return r, nil
}

// Gap is how far a total lies outside what a published figure allows: "at
// least" allows everything above, a rounded figure half of its step to either
// side. Differences within a relative 1e-12 are rounding of floating point, not
// a gap.
func Gap(published fact.Published, total float64) float64 {
	difference := total - published.Value
	tolerance := rounding * math.Max(math.Abs(total), math.Abs(published.Value))
	switch published.Precision {
	case fact.AtLeast:
		difference = math.Min(0, difference)
	case fact.Nearest:
		tolerance += published.Step / 2
	}
	if math.Abs(difference) <= tolerance {
		return 0
	}
	return difference
}
