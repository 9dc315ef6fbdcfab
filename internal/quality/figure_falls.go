package quality

import (
	"context"

	"github.com/govkpi/govkpi/internal/fact"
)

// figureFalls holds a figure that fell although it can only grow: an amount since
// 1 January within its year, and any of an indicator that never falls. It has
// fallen where it is below the figure it follows, or below what the ledger has
// for the same period.
type figureFalls struct {
	series inSeries
	names  names
}

func (s figureFalls) check(ctx context.Context, d *delivery, hold func(int32, *fact.Text)) error {
	grows := func(i *fact.Indicator) bool { return i.Kind == fact.FlowYTD || i.NeverFalls }
	return s.series.hold(ctx, d, grows, s.doubt, hold)
}

func (s figureFalls) doubt(ctx context.Context, indicator *fact.Indicator, f *fact.Fact, before fact.Optional) (*fact.Text, error) {
	if before.OK && f.Value < before.Value {
		return s.reason(indicator, f, before.Value, fact.Text{ZH: "更早一期", EN: "of an earlier period"}), nil
	}
	present, ok, err := s.series.past.at(ctx, f.Indicator, f, f.Period)
	if !ok || err != nil || f.Value >= present {
		return nil, err
	}
	return s.reason(indicator, f, present, fact.Text{ZH: "该期已记录", EN: "recorded for it"}), nil
}

func (s figureFalls) reason(indicator *fact.Indicator, f *fact.Fact, above float64, of fact.Text) *fact.Text {
	why := fact.Text{ZH: "年初以来的累计数在一年之内不会减少", EN: "an amount since January can't fall within its year"}
	if indicator.Kind != fact.FlowYTD {
		why = fact.Text{ZH: "该指标只增不减（never_falls）", EN: "the indicator never falls (never_falls)"}
	}
	return say(
		"%s %s 的指标%s为 %s，低于%s的 %s，而%s，暂不采用：%s",
		"%[3]s of %[1]s for %[2]s is %[4]s, below the %[6]s %[5]s, and %[7]s, so it is held: %[8]s",
		s.names.of(f.Region), f.Period.String(), called(indicator), figure(f.Value), of, figure(above), why, toDecide(),
	)
}
