package rules

import (
	"fmt"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/govkpi/govkpi/internal/fact"
)

func coverageLow(s *scope) []rulefmt.Rule {
	var all []rulefmt.Rule
	for _, c := range classes(s, func(_ *fact.Indicator, own fact.IndicatorAlerts) (fact.CoverageAlert, bool) {
		if own.Coverage == nil || !own.Coverage.Province && !own.Coverage.City {
			return fact.CoverageAlert{}, false
		}
		return *own.Coverage, true
	}) {
		level := `level=~"province|city"`
		switch {
		case !c.key.City:
			level = `level="province"`
		case !c.key.Province:
			level = `level="city"`
		}
		low := fmt.Sprintf("(%s < %s)", selected(coverage, level, c.matcher), number(c.key.Below))
		rule := raise(c.key.RaisedAlert, c.basis("roll-up"), titled(s.covered(low, level, c.matcher)))
		s.tell(&rule,
			`应报{{ $labels.wants }}个，已报{{ $labels.has }}个，覆盖率{{ humanizePercentage $value }}`,
			`{{ $labels.has }} of {{ $labels.wants }} have reported, coverage {{ humanizePercentage $value }}`)
		rule.Annotations[annotationValue] = `{{ humanizePercentage $value }}`
		rule.Annotations[annotationTarget] = fmt.Sprintf(`{{ humanizePercentage %s }}`, number(c.key.Below))
		all = append(all, rule)
	}
	return all
}

func (s *scope) covered(low, level, matcher string) string {
	expr := s.each(low)
	for _, detail := range []struct{ label, family string }{{"has", reporting}, {"wants", expected}} {
		among := fmt.Sprintf("(%s and on (indicator, code) %s)", selected(detail.family, level, matcher), low)
		expr = with(expr, detail.label, noted(detail.label, "indicator, code", among))
	}
	return expr
}
