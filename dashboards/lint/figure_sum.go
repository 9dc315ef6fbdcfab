package lint

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// figureSum: each region shows its own newest period, so a sum or an average of
// raw figures mixes periods. governance_rollup holds the period fixed.
func figureSum(s *set, report func(place, string)) {
	s.eachSelector(func(q query, v *parser.VectorSelector, within []parser.Node) {
		if !slices.ContainsFunc(within, overRegions) {
			return
		}
		found, _ := s.selected(v)
		for _, name := range sortedNames(found) {
			if s.contract.figure(name) {
				report(q.at, fmt.Sprintf("%s is summed over regions, which mixes periods: take governance_rollup", name))
				return
			}
		}
	})
}

// overRegions reports whether a node adds up or averages without keeping regions
// apart.
func overRegions(n parser.Node) bool {
	a, ok := n.(*parser.AggregateExpr)
	if !ok || (a.Op != parser.SUM && a.Op != parser.AVG) {
		return false
	}
	return slices.Contains(a.Grouping, "code") == a.Without
}
