package lint

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"
)

// metricKnown: a metric that nobody exposes is a panel without data for ever.
func metricKnown(s *set, report func(place, string)) {
	s.eachSelector(func(q query, v *parser.VectorSelector, _ []parser.Node) {
		if _, unknown := s.selected(v); unknown != "" {
			report(q.at, fmt.Sprintf("there is no metric %s in the contract", unknown))
		}
	})
}
