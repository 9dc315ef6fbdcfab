package quality

import (
	"context"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// notOverruled refuses a value that a person found wrong. It looks at what was
// delivered as a whole, so that a source's own total is still held against what
// the source says.
type notOverruled struct {
	overruled Overrulings
	zone      *time.Location
	names     names
}

func (s notOverruled) check(_ context.Context, d *delivery, refuse func(int32, *fact.Text)) error {
	if s.overruled == nil {
		return nil
	}
	for i := range d.facts {
		if d.out[i] {
			continue
		}
		f := &d.facts[i]
		if decision, ok := s.overruled.Find(f.Key(), f.Value); ok {
			refuse(int32(i), s.reason(f, &decision))
		}
	}
	return nil
}

func (s notOverruled) reason(f *fact.Fact, decision *fact.Decision) *fact.Text {
	how := fact.Text{ZH: "驳回", EN: "rejected"}
	if decision.Action == fact.Correct {
		how = fact.Text{ZH: "更正", EN: "corrected"}
	}
	return say(
		"%s %s 的 %s 报送为 %s，而该数值已由%s于 %s 认定有误并%s，理由是 %s：请在来源中改正；若该数值确实无误，请用 govkpi correct 另行更正。",
		"%[3]s of %[1]s for %[2]s is delivered as %[4]s, which %[5]s found wrong and %[7]s on %[6]s, because of %[8]s: mend it at the source; if it is right after all, file a new correction with govkpi correct.",
		s.names.of(f.Region), f.Period.String(), f.Indicator, figure(f.Value),
		decision.By, time.UnixMilli(decision.Recorded).In(s.zone).Format("2006-01-02 15:04"), how, written.Quoted(decision.Reason),
	)
}
