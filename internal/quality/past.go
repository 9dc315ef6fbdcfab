package quality

import (
	"context"
	"fmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// past asks the history about the region and dimensions of a fact.
type past struct{ history History }

// at returns the figure of an indicator for a period.
func (p past) at(ctx context.Context, indicator string, like *fact.Fact, period fact.Period) (float64, bool, error) {
	v, ok, err := p.history.At(ctx, indicator, like.Region, like.Dimensions, period)
	if err != nil {
		return 0, false, fmt.Errorf("read %s of region %s for %s from the ledger: %w", indicator, like.Region, period, err)
	}
	return v, ok, nil
}

// before returns the newest figure of an earlier period than the fact's.
func (p past) before(ctx context.Context, f *fact.Fact) (float64, bool, error) {
	v, ok, err := p.history.Before(ctx, f.Indicator, f.Region, f.Dimensions, f.Period)
	if err != nil {
		return 0, false, fmt.Errorf("read the newest %s of region %s before %s from the ledger: %w", f.Indicator, f.Region, f.Period, err)
	}
	return v, ok, nil
}
