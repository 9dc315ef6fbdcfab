package lint

import (
	"fmt"
	"strings"
)

// variableDeclared: Grafana leaves a variable that the board does not have as it
// is written, and the query finds nothing.
func variableDeclared(s *set, report func(place, string)) {
	check := func(at place, text string) {
		for _, name := range references(text) {
			if !strings.HasPrefix(name, "__") && !at.board.has(name) {
				report(at, fmt.Sprintf("the board has no variable %s", name))
			}
		}
	}
	for _, q := range s.queries {
		check(q.at, withoutReplacements(q.written))
	}
	for _, l := range s.links() {
		check(l.at, l.URL)
	}
	for _, b := range s.boards {
		for _, p := range b.Panels {
			check(place{b, p}, p.Title)
		}
	}
}

// withoutReplacements takes out $1 and its like, which are PromQL's.
func withoutReplacements(expr string) string {
	for i := range 10 {
		expr = strings.ReplaceAll(expr, fmt.Sprintf("$%d", i), "")
	}
	return expr
}
