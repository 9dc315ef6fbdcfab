package rules

import (
	"fmt"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// standingStill is how a class of indicators does not move.
type standingStill struct {
	fact.StalledAlert
	counting
	direction fact.Direction
}

func stalled(s *scope) []rulefmt.Rule {
	var all []rulefmt.Rule
	for _, c := range classes(s, func(i *fact.Indicator, own fact.IndicatorAlerts) (standingStill, bool) {
		if own.Stalled == nil || !aimed(i) {
			return standingStill{}, false
		}
		return standingStill{*own.Stalled, countingOf(i), i.Direction}, true
	}) {
		still := fmt.Sprintf("(%s >= %d)", selected(unchanged, c.matcher), c.key.Periods)
		expr := fmt.Sprintf("%s and on (indicator, code) (%s < 1)", s.each(still), selected(attainment, c.matcher))
		basis := c.basis(towards{counting: c.key.counting, direction: c.key.direction}.basis())
		standing := named(namedStalled, basis, s.current(expr, c.matcher))
		rule := raise(c.key.RaisedAlert, basis, titled(ranked(aimedAt(standing.Record, c.key.counting, c.key.direction, c.matcher), c.matcher, standing.Record), c.key.units()...))
		s.tell(&rule,
			fmt.Sprintf("连续{{ printf \"%%.0f\" $value }}期未变化，仍为%s，目标%s%s", c.key.amount("$labels.figure", unitZH), c.key.amount("$labels.aim", unitZH), rankTail),
			fmt.Sprintf("no movement for {{ printf \"%%.0f\" $value }} periods, still %s of %s%s", c.key.amount("$labels.figure", unitEN), c.key.amount("$labels.aim", unitEN), rankTailEN))
		c.key.aims(&rule)
		all = append(all, standing, rule)
	}
	return all
}
