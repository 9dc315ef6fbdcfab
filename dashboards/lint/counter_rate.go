package lint

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"
)

// counterRate: a counter begins at 0 with every start of the program, so that its
// course says nothing. A bare one may stand where only its newest value is shown:
// since the start.
func counterRate(s *set, report func(place, string)) {
	s.eachSelector(func(q query, v *parser.VectorSelector, within []parser.Node) {
		if q.instant || rated(within) {
			return
		}
		found, _ := s.selected(v)
		for _, name := range sortedNames(found) {
			if found[name].counter {
				report(q.at, fmt.Sprintf("%s is a counter: draw its rate or increase", name))
				return
			}
		}
	})
}
