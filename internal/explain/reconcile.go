package explain

import (
	"context"
	"fmt"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// addReconciliations adds the published figures that the region's own goes into.
func (s *subject) addReconciliations(ctx context.Context, d *Document) error {
	all, err := s.Board.ReconciliationsOf(ctx, s.indicator)
	if err != nil {
		return err //nolint:wrapcheck // Explain says of what
	}
	for i := range all {
		r := &all[i]
		if !s.lies(s.region.Code, r.Published.Region) {
			continue
		}
		reconciliation, err := s.reconciliation(ctx, r)
		if err != nil {
			return err
		}
		d.Reconciliations = append(d.Reconciliations, reconciliation)
	}
	return nil
}

func (s *subject) reconciliation(ctx context.Context, r *fact.Reconciliation) (Reconciliation, error) {
	p := &r.Published
	reconciliation := Reconciliation{
		Region: RegionName{Code: p.Region}, Period: p.Period.String(), Published: p.Value, Precision: p.Precision.String(),
		Citation: p.Citation, Missing: regional(nil),
	}
	if p.Precision == fact.Nearest {
		reconciliation.Step = p.Step
	}
	if region, ok := s.Regions.ByCode(p.Region); ok {
		reconciliation.Region = nameOf(region)
	}
	expected := 0
	if r.Total.OK {
		reconciliation.Total = &r.Total.Value
		missing, n, err := s.missing(ctx, p)
		if err != nil {
			return reconciliation, err
		}
		reconciliation.Missing, expected = regional(missing), n
	}
	if r.Gap.OK {
		reconciliation.Gap = &r.Gap.Value
	}
	reconciliation.Explanation = why(r, len(reconciliation.Missing.Regions)+reconciliation.Missing.More, expected)
	return reconciliation, nil
}

// why says where a gap comes from.
func why(r *fact.Reconciliation, missing, expected int) Text {
	switch {
	case !r.Total.OK:
		return Text{ZH: "该统计期尚未采集到任何数据。", EN: "Nothing has been collected for that period."}
	case r.Gap.Value == 0 && missing == 0:
		return Text{ZH: "与公布数一致。", EN: "The total agrees with the published figure."}
	case r.Gap.Value == 0:
		return Text{
			ZH: fmt.Sprintf("与公布数一致，但应报的 %d 个地区中有 %d 个不全。", expected, missing),
			EN: fmt.Sprintf("The total agrees with the published figure, though %d of %d regions are not complete in it.", missing, expected),
		}
	case missing > 0 && r.Gap.Value < 0:
		return Text{
			ZH: fmt.Sprintf("比公布数低：应报的 %d 个地区中有 %d 个不全，差额可能在这些地区。", expected, missing),
			EN: fmt.Sprintf("The total is lower: %d of %d regions are not complete in it, and may be what is missing.", missing, expected),
		}
	case missing > 0:
		return Text{
			ZH: fmt.Sprintf("比公布数高，而且应报的 %d 个地区中还有 %d 个不全：差额在已报的数里。", expected, missing),
			EN: fmt.Sprintf("The total is higher, with %d of %d regions not even complete in it: the difference lies in the figures that came.", missing, expected),
		}
	case r.Gap.Value < 0:
		return Text{ZH: "比公布数低，应报的地区都已在内：差额在各地区的数里。", EN: "The total is lower with every expected region in it: the difference lies in the figures themselves."}
	}
	return Text{ZH: "比公布数高，应报的地区都已在内：差额在各地区的数里。", EN: "The total is higher with every expected region in it: the difference lies in the figures themselves."}
}

// missing returns the expected regions that are not complete in our total for a
// published figure, and how many are expected. With too many regions to read
// within an answer there are none.
func (s *subject) missing(ctx context.Context, p *fact.Published) ([]*fact.Region, int, error) {
	within := s.within(p.Period)
	expected := s.expectedIn(p.Region)
	if !s.indicator.Followed() || len(within) == 0 {
		return nil, len(expected), nil
	}
	figures, err := s.figuresIn(ctx, p.Region, within[0], within[len(within)-1])
	if err != nil {
		return nil, 0, err
	}
	needed := within
	if !s.flows() { // the newest period that anybody has reported stands for all
		needed = nil
		for _, period := range within {
			for _, cells := range figures {
				if _, ok := cells[period]; ok {
					needed = []fact.Period{period}
					break
				}
			}
		}
	}
	var missing []*fact.Region
	for _, region := range expected {
		for _, period := range needed {
			if _, ok := figures[region][period]; !ok {
				missing = append(missing, region)
				break
			}
		}
	}
	return missing, len(expected), nil
}

// within returns the ended periods of the indicator's cadence that lie in a
// longer one.
func (s *subject) within(longer fact.Period) []fact.Period {
	return slices.DeleteFunc(longer.Split(s.indicator.Cadence), func(p fact.Period) bool { return p.End(s.Zone).After(s.now) })
}

// flows reports whether the figures of several periods add up.
func (s *subject) flows() bool { return s.parts(s.indicator)[0].Kind == fact.Flow }

// discrepancies are between the region's figures and another source's.
func (s *subject) discrepancies() []Discrepancy {
	all := []Discrepancy{}
	for _, d := range s.Board.Discrepancies(s.indicator) {
		if d.Region != s.region.Code {
			continue
		}
		discrepancy := Discrepancy{Other: Indicator{ID: d.Other}, Period: d.Period.String(), Value: d.Value, OtherSays: d.OtherSays, Gap: d.Gap}
		if other := s.byID[d.Other]; other != nil {
			discrepancy.Other = indicatorOf(other)
		}
		if s.indicator.Compare != nil {
			discrepancy.Tolerance = s.indicator.Compare.Tolerance
		}
		all = append(all, discrepancy)
	}
	return all
}
