package lint

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"
)

// gaugeRate: rate and increase take a fall for a restart. A figure that was
// corrected downwards would look like growth.
func gaugeRate(s *set, report func(place, string)) {
	s.eachSelector(func(q query, v *parser.VectorSelector, within []parser.Node) {
		if !rated(within) {
			return
		}
		found, _ := s.selected(v)
		for _, name := range sortedNames(found) {
			if !found[name].counter {
				report(q.at, fmt.Sprintf("%s is a gauge, which has no rate: take delta or changes", name))
				return
			}
		}
	})
}
