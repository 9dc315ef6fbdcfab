package lint

import (
	"fmt"
	"strings"
)

// silent reports whether a type of panel asks no questions.
func silent(kind string) bool { return kind == "text" || kind == "alertlist" || kind == "row" }

// panelTargets: a panel without a query is empty, and two queries of one letter
// overwrite each other.
func panelTargets(s *set, report func(place, string)) {
	for _, b := range s.boards {
		for _, p := range b.Panels {
			if len(p.Targets) == 0 && !silent(p.Type) {
				report(place{b, p}, "it has no query")
			}
			seen := map[string]bool{}
			for _, t := range p.Targets {
				if t.RefID == "" || seen[t.RefID] {
					report(place{b, p}, fmt.Sprintf("the refId %q is not one query's own", t.RefID))
				}
				seen[t.RefID] = true
				if strings.TrimSpace(t.Expr) == "" {
					report(place{b, p}, fmt.Sprintf("query %s is empty", t.RefID))
				}
			}
		}
	}
}
