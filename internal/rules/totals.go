package rules

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// totalsDisagree has a rule for published figures and one for second sources.
func totalsDisagree(s *scope) []rulefmt.Rule {
	return slices.Concat(s.publishedDiffers(), s.sourcesDiffer())
}

func (s *scope) publishedDiffers() []rulefmt.Rule {
	var all []rulefmt.Rule
	for _, c := range classes(s, func(i *fact.Indicator, own fact.IndicatorAlerts) (fact.RaisedAlert, bool) {
		if own.Totals == nil || len(i.Published) == 0 {
			return fact.RaisedAlert{}, false
		}
		return *own.Totals, true
	}) {
		differs := fmt.Sprintf("max by (%s, period) (%s != 0)", s.labels, selected(gap, c.matcher))
		said := noted("said", "indicator, code, period", selected(published, c.matcher))
		expr := fmt.Sprintf("%s * on (indicator, code, period) group_left (said) %s", differs, said)
		rule := raise(c.key, c.basis("published"), titled(expr, allUnits()...))
		s.tell(&rule,
			fmt.Sprintf("{{ $labels.period }}期汇总与公开发布的%s不符，超出允许范围%s", amount("$labels.said", unitZH), exact(unitZH)),
			fmt.Sprintf("the total of {{ $labels.period }} contradicts the published %s by %s", amount("$labels.said", unitEN), exact(unitEN)))
		rule.Annotations[annotationSaid] = amount("$labels.said", unitZH)
		rule.Annotations[annotationGap] = exact(unitZH)
		all = append(all, rule)
	}
	return all
}

func (s *scope) sourcesDiffer() []rulefmt.Rule {
	var all []rulefmt.Rule
	for _, c := range classes(s, func(i *fact.Indicator, own fact.IndicatorAlerts) (fact.RaisedAlert, bool) {
		if own.Totals == nil || i.Compare == nil || !i.Followed() {
			return fact.RaisedAlert{}, false
		}
		return *own.Totals, true
	}) {
		rule := raise(c.key, c.basis("source"), titled(fmt.Sprintf("max by (%s, other) (%s != 0)", s.labels, selected(discrepancy, c.matcher)), allUnits()...))
		s.tell(&rule,
			fmt.Sprintf("与另一来源（{{ $labels.other }}）不符，超出允许范围%s", exact(unitZH)),
			fmt.Sprintf("contradicts {{ $labels.other }}, another source of the same, by %s", exact(unitEN)))
		rule.Annotations[annotationGap] = exact(unitZH)
		all = append(all, rule)
	}
	return all
}
