package quality

import (
	"context"
	"math"

	"github.com/govkpi/govkpi/internal/fact"
)

// stepPlausible holds a figure that moved further from the one before it than
// the catalogue believes.
type stepPlausible struct {
	series inSeries
	names  names
}

func (s stepPlausible) check(ctx context.Context, d *delivery, hold func(int32, *fact.Text)) error {
	limited := func(i *fact.Indicator) bool { return i.MaxStep != nil }
	return s.series.hold(ctx, d, limited, s.doubt, hold)
}

func (s stepPlausible) doubt(_ context.Context, indicator *fact.Indicator, f *fact.Fact, before fact.Optional) (*fact.Text, error) {
	if !before.OK || !exceeds(f.Value, before.Value, *indicator.MaxStep) {
		return nil, nil
	}
	moved := fact.Text{ZH: "上升", EN: "rises"}
	if f.Value < before.Value {
		moved = fact.Text{ZH: "下降", EN: "falls"}
	}
	return say(
		"%s %s 的指标%s由 %s 变为 %s，%s %s，超过允许的 %s，暂不采用：%s",
		"%[3]s of %[1]s for %[2]s %[6]s by %[7]s, from %[4]s to %[5]s, and no more than %[8]s is believed, so it is held: %[9]s",
		s.names.of(f.Region), f.Period.String(), called(indicator),
		figure(before.Value), figure(f.Value), moved, percent(math.Abs(f.Value-before.Value)/math.Abs(before.Value)), percent(*indicator.MaxStep),
		toDecide(),
	), nil
}

// exceeds reports whether v differs from before by more than the share. From
// zero any step is believed: no share of it can be told.
func exceeds(v, before, share float64) bool {
	const rounding = 1 + 1e-9 // 1.1 is within a tenth of 1
	return before != 0 && math.Abs(v-before) > share*math.Abs(before)*rounding
}

// toDecide says what to do about a held figure.
func toDecide() fact.Text {
	return fact.Text{
		ZH: "若属实，请用 govkpi release 放行；若有误，请用 govkpi reject 驳回，或在来源中改正（编号见 govkpi held）。",
		EN: "release it with govkpi release ID if it is right, else refuse it with govkpi reject ID or mend the source (govkpi held lists the ids).",
	}
}
