package quality

import (
	"context"
	"math"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// stepPlausible refuses a figure that moved further from the one before it than
// the catalogue believes. The one before is that of the delivery or, where the
// delivery has none so near, of the history.
type stepPlausible struct {
	indicators map[string]*fact.Indicator
	past       past
	names      names
}

func (s stepPlausible) check(ctx context.Context, d *delivery, refuse func(int32, *fact.Text)) error {
	for series := range d.groups(sameSeries) {
		indicator := s.indicators[d.facts[series[0]].Indicator]
		if indicator.MaxStep == nil {
			continue
		}
		var last *fact.Fact // the newest so far that stands
		for i, f := range d.live(series) {
			before, ok, err := s.before(ctx, indicator, f, last)
			if err != nil {
				return err
			}
			if ok && exceeds(f.Value, before, *indicator.MaxStep) {
				refuse(i, s.reason(indicator, f, before))
				continue
			}
			last = f
		}
	}
	return nil
}

// exceeds reports whether v differs from before by more than the share. From
// zero any step is believed: no share of it can be told.
func exceeds(v, before, share float64) bool {
	const rounding = 1 + 1e-9 // 1.1 is within a tenth of 1
	return before != 0 && math.Abs(v-before) > share*math.Abs(before)*rounding
}

// before returns the figure that f follows: of the period just before f's if
// either side has it, else the delivery's newest, else the history's newest.
func (s stepPlausible) before(ctx context.Context, indicator *fact.Indicator, f, last *fact.Fact) (float64, bool, error) {
	if last != nil && !follows(indicator, f.Period, last.Period) {
		last = nil
	}
	if last == nil {
		return s.known(ctx, indicator, f)
	}
	just := f.Period.Previous()
	if last.Period != just {
		v, ok, err := s.past.at(ctx, f.Indicator, f, just)
		if ok || err != nil {
			return v, ok, err
		}
	}
	return last.Value, true, nil
}

// How many periods a year-to-date figure is looked for. Further back says
// little about what is plausible.
const furthestBack = 12

func (s stepPlausible) known(ctx context.Context, indicator *fact.Indicator, f *fact.Fact) (float64, bool, error) {
	v, ok, err := s.past.before(ctx, f)
	if !ok || err != nil || indicator.Kind != fact.FlowYTD {
		return v, ok, err
	}
	// That may be last year's; only At knows the period.
	p := f.Period.Previous()
	for n := 0; n < furthestBack && follows(indicator, f.Period, p); n++ {
		v, ok, err := s.past.at(ctx, f.Indicator, f, p)
		if ok || err != nil {
			return v, ok, err
		}
		p = p.Previous()
	}
	return 0, false, nil
}

// follows reports whether a figure of p can be held against one of the earlier
// period q. What counts from 1 January starts again there; a week across New
// Year belongs to neither side.
func follows(indicator *fact.Indicator, p, q fact.Period) bool {
	if indicator.Kind != fact.FlowYTD {
		return true
	}
	year := fact.PeriodAt(p.Start(time.UTC), fact.Yearly)
	return year.Contains(p) && year.Contains(q)
}

func (s stepPlausible) reason(indicator *fact.Indicator, f *fact.Fact, before float64) *fact.Text {
	moved := fact.Text{ZH: "上升", EN: "rises"}
	if f.Value < before {
		moved = fact.Text{ZH: "下降", EN: "falls"}
	}
	return say(
		"%s %s 的指标%s由 %s 变为 %s，%s %s，超过允许的 %s：请核对数值；若属实，请在指标目录中放宽 max_step。",
		"%[3]s of %[1]s for %[2]s %[6]s by %[7]s, from %[4]s to %[5]s, and no more than %[8]s is believed: check the figure; if it is right, widen max_step in the catalogue.",
		s.names.of(f.Region), f.Period.String(), called(indicator),
		figure(before), figure(f.Value), moved, percent(math.Abs(f.Value-before)/math.Abs(before)), percent(*indicator.MaxStep),
	)
}
