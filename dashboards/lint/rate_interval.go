package lint

import (
	"fmt"
	"regexp"
)

// fixedRange is a rate over a range that does not follow the chart's step.
var fixedRange = regexp.MustCompile(`\b(?:rate|increase|irate)\([^()]*\[([^\]]*)\]`)

// rateInterval: a rate over a fixed range leaves gaps when the step is longer, and
// has no sample in it when the scrapes are.
func rateInterval(s *set, report func(place, string)) {
	for _, q := range s.queries {
		if q.instant {
			continue
		}
		for _, m := range fixedRange.FindAllStringSubmatch(q.written, -1) {
			if m[1] != "$__rate_interval" {
				report(q.at, fmt.Sprintf("a rate over [%s]: take [$__rate_interval]", m[1]))
			}
		}
	}
}
