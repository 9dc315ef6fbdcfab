package app

import (
	"context"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// FigureState is how far a region's figure can be trusted.
type FigureState struct {
	State    fact.State
	Revision int32
}

// States returns those of the figures that were reported of an indicator for a
// period of its cadence, by region; of several dimensions, or of the parts of a
// ratio, the one that is trusted least. None for a longer period.
func (r *Reader) States(ctx context.Context, q TotalsQuery) (map[string]FigureState, error) {
	indicator, err := r.board.Indicator(q.Indicator)
	if err != nil || q.Period.Cadence() != indicator.Cadence || q.Level != 0 {
		return nil, err
	}
	states := map[string]FigureState{}
	for _, id := range indicator.Sources() {
		part, err := r.board.Indicator(id)
		if err != nil {
			return nil, err
		}
		if err := r.addStates(ctx, part, q, states); err != nil {
			return nil, err
		}
	}
	return states, nil
}

func (r *Reader) addStates(ctx context.Context, indicator *fact.Indicator, q TotalsQuery, to map[string]FigureState) error {
	k := knowledge{Store: r.Store, by: q.KnownBy}
	confirmed, err := newestConfirmed(ctx, k, indicator.ID, q.Period)
	if err != nil {
		return err
	}
	return k.Facts(ctx, ledger.FactQuery{Indicators: []string{indicator.ID}, From: q.Period, To: q.Period}, func(f fact.Fact) error {
		if f.Period != q.Period {
			return nil
		}
		code := f.Region
		if !q.AsItWas {
			code = r.register.current(code)
		}
		have := to[code]
		have.State = fact.StateOf(indicator.SignOff && confirmed[f.Key()] != f.Revision, f.Revision).Weaker(have.State)
		have.Revision = max(have.Revision, f.Revision)
		to[code] = have
		return nil
	})
}

// newestConfirmed returns the newest confirmed revision of each figure.
func newestConfirmed(ctx context.Context, from interface {
	Decisions(ctx context.Context, query ledger.DecisionQuery) ([]fact.Decision, error)
}, indicator string, period fact.Period) (map[fact.Key]int32, error) {
	decisions, err := from.Decisions(ctx, ledger.DecisionQuery{Indicator: indicator, Period: period})
	if err != nil {
		return nil, err
	}
	confirmed := map[fact.Key]int32{}
	for i := range decisions {
		if d := &decisions[i]; d.Action == fact.Confirm {
			confirmed[d.Key] = max(confirmed[d.Key], d.Revision)
		}
	}
	return confirmed, nil
}
