package standing

import (
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// periodsWithin lists the periods of the cadence that lie wholly within p, in
// order; none where p is shorter. A week that runs over the end of a year
// belongs to neither.
func periodsWithin(p fact.Period, c fact.Cadence) []fact.Period {
	var within []fact.Period
	end := p.End(time.UTC)
	for q := fact.PeriodAt(p.Start(time.UTC), c); q.Start(time.UTC).Before(end); q = q.Next() {
		if p.Contains(q) {
			within = append(within, q)
		}
	}
	return within
}
