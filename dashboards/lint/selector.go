package lint

import (
	"maps"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// selected are the families that a selector can find, by name; unknown is the
// name it asks for where there is none.
func (s *set) selected(v *parser.VectorSelector) (found map[string]family, unknown string) {
	for _, m := range v.LabelMatchers {
		if m.Name != model.MetricNameLabel {
			continue
		}
		found = map[string]family{}
		for name, f := range s.families {
			if m.Matches(name) {
				found[name] = f
			}
		}
		if len(found) == 0 {
			return nil, m.Value
		}
		return found, ""
	}
	return s.families, "" // asks for every family
}

// eachSelector calls visit with every selector of every query that parses, and
// with what the selector stands in, innermost last.
func (s *set) eachSelector(visit func(q query, v *parser.VectorSelector, within []parser.Node)) {
	for _, q := range s.queries {
		if q.parsed == nil {
			continue
		}
		parser.Inspect(q.parsed, func(n parser.Node, within []parser.Node) error {
			if v, ok := n.(*parser.VectorSelector); ok {
				visit(q, v, slices.Clone(within))
			}
			return nil
		})
	}
}

// rated reports whether something is taken the rate or the increase of.
func rated(within []parser.Node) bool {
	return slices.ContainsFunc(within, func(n parser.Node) bool {
		call, ok := n.(*parser.Call)
		return ok && slices.Contains([]string{"rate", "increase", "irate"}, call.Func.Name)
	})
}

// sortedNames are the names of families, in order.
func sortedNames(families map[string]family) []string { return slices.Sorted(maps.Keys(families)) }
