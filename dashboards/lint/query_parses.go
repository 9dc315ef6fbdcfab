package lint

import "fmt"

// queryParses: a query that Prometheus can't parse is a panel with an error.
func queryParses(s *set, report func(place, string)) {
	for _, q := range s.queries {
		if q.err != nil {
			report(q.at, fmt.Sprintf("the query %s is not PromQL: %v", q.written, q.err))
		}
	}
}
