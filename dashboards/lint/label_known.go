package lint

import (
	"fmt"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// labelKnown: a matcher on a label that a metric does not have finds nothing, or
// everything.
func labelKnown(s *set, report func(place, string)) {
	s.eachSelector(func(q query, v *parser.VectorSelector, _ []parser.Node) {
		found, _ := s.selected(v)
		for _, m := range v.LabelMatchers {
			if m.Name == model.MetricNameLabel || found == nil {
				continue
			}
			for _, name := range sortedNames(found) {
				if !slices.Contains(found[name].labels, m.Name) {
					report(q.at, fmt.Sprintf("%s has no label %s", name, m.Name))
					break
				}
			}
		}
	})
}
