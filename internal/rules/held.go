package rules

import (
	"fmt"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/govkpi/govkpi/internal/fact"
)

func figureHeld(s *scope) []rulefmt.Rule {
	var all []rulefmt.Rule
	for _, c := range classes(s, func(i *fact.Indicator, own fact.IndicatorAlerts) (fact.RaisedAlert, bool) {
		if own.Held == nil || !i.Followed() {
			return fact.RaisedAlert{}, false
		}
		return *own.Held, true
	}) {
		rule := raise(c.key, c.basis("figure"), titled(s.each(fmt.Sprintf("%s > 0", selected(held, c.matcher)))))
		s.tell(&rule,
			`有{{ printf "%.0f" $value }}条数据待核实，未计入`,
			`{{ printf "%.0f" $value }} figures wait for somebody to release or reject them`)
		rule.Annotations[annotationValue] = `{{ printf "%.0f" $value }}条`
		all = append(all, rule)
	}
	return all
}
